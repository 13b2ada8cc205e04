/** The co-signers' journals when all is over, verified as anybody would who has a copy: by `kuramori journal verify`, tiles against file. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { House } from '../house/house.ts';
import { root } from '../process.ts';

const run = promisify(execFile);

/** One sentence for each that does not verify. */
export async function verifyJournals(
  { plan }: House,
  signers: readonly string[],
): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const name of signers) {
    const file = (which: string) => join(plan.folder, name, which);
    const rules = ['--policy', plan.policyOf(name), '--keepers', file('pins.json')];
    const command = [join(root, 'cli', 'main.ts'), 'journal', 'verify', file('tiles'), file('journal.jsonl')];
    await run(process.execPath, [...command, ...rules], { env: { NODE_NO_WARNINGS: '1' } }).catch(
      (cause: { readonly stdout?: string; readonly stderr?: string }) => {
        const said = `${cause.stderr ?? ''}\n${cause.stdout ?? ''}`.trim().split('\n')[0];
        findings.push(`journal of ${name}: ${said}`);
      },
    );
  }
  return findings;
}
