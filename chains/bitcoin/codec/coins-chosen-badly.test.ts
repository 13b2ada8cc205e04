import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressAt,
  bitcoin,
  descriptorOf,
  dustBelow,
  feeOf,
  planConsolidation,
  planPayments,
  weightOf,
  type Coin,
} from './index.ts';
import { readPlan } from './draft.ts';
import { branchAndBound, select, type Target } from './select.ts';
import { seed } from './testing/chance.ts';
import { fundedBy } from './testing/coins.ts';
import { heldWallet } from './testing/wallet.ts';
import { inputWeight } from './weight.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet, network, chain } = held;
const descriptor = descriptorOf(wallet);
const to = addressAt(heldWallet(1, [9]).wallet, network, 0, 0);
const numRuns = Number(process.env['KURAMORI_ROUNDS'] ?? 300);
const seeded = { seed, numRuns };

const coin = (units: bigint, at: number): Coin => ({
  txid: at.toString(16).padStart(64, '0'),
  vout: 0,
  units,
  branch: 0,
  index: at,
});

/** Small numbers, so that sums meet. */
const small = fc.record({
  units: fc.array(fc.bigInt(1n, 60n), { maxLength: 11 }),
  due: fc.bigInt(1n, 200n),
  inputFee: fc.bigInt(0n, 5n),
  laterInputFee: fc.bigInt(0n, 5n),
  changeFee: fc.bigInt(0n, 4n),
  leastChange: fc.bigInt(1n, 20n),
  mostInputs: fc.integer({ min: 1, max: 11 }),
});

/** Every set of coins. */
function* sets(coins: readonly Coin[]): Iterable<readonly Coin[]> {
  for (let bits = 0; bits < 2 ** coins.length; bits += 1) yield coins.filter((_, at) => (bits >> at) & 1);
}

const worth = (coins: readonly Coin[], { inputFee }: Pick<Target, 'inputFee'>) =>
  coins.reduce((sum, { units }) => sum + units - inputFee, 0n);

describe(`selection (SEED=${seed})`, () => {
  it('branch and bound finds the least waste of all sets without change or a coin too many, or that there is none', () => {
    let found = 0;
    fc.assert(
      fc.property(small, ({ units, ...rest }) => {
        const target: Target = { ...rest, seed: '' };
        const coins = units
          .map(coin)
          .filter((one) => one.units > target.inputFee)
          .sort((one, other) => Number(other.units - one.units));
        const exact = [...sets(coins)].filter((set) => {
          const over = worth(set, target) - target.due;
          return (
            over >= 0n &&
            over <= target.changeFee + target.laterInputFee &&
            set.length <= target.mostInputs &&
            // They come the largest first: without its smallest it must not pay.
            worth(set.slice(0, -1), target) < target.due
          );
        });
        const waste = (set: readonly Coin[]) =>
          BigInt(set.length) * (target.inputFee - target.laterInputFee) + worth(set, target) - target.due;
        const least = exact.map(waste).sort((one, other) => Number(one - other))[0];
        const picked = branchAndBound(coins, target);
        expect(picked && waste(picked)).toBe(least);
        if (picked) {
          found += 1;
          expect(new Set(picked).size).toBe(picked.length);
        }
      }),
      seeded,
    );
    expect(found).toBeGreaterThan(numRuns / 20);
  });

  it('never underpays, never makes small change, never takes a coin that costs more than it brings', () => {
    fc.assert(
      fc.property(small, ({ units, ...rest }) => {
        const target: Target = { ...rest, seed: 'x' };
        const coins = units.map(coin);
        const selection = select(coins, target);
        const all = coins.filter((one) => one.units > target.inputFee);
        const most = all
          .toSorted((one, other) => Number(other.units - one.units))
          .slice(0, target.mostInputs);
        // It fails only where the largest coins do not pay.
        expect(selection !== undefined).toBe(worth(most, target) >= target.due);
        if (!selection) return;
        const over = worth(selection.coins, target) - target.due;
        expect(selection.coins.length).toBeLessThanOrEqual(target.mostInputs);
        expect(selection.coins.every((one) => one.units > target.inputFee)).toBe(true);
        if (selection.change > 0n) {
          expect(selection.change).toBe(over - target.changeFee);
          expect(selection.change).toBeGreaterThanOrEqual(target.leastChange);
        } else {
          expect(over).toBeGreaterThanOrEqual(0n);
          expect(over).toBeLessThan(target.changeFee + target.leastChange);
        }
        expect(select(coins.toReversed(), target)).toEqual(selection);
      }),
      seeded,
    );
  });

  it('this test would notice a selection that underpays', () => {
    const target: Target = {
      due: 10n,
      inputFee: 2n,
      laterInputFee: 2n,
      changeFee: 1n,
      leastChange: 3n,
      mostInputs: 9,
      seed: '',
    };
    expect(worth([coin(11n, 0)], target) < target.due).toBe(true);
    expect(select([coin(11n, 0)], target)).toBeUndefined();
    expect(select([coin(12n, 0)], target)?.change).toBe(0n);
  });
});

