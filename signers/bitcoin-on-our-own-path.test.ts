/** Who has taken custody asks two co-signers for coins on Bitcoin: what they sign is what was asked for, once, and nothing beside it. */
import { afterEach, describe, expect, it } from 'vitest';
import { canonicalText, LTC, type PaymentAsk, type Refusal } from '@kuramori/core';
import {
  bitcoin,
  combine,
  planCancellation,
  planPayments,
  planReplacement,
  readTransaction,
  signaturesOf,
  type Payment,
  type Planned,
} from '@kuramori/chains/bitcoin/codec';
import { addressOf, asked, brought, cold, hot, keyOf, means, must, planned } from './testing/bitcoin.ts';
import { counter, ruleOf, whyNot, type Counter } from './testing/counter.ts';

const ltc = (text: number) => BigInt(text * 100_000_000);
const [alice, bob, thief] = ['alice', 'bob', 'thief'].map(addressOf) as [string, string, string];

let c: Counter | undefined;
afterEach(() => c?.[Symbol.dispose]());

function open(): Counter {
  c = counter({
    hot,
    cold,
    assets: [LTC],
    keys: () => [keyOf('c1'), keyOf('c2')],
    balance: ltc(100),
    rule: ruleOf(ltc),
  });
  return c;
}

const { previous, coins } = brought(ltc(5), ltc(5), ltc(7), ltc(9));
const payments: readonly Payment[] = [
  { address: alice, units: ltc(4) },
  { address: bob, units: ltc(6) },
];
const requestsFor = (here: Counter, of = payments) =>
  of.map(({ address, units }) => here.request({ to: address, units }));

describe('an honest custody', () => {
  it('has two payments in one transaction signed, by two signers who never met, into one that confirms', () => {
    const here = open();
    const plan = planned(coins, payments);
    const requests = requestsFor(here);
    const signatures = new Map(
      ([1, 2] as const).map((which) => {
        const key = hot.cosigners[which - 1]?.publicKey ?? '';
        const signature = here.signed(which, here.ask(which, asked(plan, which), requests), [previous]);
        if (typeof signature !== 'string') throw new Error(signature.detail);
        return [key, signature] as const;
      }),
    );
    const combined = combine(hot, plan.plan, signatures);
    if (combined.kind === 'refused') throw new Error(combined.why);
    expect(combined.id).toBe(plan.id);
    expect(readTransaction(combined.transaction)?.outputs).toHaveLength(3);
    // What a watchtower would read off it is what the journals record.
    const seen = signaturesOf(hot, combined.transaction, coins);
    for (const { signer, bytes } of seen?.signed ?? []) {
      const which = signer === hot.cosigners[0]?.publicKey ? 1 : 2;
      expect(here.signers[(which - 1) as 0 | 1].journal.from(1, 9)[0]?.entry.body).toMatchObject({
        share: bytes,
      });
    }
    expect(seen?.signed).toHaveLength(2);
  });

  it('gets the same signature when it asks again, and the records hold nothing of what proved the inputs', () => {
    const here = open();
    const plan = planned(coins, payments);
    const ask = here.ask(1, asked(plan, 1), requestsFor(here));
    expect(here.signed(1, ask, [previous])).toBe(here.signed(1, ask));
    const [record] = here.signers[0].journal.from(1, 9);
    expect(canonicalText({ ...record?.entry })).not.toContain(previous);
  });
});

