/** A long journal for tests, and a watchtower that cosigns it as it stands. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  cosign,
  growTree,
  leafHash,
  leafOf,
  originOf,
  policyDigest,
  type Cosignature,
  type Entry,
  type Policy,
  type SignedEntry,
  type SigningKey,
} from '@kuramori/core';
import { records, tower } from '../../core/testing/house.ts';
import type { Journal } from '../journal.ts';
import { freezeOf, policy } from './desk.ts';

interface Of {
  /** What tells them from another journal's. */
  readonly what?: string;
  readonly signer?: string;
  readonly under?: Policy;
}

/** Entries that need no payment: each says something else, so that no two are alike. */
export function nextEntry(
  journal: Journal,
  { what = '', signer = 'signer-1', under = policy }: Of = {},
): Entry {
  const { seq, head, at } = journal.history();
  const freeze = freezeOf(tower, `drill ${seq + 1}${what}`);
  const common = { v: 1, signer, seq: seq + 1, prev: head, at, policy: policyDigest(under) } as const;
  return { ...common, grounds: [], body: { kind: 'freeze', freeze } };
}

export function grow(journal: Journal, to: number, of: Of = {}): void {
  journal.gather(() => {
    while (journal.history().seq < to) journal.append(nextEntry(journal, of));
  });
}

/** What a watchtower that holds these entries says; `time` in Unix seconds. */
export function cosignatureOver(
  entries: readonly SignedEntry[],
  by: SigningKey = tower,
  time = 1_769_385_720,
  origin = originOf('devnet', 'signer-1', records[0].publicKey),
): Cosignature {
  const tree = growTree();
  for (const entry of entries) tree.append(leafHash(leafOf(entry)));
  return cosign(by, { origin, size: entries.length, root: tree.root() }, time);
}

export const entriesOf = (journal: Journal, most = journal.history().seq) => journal.from(1, most);

/** Every file below a folder, by its path from there. */
export function filesIn(folder: string, below = folder): readonly string[] {
  if (!existsSync(below)) return [];
  return readdirSync(below)
    .flatMap((name) => {
      const path = join(below, name);
      return statSync(path).isDirectory() ? filesIn(folder, path) : [relative(folder, path)];
    })
    .sort();
}
