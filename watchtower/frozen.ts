/** Freezes and thaws, as a file: sticky across restarts, written before anybody is told. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  counts,
  dueOf,
  Evidence,
  flawOfThaw,
  freezeDigest,
  Hash,
  liftedBy,
  PublicKeyHex,
  SignedFreeze,
  SignedThaw,
  signStatement,
  stopsNoMore,
  thawDigest,
  type Policy,
  type Refusal,
  type SigningKey,
  type Version,
  type Waiting,
} from '@kuramori/core';
import { jsonText, log, Misconfigured, replaceFile, reasonOf } from '@kuramori/program';

const File = z.strictObject({
  freezes: z.array(SignedFreeze),
  /** What lets the coins of each wallet go home; absent where nothing signed was seen. */
  evidence: z.record(z.string(), z.array(Evidence)),
  /** Thaws that wait, and those that have lifted: signers who come later are shown them. */
  thaws: z.array(z.strictObject({ thaw: SignedThaw, due: z.int().nonnegative(), lifted: z.boolean() })),
  lifted: z.array(Hash),
  suspended: z.array(PublicKeyHex),
  /** What was alarmed about, so that what people have lifted is not news after a restart. */
  sights: z.array(z.string()),
});

export interface Frozen {
  /** The freezes that stand, the first one first. */
  readonly freezes: readonly [SignedFreeze, ...SignedFreeze[]];
  readonly evidence: { readonly [wallet: string]: readonly Evidence[] };
}

/** One thing seen that nothing explains. */
export interface Alarm {
  readonly at: number;
  readonly why: string;
  /** What tells it from every other. */
  readonly sight: string;
  readonly evidence: { readonly wallet: string; readonly evidence: Evidence } | null;
}

/** By what a thaw is judged: the version in force and every one that counts; and why its keys must first be replaced, or null. */
export interface Thawing {
  readonly inForce: Version;
  readonly standing: readonly Policy[];
  readonly stillStolen: (evidence: Frozen['evidence']) => string | null;
}

export interface Freezer {
  /** Null while no freeze stands. */
  readonly state: () => Frozen | null;
  readonly thaws: () => readonly (Waiting & { readonly lifted: boolean })[];
  readonly suspended: () => ReadonlySet<string>;
  /** Whether this was alarmed about before. */
  readonly knows: (sight: string) => boolean;
  /** Keeps for good that something was told. False where it was told before. */
  readonly remember: (sight: string) => boolean;
  /** Stops everything, by our own key. True where not all was stopped before. Never throws. */
  readonly alarm: (alarm: Alarm) => boolean;
  /** Somebody else's freeze, verified. False where it changes nothing. */
  readonly take: (freeze: SignedFreeze) => boolean;
  /** Takes up what the keepers decided; lifts what is due. */
  readonly thaw: (signed: SignedThaw, now: number, by: Thawing) => { readonly kind: 'done' } | Refusal;
  /** Lifts what has become due since; gives the digests of those thaws. */
  readonly lift: (now: number, by: Thawing) => readonly string[];
  /** Writes what a full disk did not take before. */
  readonly settle: () => void;
}

/** How many pieces of evidence a wallet keeps: a signer can refuse one, and a thief can see to that. */
const mostEvidence = 16;

