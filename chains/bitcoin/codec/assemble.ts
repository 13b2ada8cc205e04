/** Assemble: one draft out of payments, coins and a fee rate, whatever the transaction is for (plan.ts). */
import type { BitcoinWallet, Network } from '@kuramori/core';
import { scriptOf } from './address.ts';
import { dustFlaw, feesOf, sum } from './bounds.ts';
import type { Descriptor } from './descriptor.ts';
import { firstTime, mostChange, readPlan, writePlan, type Coin, type Draft } from './draft.ts';
import { highestRate, leastRate, mostUnits } from './network.ts';
import { placeAt } from './place.ts';
import { select, type Selection } from './select.ts';
import { shareOf } from './share.ts';
import { idOf, outpointText, type TransactionOutput } from './transaction.ts';
import { descriptorOf } from './wallet.ts';
import { dustBelow, feeOf, inputWeight, outputWeight, restWeight, virtualSize, weightOf } from './weight.ts';

export interface Payment {
  readonly address: string;
  readonly units: bigint;
}

/** What every plan is made of. Rates are in units per 1,000 virtual bytes. */
export interface Means {
  readonly wallet: Pick<BitcoinWallet, 'chain' | 'descriptor'>;
  readonly network: Network;
  /** What may be spent. Of a replacement: confirmed coins only, beside the first's own (BIP 125 2). */
  readonly coins: readonly Coin[];
  readonly feeRate: bigint;
  /** What coins cost to spend at a usual time: below it, many are spent, and above it few. */
  readonly usualRate: bigint;
  /** The index of branch 1 that change goes to: the first that nobody has used. */
  readonly change: number;
  /** The height of the chain's last block, so that nobody gains by writing that block anew; or 0. */
  readonly lockTime: number;
  /** Whatever differs from one transaction to the next: the intents' ids. */
  readonly seed: string;
  /** The most bytes that a plan may have. */
  readonly mostPlanBytes?: number;
}

export interface Planned {
  /** Hex: the PSBT (psbt.ts). */
  readonly plan: string;
  readonly id: string;
  readonly fees: bigint;
  /** Virtual size once it is signed, at the most. */
  readonly size: number;
  readonly inputs: readonly Coin[];
  /** The coin that the wallet gets back; null where there is none. */
  readonly change: Coin | null;
  /** What each key of the wallet would sign. */
  readonly shares: readonly { readonly key: string; readonly share: string }[];
}

export type PlanResult =
  | { readonly kind: 'planned'; readonly planned: Planned }
  | { readonly kind: 'refused'; readonly field: string; readonly why: string };

type Refused = Extract<PlanResult, { kind: 'refused' }>;

/** What core’s journal takes of one plan: 49,152 hex digits. */
const mostPlanBytes = 24_576;

export interface Wish {
  readonly payments: readonly Payment[];
  /** Coins that are spent whatever else is. */
  readonly forced: readonly Coin[];
  /** What must be paid beside the rate's fee, by the whole transaction's weight. */
  readonly extra: (weight: number) => bigint;
  /** Draft.final, and no rate is too high. */
  readonly final?: boolean;
}

export function planned(means: Means, wish: Wish): PlanResult {
  const flaw = flawOf(means, wish);
  if (flaw) return flaw;
  const outputs = scriptsOf(means, wish.payments);
  if ('kind' in outputs) return outputs;
  const descriptor = descriptorOf(means.wallet);
  const draft = draftOf(descriptor, means, wish, outputs);
  if ('kind' in draft) return draft;
  const fees = feesOf(descriptor, draft, means.wallet.chain);
  if (typeof fees === 'string') return refused('feeRate', fees);
  const plan = writePlan(descriptor, draft);
  const most = Math.min(means.mostPlanBytes ?? mostPlanBytes, mostPlanBytes);
  if (plan.length / 2 > most)
    return refused(
      'payments',
      `make a plan of ${plan.length / 2} bytes, more than ${most}: pay fewer at once`,
    );
  const read = readPlan(descriptor, plan);
  if (read.kind === 'refused') throw new Error(`planned: our own plan ${read.why}`);
  const { transaction } = read.psbt;
  const id = idOf(transaction);
  return {
    kind: 'planned',
    planned: {
      plan,
      id,
      fees,
      size: virtualSize(weightOf(descriptor, draft.inputs.length, draft.outputs)),
      inputs: read.draft.inputs,
      change: changeOf(read.draft, id),
      shares: descriptor.keys.map(({ extended }) => ({
        key: extended,
        share: shareOf(transaction, extended),
      })),
    },
  };
}

function flawOf(means: Means, { forced, final }: Wish): Refused | undefined {
  const { feeRate, usualRate, lockTime, change } = means;
  // Half, since what is too little for change is added to the fees.
  const highest = final ? mostUnits[means.wallet.chain] : highestRate / 2n;
  if (feeRate < leastRate || feeRate > highest)
    return refused('feeRate', `is ${feeRate}, and must be from ${leastRate} to ${highest}`);
  if (usualRate < leastRate || usualRate > highest)
    return refused('usualRate', `is ${usualRate}, and must be from ${leastRate} to ${highest}`);
  if (!Number.isInteger(lockTime) || lockTime < 0 || lockTime >= firstTime)
    return refused('lockTime', `is ${lockTime}, and no height of a block`);
  if (!Number.isInteger(change) || change < 0 || change >= mostChange)
    return refused('change', `is ${change}, and must be from 0 to ${mostChange - 1}`);
  const all = [...means.coins, ...forced];
  const odd = all.findIndex(
    ({ units, index }) => units <= 0n || !Number.isInteger(index) || index < 0 || index >= 0x80000000,
  );
  if (odd >= 0) return refused(`coins.${odd}`, 'has no amount, or no index below 2^31');
  const seen = new Set<string>();
  for (const [at, outpoint] of means.coins.map(outpointText).entries()) {
    if (seen.has(outpoint)) return refused(`coins.${at}`, 'stands there twice');
    seen.add(outpoint);
  }
  return undefined;
}

