/** A ceremony under way: one step with the keys of one folder, by named people, and the transcript that it ends in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  ceremonyHash,
  signCeremony,
  type CeremonyEntry,
  type SignedCeremony,
  type Transcript,
} from '@kuramori/core';
import { log, Misconfigured, openLines, readSecretBytes, reasonOf } from '@kuramori/program';
import { mustBeHere, unlockAny, type Entrusted, type Keys, type Opened } from '../keystore.ts';
import { mustBeOf, mustLive, transcriptIn, transcriptOf } from '../transcript.ts';
import { serviceOf } from './hsm.ts';
import { identity } from './identity.ts';
import { rolesOf, tellRoles } from './roles.ts';

export type What = CeremonyEntry['what'];

/** What a step is begun with: whose keys, which step, who is there. */
export interface Begun {
  /** The signer's own folder. */
  readonly folder: string;
  readonly step: CeremonyEntry['step'];
  readonly present: readonly string[];
  readonly hsm?: { readonly socket: string } | undefined;
}

/** How a step ended, for whoever asked for it. */
export interface Ended {
  readonly step: CeremonyEntry['step'];
  readonly recordKey: string;
  readonly chainKey: string | null;
  readonly what: What;
  /** What people must know now, in sentences. */
  readonly remember: readonly string[];
  /** The digest of the transcript's last entry, to be noted on paper. */
  readonly last: string;
  readonly program: CeremonyEntry['program'];
}

export interface Ceremony extends Disposable {
  readonly folder: string;
  /** A line for the people there. */
  readonly say: (line: string) => void;
  readonly at: (name: 'keystore.json' | 'passphrase' | 'journal.jsonl') => string;
  /** As it was when the step began; null where nothing was ever made here. */
  readonly before: Transcript | null;
  /** The keys of this folder, which must not be retired; later entries are signed by them. */
  readonly open: () => Promise<Keys | Entrusted>;
  /** The same, for what takes the chain key itself. */
  readonly openHere: () => Promise<Keys>;
  /** Keys that this step has just made or brought; later entries are signed by them. */
  readonly hold: (keys: Opened) => void;
  /** The next entry, signed, and its digest. */
  readonly entry: (
    outcome: CeremonyEntry['outcome'],
    what: What,
    after?: Transcript | null,
  ) => { readonly signed: SignedCeremony; readonly hash: string };
  /** The same, on the disk when it returns. */
  readonly note: (outcome: CeremonyEntry['outcome'], what: What) => string;
  /** The same, and the entry. */
  readonly noted: (
    outcome: CeremonyEntry['outcome'],
    what: What,
  ) => { readonly signed: SignedCeremony; readonly hash: string };
  readonly ended: (last: string, what: What, remember: readonly string[]) => Ended;
}

function openCeremony({ folder, step, present, hsm }: Begun, say: Ceremony['say']): Ceremony {
  const at = (name: string) => join(folder, name);
  const program = identity();
  const before = transcriptOf(folder);
  let keys: Opened | null = null;

  const entry: Ceremony['entry'] = (outcome, what, after = transcriptOf(folder)) => {
    const recordKey = after?.recordKey ?? keys?.record.publicKey;
    if (recordKey === undefined) throw new Error('a transcript begins with keys');
    const signer = keys !== null && keys.record.publicKey === recordKey ? keys.record : null;
    const made: CeremonyEntry = {
      v: 1,
      seq: (after?.entries.length ?? 0) + 1,
      prev: after?.last ?? '0'.repeat(64),
      at: Date.now(),
      step,
      outcome,
      present: [...present],
      program,
      recordKey,
      what: [...what],
    };
    return { signed: signCeremony(signer, made), hash: ceremonyHash(made) };
  };

  async function open() {
    const transcript = mustLive(folder);
    const file = at('keystore.json');
    const opened = await unlockAny(file, readSecretBytes(at('passphrase')), await serviceOf(hsm));
    mustBeOf(folder, transcript, opened.record.publicKey);
    keys = opened;
    return opened;
  }

  const noted: Ceremony['noted'] = (outcome, what) => {
    const made = entry(outcome, what);
    using lines = openLines(transcriptIn(folder));
    lines.append(made.signed);
    return made;
  };

  return {
    folder,
    say,
    at,
    before: before?.recordKey === null ? null : before,
    open,
    openHere: async () => mustBeHere(at('keystore.json'), await open()),
    hold(made) {
      keys = made;
    },
    entry,
    note: (outcome, what) => noted(outcome, what).hash,
    noted,
    ended: (last, what, remember) => ({
      step,
      recordKey: keys?.record.publicKey ?? before?.recordKey ?? '',
      chainKey: keys?.chainKey ?? null,
      what,
      remember,
      last,
      program,
    }),
    [Symbol.dispose]() {
      keys?.lock();
    },
  };
}

/** A step that came to an answer, and the answer is no: written down as failed, with what was seen on the way. */
export class Disproved extends Misconfigured {
  readonly what: What;

  constructor(why: string, what: What) {
    super(why);
    this.what = what;
  }
}

/** Runs one step. Where it comes to nothing that is written down too, once there are keys, before anybody is told. */
export async function perform<T>(
  command: Begun,
  say: Ceremony['say'],
  work: (ceremony: Ceremony) => Promise<T>,
): Promise<T> {
  using ceremony = openCeremony(command, say);
  say(tellRoles(rolesOf(command.present)));
  try {
    return await work(ceremony);
  } catch (cause) {
    const outcome = cause instanceof Misconfigured && !(cause instanceof Disproved) ? 'refused' : 'failed';
    const seen = cause instanceof Disproved ? cause.what : [];
    if (ceremony.before !== null && existsSync(transcriptIn(ceremony.folder)))
      noteIfItCan(ceremony, outcome, [...seen, { name: 'why', value: whyOf(cause) }]);
    throw cause;
  }
}

function whyOf(cause: unknown): string {
  const { message } = cause instanceof Error ? cause : new Error(String(cause));
  return (message || 'no reason was given').toWellFormed().slice(0, 1024);
}

/** What went wrong first is what people must hear of, not that the disk is too full to write it down. */
function noteIfItCan(ceremony: Ceremony, outcome: CeremonyEntry['outcome'], what: What): void {
  try {
    const last = ceremony.note(outcome, what);
    ceremony.say(`it is written down as ${outcome}; the transcript now ends in ${last}`);
  } catch (cause) {
    log('the transcript takes no entry', { why: reasonOf(cause) });
  }
}
