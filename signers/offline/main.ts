/**
 * Self-test of the offline machine's program: with the powers of a process that holds a key, it tries every way out. One line of
 * JSON says what became of each: `node signers/offline/main.ts FILE FOLDER`, of files that are not its own; given by
 * `kuramori vault selftest`.
 */
import '@kuramori/program/closed';
import { run } from '@kuramori/program';
import { outcomeOf, waysOut } from './ways-out.ts';

const [file = '/etc/hostname', folder = '/tmp'] = process.argv.slice(2);

await run('vault selftest', async () => ({ ready: { ways: await tryAll() }, stop: () => {} }), {
  withParent: false,
});
// What was let out may still be open.
process.exit(0);

async function tryAll() {
  const ways: { what: string; outcome: string; why: string }[] = [];
  for (const way of waysOut({ file, folder })) {
    const outcome = await outcomeOf(way);
    ways.push({ what: way.what, outcome: outcome.kind, why: outcome.kind === 'open' ? outcome.why : '' });
  }
  return ways;
}
