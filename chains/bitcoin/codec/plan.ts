/**
 * Plan: from payments and coins to one unsigned transaction. Many payments share one; a replacement spends every coin of the first
 * and so can never confirm beside it (BIP 125); one of many goes apart; a child pays for its parent; a cancellation pays only ourselves.
 */
import { sum } from './bounds.ts';
import {
  changeOf,
  inputsFitting,
  outputText,
  planned,
  refused,
  scriptsOf,
  type Means,
  type Payment,
  type PlanResult,
} from './assemble.ts';
import type { Descriptor } from './descriptor.ts';
import { readPlan, type Draft } from './draft.ts';
import { leastRate } from './network.ts';
import { idOf, outpointText } from './transaction.ts';
import { descriptorOf } from './wallet.ts';
import { feeOf, inputWeight, outputWeight, restWeight, virtualSize, weightOf } from './weight.ts';

/** One transaction that pays all of them, each with an output of its own. */
export function planPayments(means: Means & { readonly payments: readonly Payment[] }): PlanResult {
  if (means.payments.length === 0) return refused('payments', 'are none');
  return planned(means, { payments: means.payments, forced: [], extra: () => 0n });
}

/** A transaction of ours that is on its way, and what takes its place. */
export interface Replacement {
  /** Its plan. */
  readonly first: string;
  /** What it and everything that spends its outputs pay as fees: all of that leaves the nodes' pools with it (BIP 125 3). */
  readonly replacedFees: bigint;
}

/**
 * The same payments or fewer, for a higher fee. It spends every coin that the first spends, so whatever is made of either later,
 * only one of them can confirm.
 */
export function planReplacement(
  means: Means & Replacement & { readonly payments: readonly Payment[] },
): PlanResult {
  const descriptor = descriptorOf(means.wallet);
  const read = readPlan(descriptor, means.first);
  if (read.kind === 'refused') return refused('first', read.why);
  const { draft: first } = read;
  // Tried again and again, it would use up all the transactions that an intent may have (BIP 125 1).
  if (first.final) return refused('first', 'says that nothing may take its place');
  const scripts = scriptsOf(means, means.payments);
  if ('kind' in scripts) return scripts;
  const open = first.outputs.filter(({ change }) => change === null).map(outputText);
  for (const [at, output] of scripts.entries()) {
    const same = open.indexOf(outputText(output));
    if (same === -1) return refused(`payments.${at}`, 'is none of the first transaction');
    open.splice(same, 1);
  }
  const before = sum(first.inputs) - sum(first.outputs);
  if (means.replacedFees < before)
    return refused('replacedFees', `are less than the first transaction’s own, ${before}`);
  const beaten = rateBeating(descriptor, first);
  if (means.feeRate < beaten)
    return refused('feeRate', `must be ${beaten} or more, or no node takes it for the first (BIP 125)`);
  // What the first would have given back goes with it.
  const id = idOf(read.psbt.transaction);
  const coins = means.coins.filter(({ txid }) => txid !== id);
  return planned(
    { ...means, coins },
    {
      payments: means.payments,
      forced: first.inputs,
      extra: (weight) => {
        const least = means.replacedFees + feeOf(weight, leastRate);
        const usual = feeOf(weight, means.feeRate);
        return least > usual ? least - usual : 0n;
      },
    },
  );
}

/** The least rate by which something takes the place of a transaction (BIP 125 6), in units per 1,000 virtual bytes; undefined where the bytes are no plan. */
export function rateToReplace(wallet: Means['wallet'], first: string): bigint | undefined {
  const descriptor = descriptorOf(wallet);
  const read = readPlan(descriptor, first);
  return read.kind === 'refused' ? undefined : rateBeating(descriptor, read.draft);
}

/** By its lightest signatures: what a node counts its rate by is not known here. */
function rateBeating(descriptor: Descriptor, { inputs, outputs }: Draft): bigint {
  const lightest = virtualSize(weightOf(descriptor, inputs.length, outputs, 66));
  return ((sum(inputs) - sum(outputs)) * 1000n) / BigInt(lightest) + 1n;
}

/**
 * Pays by itself what the first, which nobody signs, was to pay with others: out of these coins, and of the first's own one at
 * least, so that of the two one alone can confirm.
 */
