/** Holds one step of a ceremony, whichever it is. */
import { backUp } from './back-up.ts';
import { perform, type Ended } from '../step/step.ts';
import type { Command } from './command.ts';
import { create } from './create.ts';
import { pin } from './pin.ts';
import { recover } from './recover.ts';
import { rehearse } from './rehearse.ts';
import { restore } from './restore.ts';
import { retire } from './retire.ts';
import { share } from './share.ts';
import { words } from './words.ts';

export function hold(command: Command, say: (line: string) => void): Promise<Ended> {
  return perform(command, say, async (ceremony) => {
    switch (command.step) {
      case 'create':
        return create(ceremony, command);
      case 'pin':
        return pin(ceremony, command.policy, command.confirm);
      case 'back-up':
        return backUp(ceremony, command.to, command.hsm);
      case 'restore':
        return restore(ceremony, command.from, command.passphrase, command.hsm);
      case 'share':
        return share(ceremony, command);
      case 'words':
        return words(ceremony, command);
      case 'recover':
        return recover(ceremony, command);
      case 'rehearse':
        return rehearse(ceremony, command);
      case 'retire':
        return retire(ceremony, command);
      default:
        return command satisfies never;
    }
  });
}
