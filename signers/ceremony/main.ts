/**
 * What people do with a signer's keys, a step a run: `node signers/ceremony/main.ts '{"step":"create", …}'` (command.ts),
 * given by `kuramori signer`. Words for people go to standard error, one line of JSON to standard output. It has no network,
 * but to an HSM's process.
 */
import '@kuramori/program/closed';
import { Misconfigured, run, visible } from '@kuramori/program';
import { Command } from './command.ts';
import { hold } from './hold.ts';

const [argument = ''] = process.argv.slice(2);

const say = (line: string) => void process.stderr.write(`${visible(line)}\n`);

await run(
  'signer',
  async () => {
    const ready = await hold(commandOf(argument), say);
    // Nobody is asked any more, and an open one would keep the process.
    process.stdin.destroy();
    return { ready, stop: () => {} };
  },
  { withParent: false },
);

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
