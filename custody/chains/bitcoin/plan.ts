/**
 * Plan: one transaction that pays intents out of coins that no other plan spends; and what takes its place, out of the same coins, so
 * that of the two one alone can confirm.
 */
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
  planApart,
  planReplacement,
  planSweep,
  rateToReplace,
  weightOf,
  type Draft,
  type Means,
  type Payment,
  type PlanResult,
} from '@kuramori/chains/bitcoin/codec';
import type { Ours } from '@kuramori/chains/bitcoin/node';
import { ruleFor, type BitcoinWallet, type Intent, type Policy } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import type { Branch } from '../../branch.ts';
import { readCursor } from '../../chain/cursor.ts';
import { everOnline } from '../../withdrawals/acting.ts';
import type { NewPlan, Plan } from '../../withdrawals/row.ts';
import type { Fees, NewPlanned } from '../chain.ts';
import { freeCoins, nextChange } from './coins.ts';
import type { FeesConfig } from './config.ts';
import { feeShare } from './moved.ts';
import type { Rate } from './rate.ts';

export interface Planning extends Pick<FeesConfig, 'usual' | 'most' | 'blocks'> {
  readonly wallet: BitcoinWallet;
  readonly ours: Pick<Ours, 'placeOf'>;
  readonly rate: Rate;
}

/** Coins that a payment spends, for what it may cost; with more of them it costs more, and waits where the cap is too low. */
const usualInputs = 2;

/** By the rate of this moment, for an ordinary payment. */
export function feesOf(
  { wallet, ours, rate }: Planning,
  { policy }: Branch,
  { destination }: Pick<Intent, 'destination'>,
): Fees {
  const to = scriptOf(destination.address, wallet.chain, policy.network);
  if (to.kind === 'refused') return { kind: 'refused', field: 'destination.address', why: to.why };
  // Nothing would leave, so no block would ever be seen to pay it; and nobody else's place is where our own coins come home.
  const place = ours.placeOf(to.script.toHex());
  const home = place?.branch === 0 && place.index === 0;
  if (place && (place.wallet === wallet.id || (!home && isHot(policy, place.wallet))))
    return {
      kind: 'refused',
      field: 'destination.address',
      why: "is an address of our own hot wallet: a customer's payment leaves the house",
    };
  const now = rate.now();
  if (typeof now === 'string') return { kind: 'unknown', why: now };
  const change = scriptOf(wallet.address, wallet.chain, policy.network);
  if (change.kind === 'refused') throw new Error(`feesOf: our own address ${change.why}`);
  const outputs = [to, change].map(({ script }) => ({ units: 0n, script }));
  const units = feeOf(weightOf(descriptorOf(wallet), usualInputs, outputs), now);
  return { kind: 'fees', units, exact: false };
}

function isHot({ wallets }: Policy, wallet: string): boolean {
  return wallets.some(({ id, role }) => id === wallet && role === 'hot');
}

type Intents = readonly [Intent, ...Intent[]];

/** One transaction that pays all of them, each by an output of its own. */
export async function planPayment(
  planning: Planning,
  branch: Branch,
  intents: Intents,
  keys: readonly string[],
  { attempt, mostPlanBytes }: { readonly attempt: number; readonly mostPlanBytes: number | undefined },
): Promise<NewPlanned> {
  const now = await meansOf(planning, branch, intents, { mostPlanBytes });
  if (typeof now === 'string') return { kind: 'wait', why: now };
  // Out of the same coins, one that looks like another is another transaction a block earlier.
  const means = { ...now, lockTime: Math.max(0, now.lockTime - attempt) };
  return madeOf(planning, branch, intents, keys, planPayments({ ...means, payments: paymentsOf(intents) }));
}

/** Whether so many blocks have come since it was planned as it was planned for. */
export async function isSlow(
  { wallet, blocks }: Planning,
  branch: Branch,
  { plan: { plan: bytes } }: Pick<Plan, 'plan'>,
): Promise<boolean> {
  return (await tipOf(branch)) >= draftIn(wallet, bytes).lockTime + blocks;
}