describe('plans', () => {
  const amounts = fc.array(fc.bigInt(3_000n, 30_000_000n), { minLength: 1, maxLength: 40 });
  const wish = fc.record({
    amounts,
    payments: fc.array(fc.bigInt(dustBelow(Uint8Array.of(0, 32, ...new Uint8Array(32)), chain), 5_000_000n), {
      minLength: 1,
      maxLength: 5,
    }),
    feeRate: fc.bigInt(1_000n, 100_000n),
    usualRate: fc.bigInt(1_000n, 100_000n),
  });

  it('pay what is asked, at the rate or a little above, without dust, and what they say of themselves', () => {
    let plans = 0;
    fc.assert(
      fc.property(wish, (asked) => {
        const { coins, previous } = fundedBy(held, asked.amounts);
        const payments = asked.payments.map((units) => ({ address: to, units }));
        const means = { wallet, network, coins, change: 1, lockTime: 5, seed: 's' };
        const result = planPayments({ ...means, ...asked, payments });
        if (result.kind === 'refused') {
          expect(result.field).toBe('coins');
          return;
        }
        plans += 1;
        const { planned } = result;
        const read = readPlan(descriptor, planned.plan);
        if (read.kind === 'refused') throw new Error(read.why);
        const { inputs, outputs } = read.draft;
        const least = feeOf(weightOf(descriptor, inputs.length, outputs), asked.feeRate);
        expect(planned.fees).toBeGreaterThanOrEqual(least);
        // With change the fee is exact; without, what is left over is less than change would have been.
        const spending = feeOf(inputWeight(descriptor), asked.usualRate);
        const dust = dustBelow(outputs[0]?.script ?? new Uint8Array(0), chain);
        const slack = planned.change
          ? 0n
          : feeOf(4 * 43, asked.feeRate) + (spending > dust ? spending : dust) + 10n;
        expect(planned.fees - least).toBeLessThanOrEqual(slack);
        expect(outputs.every(({ script, units }) => units >= dustBelow(script, chain))).toBe(true);
        const share = planned.shares[0]?.share ?? '';
        const explained = bitcoin.explainShare(wallet, planned.plan, share, network, previous);
        expect(explained).toMatchObject({
          kind: 'spend',
          spend: { fees: planned.fees, transactionId: planned.id },
        });
        if (explained.kind === 'spend')
          expect(explained.spend.outputs.map(({ units }) => units)).toEqual(
            asked.payments.toSorted((a, b) => Number(a - b)),
          );
      }),
      { seed, numRuns: Math.min(numRuns, 100) },
    );
    expect(plans).toBeGreaterThan(20);
  });

  const { coins } = fundedBy(
    held,
    Array.from({ length: 90 }, (_, at) => 100_000n + BigInt(at)),
  );
  const means = {
    wallet,
    network,
    coins,
    feeRate: 1_000n,
    usualRate: 5_000n,
    change: 1,
    lockTime: 5,
    seed: 's',
  };
  const pay = [{ address: to, units: 50_000n }];

  it('consolidate the smallest while fees are low, and only then', () => {
    const result = planConsolidation(means);
    if (result.kind === 'refused') throw new Error(result.why);
    const { planned } = result;
    expect(planned.plan.length).toBeLessThanOrEqual(49_152);
    expect(planned.inputs.map(({ units }) => units).toSorted((a, b) => Number(a - b))).toEqual(
      coins.slice(0, planned.inputs.length).map(({ units }) => units),
    );
    expect(planned.inputs.length).toBeGreaterThan(50);
    expect(planConsolidation({ ...means, feeRate: 6_000n })).toMatchObject({
      kind: 'refused',
      field: 'feeRate',
    });
    expect(planConsolidation({ ...means, coins: coins.slice(0, 1) })).toMatchObject({ field: 'coins' });
  });

  it.each([
    ['payments', { payments: [] }],
    [
      'payments.0.address',
      { payments: [{ address: 'bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu', units: 50_000n }] },
    ],
    ['payments.0.units', { payments: [{ address: to, units: 100n }] }],
    ['coins', { payments: [{ address: to, units: 1_000_000_000n }] }],
    ['coins', { payments: [{ address: to, units: 8_500_000n }] }],
    ['coins', { coins: [] }],
    ['coins.90', { coins: [...coins, ...coins.slice(0, 1)] }],
    ['coins.0', { coins: [coin(0n, 0)] }],
    ['feeRate', { feeRate: 999n }],
    ['feeRate', { feeRate: 10_000_000n }],
    ['usualRate', { usualRate: 0n }],
    ['change', { change: 1_000_000 }],
    ['change', { change: 0.5 }],
    ['lockTime', { lockTime: 500_000_000 }],
    ['lockTime', { lockTime: -1 }],
  ])('a refusal names the field: %s', (field, changed) => {
    expect(planPayments({ ...means, payments: pay, ...changed })).toMatchObject({ kind: 'refused', field });
  });
});
