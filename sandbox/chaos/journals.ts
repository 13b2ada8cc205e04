/** The co-signers' journals when all is over, verified as anybody would who has a copy: by `kuramori journal verify`, tiles against file. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { HousePlan } from '../house/plan.ts';
import { root } from '../process.ts';

/** One sentence for each that does not verify. */
export async function verifyJournals(
  plan: Pick<HousePlan, 'folder' | 'policyOf'>,
  signers: readonly string[],
): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const name of signers) {
    const file = (which: string) => join(plan.folder, name, which);
    const rules = ['--policy', plan.policyOf(name), '--keepers', file('pins.json')];
    const command = [join(root, 'cli', 'main.ts'), 'journal', 'verify', file('tiles'), file('journal.jsonl')];
    const said = await whyNot([...command, ...rules]);
    if (said !== null) findings.push(`journal of ${name}: ${said}`);
  }
  return findings;
}

/** The first line of what a command of ours says where it fails; null where it does not. */
function whyNot(command: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const env = { NODE_NO_WARNINGS: '1' };
    execFile(process.execPath, [...command], { env }, (failed, out, said) =>
      resolve(failed ? (`${said}\n${out}`.trim().split('\n')[0] ?? '') : null),
    );
  });
}