/** The same payments once more, for a quarter more, or for what the network takes by now. */
export async function hasten(
  planning: Planning,
  branch: Branch,
  intents: Intents,
  { plan: { plan: first, fees: replacedFees } }: Pick<Plan, 'plan'>,
  keys: readonly string[],
  mostPlanBytes: number | undefined,
): Promise<NewPlanned> {
  const { wallet, most } = planning;
  const means = await meansOf(planning, branch, intents, { mostPlanBytes });
  if (typeof means === 'string') return { kind: 'wait', why: means };
  const least = rateToReplace(wallet, first) ?? most;
  const dearer = (least * 5n) / 4n;
  const feeRate = means.feeRate > dearer ? means.feeRate : dearer;
  if (feeRate > most)
    return { kind: 'wait', why: `a rate of ${feeRate} would take its place, and the most is ${most}` };
  const payments = paymentsOf(intents);
  const result = planReplacement({ ...means, feeRate, first, replacedFees, payments });
  return madeOf(planning, branch, intents, keys, result);
}

/** One payment of a batch that nobody signs, out of a coin of the batch that no other payment has taken. */
export async function part(
  planning: Planning,
  branch: Branch,
  intent: Intent,
  { plan: { plan: first }, digest }: Pick<Plan, 'plan' | 'digest'>,
  keys: readonly string[],
): Promise<NewPlanned> {
  const means = await meansOf(planning, branch, [intent], { beside: digest });
  if (typeof means === 'string') return { kind: 'wait', why: means };
  return madeOf(
    planning,
    branch,
    [intent],
    keys,
    planApart({ ...means, first, payments: paymentsOf([intent]) }),
  );
}

/** What one transaction can send on of all that the wallet has: of more coins than fit the largest. */
export async function wholeOf(
  { wallet, rate }: Planning,
  branch: Branch,
  client: Client,
  to: string,
): Promise<{ readonly amount: bigint; readonly fees: bigint } | null> {
  const now = rate.now();
  if (typeof now === 'string') return null;
  const { chain, id } = wallet;
  const tip = await tipOf(branch);
  const swept = planSweep({
    wallet,
    network: branch.policy.network,
    coins: await freeCoins(client, { chain, wallet: id, tip }),
    feeRate: now,
    lockTime: tip,
    seed: '',
    to,
  });
  if (swept.kind === 'refused') return null;
  const { inputs, fees } = swept.planned;
  return { amount: inputs.reduce((sum, { units }) => sum + units, 0n) - fees, fees };
}

/**
 * What a plan is made of now; or why nobody can tell what the network takes. `beside`: the digest of one whose coins are there as
 * well.
 */
async function meansOf(
  { wallet, rate, usual }: Planning,
  branch: Branch,
  intents: Intents,
  { beside, mostPlanBytes }: { readonly beside?: string; readonly mostPlanBytes?: number | undefined },
): Promise<Means | string> {
  const { chain } = wallet;
  const now = rate.now();
  if (typeof now === 'string') return `the network’s fees: ${now}`;
  const tip = await tipOf(branch);
  return {
    wallet,
    network: branch.policy.network,
    coins: await freeCoins(branch.pool, { chain, wallet: wallet.id, tip, beside }),
    feeRate: now,
    usualRate: usual,
    change: await nextChange(branch.pool, wallet.id),
    lockTime: tip,
    seed: intents.map(({ id }) => id).join(' '),
    ...(mostPlanBytes === undefined ? {} : { mostPlanBytes }),
  };
}

/** What is booked has its confirmations. */
async function tipOf({ pool, hot, confirmations }: Branch): Promise<number> {
  const { height } = await readCursor(pool, hot.chain);
  return height + confirmations - 1;
}

function paymentsOf(intents: Intents): readonly Payment[] {
  return intents.map(({ destination, amount }) => ({ address: destination.address, units: amount }));
}

function madeOf(
  { wallet }: Planning,
  { policy }: Branch,
  intents: Intents,
  keys: readonly string[],
  result: PlanResult,
): NewPlanned {
  if (result.kind === 'refused') return refusal(result);
  const { fees, plan: bytes } = result.planned;
  const why = feeFlaw(policy, intents, fees);
  // The next block may be cheaper, and coins that are spent now will be fewer.
  if (why !== null) return { kind: 'wait', why: `${why}: for lower fees` };
  const plans = plansIn(wallet, intents, bytes, policy.network, keys);
  if (typeof plans === 'string') throw new Error(`madeOf: our own plan ${plans}`);
  return { kind: 'planned', plans };
}

