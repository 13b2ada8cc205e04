import { describe, expect, it } from 'vitest';
import {
  addressAt,
  bitcoin,
  descriptorOf,
  outpointText,
  planApart,
  planCancellation,
  planChild,
  planPayments,
  planReplacement,
  rateToReplace,
  traceOf,
} from './index.ts';
import { readPlan } from './draft.ts';
import { leastRate } from './network.ts';
import { fundedBy, meansOf } from './testing/coins.ts';
import { mustPlan } from './testing/signed.ts';
import { heldWallet } from './testing/wallet.ts';
import { feeOf, weightOf } from './weight.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet, network } = held;
const descriptor = descriptorOf(wallet);
const { coins, previous } = fundedBy(held, [500_000n, 400_000n, 300_000n, 200_000n, 30_000n]);
const to = (index: number) => addressAt(heldWallet(1, [9]).wallet, network, 0, index);
const payments = [0, 1, 2].map((index) => ({ address: to(index), units: 100_000n + BigInt(index) }));
const means = meansOf(held, coins);
const first = mustPlan(planPayments({ ...means, payments }));
const again = { ...means, first: first.plan, replacedFees: first.fees, change: 2 };

const explain = (plan: string, share = '') => bitcoin.explainShare(wallet, plan, share, network, previous);
const paidBy = (planned: typeof first): readonly bigint[] => {
  const explained = explain(planned.plan, planned.shares[0]?.share);
  if (explained.kind !== 'spend') throw new Error(JSON.stringify(explained));
  return explained.spend.outputs.map(({ units }) => units);
};

describe('what takes the place of a transaction', () => {
  it.each([3, 2, 1, 0])('spends every coin of it, and pays %i of its payments', (kept) => {
    for (const feeRate of [6_000n, 20_000n, 200_000n]) {
      const next = mustPlan(planReplacement({ ...again, payments: payments.slice(0, kept), feeRate }));
      expect(bitcoin.conflict(wallet, first.plan, next.plan)).toBe(true);
      const spent = new Set(next.inputs.map(outpointText));
      expect(first.inputs.every((coin) => spent.has(outpointText(coin)))).toBe(true);
      expect(paidBy(next)).toEqual(payments.slice(0, kept).map(({ units }) => units));
      // BIP 125, rules 3 and 4.
      const read = readPlan(descriptor, next.plan);
      if (read.kind === 'refused') throw new Error(read.why);
      const weight = weightOf(descriptor, read.draft.inputs.length, read.draft.outputs);
      expect(next.fees).toBeGreaterThanOrEqual(first.fees + feeOf(weight, leastRate));
      expect(next.fees).toBeGreaterThanOrEqual(feeOf(weight, feeRate));
      expect(next.change).not.toBeNull();
    }
  });

  it('pays nothing that the first does not pay', () => {
    const refused = (changed: typeof payments) =>
      planReplacement({ ...again, payments: changed, feeRate: 9_000n });
    const [one, two] = payments;
    if (!one || !two) throw new Error('payments');
    expect(refused([one, { ...two, units: two.units + 1n }])).toMatchObject({ field: 'payments.1' });
    expect(refused([one, { ...two, address: to(7) }])).toMatchObject({ field: 'payments.1' });
    expect(refused([one, one])).toMatchObject({ field: 'payments.1' });
    // Nor what was change.
    const change = { address: addressAt(wallet, network, 1, 1), units: first.change?.units ?? 0n };
    expect(refused([one, change])).toMatchObject({ field: 'payments.1' });
  });

  it('costs more, by its rate and in all', () => {
    expect(planReplacement({ ...again, payments, feeRate: 5_000n })).toMatchObject({ field: 'feeRate' });
    expect(
      planReplacement({ ...again, payments, feeRate: 9_000n, replacedFees: first.fees - 1n }),
    ).toMatchObject({ field: 'replacedFees' });
    const dear = mustPlan(planReplacement({ ...again, payments, feeRate: 9_000n, replacedFees: 100_000n }));
    expect(dear.fees).toBeGreaterThan(100_000n);
    const beyond = { ...again, payments, feeRate: 9_000n, replacedFees: 100_000_000n };
    expect(planReplacement(beyond)).toMatchObject({ kind: 'refused', field: 'coins' });
  });

  it('spends nothing that the first would have given back', () => {
    const { change } = first;
    if (!change) throw new Error('no change');
    const richer = { ...again, coins: [...coins, { ...change, units: 90_000_000n }], payments };
    // Only with those would there be enough.
    const dear = planReplacement({ ...richer, feeRate: 9_000n, replacedFees: 10_000_000n });
    expect(dear).toMatchObject({ kind: 'refused', field: 'coins' });
    const next = mustPlan(planReplacement({ ...richer, feeRate: 9_000n }));
    expect(next.inputs.some(({ txid }) => txid === first.id)).toBe(false);
  });

  it('costs what the least rate says, and no less', () => {
    const least = rateToReplace(wallet, first.plan) ?? 0n;
    expect(planReplacement({ ...again, payments, feeRate: least }).kind).toBe('planned');
    expect(planReplacement({ ...again, payments, feeRate: least - 1n })).toMatchObject({ field: 'feeRate' });
    expect(rateToReplace(wallet, '00')).toBeUndefined();
  });

  it('goes apart with one coin of the first, the smallest that is enough, and never without', () => {
    const spent = new Set(first.inputs.map(outpointText));
    const beside = coins.filter((coin) => !spent.has(outpointText(coin)));
    const apart = (units: bigint, from: typeof coins) =>
      planApart({
        ...means,
        coins: from,
        first: first.plan,
        payments: [{ address: to(0), units }],
        feeRate: 2_000n,
      });
    expect(first.inputs.length).toBeGreaterThan(0);
    for (const units of [10_000n, 150_000n, 390_000n]) {
      const alone = mustPlan(apart(units, coins));
      expect(bitcoin.conflict(wallet, first.plan, alone.plan)).toBe(true);
      expect(paidBy(alone)).toEqual([units]);
      const enough = first.inputs.filter((coin) => coin.units > units + 2_000n);
      if (enough.length > 0)
        expect(alone.inputs.filter((one) => spent.has(outpointText(one)))).toHaveLength(1);
    }
    expect(apart(10_000n, beside)).toMatchObject({ kind: 'refused', field: 'coins' });
    expect(planApart({ ...means, first: '00', payments: [] })).toMatchObject({ field: 'first' });
  });

  it('of a second, conflicts with the first as well', () => {
    const second = mustPlan(planReplacement({ ...again, payments: payments.slice(1), feeRate: 60_000n }));
    const third = mustPlan(
      planCancellation({
        ...again,
        first: second.plan,
        replacedFees: second.fees,
        feeRate: 90_000n,
        change: 3,
      }),
    );
    for (const before of [first, second])
      expect(bitcoin.conflict(wallet, before.plan, third.plan)).toBe(true);
    expect(paidBy(third)).toEqual([]);
  });

  it('is no plan that cannot be read, and two that share nothing do not conflict', () => {
    expect(planReplacement({ ...again, first: '00', payments, feeRate: 9_000n })).toMatchObject({
      field: 'first',
    });
    const spent = new Set(first.inputs.map(outpointText));
    const others = coins.filter((coin) => !spent.has(outpointText(coin)));
    const elsewhere = mustPlan(
      planPayments({ ...means, coins: others, payments: [{ address: to(0), units: 20_000n }] }),
    );
    expect(bitcoin.conflict(wallet, first.plan, elsewhere.plan)).toBe(false);
    for (const bytes of ['', '00', 'zz', first.plan.slice(2)])
      expect([
        bitcoin.conflict(wallet, first.plan, bytes),
        bitcoin.conflict(wallet, bytes, first.plan),
      ]).toEqual([false, false]);
    expect(bitcoin.conflict({ ...wallet, descriptor: 'wsh()' }, first.plan, first.plan)).toBe(false);
  });
});

