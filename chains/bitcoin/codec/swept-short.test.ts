/** A sweep takes every coin that is worth its fee, gives all of it to one address, and pays what the rate asks and hardly more. */
import { expect, it } from 'vitest';
import { descriptorOf, feeOf, planSweep, readPlan, weightOf, type Coin } from './index.ts';
import { chanceOf, seed } from './testing/chance.ts';
import { heldWallet } from './testing/wallet.ts';

const { wallet, network } = heldWallet(2, [1, 2, 3]);
const home = heldWallet(2, [4, 5, 6]).wallet.address;
const chance = chanceOf(seed);
const coinOf = (units: bigint): Coin => ({
  txid: chance.bytes(32).toHex(),
  vout: chance.below(9),
  units,
  branch: chance.below(2) as 0 | 1,
  index: chance.below(50),
});
const sweep = (coins: readonly Coin[], feeRate: bigint) =>
  planSweep({ wallet, network, coins, feeRate, lockTime: 0, seed: 'home', to: home });

it(`of any coins, at any rate (SEED=${seed})`, () => {
  let planned = 0;
  for (let round = 0; round < 60; round += 1) {
    const feeRate = BigInt(1_000 + chance.below(300_000));
    const coins = Array.from({ length: 1 + chance.below(40) }, () =>
      coinOf(BigInt(1 + chance.below(chance.below(3) === 0 ? 20_000 : 2_000_000_000))),
    );
    const result = sweep(coins, feeRate);
    if (result.kind === 'refused') {
      expect(coins.every(({ units }) => units < 300_000_000n)).toBe(true);
      continue;
    }
    planned += 1;
    const { plan, inputs, fees, change } = result.planned;
    const read = readPlan(descriptorOf(wallet), plan);
    if (read.kind === 'refused') throw new Error(read.why);
    const { outputs } = read.draft;
    expect([outputs.length, change]).toEqual([1, null]);
    expect(inputs.reduce((sum, { units }) => sum + units, 0n)).toBe((outputs[0]?.units ?? 0n) + fees);
    const due = feeOf(weightOf(descriptorOf(wallet), inputs.length, outputs), feeRate);
    expect(fees >= due && fees <= due + BigInt(inputs.length + 2) * (feeRate / 1_000n + 1n)).toBe(true);
    // Whatever is left behind is not worth what spending it costs.
    const cost =
      feeOf(weightOf(descriptorOf(wallet), 2, outputs), feeRate) -
      feeOf(weightOf(descriptorOf(wallet), 1, outputs), feeRate);
    const taken = new Set(inputs.map(({ txid }) => txid));
    for (const { txid, units } of coins)
      if (!taken.has(txid)) expect(units <= cost + feeRate / 1_000n + 1n).toBe(true);
  }
  expect(planned).toBeGreaterThan(30);
});

it('of more coins than one transaction takes, the largest', () => {
  const coins = Array.from({ length: 120 }, (_, at) => coinOf(1_000_000n + BigInt(at)));
  const result = sweep(coins, 1_000n);
  if (result.kind === 'refused') throw new Error(result.why);
  const { inputs } = result.planned;
  expect(inputs.length).toBeGreaterThan(50);
  expect(inputs.length).toBeLessThan(120);
  expect(inputs.every(({ units }) => units >= 1_000_000n + BigInt(120 - inputs.length))).toBe(true);
});

it('of nothing, of dust, to nowhere', () => {
  expect(sweep([], 1_000n)).toMatchObject({ kind: 'refused' });
  expect(sweep([coinOf(100n)], 1_000n)).toMatchObject({ kind: 'refused' });
  const nowhere = { wallet, network, coins: [coinOf(100_000n)], feeRate: 1_000n, lockTime: 0, seed: '' };
  expect(planSweep({ ...nowhere, to: 'nowhere' })).toMatchObject({
    kind: 'refused',
    field: 'payments.0.address',
  });
  expect(planSweep({ ...nowhere, feeRate: 1n, to: home })).toMatchObject({
    kind: 'refused',
    field: 'feeRate',
  });
});
