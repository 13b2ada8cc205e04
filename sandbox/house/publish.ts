import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces in one step a file that every room may read, whoever its user is: the policy, a clock. Never a secret. */
export function publish(file: string, text: string): void {
  const folder = dirname(file);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    // Whatever umask we have; and so for the file.
    chmodSync(folder, 0o755);
  }
  const next = `${file}.next`;
  writeFileSync(next, text, { flush: true });
  chmodSync(next, 0o644);
  renameSync(next, file);
}
