/** Copies the code of some kinds of processes, and nothing else, so that a test may change it. */
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CodeKind } from '../powers.ts';
import { codeFiles } from '../code/files.ts';

const root = join(import.meta.dirname, '..', '..');

/** What runs from the copy shows that the list of files is whole. Others may read it, as the users of rooms must. */
export function copyCode(to: string, kinds: readonly CodeKind[]): void {
  const copied = new Set<string>();
  for (const kind of kinds)
    for (const { name, path } of codeFiles({ root, kind, node: process.execPath })) {
      if (name === 'node' || copied.has(name)) continue;
      copied.add(name);
      mkdirSync(dirname(join(to, name)), { recursive: true, mode: 0o755 });
      copyFileSync(path, join(to, name));
    }
  // As npm has workspaces.
  mkdirSync(join(to, 'node_modules/@kuramori'), { recursive: true, mode: 0o755 });
  for (const room of new Set([...copied].map((name) => name.split('/')[0] ?? '')))
    if (copied.has(`${room}/package.json`) && room !== 'node_modules')
      symlinkSync(join('..', '..', room), join(to, 'node_modules/@kuramori', room));
}
