import { describe, expect, it } from 'vitest';
import { emptyHistory, extend, signStatement, verifyFreeze, type Entry } from './index.ts';
import { now, policy, records, thief, tower } from './testing/house.ts';

function freezeBy(by: typeof tower) {
  const freeze = { by: by.publicKey, at: now, why: 'an uncovered spend' };
  return { freeze, signature: signStatement(by, 'freeze', freeze) };
}

describe('who can freeze', () => {
  it.each([
    ['a pinned watchtower', tower, true],
    ['a pinned signer', records[1], true],
    ['a stranger', thief, false],
  ])('%s', (_who, by, expected) => {
    expect(verifyFreeze(policy, freezeBy(by))).toBe(expected);
  });

  it('nobody in another’s name, nor with another reason', () => {
    const real = freezeBy(tower);
    expect(verifyFreeze(policy, { ...freezeBy(thief), freeze: real.freeze })).toBe(false);
    expect(verifyFreeze(policy, { ...real, freeze: { ...real.freeze, why: 'other' } })).toBe(false);
  });

  it('a number that has no canonical form stops nobody who reads it', () => {
    const real = freezeBy(tower);
    expect(verifyFreeze(policy, { ...real, freeze: { ...real.freeze, at: -0 } })).toBe(false);
  });
});

describe('a freeze in a history', () => {
  const entry = (seq: number, prev: string, at = now): Entry => ({
    v: 1,
    signer: 'signer-1',
    seq,
    prev,
    at,
    policy: '0'.repeat(64),
    grounds: [],
    body: { kind: 'freeze', freeze: freezeBy(tower) },
  });
  const first = extend(emptyHistory(), entry(1, emptyHistory().head));
  if (first.kind === 'refused') throw new Error(first.why);

  it('stays, whatever follows', () => {
    expect(first.history.freezes[0]?.freeze.why).toBe('an uncovered spend');
    const second = extend(first.history, entry(2, first.hash));
    expect(second.kind === 'extended' && second.history.freezes).toEqual(first.history.freezes);
  });

  it.each([
    ['a number left out', entry(3, first.hash), 'gap'],
    ['the same number again', entry(1, emptyHistory().head), 'gap'],
    ['after another entry', entry(2, 'f'.repeat(64)), 'fork'],
    ['earlier than the one before', entry(2, first.hash, now - 1), 'time-goes-back'],
  ])('%s does not extend a journal', (_what, next, why) => {
    expect(extend(first.history, next)).toEqual({ kind: 'refused', why });
  });
});
