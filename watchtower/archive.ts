/** The archive: whole copies of every signer's journal, each with our verdict. What it holds, no signer can forget. */
import { z } from 'zod';
import {
  bytesDigest,
  emptyHistory,
  extend,
  Hash,
  SignedEntry,
  verifyEntry,
  type Entry,
  type History,
  type Policy,
} from '@kuramori/core';
import { Misconfigured, openLines } from '@kuramori/program';

/** Null where the entry may be signed; else why not. */
type Verdict = string | null;

const Line = z.strictObject({ record: SignedEntry, verdict: z.string().nullable() });

/** Entries that we countersigned, so that a restart knows what was let go. */
const Countersigned = z.strictObject({ countersigned: Hash });

export interface Archive extends Disposable {
  readonly history: (signer: string) => History;
  readonly entries: (signer: string, from: number, most: number) => readonly SignedEntry[];
  readonly verdict: (entry: string) => Verdict | undefined;
  /** Keeps an entry that extends its signer's journal, synced, with the verdict that `judge` gives before it counts. */
  readonly take: (
    record: SignedEntry,
    judge: (history: History) => Verdict,
  ) => 'taken' | 'known' | 'signature' | 'gap' | 'fork' | 'time-goes-back';
  /** Notes, synced, that an entry is countersigned: from then on it covers its bytes. */
  readonly countersign: (entry: string) => void;
  /** What is kept and noted while `work` runs shares one write, at its end. */
  readonly gather: <T>(work: () => T) => T;
  /** Whether a chain key's signature over these bytes (hex) is one that we countersigned the record of. */
  readonly covers: (chainKey: string, bytes: string) => boolean;
}

/** Opens the archive of one watchtower. A torn last line is cut off; any other damage throws Misconfigured. */
export function openArchive(file: string, policy: Policy): Archive {
  const histories = new Map<string, History>(policy.signers.map(({ id }) => [id, emptyHistory()]));
  const kept = new Map<string, SignedEntry[]>(policy.signers.map(({ id }) => [id, []]));
  const verdicts = new Map<string, Verdict>();
  const byHash = new Map<string, Entry>();
  const countersigned = new Set<string>();
  const covered = new Set<string>();
  const lines = openLines(file);

  function admit(record: SignedEntry, verdict: Verdict): string {
    const { entry } = record;
    const extended = extend(histories.get(entry.signer) ?? emptyHistory(), entry);
    if (extended.kind === 'refused')
      throw new Misconfigured(`${file}: entry ${entry.seq} of ${entry.signer}: ${extended.why}`);
    histories.set(entry.signer, extended.history);
    kept.get(entry.signer)?.push(record);
    verdicts.set(extended.hash, verdict);
    byHash.set(extended.hash, entry);
    return extended.hash;
  }

  function cover(hash: string): void {
    countersigned.add(hash);
    const entry = byHash.get(hash);
    if (!entry || entry.body.kind === 'freeze') return;
    const { wallet, share } = entry.body;
    const key = policy.wallets
      .find(({ id }) => id === wallet)
      ?.cosigners.find(({ signer }) => signer === entry.signer);
    if (key) covered.add(`${key.publicKey} ${bytesDigest(share)}`);
  }

  function write(line: z.infer<typeof Line> | z.infer<typeof Countersigned>): void {
    lines.append(line);
  }

  for (const [index, text] of lines.lines.entries()) {
    const line = z.union([Line, Countersigned]).safeParse(parse(text));
    if (!line.success)
      throw new Misconfigured(
        `${file}: line ${index + 1} is damaged: restore the file from its backup: without what it countersigned, this watchtower would freeze at our own payments`,
      );
    if ('countersigned' in line.data) {
      if (!byHash.has(line.data.countersigned))
        throw new Misconfigured(
          `${file}: line ${index + 1}: countersigns an entry that is not here: the file was altered`,
        );
      cover(line.data.countersigned);
      continue;
    }
    if (!verifyEntry(policy, line.data.record))
      throw new Misconfigured(`${file}: line ${index + 1}: its signature is wrong: the file was altered`);
    admit(line.data.record, line.data.verdict);
  }

  return {
    history: (signer) => histories.get(signer) ?? emptyHistory(),
    entries: (signer, from, most) => kept.get(signer)?.slice(from - 1, from - 1 + most) ?? [],
    verdict: (entry) => verdicts.get(entry),
    take(record, judge) {
      const { entry } = record;
      if (!verifyEntry(policy, record)) return 'signature';
      const history = histories.get(entry.signer) ?? emptyHistory();
      if (entry.seq <= history.seq) {
        const held = kept.get(entry.signer)?.[entry.seq - 1];
        return held?.signature === record.signature ? 'known' : 'fork';
      }
      if (entry.seq !== history.seq + 1) return 'gap';
      if (entry.prev !== history.head) return 'fork';
      if (entry.at < history.at) return 'time-goes-back';
      const verdict = judge(history);
      write({ record, verdict });
      admit(record, verdict);
      return 'taken';
    },
    countersign(entry) {
      if (countersigned.has(entry)) return;
      write({ countersigned: entry });
      cover(entry);
    },
    gather: (work) => lines.gather(work),
    covers: (chainKey, bytes) => covered.has(`${chainKey} ${bytesDigest(bytes)}`),
    [Symbol.dispose]: () => lines[Symbol.dispose](),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
