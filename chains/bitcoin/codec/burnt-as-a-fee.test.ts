/**
 * Whoever has one key of a wallet would have its coins burnt as fees: only what goes home may pay any fee, may not be replaced, and is
 * held by the codec against a theft that is signed by as many keys as it takes.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finalSequence, readPlan as read, sequence, writePlan, type Draft } from './draft.ts';
import {
  bitcoin,
  descriptorOf,
  highestRate,
  planPayments,
  planReplacement,
  planSweep,
  type Coin,
} from './index.ts';
import { chanceOf, seed, someAddress } from './testing/chance.ts';
import { fundedBy, meansOf } from './testing/coins.ts';
import { mustPlan } from './testing/signed.ts';
import { shareOf } from './share.ts';
import { heldWallet } from './testing/wallet.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet, network, chain } = held;
const descriptor = descriptorOf(wallet);
const { coins, previous } = fundedBy(held, [5_000_000n, 4_000_000n, 3_000_000n]);
const to = someAddress(chanceOf(seed), chain, network);
const swept = (some: readonly Coin[], more: { final?: boolean; feeRate?: bigint } = {}) =>
  planSweep({ wallet, network, coins: some, feeRate: 2_000n, lockTime: 7, seed: 'home', to, ...more });
const draftOf = (plan: string): Draft => {
  const found = read(descriptor, plan);
  if (found.kind === 'refused') throw new Error(found.why);
  return found.draft;
};
const explained = (plan: string) => {
  const found = read(descriptor, plan);
  if (found.kind === 'refused') return found;
  const key = wallet.cosigners[0]?.publicKey ?? '';
  return bitcoin.explainShare(wallet, plan, shareOf(found.psbt.transaction, key), network, previous);
};

describe('what may not be replaced', () => {
  it('is one output to one address, with a lock time that counts', () => {
    const { plan } = mustPlan(swept(coins, { final: true }));
    const found = read(descriptor, plan);
    if (found.kind === 'refused') throw new Error(found.why);
    const { transaction } = found.psbt;
    expect(transaction.inputs.map((input) => input.sequence)).toEqual(coins.map(() => finalSequence));
    expect([transaction.lockTime, found.draft.final]).toEqual([7, true]);
    // BIP 125 1: below 0xfffffffe it may be replaced. BIP 65: at 0xffffffff the lock time does not count.
    expect(finalSequence).toBe(0xffffffff - 1);
    expect(explained(plan)).toMatchObject({ kind: 'spend', spend: { outputs: [{ address: to }] } });
  });

  it('is neither two payments nor change, nor one input of several', () => {
    const draft = draftOf(
      mustPlan(planPayments({ ...meansOf(held, coins), payments: [{ address: to, units: 1_000_000n }] }))
        .plan,
    );
    expect(draft.outputs).toHaveLength(2);
    const written = writePlan(descriptor, { ...draft, final: true });
    expect(explained(written)).toMatchObject({
      why: expect.stringContaining('may not be replaced') as string,
    });
    const change = draft.outputs.filter((one) => one.change !== null);
    expect(explained(writePlan(descriptor, { ...draft, outputs: change, final: true })).kind).toBe('refused');
    // One input that says otherwise.
    const { plan } = mustPlan(swept(coins, { final: true }));
    const [a, b] = [finalSequence, sequence].map((one) =>
      new Uint8Array(new Uint32Array([one]).buffer).toHex(),
    );
    const bent = plan.replace(a ?? '', b ?? '');
    expect(bent).not.toBe(plan);
    expect(explained(bent).kind).toBe('refused');
  });

  it('is replaced by nobody of ours either: a taken custody’s would use up every plan of an intent, and no node takes one', () => {
    const { plan: first, fees: replacedFees } = mustPlan(swept(coins, { final: true }));
    const means = { ...meansOf(held, []), feeRate: 50_000n, first, replacedFees, payments: [] };
    expect(planReplacement(means)).toMatchObject({ kind: 'refused', field: 'first' });
    const usual = mustPlan(swept(coins)).plan;
    expect(planReplacement({ ...means, first: usual }).kind).toBe('planned');
  });

  it('alone may pay what a node takes for a mistake', () => {
    const feeRate = highestRate * 3n;
    expect(swept(coins, { feeRate })).toMatchObject({ kind: 'refused', field: 'feeRate' });
    const { plan, fees, size } = mustPlan(swept(coins, { final: true, feeRate }));
    expect(fees * 1_000n).toBeGreaterThan(highestRate * BigInt(size));
    expect(explained(plan)).toMatchObject({ kind: 'spend', spend: { fees } });
    const usual = writePlan(descriptor, { ...draftOf(plan), final: false });
    expect(explained(usual)).toMatchObject({
      why: expect.stringContaining('takes that for a mistake') as string,
    });
  });
});

describe('a theft that is outbid', () => {
  const home = mustPlan(swept(coins.slice(0, 2), { final: true })).plan;
  const keys = wallet.cosigners.map(({ publicKey }) => publicKey);
  const theftOf = (some: readonly Coin[], sighash?: number) => {
    const found = read(descriptor, mustPlan(swept(some)).plan);
    if (found.kind === 'refused') throw new Error(found.why);
    // What it shows is asked of `evidenceSigned` alone: here it only names the coins.
    const rest = '00'.repeat(81 + (((sighash ?? 1) & 0x1f) === 3 ? 32 : 0));
    const signature = some.map(({ txid, vout }) => txid + vout.toString(16).padStart(8, '0') + rest).join('');
    return (by: string) => ({ bytes: shareOf(found.psbt.transaction, by, sighash), signer: by, signature });
  };
  const all = theftOf(coins);
  const by = (part: typeof all, ...which: readonly number[]) => which.map((at) => part(keys[at] ?? ''));

  it('is signed by as many keys as it takes, whatever the kind of signature', () => {
    expect(bitcoin.races(wallet, home, by(all, 0, 1))).toBe(true);
    expect(bitcoin.races(wallet, home, by(all, 2, 0))).toBe(true);
    expect(bitcoin.races(wallet, home, by(theftOf(coins, 0x83), 0, 1))).toBe(true);
    expect(bitcoin.races(wallet, home, by(all, 0))).toBe(false);
    expect(bitcoin.races(wallet, home, by(all, 1, 1))).toBe(false);
    expect(bitcoin.races(wallet, home, [])).toBe(false);
  });

  it('is one transaction, and takes every coin', () => {
    const other = theftOf(coins.slice(0, 2));
    expect(bitcoin.races(wallet, home, by(other, 0, 1))).toBe(true);
    expect(bitcoin.races(wallet, home, [...by(all, 0), ...by(other, 1)])).toBe(false);
    expect(bitcoin.races(wallet, home, by(theftOf(coins.slice(1)), 0, 1))).toBe(false);
    expect(bitcoin.races(wallet, 'zz', by(all, 0, 1))).toBe(false);
    expect(
      bitcoin.races(wallet, home, [{ bytes: 'zz', signer: keys[0] ?? '', signature: '' }, ...by(all, 1)]),
    ).toBe(false);
  });

  it('of any coins: all of home’s among its own, or none of it', () => {
    fc.assert(
      fc.property(
        fc.subarray([0, 1, 2], { minLength: 1 }),
        fc.subarray([0, 1, 2], { minLength: 1 }),
        (mine, his) => {
          const pick = (which: readonly number[]) => coins.filter((_, at) => which.includes(at));
          const going = mustPlan(swept(pick(mine), { final: true })).plan;
          expect(bitcoin.races(wallet, going, by(theftOf(pick(his)), 0, 2))).toBe(
            mine.every((at) => his.includes(at)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