describe('a child that pays for its parent', () => {
  it('spends its change, and both together pay the rate', () => {
    const child = mustPlan(
      planChild({ ...means, parent: first.plan, coins: [], feeRate: 50_000n, change: 2 }),
    );
    expect(child.inputs).toEqual([first.change]);
    expect(bitcoin.conflict(wallet, first.plan, child.plan)).toBe(false);
    const size = BigInt(first.size + child.size);
    expect(first.fees + child.fees).toBeGreaterThanOrEqual((size * 50_000n) / 1000n);
    expect(first.fees + child.fees).toBeLessThanOrEqual((size * 50_000n) / 1000n + 60n);
  });

  it('is refused where the parent pays that already, or has no change', () => {
    expect(planChild({ ...means, parent: first.plan, coins: [], feeRate: 2_000n, change: 2 })).toMatchObject({
      field: 'feeRate',
    });
    const [coin] = coins;
    if (!coin) throw new Error('no coin');
    const whole = mustPlan(
      planPayments({ ...means, coins: [coin], payments: [{ address: to(0), units: 498_000n }] }),
    );
    expect(whole.change).toBeNull();
    expect(planChild({ ...means, parent: whole.plan, coins: [], feeRate: 50_000n, change: 2 })).toMatchObject(
      { field: 'parent' },
    );
  });
});

describe('a trace', () => {
  it('names the one id and every coin', () => {
    expect(traceOf(wallet, first.plan)).toEqual({
      ids: [first.id],
      spends: first.inputs.map(outpointText),
      validUntil: null,
    });
    expect(traceOf(wallet, '00')).toBeUndefined();
  });
});