export function openFreezer(file: string, key: SigningKey): Freezer {
  const kept = read(file);
  let { evidence } = kept;
  let standing = {
    freezes: kept.freezes as readonly SignedFreeze[],
    thaws: new Map<string, Waiting>(
      kept.thaws.flatMap(({ lifted, ...thaw }) => (lifted ? [] : [[thawDigest(thaw.thaw), thaw] as const])),
    ) as ReadonlyMap<string, Waiting>,
    lifted: new Set(kept.lifted) as ReadonlySet<string>,
    suspended: new Set(kept.suspended) as ReadonlySet<string>,
  };
  const lifted: Waiting[] = kept.thaws.filter((one) => one.lifted);
  const sights = new Set(kept.sights);
  let written = true;

  function settle(): void {
    if (written) return;
    const thaws = [
      ...lifted.map(({ thaw, due }) => ({ thaw, due, lifted: true })),
      ...[...standing.thaws.values()].map(({ thaw, due }) => ({ thaw, due, lifted: false })),
    ];
    const whole: z.infer<typeof File> = {
      freezes: [...standing.freezes],
      evidence,
      thaws,
      lifted: [...standing.lifted],
      suspended: [...standing.suspended],
      sights: [...sights],
    };
    try {
      replaceFile(file, jsonText(whole));
      written = true;
    } catch (cause) {
      // A disk that is full must not keep the signers from being told: their journals keep the freeze as well.
      log('the freeze is not on the disk, and holds as long as this process', { file, why: reasonOf(cause) });
    }
  }

  function changed(): void {
    written = false;
    settle();
  }

  const state = (): Frozen | null => {
    const [first, ...more] = standing.freezes;
    return first ? { freezes: [first, ...more], evidence } : null;
  };

  function lift(now: number, by: Thawing): readonly string[] {
    const due = [...standing.thaws].filter(
      ([, waiting]) =>
        waiting.due <= now &&
        // The keepers may have made another version since, and more may have been seen.
        flawOfThaw(by.inForce, standing.suspended, waiting.thaw) === null &&
        by.stillStolen(evidence) === null,
    );
    for (const [, waiting] of due) {
      standing = liftedBy(standing, waiting);
      lifted.push(waiting);
    }
    if (due.length > 0) {
      // What we saw came with a freeze of our own; people have explained it, whoever else keeps something stopped.
      if (!standing.freezes.some(({ freeze }) => freeze.by === key.publicKey)) evidence = {};
      changed();
    }
    return due.map(([digest]) => digest);
  }

  return {
    state,
    thaws: () => [
      ...lifted.map((one) => ({ ...one, lifted: true })),
      ...[...standing.thaws.values()].map((one) => ({ ...one, lifted: false })),
    ],
    suspended: () => standing.suspended,
    knows: (sight) => sights.has(sight),
    remember(sight) {
      if (sights.has(sight)) return false;
      sights.add(sight);
      changed();
      return true;
    },
    alarm({ at, why, sight, evidence: found }) {
      sights.add(sight);
      const statement = { by: key.publicKey, at, why: why.slice(0, 500).toWellFormed() };
      const own = { freeze: statement, signature: signStatement(key, 'freeze', statement) };
      // The newest stands for all of ours: a thaw that was decided before this was seen does not name it.
      const others = standing.freezes.filter(({ freeze }) => freeze.by !== key.publicKey);
      const first = !stopsNoMore(standing.freezes, own);
      standing = { ...standing, freezes: [...others, own] };
      const before = found ? (evidence[found.wallet] ?? []) : [];
      if (found && before.length < mostEvidence)
        evidence = { ...evidence, [found.wallet]: [...before, found.evidence] };
      changed();
      return first;
    },
    take(freeze) {
      if (!counts(standing, freeze)) return false;
      standing = { ...standing, freezes: [...standing.freezes, freeze] };
      changed();
      return true;
    },
    thaw(signed, now, by) {
      const digest = thawDigest(signed);
      const refused = (why: string, detail: string): Refusal => ({ kind: 'refused', why, detail });
      if (signed.thaw.lifts.every((freeze) => standing.lifted.has(freeze))) return { kind: 'done' };
      const flaw = flawOfThaw(by.inForce, standing.suspended, signed);
      if (flaw) return refused(flaw.why, flaw.detail);
      const stolen = by.stillStolen(evidence);
      if (stolen !== null) return refused('stolen-key-pinned', stolen);
      if (!standing.thaws.has(digest)) {
        const waiting = { thaw: signed, due: dueOf(by.standing, signed, now) };
        standing = { ...standing, thaws: new Map(standing.thaws).set(digest, waiting) };
        changed();
        log('thaw taken up', { thaw: digest, due: waiting.due });
      }
      if (lift(now, by).includes(digest)) return { kind: 'done' };
      const due = new Date(standing.thaws.get(digest)?.due ?? now).toISOString();
      return refused('thaw-waits', `until ${due}: until then anybody can freeze again`);
    },
    lift,
    settle,
  };
}

/** Whether a thaw names a freeze. */
export function names({ thaw }: SignedThaw, freeze: SignedFreeze): boolean {
  return thaw.lifts.includes(freezeDigest(freeze));
}

function read(file: string): z.infer<typeof File> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      return { freezes: [], evidence: {}, thaws: [], lifted: [], suspended: [], sights: [] };
    // A file that may not be read is no proof that nobody froze.
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
  try {
    return File.parse(JSON.parse(text));
  } catch (cause) {
    throw new Misconfigured(
      `${file}: is damaged: somebody froze, and this file says why. Restore it; do not delete it`,
      { cause },
    );
  }
}
