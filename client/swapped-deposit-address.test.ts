/** Custody is taken over and answers what the thief wants. Nothing that no quorum of pinned watchtowers vouched for is shown. */
import {
  generateSigningKey,
  policyDigest,
  signStatement,
  XEM,
  type Policy,
  type SignedVoucher,
} from '@kuramori/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policy as base } from '../signers/testing/desk.ts';
import { vouch } from '../watchtower/vouch.ts';
import { vouchedDeposit, type DepositPins } from './index.ts';

const towers = [1, 2, 3].map(() => generateSigningKey());
const thief = generateSigningKey();
const policy = { ...base, watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) } };
const [exchange = ''] = policy.exchanges.map(({ id }) => id);
const [hot] = policy.wallets;
const now = 1_790_000_000_000;
const pins: DepositPins = { network: policy.network, exchange, watchtowers: policy.watchtowers };

/** What a watchtower answers when custody asks. */
function ask(tower: number, more: { customer?: string; number?: number; at?: number } = {}): SignedVoucher {
  const key = towers[tower];
  if (!key) throw new Error('no such watchtower');
  const { customer = 'alice', number = 0, at = now } = more;
  const digest = policyDigest(policy);
  const answer = vouch(
    { policy, digest, standing: [policy], key, frozen: () => false, now: () => at, lookAt: () => null },
    { exchange, customer, number, asset: XEM },
  );
  if (answer.kind === 'refused') throw new Error(answer.detail);
  return answer.voucher;
}

/** Signed by whoever is asked to, with what the thief wants in it. */
function forged(by: typeof thief, voucher: SignedVoucher['voucher'], claims = by.publicKey): SignedVoucher {
  return { voucher, watchtower: claims, signature: signStatement(by, 'voucher', voucher) };
}

const shown = (answer: unknown, customer = 'alice', given = pins) =>
  vouchedDeposit(given, customer, answer, now);
const thiefs = { address: 'TTHIEFTHIEFTHIEFTHIEFTHIEFTHIEFTHIEFTHIE', memo: '541061829292567' };
const swapped = (voucher: SignedVoucher): SignedVoucher => ({
  ...voucher,
  voucher: { ...voucher.voucher, place: thiefs },
});

describe('what an honest custody hands out', () => {
  it('is shown: the pinned wallet and the customer’s own message', () => {
    const answer = { address: hot?.address, message: 'whatever', vouchers: [ask(0), ask(1)] };
    const found = shown(answer);
    expect(found).toMatchObject({ kind: 'vouched', customer: 'alice', asset: XEM, address: hot?.address });
    expect(found).toMatchObject({ message: ask(0).voucher.place.memo });
  });
  it('a silent watchtower, and one that talks nonsense, stop nobody', () => {
    const answer = { vouchers: [{ nonsense: true }, ask(2), null, swapped(ask(1)), ask(0)] };
    expect(shown(answer)).toMatchObject({ kind: 'vouched', address: hot?.address });
  });
});