export function scriptsOf(
  { wallet, network }: Means,
  payments: readonly Payment[],
): readonly TransactionOutput[] | Refused {
  const outputs: TransactionOutput[] = [];
  for (const [at, { address, units }] of payments.entries()) {
    const read = scriptOf(address, wallet.chain, network);
    if (read.kind === 'refused') return refused(`payments.${at}.address`, read.why);
    const output = { script: read.script, units };
    const dust = dustFlaw(output, wallet.chain);
    if (dust !== undefined) return refused(`payments.${at}.units`, dust);
    outputs.push(output);
  }
  return outputs;
}

/** The draft: a higher fee may need another coin, which weighs, which costs; a few rounds settle it. */
function draftOf(
  descriptor: Descriptor,
  means: Means,
  wish: Wish,
  payments: readonly TransactionOutput[],
): Draft | Refused {
  const { script } = placeAt(descriptor, 1, means.change);
  const forced = new Set(wish.forced.map(outpointText));
  const coins = means.coins.filter((coin) => !forced.has(outpointText(coin)));
  const most = inputsFitting(means, payments) - wish.forced.length;
  let extra = 0n;
  for (let round = 0; round < 8; round += 1) {
    const selection = selected(descriptor, means, wish, payments, coins, most, extra);
    if (!selection)
      return refused(
        'coins',
        `hold too little, or too many would be needed: at most ${most + wish.forced.length} fit`,
      );
    const inputs = [...wish.forced, ...selection.coins];
    const kept = payments.map((output) => ({ ...output, change: null }));
    const change = { script, units: selection.change, change: means.change };
    const outputs = selection.change > 0n ? [...kept, change] : kept;
    if (outputs.length === 0) return refused('coins', 'would leave nothing that is worth having');
    const needed = wish.extra(weightOf(descriptor, inputs.length, outputs));
    if (needed <= extra)
      return {
        lockTime: means.lockTime,
        inputs,
        outputs: exact(descriptor, means, inputs, outputs, extra),
        final: wish.final ?? false,
      };
    extra = needed;
  }
  return refused('feeRate', 'leads to no transaction: each round would need a higher fee');
}

/** Parts are rounded up one by one when coins are selected; once all are known, change gets back what that was too much. */
function exact(
  descriptor: Descriptor,
  { feeRate }: Means,
  inputs: readonly Coin[],
  outputs: Draft['outputs'],
  extra: bigint,
): Draft['outputs'] {
  const due = feeOf(weightOf(descriptor, inputs.length, outputs), feeRate) + extra;
  const over = sum(inputs) - sum(outputs) - due;
  if (over < 0n) throw new Error('draftOf: the selection does not pay its fee');
  return outputs.map((output) =>
    output.change === null ? output : { ...output, units: output.units + over },
  );
}

function selected(
  descriptor: Descriptor,
  { wallet, feeRate, usualRate, change, seed }: Means,
  { forced }: Wish,
  payments: readonly TransactionOutput[],
  coins: readonly Coin[],
  most: number,
  extra: bigint,
): Selection | undefined {
  const { script } = placeAt(descriptor, 1, change);
  const input = inputWeight(descriptor);
  const [inputFee, laterInputFee] = [feeOf(input, feeRate), feeOf(input, usualRate)];
  const rest = restWeight(most + forced.length, payments.length + 1);
  const fixed = payments.reduce((weight, output) => weight + outputWeight(output.script), rest);
  const dust = dustBelow(script, wallet.chain);
  return select(coins, {
    due: sum(payments) + feeOf(fixed, feeRate) + extra + BigInt(forced.length) * inputFee - sum(forced),
    inputFee,
    laterInputFee,
    changeFee: feeOf(outputWeight(script), feeRate),
    leastChange: dust > laterInputFee ? dust : laterInputFee,
    mostInputs: most,
    seed,
  });
}

/** How many inputs a plan has room for beside its outputs. */
export function inputsFitting(means: Means, payments: readonly TransactionOutput[]): number {
  const descriptor = descriptorOf(means.wallet);
  const coin = (vout: number): Coin => ({ txid: '00'.repeat(32), vout, units: 0n, branch: 1, index: 0 });
  const change = { script: placeAt(descriptor, 1, 0).script, units: 0n, change: 0 };
  const outputs = [...payments.map((output) => ({ ...output, change: null })), change];
  const bytes = (inputs: readonly Coin[]) =>
    writePlan(descriptor, { lockTime: 0, inputs, outputs, final: false }).length / 2;
  const one = bytes([coin(0)]);
  const each = bytes([coin(0), coin(1)]) - one;
  // Numbers and lengths that need more digits, where there are many.
  const slack = 8;
  const room = Math.min(means.mostPlanBytes ?? mostPlanBytes, mostPlanBytes) - one - slack;
  return Math.max(0, Math.min(252, 1 + Math.floor(room / each)));
}

/** The coin that a transaction gives back to the wallet. */
export function changeOf({ outputs }: Draft, txid: string): Coin | null {
  const vout = outputs.findIndex(({ change }) => change !== null);
  const output = outputs[vout];
  if (!output || output.change === null) return null;
  return { txid, vout, units: output.units, branch: 1, index: output.change };
}

export function outputText({ script, units }: TransactionOutput): string {
  return `${units} ${script.toHex()}`;
}

export function refused(field: string, why: string): Refused {
  return { kind: 'refused', field, why };
}
