/**
 * A process's watch over its own code: what it was when the process started, and which files were changed under it since. It
 * goes by the change time too, which nobody sets back but root. Only code that still runs as it was can tell this: whoever
 * changed it before the start, or is root, can have it say anything (docs/release.md).
 */
import { join } from 'node:path';
import { reasonOf } from '../config.ts';
import { log } from '../log.ts';
import type { CodeKind } from '../powers.ts';
import { sparingly } from '../sparingly.ts';
import { digestOf, hashing, listOf } from './digest.ts';
import { codeFiles, markAt, markOf, type Tree } from './files.ts';
import { inSlices, rest } from './slices.ts';

export interface Code {
  /** Of all files together, as this process first found them. */
  readonly digest: string;
  readonly measuredAt: number;
  /** Changed since the start, also gone or new: the newest ones, each once. */
  readonly changed: { readonly file: string; readonly at: number }[];
}

interface Known {
  readonly path: string;
  readonly mark: string;
  readonly hash: string;
}

export interface CodeWatch extends Disposable {
  /** Null until it is measured, a few seconds after the start. */
  readonly state: () => Code | null;
}

interface Pace {
  /** Between two looks, in milliseconds. */
  readonly everyMs: number;
  /** Between two slices of a look. */
  readonly restMs: number;
}

/** A tenth of one processor while it looks, so that all processes of a machine may look at once. */
const usualPace: Pace = { everyMs: 10_000, restMs: 18 };
const [most, mostName] = [16, 255];

export function watchOwnCode(kind: CodeKind, now: () => number): CodeWatch {
  const root = join(import.meta.dirname, '..', '..');
  return watchCode({ root, kind, node: process.execPath }, now, usualPace);
}

export function watchCode(tree: Tree, now: () => number, { everyMs, restMs }: Pace): CodeWatch {
  const over = new AbortController();
  // Whoever writes many files must not fill the disk by it.
  const say = sparingly();
  const known = new Map<string, Known>();
  let first: Pick<Code, 'digest' | 'measuredAt'> | null = null;
  let changed: Code['changed'] = [];

  function tell(name: string): void {
    const file = name.slice(-mostName).toWellFormed();
    if (!changed.some((one) => one.file === file)) say('code was changed', { file });
    changed = [...changed.filter((one) => one.file !== file), { file, at: now() }].slice(-most);
  }

  /** Marks come first and quickly: what is changed while the rest is still being hashed is not missed. */
  function* measuring() {
    const files = [];
    for (const file of codeFiles(tree)) yield files.push(file);
    for (const file of files) {
      const mark = markAt(file.path);
      const hash = yield* hashing(file);
      known.set(file.name, { mark, hash, path: file.path });
      if (mark !== markOf(file)) tell(file.name);
      yield;
    }
    const hashes = new Map([...known].map(([name, { hash }]) => [name, hash]));
    return { digest: digestOf(listOf(hashes)), measuredAt: now() };
  }

  function* looking() {
    const seen = new Set<string>();
    for (const file of codeFiles(tree)) {
      yield seen.add(file.name);
      const before = known.get(file.name);
      const mark = markOf(file);
      if (before?.mark === mark) continue;
      const hash = yield* hashing(file);
      known.set(file.name, { mark, hash, path: file.path });
      // Whoever only sets modes or times changes no code.
      if (before?.hash !== hash) tell(file.name);
    }
    for (const [name, { mark, path }] of known) {
      // One that is there still, and is reached no more, was not changed: what took its place is told.
      if (seen.has(name) || markAt(path) === mark) continue;
      known.delete(name);
      tell(name);
    }
  }

  const life = async () => {
    first = await inSlices(measuring(), restMs, over.signal);
    if (first) log('code measured', { digest: first.digest });
    while (!over.signal.aborted) {
      await rest(everyMs);
      await inSlices(looking(), restMs, over.signal);
    }
  };
  // Nothing stops by it: who hears no digest says so.
  life().catch((cause: unknown) => log('the code is not watched', { why: reasonOf(cause) }));

  return {
    state: () => first && { ...first, changed },
    [Symbol.dispose]: () => over.abort(),
  };
}