/** What signers refuse: more than the caps in all, or than the rule’s. And nobody pays more than they allowed because others allowed much. */
function feeFlaw(policy: Policy, intents: Intents, fees: bigint): string | null {
  const caps = intents.map(({ feeCap }) => feeCap);
  const [{ wallet, asset }] = intents;
  const rule = ruleFor(policy, wallet, asset)?.feeCap ?? 0n;
  const least = caps.reduce((low, cap) => (cap < low ? cap : low));
  if (intents.length === 1 && fees > least) return `the network takes ${fees} of at most ${least}`;
  if (fees > rule) return `the network takes ${fees} of at most ${rule}, by the policy’s rule`;
  const share = feeShare(fees, intents.length, 0);
  return share > least ? `the network takes ${share} of at most ${least} from each` : null;
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
  intents: Intents,
  bytes: string,
  signers: readonly string[],
): readonly NewPlan[] | string {
  const online = everOnline(wallet);
  const keys = [
    ...online.filter(({ signer }) => signers.includes(signer)),
    ...online.filter(({ signer }) => !signers.includes(signer)),
  ].map(({ key }) => key);
  return plansIn(wallet, intents, bytes, policy.network, keys.slice(0, wallet.threshold));
}

/** What is kept of a plan for each intent that it pays; or why it does not pay just these. */
function plansIn(
  wallet: BitcoinWallet,
  intents: Intents,
  plan: string,
  network: Branch['policy']['network'],
  keys: readonly string[],
): readonly NewPlan[] | string {
  const read = readPlan(descriptorOf(wallet), plan);
  if (read.kind === 'refused') return `cannot be read: ${read.why}`;
  const { draft, psbt } = read;
  const id = idOf(psbt.transaction);
  const open = new Map(
    draft.outputs.flatMap(({ units, script, change }, vout) =>
      change === null ? [[vout, { units, address: addressOf(script, wallet.chain, network) }] as const] : [],
    ),
  );
  const sum = (all: readonly { readonly units: bigint }[]) =>
    all.reduce((total, { units }) => total + units, 0n);
  const planned = {
    plan,
    shares: keys.map((key) => ({ key, share: shareOf(psbt.transaction, key) })),
    fees: sum(draft.inputs) - sum(draft.outputs),
    ...(intents.length > 1 ? { pays: intents.length } : {}),
  };
  const plans = new Map<string, NewPlan>();
  // In one order, so that of two that look alike each has the same output whoever reads the bytes.
  for (const { id: intent, amount, destination } of intents.toSorted(byId)) {
    const [vout] =
      [...open].find(([, { units, address }]) => units === amount && address === destination.address) ?? [];
    if (vout === undefined) return 'has no output that pays the intent';
    open.delete(vout);
    const name = `${id}:${vout}`;
    const spends = draft.inputs.map(outpointText);
    plans.set(intent, { planned, transaction: name, inner: name, validUntil: null, spends });
  }
  return open.size > 0 ? 'pays others as well' : intents.flatMap((one) => plans.get(one.id) ?? []);
}

function byId(one: Intent, other: Intent): number {
  return one.id < other.id ? -1 : 1;
}

/** What a plan spends. Throws on bytes that are none: it was made here. */
export function spendsOf(wallet: BitcoinWallet, plan: string): readonly string[] {
  return draftIn(wallet, plan).inputs.map(outpointText);
}

/** Throws on bytes that are none: it was made here. Asked of each payment again and again until a block has it. */
function draftIn(wallet: BitcoinWallet, plan: string): Draft {
  const before = drafts.get(plan);
  if (before) return before;
  const read = readPlan(descriptorOf(wallet), plan);
  if (read.kind === 'refused') throw new Error(`draftIn: a plan of our own cannot be read: ${read.why}`);
  if (drafts.size >= mostDrafts) drafts.clear();
  drafts.set(plan, read.draft);
  return read.draft;
}

const drafts = new Map<string, Draft>();
const mostDrafts = 200;

/** What a key signs of a plan. Throws on bytes that are none: it was made here. */
export function shareIn(wallet: BitcoinWallet, plan: string, key: string): string {
  const read = readPlan(descriptorOf(wallet), plan);
  if (read.kind === 'refused') throw new Error(`shareIn: a plan of our own cannot be read: ${read.why}`);
  return shareOf(read.psbt.transaction, key);
}