describe('a taken custody', () => {
  /** The plan that a thief makes, for what the exchange has asked. */
  const cases: readonly (readonly [
    what: string,
    why: string,
    make: () => Planned,
    previous: readonly string[],
  ])[] = [
    [
      'pays a thief instead',
      'output-without-intent',
      () => planned(coins, [payments[0] ?? never(), { address: thief, units: ltc(6) }]),
      [previous],
    ],
    [
      'pays a thief as well',
      'output-without-intent',
      () => planned(coins, [...payments, { address: thief, units: ltc(1) }]),
      [previous],
    ],
    [
      'pays one of them less',
      'output-without-intent',
      () => planned(coins, [payments[0] ?? never(), { address: bob, units: ltc(6) - 1n }]),
      [previous],
    ],
    ['pays only one', 'intent-without-output', () => planned(coins, payments.slice(0, 1)), [previous]],
    [
      'pays one twice',
      'output-without-intent',
      () => planned(coins, [...payments, payments[0] ?? never()]),
      [previous],
    ],
    ['burns coins as fees', 'fee-over-cap', () => planned(coins, payments, 5_000_000n), [previous]],
    ['shows no transaction that brought the coins', 'bytes-refused', () => planned(coins, payments), []],
    [
      'shows another',
      'bytes-refused',
      () => planned(coins, payments),
      [brought(ltc(5), ltc(5), ltc(7), ltc(9)).previous],
    ],
    [
      'lies about what a coin holds',
      'bytes-refused',
      () =>
        planned(
          coins.map((coin) => ({ ...coin, units: coin.units - ltc(1) })),
          payments,
        ),
      [previous],
    ],
  ];
  it.each(cases)('%s: %s', (_what, why, make, shown) => {
    const here = open();
    const plan = make();
    for (const which of [1, 2] as const)
      expect(whyNot(here.signed(which, here.ask(which, asked(plan, which), requestsFor(here)), shown))).toBe(
        why,
      );
  });

  it('has the change go to itself', () => {
    const here = open();
    // Its own wallet's change, which is none of ours.
    const other = { ...cold, id: 'hot' };
    const plan = must(planPayments({ ...means(coins), wallet: other, payments }));
    const share = asked(planned(coins, payments), 1).share;
    expect(
      whyNot(here.signed(1, here.ask(1, { plan: plan.plan, share }, requestsFor(here)), [previous])),
    ).toBe('bytes-refused');
  });

  it('alters one byte of what was planned, anywhere', () => {
    const here = open();
    const plan = planned(coins, payments);
    const requests = requestsFor(here);
    const { share } = asked(plan, 1);
    for (let at = 0; at < plan.plan.length; at += 97) {
      const digit = (Number.parseInt(plan.plan[at] ?? '0', 16) ^ 1).toString(16);
      const altered = plan.plan.slice(0, at) + digit + plan.plan.slice(at + 1);
      expect(whyNot(here.signed(1, here.ask(1, { plan: altered, share }, requests), [previous]))).not.toBe(
        'signed',
      );
    }
    expect(whyNot(here.signed(1, here.ask(1, asked(plan, 1), requests), [previous]))).toBe('signed');
  });

  it('tells of another asset’s balance, or asks one signer for the other’s signature', () => {
    const here = open();
    const plan = planned(coins, payments);
    const lie = { balance: { asset: 'bitcoin:btc' as typeof LTC, units: ltc(1_000_000) } };
    expect(whyNot(here.signed(1, here.ask(1, asked(plan, 1), requestsFor(here), lie), [previous]))).toBe(
      'facts-below-quorum',
    );
    expect(whyNot(here.signed(1, here.ask(1, asked(plan, 2), requestsFor(here)), [previous]))).toBe(
      'signs-with-another-key',
    );
  });
});

describe('one payment, many transactions', () => {
  const sign = (here: Counter, plan: Planned, requests: ReturnType<typeof requestsFor>): string | Refusal =>
    here.signed(1, here.ask(1, asked(plan, 1), requests), [previous]);
  const one = payments.slice(0, 1);

  it('another that shares no coin with the first is refused: both would pay', () => {
    const here = open();
    const requests = requestsFor(here, one);
    expect(whyNot(sign(here, planned(coins.slice(0, 1), one), requests))).toBe('signed');
    expect(whyNot(sign(here, planned(coins.slice(1, 2), one), requests))).toBe('paid-by-another-transaction');
  });

  it('a replacement with a higher fee is signed; then the first is not let go any more', () => {
    const here = open();
    const requests = requestsFor(here, one);
    const first = planned(coins.slice(0, 1), one);
    const ask = here.ask(1, asked(first, 1), requests);
    const record = here.signers[0].signer.propose({ ...ask, previous: [previous] });
    const second = must(
      planReplacement({
        ...means(coins.slice(1), 60_000n),
        first: first.plan,
        replacedFees: first.fees,
        payments: one,
      }),
    );
    expect(bitcoin.conflict(hot, first.plan, second.plan)).toBe(true);
    expect(whyNot(sign(here, second, requests))).toBe('signed');
    if (record.kind === 'refused') throw new Error(record.detail);
    expect(whyNot(here.signed(1, ask, [previous]))).toBe('superseded');
  });

  it('a third that excludes the second alone is refused: it and the first would both pay', () => {
    const here = open();
    // All that the first coin holds but a small fee: a higher one takes another coin.
    const nearly: readonly Payment[] = [{ address: alice, units: ltc(5) - 10_000n }];
    const requests = requestsFor(here, nearly);
    const first = planned(coins.slice(0, 1), nearly);
    expect(whyNot(sign(here, first, requests))).toBe('signed');
    const second = must(
      planReplacement({
        ...means(coins.slice(1, 2), 90_000n),
        first: first.plan,
        replacedFees: first.fees,
        payments: nearly,
      }),
    );
    // It took a second coin, or nothing is shown here.
    expect(second.inputs).toHaveLength(2);
    expect(whyNot(sign(here, second, requests))).toBe('signed');
    const third = planned(coins.slice(1, 2), nearly);
    expect(bitcoin.conflict(hot, second.plan, third.plan)).toBe(true);
    expect(bitcoin.conflict(hot, first.plan, third.plan)).toBe(false);
    expect(whyNot(sign(here, third, requests))).toBe('paid-by-another-transaction');
  });

  it('a replacement costs no more of the day’s limit than the first', () => {
    const here = open();
    const big: readonly Payment[] = [{ address: alice, units: ltc(19) }];
    const { previous: shown, coins: rich } = brought(ltc(20), ltc(20), ltc(20), ltc(20));
    const pay = (plan: Planned, requests: ReturnType<typeof requestsFor>) =>
      whyNot(here.signed(1, here.ask(1, asked(plan, 1), requests), [shown]));
    const requests = requestsFor(here, big);
    const first = planned(rich.slice(0, 1), big);
    expect(pay(first, requests)).toBe('signed');
    const again = must(
      planReplacement({
        ...means(rich.slice(3), 60_000n),
        first: first.plan,
        replacedFees: first.fees,
        payments: big,
      }),
    );
    expect(pay(again, requests)).toBe('signed');
    expect(pay(planned(rich.slice(1, 2), big), requestsFor(here, big))).toBe('signed');
    expect(pay(planned(rich.slice(2, 3), big), requestsFor(here, big))).toBe('signed');
    expect(pay(planned(rich.slice(3, 4), big), requestsFor(here, big))).toBe('over-rolling-limit');
  });

  it('a cancellation pays nobody, so nobody has asked for it', () => {
    const here = open();
    const requests = requestsFor(here, one);
    const first = planned(coins.slice(0, 1), one);
    expect(whyNot(sign(here, first, requests))).toBe('signed');
    const back = must(
      planCancellation({ ...means([], 60_000n), first: first.plan, replacedFees: first.fees }),
    );
    expect(whyNot(sign(here, back, requests))).toBe('intent-without-output');
  });
});

