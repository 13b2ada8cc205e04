/** A frozen signer starts again by the keepers' quorum, a quorum of watchtowers' clocks and a wait, and by nothing else. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  chainOf,
  freezeDigest,
  policyDigest,
  signStatement,
  type Policy,
  type SignedFreeze,
  type SignedThaw,
  type SigningKey,
  type Thaw,
} from '@kuramori/core';
import {
  answered,
  hour,
  keepers,
  keyNamed,
  now,
  operator,
  records,
  requestFor,
  tower,
  towers,
  why,
} from '../core/testing/house.ts';
import {
  alice,
  countersignatureOf,
  desk,
  evacuation,
  factFor,
  freezeOf,
  ownClock,
  payment,
  policy,
  recorded,
  release,
  show,
  type Desk,
} from './testing/desk.ts';
import type { Signer } from './cosigner/signer.ts';

let d: Desk;
beforeEach(() => {
  d = desk();
});
afterEach(() => d[Symbol.dispose]());

function thawOf(
  lifts: readonly SignedFreeze[],
  change: Partial<Thaw> = {},
  by: readonly SigningKey[] = keepers,
): SignedThaw {
  const thaw: Thaw = {
    lifts: lifts.map(freezeDigest),
    suspends: [],
    policy: policyDigest(policy),
    notBefore: now,
    ...answered,
    ...change,
  };
  return {
    thaw,
    signatures: by.map((key) => ({ keeper: key.publicKey, signature: signStatement(key, 'thaw', thaw) })),
  };
}

function momentFor(one: Signer, at: number, by: SigningKey = tower, session = one.status().session) {
  const moment = { signer: one.status().signer, session, at };
  return { moment, watchtower: by.publicKey, signature: signStatement(by, 'moment', moment) };
}

function bring(one: Signer, thaw: SignedThaw, at: number, by: SigningKey = tower, own = at): string {
  ownClock.ms = own;
  return why(one.thaw({ thaw, moment: momentFor(one, at, by) }));
}
const pay = (one: Signer, at: number) => why(one.propose(payment(one, requestFor({ to: alice, at }))));

describe('a thaw', () => {
  it('is taken up, waits, and lifts when a watchtower’s clock says so', () => {
    const { signer, journal } = d.start();
    signer.freeze(freezeOf());
    const thaw = thawOf([freezeOf()]);
    expect(bring(signer, thaw, now)).toBe('thaw-waits');
    expect(signer.status()).toMatchObject({ thaws: [{ thaw, due: now + 6 * hour }] });
    expect(bring(signer, thaw, now + 6 * hour - 1)).toBe('thaw-waits');
    expect(pay(signer, now + 6 * hour)).toBe('frozen');
    expect(bring(signer, thaw, now + 6 * hour)).toBe('done');
    expect(signer.status()).toMatchObject({ frozen: null, freezes: [], thaws: [] });
    expect(pay(signer, now + 6 * hour)).toBe('recorded');
    expect(journal.from(1, 9).map(({ entry }) => entry.body.kind)).toEqual([
      'freeze',
      'thaw',
      'thawed',
      'payment',
    ]);
  });

  it('waits from when it is shown, not from when the journal was last written: a signer nobody asked for days', () => {
    const { signer } = d.start();
    signer.freeze(freezeOf());
    const thaw = thawOf([freezeOf()], { notBefore: 0 });
    expect(bring(signer, thaw, now + 99 * hour)).toBe('thaw-waits');
    expect(signer.status().thaws[0]?.due).toBe(now + 105 * hour);
  });

  it('is remembered over a restart, with its wait and with what it lifted', () => {
    const thaw = thawOf([freezeOf()]);
    {
      using one = d.start();
      one.signer.freeze(freezeOf());
      bring(one.signer, thaw, now);
    }
    {
      using one = d.start();
      expect(bring(one.signer, thaw, now + 6 * hour)).toBe('done');
    }
    const { signer } = d.start();
    expect(signer.status()).toMatchObject({ frozen: null });
    // Whoever kept the freeze shows it again.
    expect(signer.freeze(freezeOf())).toEqual({ kind: 'done' });
    expect(signer.status()).toMatchObject({ frozen: null });
    expect(pay(signer, now + 6 * hour)).toBe('recorded');
  });

  it('brought again lifts nothing that was frozen since', () => {
    const { signer } = d.start();
    signer.freeze(freezeOf());
    const thaw = thawOf([freezeOf()]);
    bring(signer, thaw, now);
    bring(signer, thaw, now + 6 * hour);
    signer.freeze(freezeOf(tower, 'another uncovered spend'));
    expect(bring(signer, thaw, now + 99 * hour)).toBe('done');
    expect(signer.status().frozen?.freeze.why).toBe('another uncovered spend');
  });

  it('does not lift what anybody froze while it waited', () => {
    const { signer } = d.start();
    signer.freeze(freezeOf());
    const thaw = thawOf([freezeOf()]);
    bring(signer, thaw, now);
    expect(signer.freeze(freezeOf(operator, 'not while I am asleep'))).toEqual({ kind: 'done' });
    expect(signer.freeze(freezeOf(tower, 'seen since'))).toEqual({ kind: 'done' });
    expect(bring(signer, thaw, now + 6 * hour)).toBe('done');
    expect(signer.status().freezes.map(({ freeze }) => freeze.why)).toEqual([
      'not while I am asleep',
      'seen since',
    ]);
    expect(pay(signer, now + 6 * hour)).toBe('frozen');
  });
});

describe('no thaw is one', () => {
  it.each<[string, (one: Signer) => string, string]>([
    [
      'that says nothing of the cause',
      (one) => bring(one, thawOf([freezeOf()], { cause: '' }), now),
      'thaw-without-answers',
    ],
    ['of one keeper', (one) => bring(one, thawOf([freezeOf()], {}, [keepers[0]]), now), 'thaw-below-quorum'],
    [
      'of those who froze',
      (one) => bring(one, thawOf([freezeOf()], {}, [tower, records[0]]), now),
      'thaw-below-quorum',
    ],
    [
      'for another policy',
      (one) => bring(one, thawOf([freezeOf()], { policy: 'f'.repeat(64) }), now),
      'thaw-policy',
    ],
    [
      'by a stranger’s clock',
      (one) => bring(one, thawOf([freezeOf()]), now, keyNamed('thief')),
      'moment-signature',
    ],
    [
      'by a clock of an earlier start',
      (one) =>
        why(one.thaw({ thaw: thawOf([freezeOf()]), moment: momentFor(one, now, tower, '0'.repeat(32)) })),
      'moment-session',
    ],
    [
      'by a moment of another signer',
      (one) => {
        const moment = { signer: 'signer-2', session: one.status().session, at: now };
        const signed = {
          moment,
          watchtower: tower.publicKey,
          signature: signStatement(tower, 'moment', moment),
        };
        return why(one.thaw({ thaw: thawOf([freezeOf()]), moment: signed }));
      },
      'moment-session',
    ],
  ])('%s', (_what, attempt, expected) => {
    const { signer, journal } = d.start();
    signer.freeze(freezeOf());
    expect(attempt(signer)).toBe(expected);
    expect(journal.history()).toMatchObject({ seq: 1, freezes: [freezeOf()] });
    expect(signer.status().refused).toBe(1);
  });

  it('on a journal that may be yesterday’s', () => {
    const { signer, journal } = d.start(1, false);
    expect(bring(signer, thawOf([freezeOf()]), now)).toBe('closed');
    expect(journal.history().seq).toBe(0);
  });

  it('with the policy changed while it waits', () => {
    const thaw = thawOf([freezeOf()]);
    const next: Policy = {
      ...policy,
      version: 2,
      prev: policyDigest(policy),
      loosening: { delay: 0, objection: 0 },
    };
    const line = [...chainOf(policy), ...chainOf(next)] as const;
    {
      using one = d.start();
      one.signer.freeze(freezeOf());
      bring(one.signer, thaw, now);
    }
    const one = d.start(1, true, line);
    // It takes up the new version with what is asked next; coins that go home are asked for.
    recorded(one.signer.propose(evacuation(one.signer)));
    expect(bring(one.signer, thaw, now + 25 * hour)).toBe('thaw-policy');
    expect(one.signer.status().frozen).not.toBe(null);
  });
});

describe('several watchtowers', () => {
  const keys = towers.map(({ publicKey }) => publicKey);
  const three: Policy = { ...policy, watchtowers: { quorum: 2, keys } };
  const thaw = (change: Partial<Thaw> = {}) =>
    thawOf([freezeOf(towers[2])], { policy: policyDigest(three), ...change });
  let one: Signer;
  beforeEach(() => {
    d = desk(three);
    ({ signer: one } = d.start());
    show(one, [], towers[1]);
    one.freeze(freezeOf(towers[2]));
  });

  it('one alone brings no thaw, whatever its clock says', () => {
    expect(bring(one, thaw(), now + 99 * hour, towers[0])).toBe('moments-below-quorum');
    expect(bring(one, thaw(), now + 99 * hour, towers[0])).toBe('moments-below-quorum');
    expect(bring(one, thaw(), now, towers[1])).toBe('thaw-waits');
    expect(one.status().thaws[0]?.due).toBe(now + 6 * hour);
    // Its clock is ahead, and the second one's word is needed.
    expect(bring(one, thaw(), now + 999 * hour, towers[0], now)).toBe('thaw-waits');
    expect(bring(one, thaw(), now + 6 * hour, towers[1])).toBe('done');
  });

  it('an old moment turns nothing back', () => {
    bring(one, thaw(), now + hour, towers[0]);
    bring(one, thaw(), now + hour, towers[1]);
    expect(bring(one, thaw(), now, towers[0], now + hour)).toBe('thaw-waits');
    expect(one.status().thaws[0]?.due).toBe(now + 7 * hour);
  });

  it('who froze falsely freezes no more, countersigns no more, and the quorum stays', () => {
    const falsely = thaw({ suspends: [towers[2].publicKey] });
    bring(one, falsely, now, towers[0]);
    bring(one, falsely, now, towers[1]);
    bring(one, falsely, now + 6 * hour, towers[0]);
    expect(bring(one, falsely, now + 6 * hour, towers[1])).toBe('done');
    expect(why(one.freeze(freezeOf(towers[2], 'again')))).toBe('freeze-suspended');
    const facts = (...by: readonly SigningKey[]) => {
      const { nonce } = one.nonce();
      return by.map((key) => factFor([nonce], { at: now + 6 * hour }, key));
    };
    const request = requestFor({ to: alice, at: now + 6 * hour });
    const asked = payment(one, request, { facts: facts(towers[0], towers[2]) });
    expect(why(one.propose(asked))).toBe('facts-below-quorum');
    const record = recorded(one.propose({ ...asked, facts: facts(towers[0], towers[1]) }));
    const by = (...who: readonly SigningKey[]) => who.map((key) => countersignatureOf(record, key));
    expect(why(release(one, record, ...by(towers[0], towers[2])))).toBe('below-quorum');
    expect(why(release(one, record, ...by(towers[0], towers[1])))).toBe('signed');
  });

  it('after a restart the suspended one’s word opens nothing', () => {
    const falsely = thaw({ suspends: [towers[2].publicKey] });
    for (const at of [now, now + 6 * hour]) for (const by of towers.slice(0, 2)) bring(one, falsely, at, by);
    const again = d.start(1, false);
    const entries = [...again.journal.from(1, 9)];
    expect(why(show(again.signer, entries, towers[2]))).toBe('head-signature');
    show(again.signer, entries, towers[0]);
    expect(again.signer.status().open).toBe(false);
    show(again.signer, entries, towers[1]);
    expect(again.signer.status().open).toBe(true);
  });
});

describe('what was asked for before', () => {
  it('an evacuation that was recorded while it was frozen is not let go after the thaw', () => {
    const { signer } = d.start();
    signer.freeze(freezeOf());
    const record = recorded(signer.propose(evacuation(signer)));
    const thaw = thawOf([freezeOf()]);
    bring(signer, thaw, now);
    bring(signer, thaw, now + 6 * hour);
    expect(why(release(signer, record, countersignatureOf(record)))).toBe('not-frozen');
  });
});
