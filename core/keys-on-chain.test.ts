/** The chain lets other keys act for a wallet than the policy pins: a rotation's spare pays, a thief's key stops every payment, and coins go home all the same. */
import { describe, expect, it } from 'vitest';
import {
  controlledBy,
  controlOf,
  controlText,
  everyKey,
  judge,
  sameControl,
  type Control,
  type Policy,
  type Wallet,
} from './index.ts';
import { control, evacuationCase, now, paymentCase, policy, requestFor, why, xem } from './testing/house.ts';

const [hot] = policy.wallets;
if (!hot) throw new Error('the test policy has a hot wallet');
const spares: NonNullable<Wallet['spares']> = [
  { publicKey: 's1', signer: 'signer-3' },
  { publicKey: 's2', signer: null },
];
const wallet: Wallet = { ...hot, spares };
const of = (threshold: number, ...keys: string[]): Control => ({ threshold, keys });

describe('what the chain says of an account as the policy has it', () => {
  it('is its threshold and its keys, sorted', () => {
    expect(controlOf({ ...hot, cosigners: hot.cosigners.toReversed() })).toEqual(of(2, 'c1', 'c2', 'c3'));
  });

  it('is nothing where its own key acts', () => {
    const single = { publicKey: 'own', threshold: 1, cosigners: [{ publicKey: 'own', signer: 'signer-1' }] };
    expect(controlOf(single)).toEqual(of(0));
    // One cosigner that is another key is a multisig account all the same.
    expect(controlOf({ ...single, publicKey: 'account' })).toEqual(of(1, 'own'));
    // Nor is it nothing where the account's own key is one of two.
    const two = [...single.cosigners, { publicKey: 'second', signer: null }];
    expect(controlOf({ ...single, cosigners: two })).toEqual(of(1, 'own', 'second'));
  });

  it.each<[string, Control | null, Control | null, boolean]>([
    ['in another order', of(2, 'a', 'b'), of(2, 'b', 'a'), true],
    ['another threshold', of(2, 'a', 'b'), of(1, 'a', 'b'), false],
    ['another key', of(2, 'a', 'b'), of(2, 'a', 'c'), false],
    ['one key for two', of(2, 'a', 'b'), of(2, 'ab'), false],
    ['one that nobody knows', of(2, 'a'), null, false],
    ['two that nobody knows', null, null, false],
  ])('%s: alike %s', (_what, one, other, alike) => {
    expect(sameControl(one, other)).toBe(alike);
    expect(sameControl(other, one)).toBe(alike);
  });
});

describe('keys that act', () => {
  it.each<[string, Control, readonly string[], readonly string[]]>([
    ['those of the policy', of(2, 'c1', 'c2', 'c3'), ['c1', 'c2', 'c3'], ['s1', 's2']],
    ['in any order', of(2, 'c3', 'c1', 'c2'), ['c1', 'c2', 'c3'], ['s1', 's2']],
    ['an online spare for an online key', of(2, 'c1', 's1', 'c3'), ['c1', 'c3', 's1'], ['s2']],
    ['a vault’s spare for a vault’s key', of(2, 'c1', 'c2', 's2'), ['c1', 'c2', 's2'], ['s1']],
    ['both', of(2, 'c1', 's1', 's2'), ['c1', 's1', 's2'], []],
  ])('%s', (_what, given, keys, left) => {
    const acting = controlledBy(wallet, given);
    expect(acting?.cosigners.map(({ publicKey }) => publicKey)).toEqual(keys);
    expect(acting?.spares?.map(({ publicKey }) => publicKey)).toEqual(left);
  });

  it.each<[string, Control]>([
    ['a thief’s in the place of one', of(2, 'c1', 'c2', 'thief')],
    ['a thief’s in the place of one, beside a spare', of(2, 'c1', 's1', 'thief')],
    ['a thief’s besides', of(2, 'c1', 'c2', 'c3', 'thief')],
    ['one fewer', of(2, 'c1', 'c2')],
    ['a spare besides', of(2, 'c1', 'c2', 'c3', 's1')],
    ['a spare named twice', of(2, 'c1', 'c3', 's1', 's1')],
    ['one of ours named twice', of(2, 'c1', 'c1', 'c2', 'c3')],
    ['a lower threshold', of(1, 'c1', 'c2', 'c3')],
    ['a lower threshold, with a spare', of(1, 'c1', 's1', 'c3')],
    ['a vault’s spare for an online key', of(2, 'c1', 's2', 'c3')],
    ['an online spare for a vault’s key', of(2, 'c1', 'c2', 's1')],
    ['the account’s own', of(0)],
  ])('%s: not ours', (_what, given) => {
    expect(controlledBy(wallet, given)).toBe(undefined);
  });

  it('the account’s own, where it is the only one that the policy has', () => {
    const single: Wallet = { ...hot, threshold: 1, cosigners: [{ publicKey: 'hot', signer: 'signer-1' }] };
    expect(controlledBy(single, of(0))).toEqual(single);
  });

  it('a wallet without spares has no other keys', () => {
    expect(controlledBy(hot, of(2, 'c1', 's1', 'c3'))).toBe(undefined);
    expect(everyKey(hot)).toEqual(hot.cosigners);
    expect(everyKey(wallet)).toEqual([...hot.cosigners, ...spares]);
  });
});

describe('a payment, judged by who acts', () => {
  const withSpares: Policy = {
    ...policy,
    wallets: policy.wallets.map((one) => (one.id === 'hot' ? wallet : one)),
  };
  const judged = (given: Control | null, signer = 'signer-1', key = 'c1') =>
    judge(
      paymentCase([requestFor()], {
        spend: { signer: key },
        case: {
          policy: withSpares,
          signer,
          witnessed: { at: now, balance: xem('50000'), control: given, dead: new Set() },
        },
      }),
    );

  it.each<[string, Control | null, string, string, string]>([
    ['a key of the policy', control, 'signer-1', 'c1', 'approved'],
    ['a key that is left after a rotation', of(2, 'c1', 's1', 'c3'), 'signer-1', 'c1', 'approved'],
    ['the spare, after it', of(2, 'c1', 's1', 'c3'), 'signer-3', 's1', 'approved'],
    ['the spare, before it', control, 'signer-3', 's1', 'not-a-cosigner'],
    ['the key that is gone', of(2, 'c1', 's1', 'c3'), 'signer-2', 'c2', 'not-a-cosigner'],
    ['beside a thief’s key', of(2, 'c1', 'c2', 'thief'), 'signer-1', 'c1', 'keys-on-chain'],
    ['where the watchtowers do not say', null, 'signer-1', 'c1', 'keys-on-chain'],
  ])('%s', (_what, given, signer, key, expected) => {
    expect(why(judged(given, signer, key))).toBe(expected);
  });

  it('the refusal names the keys, or says that nobody does', () => {
    const foreign = of(2, 'thief', 'c1');
    expect(judged(foreign)).toMatchObject({
      detail: expect.stringContaining(controlText(foreign)) as string,
    });
    expect(judged(null)).toMatchObject({ detail: expect.stringContaining('no quorum') as string });
  });

  it('coins go home whoever acts', () => {
    for (const given of [null, of(2, 'c1', 'c2', 'thief')]) {
      const evacuation = evacuationCase();
      const witnessed = { ...evacuation.witnessed, control: given };
      expect(why(judge({ ...evacuation, witnessed }))).toBe('approved');
    }
  });
});
