/**
 * Each room's own Unix user, where root starts the house: then the kernel keeps rooms apart too. The numbers need no names;
 * they lie where Debian's adduser gives none (Debian policy §9.2.2). Two houses of one machine share them.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, type User } from '../process.ts';

/** The group of those who ask signers, watchtower and pager: their sockets' folders are open to it, and to nobody else. */
const askers = 66_100;
const numbers: Readonly<Record<string, number>> = {
  custody: 66_101,
  // One room, and the first one's folder holds the secrets of both.
  'custody-2': 66_101,
  watchtower: 66_102,
  'watchtower-2': 66_111,
  'watchtower-3': 66_112,
  pager: 66_113,
  node1: 66_103,
  node2: 66_104,
  litecoin1: 66_114,
  litecoin2: 66_115,
  'ltc-vault': 66_116,
  'ltc-cold-1': 66_117,
  'ltc-cold-2': 66_118,
  'ltc-cold-3': 66_119,
  anvil: 66_150,
  relayer: 66_151,
  'eth-vault': 66_152,
  'eth-cold-1': 66_153,
  'eth-cold-2': 66_154,
  'eth-cold-3': 66_155,
  desk: 66_170,
  vault: 66_105,
  'hot-account': 66_106,
  'cold-account': 66_107,
  'cold-1': 66_108,
  'cold-2': 66_109,
  'cold-3': 66_110,
};
const firstSigner = { '': 66_120, 'ltc-': 66_140, 'eth-': 66_160 } as const;

export type Users = (process: string) => User;

function userOf(process: string): User {
  const [, chain = '', number = Number.NaN] = /^signer-(ltc-|eth-)?(\d)$/.exec(process) ?? [];
  const uid = numbers[process] ?? firstSigner[chain as keyof typeof firstSigner] + Number(number);
  if (Number.isNaN(uid)) throw new Error(`no user for ${process}`);
  const asks = process.startsWith('custody') || process.startsWith('watchtower') || process === 'pager';
  return { uid, gid: asks ? askers : uid };
}

/** Null where not root starts the house, or where others than root cannot enter its folder or read the project. */
export function usersFor(folder: string): Users | null {
  if (process.getuid?.() !== 0) return null;
  const { uid, gid } = userOf('node1');
  const reach = 'test -x "$1" && test -r "$2" && test -r "$3" && test -x "$4"';
  const needed = [
    process.execPath,
    join(root, 'sandbox', 'devnet', 'main.ts'),
    join(root, 'node_modules', 'zod', 'package.json'),
    folder,
  ];
  const tried = spawnSync('/bin/sh', ['-c', reach, 'sh', ...needed], { uid, gid, env: {} });
  return tried.status === 0 ? userOf : null;
}

/** The folder of a socket: its process makes the socket there, those who ask enter, nobody else does. */
export function makeSocketFolder(folder: string, owner: User | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!owner) return;
  chmodSync(dirname(folder), 0o711);
  chownSync(folder, owner.uid, askers);
  chmodSync(folder, 0o710);
}
