/** What others bring: freezes of operators, signers and other watchtowers, and the keepers' thaws. */
import {
  freezeDigest,
  heirOf,
  ownKey,
  stopsNoMore,
  thawDigest,
  verifyFreeze,
  type Control,
  type Policy,
  type Refusal,
  type SignedFreeze,
  type SignedThaw,
  type Version,
  type Wallet,
} from '@kuramori/core';
import type { Freezer, Thawing } from './frozen.ts';
import type { Incident } from './incident.ts';

interface Parts {
  readonly freezer: Freezer;
  readonly incident: Incident;
  readonly now: () => number;
  /** The versions that count now, the one in force first. */
  readonly standing: () => readonly [Policy, ...Policy[]];
  readonly inForce: () => Version;
  /** Address → whose keys act for it, by the newest look that our nodes agreed on. */
  readonly controls: ReadonlyMap<string, Control>;
  /** Every key that any version lets act for an account. */
  readonly keysAt: (address: string) => readonly string[];
  /** Has every signer told, in its own time. */
  readonly tell: () => void;
}

type Answer = { readonly kind: 'done' } | Refusal;

export interface Stopping {
  /** `through`: who passed it on; null where it came here by itself. */
  readonly freeze: (signed: SignedFreeze, through?: string | null) => Answer;
  readonly thaw: (signed: SignedThaw, through?: string | null) => Answer;
  /** Lifts what has become due. */
  readonly tend: () => void;
}

export function stopping({
  freezer,
  incident,
  now,
  standing,
  inForce,
  controls,
  keysAt,
  tell,
}: Parts): Stopping {
  const by = (): Thawing => ({ inForce: inForce(), standing: standing(), stillStolen });

  /** With a stolen key what was paid can be paid again, and what expired can be put into a block: it must be out of the account first. */
  function stillStolen(evidence: Parameters<Thawing['stillStolen']>[0]): string | null {
    const { wallets } = inForce().policy;
    for (const [id, found] of Object.entries(evidence)) {
      const pinned = wallets.find((one) => one.id === id);
      if (!pinned) continue;
      // What is paid leaves from its successor, if it has one: there the key must have no part.
      const wallet = heirOf(inForce().policy, pinned);
      // Where no look tells, any of them may act; where nobody else does, the account's own key.
      const seen = controls.get(wallet.address)?.keys ?? keysAt(wallet.address);
      const own = ownKey(wallet);
      const acting = seen.length === 0 && own !== null ? [own] : seen;
      const stolen = found.find(({ signer }) => acting.includes(signer));
      if (stolen)
        return `${stolen.signer} signed what no record covers, and is still a key of ${wallet.id}: ${replacing(wallet)}`;
    }
    return null;
  }

  const replacing = (wallet: Wallet) =>
    'descriptor' in wallet
      ? 'its keys are its own, so have the policy name another wallet its successor'
      : 'replace it (kuramori rotate)';

  function thawed(digests: readonly string[]): void {
    for (const thaw of digests)
      incident.note('thawed', { thaw, standing: freezer.state()?.freezes.length ?? 0 });
  }

  return {
    freeze(signed, through = null) {
      const { freeze } = signed;
      if (freezer.suspended().has(freeze.by))
        return refused('freeze-suspended', `the keepers suspended ${freeze.by}`);
      if (!standing().some((policy) => verifyFreeze(policy, signed)))
        return refused('freeze-signature', 'not signed by a pinned watchtower, signer or operator');
      const first = !stopsNoMore(freezer.state()?.freezes ?? [], signed);
      if (!freezer.take(signed)) return { kind: 'done' };
      const passed = through === null ? {} : { passedOnBy: through };
      incident.note(first ? 'alarm: frozen' : 'alarm', {
        why: freeze.why,
        by: freeze.by,
        frozenAt: freeze.at,
        freeze: freezeDigest(signed),
        ...(freeze.assets ? { assets: freeze.assets } : {}),
        ...passed,
      });
      tell();
      return { kind: 'done' };
    },
    thaw(signed, through = null) {
      const digest = thawDigest(signed);
      const find = () => freezer.thaws().find(({ thaw }) => thawDigest(thaw) === digest);
      const before = find();
      const answer = freezer.thaw(signed, now(), by());
      const after = find();
      if (!before && after) {
        const { lifts, suspends, cause, answers } = signed.thaw;
        const passed = through === null ? {} : { passedOnBy: through };
        const keepers = signed.signatures.map(({ keeper }) => keeper);
        incident.note('thaw taken up', {
          thaw: digest,
          lifts,
          suspends,
          due: after.due,
          keepers,
          cause,
          answers,
          ...passed,
        });
      }
      if (after?.lifted === true && before?.lifted !== true) thawed([digest]);
      tell();
      return answer;
    },
    tend: () => thawed(freezer.lift(now(), by())),
  };
}

function refused(why: string, detail: string): Refusal {
  return { kind: 'refused', why, detail };
}
