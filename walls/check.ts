/** `npm run check`: types, lint, format, unused code, tests (the walls among them). One command, the same at home and in CI. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const steps: readonly (readonly [name: string, bin: string, ...args: string[]])[] = [
  ['types', 'tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['format', 'oxfmt', '--check'],
  ['unused', 'knip'],
  ['tests', 'vitest', 'run'],
];

for (const [name, bin, ...args] of steps) {
  process.stderr.write(`check: ${name}\n`);
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', '.bin', bin), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) {
    process.stderr.write(`check: ${name} failed: see above\n`);
    process.exit(1);
  }
}
