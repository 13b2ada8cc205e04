/** Plan: the one transaction of an intent, in bytes that no other intent has. */
import { explain, nemTimeOf, planPayment, traceOf, type PlanResult } from '@kuramori/chains/nem/codec';
import { rows, type Client } from '@kuramori/ledger';
import type { Intent } from '@kuramori/core';
import { z } from 'zod';
import type { House } from '../house.ts';
import type { NewPlan } from './row.ts';

/** A payment not confirmed by then never will be. Seconds; long enough for ten verdicts of a node. */
const paymentLife = 2 * 3600;
/** Seconds back in which free bytes are looked for: so many that look alike may be planned in one second. */
const mostAlike = 600;

/** The unsigned payment of an intent at a time (NEM seconds), valid as long as a payment may be and no longer than the intent. */
export function planAt(
  house: Pick<House, 'hot' | 'network'>,
  { destination, amount, expiry }: Pick<Intent, 'destination' | 'amount' | 'expiry'>,
  keys: readonly string[],
  timeStamp: number,
): PlanResult {
  return planPayment({
    wallet: house.hot,
    network: house.network,
    recipient: destination.address,
    units: amount,
    memo: destination.memo,
    timeStamp,
    deadline: Math.min(timeStamp + paymentLife, nemTimeOf(expiry * 1000)),
    keys,
  });
}

export type NewPlanned =
  | { readonly kind: 'planned'; readonly plan: NewPlan }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * In the caller's transaction: a plan in the newest second in which no other intent has the same bytes: two payments that look alike, in one second,
 * would be one transaction, paid once. NEM takes a time stamp that is past. Those that look alike are planned one after
 * the other.
 */
export async function newPlan(
  house: House,
  client: Client,
  intent: Intent,
  keys: readonly string[],
): Promise<NewPlanned> {
  const { wallet, destination, amount } = intent;
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `alike ${wallet} ${amount} ${destination.address} ${destination.memo}`,
  ]);
  const now = nemTimeOf(house.clock.now());
  for (let back = 0; back < mostAlike; back += 1) {
    const result = planAt(house, intent, keys, now - back);
    if (result.kind === 'refused') return { kind: 'refused', why: `${result.field} ${result.why}` };
    const plan = withIds(house, result.planned);
    if (!(await isTaken(client, plan))) return { kind: 'planned', plan };
  }
  return { kind: 'refused', why: `${mostAlike} payments in as many seconds look like this one` };
}

async function isTaken(client: Client, { transaction, inner }: NewPlan): Promise<boolean> {
  const found = await rows(
    client,
    z.object({ taken: z.literal(true) }),
    'select true as taken from custody.plan where transaction = $1 or inner_transaction = $2 limit 1',
    [transaction, inner],
  );
  return found.length > 0;
}

/** Bytes that were planned before, by a custody that has forgotten it, as a plan: signers that recorded them first. */
export function newPlanOf(
  house: House,
  intent: Intent,
  bytes: string,
  signers: readonly string[],
): NewPlan | string {
  const read = explain(Uint8Array.fromHex(bytes), house.network);
  if (read.kind === 'refused') return `the recorded bytes cannot be read: ${read.field} ${read.why}`;
  const { signer: first, timeStamp } = read.transaction;
  const online = house.hot.cosigners.flatMap(({ publicKey, signer }) =>
    signer === null || publicKey === first ? [] : [{ publicKey, signer }],
  );
  const others = [
    ...online.filter(({ signer }) => signers.includes(signer)),
    ...online.filter(({ signer }) => !signers.includes(signer)),
  ];
  const keys = [first as string, ...others.map(({ publicKey }) => publicKey)].slice(0, house.hot.threshold);
  const again = planAt(house, intent, keys, timeStamp);
  if (again.kind === 'refused') return `${again.field} ${again.why}`;
  return again.planned.plan === bytes
    ? withIds(house, again.planned)
    : 'the recorded bytes are not how this program would pay it: another version planned them';
}

function withIds({ hot, network }: House, planned: NewPlan['planned']): NewPlan {
  const trace = traceOf(hot, planned.plan, network);
  const [transaction, inner = transaction] = trace?.ids ?? [];
  if (!trace || transaction === undefined || inner === undefined)
    throw new Error(`a plan of our own cannot be read: ${planned.plan}`);
  return { planned, transaction, inner, validUntil: trace.validUntil };
}
