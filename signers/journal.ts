/** The journal on disk: one entry a line, on the disk before anybody hears of it. */
import {
  emptyHistory,
  entryHash,
  extend,
  growTree,
  isSignedBy,
  isTooLong,
  leafHash,
  leafOf,
  mostLeafBytes,
  policiesAfter,
  SignedEntry,
  signEntry,
  standingAfter,
  type Entry,
  type History,
  type SigningKey,
  type Tree,
} from '@kuramori/core';
import { Misconfigured, openLines } from '@kuramori/program';
import { openWords, type Words } from './words.ts';

/** An open journal: the file, what it adds up to, and its entries by number and by hash. */
export interface Journal extends Disposable {
  readonly history: () => History;
  /** Over its entries, entry 1 the leaf 0. */
  readonly tree: Tree;
  /** Writes the entry, signed, and syncs; only then is it part of the history. Throws where the disk does not take it. */
  readonly append: (entry: Entry) => SignedEntry;
  /** An entry of ours that a watchtower kept and we lost. Refuses one that is not ours, or not the next. */
  readonly adopt: (entry: SignedEntry) => 'adopted' | 'refused';
  /** Entries that are appended while `work` runs share one write, at its end. */
  readonly gather: <T>(work: () => T) => T;
  readonly byHash: (hash: string) => SignedEntry | undefined;
  /** What let entries go. */
  readonly words: Words;
  /** At most `most` entries from the given number on. */
  readonly from: (seq: number, most: number) => readonly SignedEntry[];
}

/**
 * Opens the journal and verifies each signature and link. A torn last line was never answered for, so it is cut off;
 * any other damage throws Misconfigured: a journal that has been edited must not sign.
 */
export function openJournal(file: string, signer: string, key: SigningKey): Journal {
  const lines = openLines(file);
  const entries: SignedEntry[] = [];
  const places = new Map<string, number>();
  let history = emptyHistory();
  const tree = growTree();

  function take(signed: SignedEntry, leaf = leafOf(signed)): string {
    if (signed.entry.signer !== signer) return `was written by ${signed.entry.signer}`;
    if (!isSignedBy(key.publicKey, signed)) return 'its signature is wrong';
    if (leaf.length > mostLeafBytes) return tooLong;
    const extended = extend(history, signed.entry);
    if (extended.kind === 'refused') return extended.why;
    history = extended.history;
    places.set(extended.hash, entries.length);
    entries.push(signed);
    tree.append(leafHash(leaf));
    return 'taken';
  }

  for (const [index, line] of lines.lines.entries()) {
    const read = SignedEntry.safeParse(parse(line));
    const taken = read.success ? take(read.data) : (read.error.issues[0]?.message ?? 'is malformed');
    if (taken !== 'taken') {
      lines[Symbol.dispose]();
      throw new Misconfigured(
        `${file}: line ${index + 1}: ${taken}: this journal was altered. Move it away as evidence and restart: the watchtowers hold the entries`,
      );
    }
  }

  return {
    history: () => history,
    tree,
    append(entry) {
      const signed = signEntry(key, entry);
      const leaf = leafOf(signed);
      if (leaf.length > mostLeafBytes) throw new Error(`journal: ${tooLong}`);
      if (
        entry.seq !== history.seq + 1 ||
        entry.prev !== history.head ||
        !policiesAfter(history, entry) ||
        !standingAfter(history, entry)
      )
        throw new Error('journal: not the next entry');
      lines.append(signed);
      const taken = take(signed, leaf);
      if (taken !== 'taken') throw new Error(`journal: own entry ${entryHash(entry)} refused: ${taken}`);
      return signed;
    },
    adopt(signed) {
      if (
        signed.entry.seq !== history.seq + 1 ||
        signed.entry.prev !== history.head ||
        signed.entry.at < history.at ||
        !policiesAfter(history, signed.entry) ||
        !standingAfter(history, signed.entry)
      )
        return 'refused';
      if (signed.entry.signer !== signer) return 'refused';
      if (!isSignedBy(key.publicKey, signed) || isTooLong(signed.entry)) return 'refused';
      lines.append(signed);
      take(signed);
      return 'adopted';
    },
    gather: (work) => lines.gather(work),
    words: openWords(`${file}.words`),
    byHash: (hash) => entries[places.get(hash) ?? -1],
    from: (seq, most) => entries.slice(seq - 1, seq - 1 + most),
    [Symbol.dispose]: () => lines[Symbol.dispose](),
  };
}

const tooLong = `it is longer than ${mostLeafBytes} bytes`;

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
