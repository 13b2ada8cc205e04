/**
 * `npm run check`: types, lint, format, unused code, tests (the walls among them). One command, the same at home and in CI.
 *
 * Tests of real processes race each other for two cores, and some are of milliseconds. Where a few files fail, they are run once more,
 * alone: what then passes is named as unsteady at the end, for somebody to look at, and does not end the check. What fails again does.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** More than so many files are no accident. */
const mostUnsteady = 3;

const steps: readonly (readonly [name: string, bin: string, ...args: string[]])[] = [
  ['types', 'tsc', '--noEmit', '-p', 'tsconfig.json'],
  // What browsers have no other room may name.
  ['types of the console', 'tsc', '--noEmit', '-p', 'console'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['format', 'oxfmt', '--check'],
  ['unused', 'knip'],
];

for (const [name, bin, ...args] of steps) if (!passes(name, bin, args)) fail(name);

const report = join(root, 'node_modules', '.check-tests.json');
rmSync(report, { force: true });
const reported = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
if (!passes('tests', 'vitest', ['run', ...reported])) {
  const failed = failedIn(report);
  if (failed.length === 0 || failed.length > mostUnsteady) fail('tests');
  if (!passes('tests that failed, alone', 'vitest', ['run', '--maxWorkers=1', ...failed])) fail('tests');
  say(`UNSTEADY: failed beside others (see above), and passed alone: ${failed.join(', ')}`);
}

function passes(name: string, bin: string, args: readonly string[]): boolean {
  say(name);
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', '.bin', bin), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  return status === 0;
}

/** Files whose tests failed; none where the run ended for another reason, which is then the reason. */
function failedIn(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  return testResults.flatMap(({ name, status }) => (status === 'failed' ? relative(root, name) : []));
}

/** What vitest's JSON reporter writes. */
interface Report {
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

function fail(name: string): never {
  say(`${name} failed: see above`);
  process.exit(1);
}

function say(line: string): void {
  process.stderr.write(`check: ${line}\n`);
}
