/** Whoever has a quorum of the watchtowers' clocks, and the exchange's key: a day ahead every rolling limit would be empty again. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freezeDigest, policyDigest, signStatement } from '@kuramori/core';
import { answered, hour, keepers, now, tower, why, xem } from '../core/testing/house.ts';
import { desk, factFor, freezeOf, ownClock, payment, policy, type Desk } from './testing/desk.ts';
import type { Signer } from './cosigner/signer.ts';

let d: Desk;
let one: Signer;
beforeEach(() => {
  d = desk();
  one = d.start().signer;
});
afterEach(() => d[Symbol.dispose]());

/** Asked with the watchtowers' time, while this machine's own clock says another. */
function pay(told: number, own: number): string {
  const ask = payment(one, { units: xem('1000'), at: told });
  const facts = [factFor([one.nonce().nonce], { at: told })];
  ownClock.ms = own;
  return why(one.propose({ ...ask, facts }));
}

describe('a signer’s own clock', () => {
  it('bounds what the watchtowers can make of the day', () => {
    for (let count = 0; count < 2; count += 1) expect(pay(now, now)).toBe('recorded');
    expect(pay(now, now)).toBe('over-rolling-limit');
    // A day later it is right again; told so a day too early, it is not.
    expect(pay(now + 24 * hour, now)).toBe('clock-strays');
    expect(pay(now + 24 * hour, now + 24 * hour)).toBe('recorded');
  });

  it.each([
    ['as far as clocks go apart', 300_000, 'recorded'],
    ['a second further', 301_000, 'clock-strays'],
    ['as far behind', -300_000, 'recorded'],
    ['a second further behind', -301_000, 'clock-strays'],
  ])('%s', (_what, apart, expected) => {
    expect(pay(now, now - apart)).toBe(expected);
    expect(one.status().refused).toBe(expected === 'recorded' ? 0 : 1);
  });

  it('that stands wrong by itself stops it too, and says which way', () => {
    const ask = payment(one, {});
    ownClock.ms = now - 24 * hour;
    expect(one.propose(ask)).toMatchObject({
      why: 'clock-strays',
      detail: "the watchtowers' time is 86400 s ahead of this machine's clock: set right whichever is wrong",
    });
  });

  it('bounds a thaw’s wait as well', () => {
    one.freeze(freezeOf());
    const thaw = {
      lifts: [freezeDigest(freezeOf())],
      suspends: [],
      policy: policyDigest(policy),
      notBefore: 0,
      ...answered,
    };
    const signatures = keepers.map((key) => ({
      keeper: key.publicKey,
      signature: signStatement(key, 'thaw', thaw),
    }));
    const bring = (at: number, own: number) => {
      const moment = { signer: 'signer-1', session: one.status().session, at };
      ownClock.ms = own;
      const signed = {
        moment,
        watchtower: tower.publicKey,
        signature: signStatement(tower, 'moment', moment),
      };
      return why(one.thaw({ thaw: { thaw, signatures }, moment: signed }));
    };
    expect(bring(now, now)).toBe('thaw-waits');
    expect(bring(now + 6 * hour, now + 60_000)).toBe('clock-strays');
    expect(one.status().frozen).not.toBe(null);
    expect(bring(now + 6 * hour, now + 6 * hour)).toBe('done');
  });
});