describe('after a theft', () => {
  const all = coins.reduce((sum, { units }) => sum + units, 0n);
  /** Everything to one address, less the fee. */
  const everything = (to: string, fee = 100_000n) =>
    planned(coins, [{ address: to, units: all - fee }], 5_000n);
  const theft = () => {
    const plan = planned(coins.slice(0, 2), [{ address: thief, units: ltc(9) }]);
    const key = keyOf('c2');
    const { share } = asked(plan, 2);
    const signature = key.sign(plan.plan, share);
    // As a watchtower reads it off the thief's transaction.
    const combined = combine(
      hot,
      plan.plan,
      new Map([
        [key.publicKey, signature],
        [keyOf('c3').publicKey, keyOf('c3').sign(plan.plan, plan.shares[2]?.share ?? '')],
      ]),
    );
    if (combined.kind === 'refused') throw new Error(combined.why);
    const seen = signaturesOf(hot, combined.transaction, coins)?.signed.find(
      ({ signer }) => signer === key.publicKey,
    );
    if (!seen) throw new Error('the theft shows no signature');
    return { bytes: seen.bytes, signer: seen.signer, signature: seen.signature };
  };

  it('everything goes to the pinned cold address, and nowhere else, by what the stolen key has signed', () => {
    const here = open();
    const [home, away] = [everything(cold.address), everything(thief)];
    const moved = { units: all - 100_000n, number: 1 };
    const ask = (plan: Planned, to?: string, stolen = theft()) =>
      here.signed(
        1,
        here.home(1, { ...asked(plan, 1), fees: plan.fees }, { ...moved, ...(to ? { to } : {}) }, stolen),
        [previous],
      );
    expect(whyNot(ask(home))).toBe('not-frozen');
    here.freeze();
    expect(whyNot(ask(away, thief))).toBe('destination-not-pinned');
    const { bytes, signer, signature } = theft();
    expect(whyNot(ask(home, undefined, { bytes, signer, signature: `${signature.slice(0, -2)}00` }))).toBe(
      'evidence-signature',
    );
    expect(whyNot(ask(home, undefined, { bytes, signer: keyOf('c1').publicKey, signature }))).toBe(
      'evidence-signature',
    );
    expect(whyNot(ask(home))).toBe('signed');
  });

  it('what this signer has let go itself is no evidence', () => {
    const here = open();
    const plan = planned(coins, payments);
    const ask: PaymentAsk = here.ask(1, asked(plan, 1), requestsFor(here));
    const signature = here.signed(1, ask, [previous]);
    if (typeof signature !== 'string') throw new Error(signature.detail);
    const other = keyOf('c3');
    const combined = combine(
      hot,
      plan.plan,
      new Map([
        [keyOf('c1').publicKey, signature],
        [other.publicKey, other.sign(plan.plan, plan.shares[2]?.share ?? '')],
      ]),
    );
    if (combined.kind === 'refused') throw new Error(combined.why);
    const mine = signaturesOf(hot, combined.transaction, coins)?.signed.find(
      ({ signer }) => signer === keyOf('c1').publicKey,
    );
    here.freeze();
    const home = everything(cold.address);
    const stolen = { bytes: mine?.bytes ?? '', signer: mine?.signer ?? '', signature: mine?.signature ?? '' };
    expect(
      whyNot(
        here.signed(
          1,
          here.home(1, { ...asked(home, 1), fees: home.fees }, { units: all - 100_000n, number: 1 }, stolen),
          [previous],
        ),
      ),
    ).toBe('evidence-is-covered');
  });
});

function never(): never {
  throw new Error('there are two payments');
}