export function planApart(
  means: Means & { readonly first: string; readonly payments: readonly Payment[] },
): PlanResult {
  const descriptor = descriptorOf(means.wallet);
  const read = readPlan(descriptor, means.first);
  if (read.kind === 'refused') return refused('first', read.why);
  const scripts = scriptsOf(means, means.payments);
  if ('kind' in scripts) return scripts;
  const theirs = new Set(read.draft.inputs.map(outpointText));
  const shared = means.coins
    .filter((coin) => theirs.has(outpointText(coin)))
    .sort((one, other) => (one.units < other.units ? -1 : 1));
  const due = sum(scripts) + feeOf(weightOf(descriptor, 1, scripts), means.feeRate);
  // The smallest that is enough; the others are left to those who go apart as well.
  const coin = shared.find(({ units }) => units >= due) ?? shared.at(-1);
  if (!coin) return refused('coins', 'hold none of the first’s, and beside it another could confirm');
  return planned(means, { payments: means.payments, forced: [coin], extra: () => 0n });
}

/** Takes back what has not confirmed: the first's coins go to our own change. No payment of it ever confirms beside this one. */
export function planCancellation(means: Means & Replacement): PlanResult {
  return planReplacement({ ...means, payments: [] });
}

/** Spends the parent's own change to ourselves, with what the parent lacks of the fee: miners take both or neither. */
export function planChild(means: Means & { readonly parent: string }): PlanResult {
  const descriptor = descriptorOf(means.wallet);
  const read = readPlan(descriptor, means.parent);
  if (read.kind === 'refused') return refused('parent', read.why);
  const { draft, psbt } = read;
  const change = changeOf(draft, idOf(psbt.transaction));
  if (!change) return refused('parent', 'has no change that a child could spend');
  const paid = sum(draft.inputs) - sum(draft.outputs);
  const lacks = feeOf(weightOf(descriptor, draft.inputs.length, draft.outputs), means.feeRate) - paid;
  if (lacks <= 0n) return refused('feeRate', 'is what the parent pays already');
  return planned(means, { payments: [], forced: [change], extra: () => lacks });
}

/**
 * All that these coins hold to one address, less the fee, and nothing back: of more than fit, the largest; none that is not worth its
 * fee. `final`: nothing may take its place, and no rate is too high, since a thief would take its place and pays any.
 */
export function planSweep(
  means: Omit<Means, 'usualRate' | 'change'> & { readonly to: string; readonly final?: boolean },
): PlanResult {
  const whole: Means = { ...means, usualRate: means.feeRate, change: 0 };
  const scripts = scriptsOf(whole, [{ address: means.to, units: sum(means.coins) }]);
  if ('kind' in scripts) return scripts;
  const input = feeOf(inputWeight(descriptorOf(means.wallet)), means.feeRate);
  const swept = means.coins
    .filter(({ units }) => units > input)
    .sort((one, other) => (one.units > other.units ? -1 : 1))
    .slice(0, inputsFitting(whole, scripts));
  // As the parts of a fee are counted when coins are selected: each is rounded up.
  const output = scripts.reduce((weight, { script }) => weight + outputWeight(script), 0);
  const fees = BigInt(swept.length) * input + feeOf(restWeight(swept.length, 2) + output, means.feeRate);
  const units = sum(swept) - fees;
  if (units <= 0n) return refused('coins', 'hold less than the fee');
  return planned(
    { ...whole, coins: [] },
    { payments: [{ address: means.to, units }], forced: swept, extra: () => 0n, final: means.final ?? false },
  );
}

/** While fees are low: many small coins become one, so that they cost less when fees are high. */
export function planConsolidation(means: Means): PlanResult {
  if (means.feeRate > means.usualRate)
    return refused(
      'feeRate',
      `is above the usual ${means.usualRate}: coins are consolidated while fees are low`,
    );
  const fee = feeOf(inputWeight(descriptorOf(means.wallet)), means.feeRate);
  const small = means.coins
    .filter(({ units }) => units > fee)
    .sort((one, other) => (one.units < other.units ? -1 : 1))
    .slice(0, inputsFitting(means, []));
  if (small.length < 2) return refused('coins', 'are fewer than two that are worth their fee');
  return planned({ ...means, coins: [] }, { payments: [], forced: small, extra: () => 0n });
}
