/** Holds one step of a ceremony, whichever it is. */
import { Misconfigured } from '@kuramori/program';
import { backUp } from './back-up.ts';
import { perform, type Ended } from '../step/step.ts';
import type { Command } from './command.ts';
import { create } from './create.ts';
import { entrust } from './entrust.ts';
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
        return command.keyInHsm === undefined && command.keyInWallet === undefined
          ? create(ceremony, { ...command, hsm: wrapping(command.hsm) })
          : entrust(ceremony, command);
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

/** Of whoever names an HSM nothing is ever sealed without it. */
function wrapping(hsm: { readonly socket: string; readonly key?: string } | undefined) {
  if (!hsm) return undefined;
  const { socket, key } = hsm;
  if (key === undefined) throw new Misconfigured('--hsm: goes with --wrapping-key, or with --key-in-hsm');
  return { socket, key };
}