describe('what a taken custody hands out is not shown', () => {
  const attacks: readonly (readonly [what: string, vouchers: () => readonly unknown[], why: RegExp])[] = [
    ['its own address, with no voucher', () => [], /0 of the 2/],
    [
      'its own address, under genuine signatures',
      () => [swapped(ask(0)), swapped(ask(1))],
      /has not signed it/,
    ],
    [
      'its own address, signed by keys that nobody pinned',
      () => [thief, generateSigningKey()].map((key) => forged(key, { ...ask(0).voucher, place: thiefs })),
      /is not pinned/,
    ],
    [
      'its own address, in the name of pinned keys',
      () => towers.map(({ publicKey }) => forged(thief, { ...ask(0).voucher, place: thiefs }, publicKey)),
      /has not signed it/,
    ],
    [
      'its own address by one watchtower that is taken too, beside one honest',
      () => [forged(towers[0] ?? thief, { ...ask(0).voucher, place: thiefs }), ask(1)],
      /1 of the 2/,
    ],
    [
      'another customer’s message: an accomplice’s, genuinely vouched for',
      () => [ask(0, { customer: 'mallory' }), ask(1, { customer: 'mallory' })],
      /about customer mallory, not alice/,
    ],
    [
      'an old voucher for another customer',
      () => [0, 1].map((tower) => ask(tower, { customer: 'mallory', at: now - 86_400_000 })),
      /about customer mallory/,
    ],
    [
      'the customer’s own place of last year, whose wallet may be a thief’s by now',
      () => [0, 1].map((tower) => ask(tower, { at: now - 365 * 86_400_000 })),
      /too old/,
    ],
    [
      'a voucher from the future, to be good for long',
      () => [0, 1].map((tower) => ask(tower, { at: now + 3_600_000 })),
      /ahead/,
    ],
    ['one watchtower below the quorum', () => [ask(0)], /1 of the 2/],
    ['one watchtower twice', () => [ask(0), ask(0)], /1 of the 2/],
    [
      'one watchtower twice, in other letters',
      () => [ask(0), { ...ask(0), watchtower: ask(0).watchtower.toUpperCase() }],
      /1 of the 2/,
    ],
    ['two that do not mean the same place', () => [ask(0), ask(1, { number: 1 })], /1 of the 2/],
    [
      'a statement of another kind by a pinned key',
      () =>
        [0, 1].map((tower) => {
          const { voucher, watchtower } = ask(tower);
          return { voucher, watchtower, signature: signStatement(towers[tower] ?? thief, 'freeze', voucher) };
        }),
      /has not signed it/,
    ],
    ['more vouchers than there can be', () => Array.from({ length: 65 }, () => ask(0)), /no vouchers/],
  ];
  it.each(attacks)('%s', (_what, vouchers, why) => {
    const answer = { customer: 'alice', address: thiefs.address, message: thiefs.memo, vouchers: vouchers() };
    expect(shown(answer)).toMatchObject({ kind: 'refused', why: expect.stringMatching(why) });
  });

  it('for another network, exchange or asset', () => {
    const vouchers = [ask(0), ask(1)];
    expect(shown({ vouchers }, 'alice', { ...pins, network: 'mainnet' })).toMatchObject({ kind: 'refused' });
    expect(shown({ vouchers }, 'alice', { ...pins, exchange: 'exchange-9' })).toMatchObject({
      kind: 'refused',
    });
    expect(vouchedDeposit(pins, 'alice', { vouchers }, now, 'nem:other')).toMatchObject({ kind: 'refused' });
  });
  it('a quorum that was pinned too low is not taken at its word', () => {
    const careless = { ...pins, watchtowers: { ...pins.watchtowers, quorum: 0 } };
    expect(shown({ vouchers: [] }, 'alice', careless)).toMatchObject({ kind: 'refused' });
    expect(shown({ vouchers: [ask(0)] }, 'alice', careless)).toMatchObject({ kind: 'refused' });
    const nobody = { ...pins, watchtowers: { quorum: 0, keys: [] } };
    expect(shown({ vouchers: [] }, 'alice', nobody)).toMatchObject({ kind: 'refused' });
  });
  it('any answer at all: refused or vouched for, and never an exception', () => {
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.anything()), (answer, vouchers) => {
        expect(shown(answer).kind).toBe('refused');
        expect(shown({ vouchers }).kind).toBe('refused');
      }),
    );
  });
});

describe('a watchtower cannot be made to vouch', () => {
  const tower = towers[0] ?? thief;
  const state = {
    policy,
    digest: policyDigest(policy),
    key: tower,
    standing: [policy],
    frozen: () => false,
    now: () => now,
    lookAt: () => null,
  };
  const asked = { exchange, customer: 'alice', number: 0, asset: XEM };
  it('for an address: who asks can name none', () => {
    const more = { ...asked, address: thiefs.address, place: thiefs, wallet: 'thiefs' };
    expect(vouch(state, more)).toMatchObject({
      voucher: { voucher: { wallet: hot?.id, place: { address: hot?.address } } },
    });
  });
  it('for an exchange that the policy does not name', () => {
    expect(vouch(state, { ...asked, exchange: 'thief' })).toMatchObject({
      kind: 'refused',
      why: 'unknown-exchange',
    });
  });
  it('once it has frozen', () => {
    expect(vouch({ ...state, frozen: () => true }, asked)).toMatchObject({ kind: 'refused', why: 'frozen' });
  });
});

describe('a watchtower names a wallet that takes another’s place', () => {
  const asked = { exchange, customer: 'alice', number: 0, asset: XEM };
  const [first] = policy.wallets;
  if (!first) throw new Error('the policy has a wallet');
  const second = { ...first, id: 'hot-2', address: thiefs.address };
  const rules = [first, second].flatMap(({ id }) => policy.rules.map((rule) => ({ ...rule, wallet: id })));
  const waiting: Policy = { ...policy, wallets: [first, second], rules };
  const named: Policy = { ...waiting, wallets: [{ ...first, successor: 'hot-2' } as typeof first, second] };
  const vouchedBy = (...standing: readonly [Policy, ...Policy[]]) => {
    const [inForce] = standing;
    const state = {
      policy: inForce,
      digest: policyDigest(inForce),
      standing,
      key: towers[0] as typeof thief,
    };
    const answer = vouch({ ...state, frozen: () => false, now: () => now, lookAt: () => null }, asked);
    return answer.kind === 'vouched' ? answer.voucher.voucher.wallet : answer.why;
  };

  it('at once where every version that counts has it, and never one that a waiting version alone has', () => {
    expect(vouchedBy(waiting, named)).toBe('hot-2');
    expect(vouchedBy(policy, named)).toBe('hot');
  });

  it('never one that was given up, whatever a waiting version says: its keys may be stolen', () => {
    expect(vouchedBy(named, waiting)).toBe('hot-2');
    const back = { ...waiting, wallets: [first, { ...second, successor: 'hot' } as typeof first] };
    expect(vouchedBy(named, back)).toBe('hot-2');
  });
});
