/** What stops a signer, and what lets it start again: freezes at once, by anybody; a thaw by the keepers, once its wait is over. */
import {
  counts,
  dueOf,
  flawOfThaw,
  thawDigest,
  timeOf,
  verifyFreeze,
  verifyMoment,
  type Entry,
  type Policy,
  type Refusal,
  type SignedFreeze,
  type SignedMoment,
  type SignedThaw,
  type Version,
  type Waiting,
} from '@kuramori/core';
import { log } from '@kuramori/program';
import type { Journal } from '../journal.ts';

interface Parts {
  readonly id: string;
  /** New at each start: a moment of an earlier one says nothing. */
  readonly session: string;
  readonly journal: Journal;
  readonly isOpen: () => boolean;
  /** The versions that count now, without the watchtowers that were suspended, the one in force first. */
  readonly standing: (at?: number) => readonly [Policy, ...Policy[]];
  /** The version in force at a time, as it was signed. */
  readonly inForce: (at: number) => Version;
  /** A refusal where a time cannot be, by this machine's own clock. */
  readonly clockStrays: (told: number) => Refusal | null;
  readonly write: (body: Entry['body'], at?: number) => void;
  readonly refuse: (why: string, detail: string) => Refusal;
}

export interface Stopping {
  /** The freezes that stand, written down or not. */
  readonly freezes: () => readonly SignedFreeze[];
  readonly freeze: (signed: SignedFreeze) => { kind: 'done' } | Refusal;
  readonly thaw: (asked: { thaw: SignedThaw; moment: SignedMoment }) => { kind: 'done' } | Refusal;
  /** Writes down what came while the journal may have been an old copy. */
  readonly opened: () => void;
}

export function stopping(parts: Parts): Stopping {
  const { id, session, journal, isOpen, standing, inForce, clockStrays, write, refuse } = parts;
  /** Freezes that came while this journal may still be an old copy, those that count. */
  let held: readonly SignedFreeze[] = [];
  /** Each watchtower's newest word of the time. */
  const moments = new Map<string, SignedMoment>();

  function writeFreeze(freeze: SignedFreeze): void {
    if (!counts(journal.history(), freeze)) return;
    write({ kind: 'freeze', freeze });
    log('frozen', { by: freeze.freeze.by, why: freeze.freeze.why });
  }

  /** Takes a watchtower's word of the time. An old one is no harm: it can only make a thaw come later. */
  function hear(signed: SignedMoment): Refusal | null {
    const { moment, watchtower } = signed;
    if (!standing().some(({ watchtowers }) => watchtowers.keys.includes(watchtower)) || !verifyMoment(signed))
      return refuse('moment-signature', 'not signed by a pinned watchtower');
    if (moment.signer !== id || moment.session !== session)
      return refuse('moment-session', 'made for another signer or an earlier start');
    if (moment.at > (moments.get(watchtower)?.moment.at ?? -1)) moments.set(watchtower, signed);
    return null;
  }

  /** By every version that counts; undefined while one of them has not heard enough. */
  function timeNow(): number | undefined {
    const times = standing().map((policy) => timeOf(policy, [...moments.values()]));
    return times.every((time) => time !== undefined) ? Math.min(...times) : undefined;
  }

  function lift({ thaw, due }: Waiting, at: number): { kind: 'done' } | Refusal {
    if (at < due)
      return refuse(
        'thaw-waits',
        `for ${Math.ceil((due - at) / 1000)} s: until then anybody can freeze again`,
      );
    write({ kind: 'thawed', thaw: thawDigest(thaw), moments: [...moments.values()] }, at);
    log('thawed', { thaw: thawDigest(thaw), standing: journal.history().freezes.length });
    return { kind: 'done' };
  }

  return {
    freezes: () => {
      const history = journal.history();
      return [...history.freezes, ...held.filter((freeze) => counts(history, freeze))];
    },

    freeze(signed) {
      const history = journal.history();
      if (history.suspended.has(signed.freeze.by))
        return refuse('freeze-suspended', `the keepers suspended ${signed.freeze.by}`);
      if (!standing().some((one) => verifyFreeze(one, signed)))
        return refuse('freeze-signature', 'not signed by a pinned watchtower, signer or operator');
      if (!counts(history, signed)) return { kind: 'done' };
      if (!isOpen()) {
        // Written into an old copy it would fork the journal, and no coin could go home. Tell again: it is not on the disk.
        if (counts({ ...history, freezes: [...history.freezes, ...held] }, signed)) held = [...held, signed];
        return refuse('closed', 'holds by the freeze, and writes it down once its journal is the newest');
      }
      writeFreeze(signed);
      return { kind: 'done' };
    },

    thaw({ thaw, moment }) {
      if (!isOpen()) return refuse('closed', 'tell it again once its journal is the newest');
      const unheard = hear(moment);
      if (unheard) return unheard;
      const { lifted, thaws, suspended } = journal.history();
      if (thaw.thaw.lifts.every((freeze) => lifted.has(freeze))) return { kind: 'done' };
      const now = timeNow();
      if (now === undefined)
        return refuse(
          'moments-below-quorum',
          'too few watchtowers have said what time it is: each brings its own',
        );
      const strays = clockStrays(now);
      if (strays) return strays;
      const at = Math.max(now, journal.history().at);
      const flaw = flawOfThaw(inForce(at), suspended, thaw);
      if (flaw) return refuse(flaw.why, flaw.detail);
      const digest = thawDigest(thaw);
      const waiting = thaws.get(digest) ?? { thaw, due: dueOf(standing(at), thaw, at) };
      if (!thaws.has(digest)) {
        write({ kind: 'thaw', ...waiting, moments: [...moments.values()] }, at);
        log('thaw taken up', { thaw: digest, due: waiting.due });
      }
      return lift(waiting, at);
    },

    opened() {
      for (const freeze of held) writeFreeze(freeze);
      held = [];
    },
  };
}
