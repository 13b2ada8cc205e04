/**
 * What people do with a signer's keys, a step a run: `node signers/ceremony/main.ts '{"step":"create", …}'` (command.ts),
 * given by `kuramori signer`. Words for people go to standard error, one line of JSON to standard output. It has no network,
 * but to an HSM's process.
 */
import '@kuramori/program/closed';
import { Misconfigured, run } from '@kuramori/program';
import { backUp } from './back-up.ts';
import { perform, type Ended } from './ceremony.ts';
import { Command } from './command.ts';
import { create } from './create.ts';
import { pin } from './pin.ts';
import { restore } from './restore.ts';
import { retire } from './retire.ts';

const [argument = ''] = process.argv.slice(2);

await run('signer', async () => ({ ready: await step(commandOf(argument)), stop: () => {} }), {
  withParent: false,
});

function commandOf(text: string): Command {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new Misconfigured('the command is not JSON: use kuramori signer', { cause });
  }
  const read = Command.safeParse(given);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Misconfigured(`${issue?.path[0]?.toString() ?? 'step'}: ${issue?.message ?? 'is malformed'}`);
}

function step(command: Command): Promise<Ended> {
  return perform(command, async (ceremony) => {
    switch (command.step) {
      case 'create':
        return create(ceremony, command.hsm);
      case 'pin':
        return pin(ceremony, command.policy, command.confirm);
      case 'back-up':
        return backUp(ceremony, command.to, command.hsm);
      case 'restore':
        return restore(ceremony, command.from, command.passphrase, command.hsm);
      case 'retire':
        return retire(ceremony, command);
      default:
        return command satisfies never;
    }
  });
}
