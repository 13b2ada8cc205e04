/**
 * The files of a process's code: Node itself, the project's package.json, the rooms that the process reads (powers.ts), and
 * the packages that these declare, as Node finds them. Whole folders, tests too: what a process may read it can load. A link
 * counts as what it leads to.
 */
import { readdirSync, readFileSync, statSync, type BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { codeOf, type CodeKind } from '../powers.ts';

/** Where a project is, whose code of it is meant, and the Node that runs it. */
export interface Tree {
  readonly root: string;
  readonly kind: CodeKind;
  readonly node: string;
}

export interface CodeFile {
  /** From the root, as a list has it. */
  readonly name: string;
  readonly path: string;
  /** Null for what cannot be looked at, or is not there though it is declared. */
  readonly stats: BigIntStats | null;
}

/** Node is called so wherever it is: a release is the same on hosts that keep it in different places. */
const nodeName = 'node';

export function* codeFiles({ root, kind, node }: Tree): Generator<CodeFile> {
  yield { name: nodeName, path: node, stats: look(node) };
  yield* below(root, 'package.json');
  for (const room of codeOf[kind]) {
    if (room !== topOf(room)) yield* below(root, `${topOf(room)}/package.json`);
    yield* below(root, room);
  }
  for (const folder of packages(root, codeOf[kind].map(topOf))) yield* below(root, folder);
}

/** `above`: the folders that it lies in, so that a link to one of them does not lead round and round. */
function* below(root: string, name: string, above: readonly string[] = []): Generator<CodeFile> {
  const path = join(root, name);
  const stats = look(path);
  if (!stats?.isDirectory()) {
    yield { name, path, stats };
    return;
  }
  const id = identity(stats);
  const inside = above.includes(id) ? null : namesIn(path);
  if (inside === null) yield { name, path, stats: null };
  for (const one of inside ?? []) yield* below(root, `${name}/${one}`, [...above, id]);
}

const Declared = z.record(z.string(), z.unknown()).default({});
const Package = z.object({
  dependencies: Declared,
  optionalDependencies: Declared,
  peerDependencies: Declared,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
});

/** The folders of all packages that the rooms declare, and these in turn. Those inside of another one's folder go with it. */
function* packages(root: string, rooms: readonly string[]): Generator<string> {
  const own = new Set(rooms.flatMap((room) => identityOf(join(root, room)) ?? []));
  const waiting = [...rooms];
  const seen = new Set<string>();
  for (const from of waiting) {
    for (const [name, must] of declared(join(root, from, 'package.json'))) {
      const folder = resolve(root, from, name);
      // What must be there and is not is listed by the name that it should have.
      if (folder === null && must) yield `node_modules/${name}`;
      if (folder === null || seen.has(folder)) continue;
      seen.add(folder);
      // A room of ours is reached by a link, and measured already; a link to anything else is not.
      if (own.has(identityOf(join(root, folder)) ?? '')) continue;
      waiting.push(folder);
      if (!folder.includes('/node_modules/')) yield folder;
    }
  }
}

/** Name → whether it must be there. */
function declared(file: string): ReadonlyMap<string, boolean> {
  const { data } = Package.safeParse(readJson(file));
  if (!data) return new Map();
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = data;
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return new Map([
    ...[...Object.keys(dependencies), ...peers].map((name) => [name, true] as const),
    ...Object.keys(optionalDependencies).map((name) => [name, false] as const),
  ]);
}

/** As Node looks for a package: beside who asks, then in each folder above, up to the root. */
function resolve(root: string, from: string, name: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (look(join(root, found))) return found;
    if (folder === '.') return null;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Who wants to know it is told by the digest.
    return null;
  }
}

function look(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return null;
  }
}

function namesIn(path: string): readonly string[] | null {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

function identityOf(path: string): string | null {
  const stats = look(path);
  return stats && identity(stats);
}

const identity = ({ dev, ino }: BigIntStats) => `${dev} ${ino}`;
const topOf = (room: string) => room.split('/')[0] ?? room;

/** Changes whenever somebody writes to a file, puts another in its place, or sets its times. */
export function markOf({ stats }: Pick<CodeFile, 'stats'>): string {
  return stats === null ? 'not there' : `${identity(stats)} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
}

export function markAt(path: string): string {
  return markOf({ stats: look(path) });
}
