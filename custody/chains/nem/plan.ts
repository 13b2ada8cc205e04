/** Plan: the one transaction of an intent, in bytes that no other intent has. */
import { explain, nemTimeOf, planPayment, traceOf, type PlanResult } from '@kuramori/chains/nem/codec';
import { asNem, type Intent } from '@kuramori/core';
import type { Branch } from '../../branch.ts';
import { everOnline, onlineOf } from '../../withdrawals/acting.ts';
import type { NewPlan } from '../../withdrawals/row.ts';
import type { Fees, NewPlanned } from '../chain.ts';
import { networkOf } from './network.ts';

/** A payment not confirmed by then never will be. Seconds; long enough for ten verdicts of a node. */
const paymentLife = 2 * 3600;
/**
 * Seconds back in which free bytes are looked for: two payments that look alike, in one second, would be one transaction,
 * paid once. So many that look alike may be planned in one second.
 */
export const mostAlike = 600;

/** The unsigned payment of an intent at a time (NEM seconds), valid as long as a payment may be and no longer than the intent. */
export function planAt(
  house: Pick<Branch, 'hot' | 'policy'>,
  { destination, amount, expiry }: Pick<Intent, 'destination' | 'amount' | 'expiry'>,
  keys: readonly string[],
  timeStamp: number,
): PlanResult {
  return planPayment({
    wallet: asNem(house.hot),
    network: networkOf(house),
    recipient: destination.address,
    units: amount,
    memo: destination.memo,
    timeStamp,
    deadline: Math.min(timeStamp + paymentLife, nemTimeOf(expiry * 1000)),
    keys,
  });
}

/** The plan of an intent so many seconds back from now. */
export function planBack(
  house: Branch,
  [intent]: readonly [Intent, ...Intent[]],
  keys: readonly string[],
  back: number,
): NewPlanned {
  const result = planAt(house, intent, keys, nemTimeOf(house.clock.now()) - back);
  if (result.kind === 'refused') return { kind: 'refused', why: `${result.field} ${result.why}` };
  return { kind: 'planned', plans: [withIds(house, result.planned)] };
}

/** What the network takes now, every signature included. */
export function feesOf(house: Branch, intent: Pick<Intent, 'destination' | 'amount' | 'expiry'>): Fees {
  const keys = onlineOf(house.hot).map(({ key }) => key);
  const planned = planAt(house, intent, keys.slice(0, house.hot.threshold), nemTimeOf(house.clock.now()));
  if (planned.kind === 'planned') return { kind: 'fees', units: planned.planned.fees, exact: true };
  const { field, why } = planned;
  return { kind: 'refused', field: field === 'recipient' ? 'destination.address' : field, why };
}

/** Bytes that were planned before, by a custody that has forgotten it, as a plan: signers that recorded them first. */
export function planAgain(
  house: Branch,
  [intent, ...more]: readonly [Intent, ...Intent[]],
  bytes: string,
  signers: readonly string[],
): readonly NewPlan[] | string {
  if (more.length > 0) return 'pays several intents, which no transaction of this chain does';
  const read = explain(Uint8Array.fromHex(bytes), networkOf(house));
  if (read.kind === 'refused') return `the recorded bytes cannot be read: ${read.field} ${read.why}`;
  const { signer: first, timeStamp } = read.transaction;
  const online = everOnline(house.hot).filter(({ key }) => key !== first);
  const others = [
    ...online.filter(({ signer }) => signers.includes(signer)),
    ...online.filter(({ signer }) => !signers.includes(signer)),
  ];
  const keys = [first as string, ...others.map(({ key }) => key)].slice(0, house.hot.threshold);
  const again = planAt(house, intent, keys, timeStamp);
  if (again.kind === 'refused') return `${again.field} ${again.why}`;
  return again.planned.plan === bytes
    ? [withIds(house, again.planned)]
    : 'the recorded bytes are not how this program would pay it: another version planned them';
}

function withIds(branch: Branch, planned: NewPlan['planned']): NewPlan {
  const trace = traceOf(asNem(branch.hot), planned.plan, networkOf(branch));
  const [transaction, inner = transaction] = trace?.ids ?? [];
  if (!trace || transaction === undefined || inner === undefined)
    throw new Error(`a plan of our own cannot be read: ${planned.plan}`);
  return { planned, transaction, inner, validUntil: trace.validUntil, spends: [] };
}
