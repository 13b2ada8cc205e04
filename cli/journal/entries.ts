/** Entries: what can be checked of a journal's entries one by one, in their order, with nothing else at hand. */
import {
  canonicalText,
  emptyHistory,
  entryHash,
  extend,
  isAsk,
  mostLeafBytes,
  newestOf,
  SignedEntry,
  strayed,
  verifyEntry,
  type History,
  type Policy,
  type PolicyChain,
} from '@kuramori/core';

/** One thing that is wrong, and in which file, tile or entry. */
export interface Damage {
  readonly where: string;
  readonly what: string;
}

export interface Entries {
  /** Takes the next entry as it stands somewhere; what is wrong with it is kept. */
  readonly take: (bytes: Buffer | string, where: string) => SignedEntry | undefined;
  /** What nobody can read; whatever comes after it is held against the next one that is there. */
  readonly skip: () => void;
  readonly taken: () => readonly SignedEntry[];
  /** By which version the newest one was made; the newest of all where there is none. */
  readonly under: () => Policy | undefined;
  /** What is wrong with all of them together. */
  readonly end: () => void;
}

/** Without a policy no signature of an entry can be checked: who may sign stands in no other place. */
export function checkEntries(
  signer: string | undefined,
  chain: PolicyChain | null,
  damage: Damage[],
): Entries {
  let history: History = emptyHistory();
  let unread = false;
  let whose = signer;
  const taken: SignedEntry[] = [];

  function flawsOf(signed: SignedEntry, text: string): readonly string[] {
    const { entry } = signed;
    const flaws: string[] = [];
    if (canonicalText(signed) !== text) flaws.push('is not written in its canonical form');
    if (Buffer.byteLength(text) > mostLeafBytes) flaws.push(`is longer than ${mostLeafBytes} bytes`);
    whose ??= entry.signer;
    if (entry.signer !== whose)
      flaws.push(`was written by ${entry.signer}, and this is the journal of ${whose}`);
    if (isAsk(entry.body) && entry.grounds.length === 0) flaws.push('names no grounds');
    if (!chain) return flaws;
    const under = chain.find(({ digest }) => digest === entry.policy);
    if (!under) flaws.push('was recorded under a version of the policy that the given file has not');
    else if (!verifyEntry(under.policy, signed))
      flaws.push('has no signature of the record key that its policy pins');
    return flaws;
  }

  function follow({ entry }: SignedEntry): string | null {
    const extended = extend(history, entry);
    if (extended.kind === 'extended') {
      history = extended.history;
      return null;
    }
    const { seq, head, at } = history;
    const why = {
      gap: `has the number ${entry.seq}, and ${seq + 1} comes next`,
      fork: 'does not follow the entry before it',
      'time-goes-back': `is of ${entry.at}, and the one before of ${at}`,
      'another-policy': 'goes by a policy that the journal had not taken up',
      'thaw-not-due': 'lifts a freeze by a thaw that is not due, or was never taken up',
    }[extended.why];
    // The others are held against this one, so that one damage is one line.
    history = { ...history, seq: entry.seq, head: entryHash(entry), at: Math.max(at, entry.at) };
    return unread && (head !== entry.prev || entry.seq !== seq + 1) ? null : why;
  }

  return {
    take(bytes, where) {
      const text = typeof bytes === 'string' ? bytes : bytes.toString('utf8');
      const read = SignedEntry.safeParse(parse(text));
      if (!read.success) {
        const issue = read.error.issues[0];
        damage.push({ where, what: `is no entry: ${issue?.path.join('.') || 'it'}: ${issue?.message}` });
        unread = true;
        return undefined;
      }
      const flaws = flawsOf(read.data, text);
      const astray = follow(read.data);
      unread = false;
      for (const what of astray === null ? flaws : [...flaws, astray]) damage.push({ where, what });
      taken.push(read.data);
      return read.data;
    },
    skip: () => void (unread = true),
    taken: () => taken,
    under() {
      const last = taken.at(-1)?.entry.policy;
      return (
        chain?.find(({ digest }) => digest === last)?.policy ?? (chain ? newestOf(chain).policy : undefined)
      );
    },
    end() {
      const astray = chain && strayed(chain, history.policies);
      if (typeof astray === 'string') damage.push({ where: 'policy', what: astray });
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
