/** Plan: one transaction that pays an intent out of coins that no other plan spends. */
import {
  addressOf,
  descriptorOf,
  feeOf,
  planPayments,
  readPlan,
  scriptOf,
  shareOf,
  idOf,
  outpointText,
  traceOf,
  weightOf,
  type PlanResult,
} from '@kuramori/chains/bitcoin/codec';
import type { BitcoinWallet, Intent } from '@kuramori/core';
import type { Branch } from '../../branch.ts';
import { readCursor } from '../../chain/cursor.ts';
import { everOnline } from '../../withdrawals/acting.ts';
import type { NewPlan } from '../../withdrawals/row.ts';
import type { Fees, NewPlanned } from '../chain.ts';
import { freeCoins, nextChange } from './coins.ts';
import type { Rate } from './rate.ts';

export interface Planning {
  readonly wallet: BitcoinWallet;
  readonly rate: Rate;
  /** Units per 1,000 virtual bytes at a usual time: below it coins are put together. */
  readonly usual: bigint;
}

/** Coins that a payment spends, for what it may cost; with more of them it costs more, and waits where the cap is too low. */
const usualInputs = 2;

/** By the rate of this moment, for an ordinary payment. */
export function feesOf(
  { wallet, rate }: Planning,
  { policy }: Branch,
  { destination }: Pick<Intent, 'destination'>,
): Fees {
  const to = scriptOf(destination.address, wallet.chain, policy.network);
  if (to.kind === 'refused') return { kind: 'refused', field: 'destination.address', why: to.why };
  const now = rate.now();
  if (typeof now === 'string') return { kind: 'unknown', why: now };
  const change = scriptOf(wallet.address, wallet.chain, policy.network);
  if (change.kind === 'refused') throw new Error(`feesOf: our own address ${change.why}`);
  const outputs = [to, change].map(({ script }) => ({ units: 0n, script }));
  const units = feeOf(weightOf(descriptorOf(wallet), usualInputs, outputs), now);
  return { kind: 'fees', units, exact: false };
}

export async function planPayment(
  planning: Planning,
  branch: Branch,
  intent: Intent,
  keys: readonly string[],
): Promise<NewPlanned> {
  const { wallet, rate, usual } = planning;
  const { chain } = wallet;
  const now = rate.now();
  if (typeof now === 'string') return { kind: 'wait', why: `the network’s fees: ${now}` };
  const { height } = await readCursor(branch.pool, chain);
  // What is booked has its confirmations.
  const tip = height + branch.confirmations - 1;
  const coins = await freeCoins(branch.pool, { chain, wallet: wallet.id, tip });
  const result = planPayments({
    wallet,
    network: branch.policy.network,
    coins,
    feeRate: now,
    usualRate: usual,
    change: await nextChange(branch.pool, wallet.id),
    lockTime: tip,
    seed: intent.id,
    payments: [{ address: intent.destination.address, units: intent.amount }],
  });
  if (result.kind === 'refused') return refusal(result);
  const { fees } = result.planned;
  // The next block may be cheaper, and coins that are spent now will be fewer.
  if (fees > intent.feeCap)
    return { kind: 'wait', why: `the network takes ${fees} of at most ${intent.feeCap}: for lower fees` };
  const { plan } = result.planned;
  const made = newPlan(wallet, intent, plan, branch.policy.network, keys);
  if (typeof made === 'string') throw new Error(`planPayment: our own plan ${made}`);
  return { kind: 'planned', plan: made };
}

/** Coins that come later may be enough; what is wrong with the payment itself stays so. */
function refusal({ field, why }: Extract<PlanResult, { kind: 'refused' }>): NewPlanned {
  return field.startsWith('payments')
    ? { kind: 'refused', why: `${field} ${why}` }
    : { kind: 'wait', why: `coins of the wallet: ${field} ${why}` };
}

/** Bytes that were planned before, by a custody that has forgotten it: signers that recorded them first. */
export function planAgain(
  { wallet }: Planning,
  { policy }: Branch,
  intent: Intent,
  bytes: string,
  signers: readonly string[],
): NewPlan | string {
  const online = everOnline(wallet);
  const keys = [
    ...online.filter(({ signer }) => signers.includes(signer)),
    ...online.filter(({ signer }) => !signers.includes(signer)),
  ].map(({ key }) => key);
  return newPlan(wallet, intent, bytes, policy.network, keys.slice(0, wallet.threshold));
}

/** What is kept of a plan; or why it does not pay the intent. */
function newPlan(
  wallet: BitcoinWallet,
  intent: Intent,
  plan: string,
  network: Branch['policy']['network'],
  keys: readonly string[],
): NewPlan | string {
  const read = readPlan(descriptorOf(wallet), plan);
  if (read.kind === 'refused') return `cannot be read: ${read.why}`;
  const { draft, psbt } = read;
  const paid = draft.outputs.findIndex(
    ({ units, script, change }) =>
      change === null &&
      units === intent.amount &&
      addressOf(script, wallet.chain, network) === intent.destination.address,
  );
  if (paid < 0) return 'has no output that pays the intent';
  const others = draft.outputs.some(({ change }, at) => change === null && at !== paid);
  if (others) return 'pays others as well, which this program does not do';
  const id = idOf(psbt.transaction);
  const sum = (all: readonly { readonly units: bigint }[]) =>
    all.reduce((total, { units }) => total + units, 0n);
  return {
    planned: {
      plan,
      shares: keys.map((key) => ({ key, share: shareOf(psbt.transaction, key) })),
      fees: sum(draft.inputs) - sum(draft.outputs),
    },
    transaction: `${id}:${paid}`,
    inner: `${id}:${paid}`,
    validUntil: null,
    spends: draft.inputs.map(outpointText),
  };
}

/** What a plan spends. Throws on bytes that are none: it was made here. */
export function spendsOf(wallet: BitcoinWallet, plan: string): readonly string[] {
  const trace = traceOf(wallet, plan);
  if (!trace) throw new Error('spendsOf: a plan of our own cannot be read');
  return trace.spends;
}

/** What a key signs of a plan. Throws on bytes that are none: it was made here. */
export function shareIn(wallet: BitcoinWallet, plan: string, key: string): string {
  const read = readPlan(descriptorOf(wallet), plan);
  if (read.kind === 'refused') throw new Error(`shareIn: a plan of our own cannot be read: ${read.why}`);
  return shareOf(read.psbt.transaction, key);
}
