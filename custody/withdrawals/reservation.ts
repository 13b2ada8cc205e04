/** Reservation: the coins of a plan, on a chain that has them. No two plans have one, whichever custody makes them. */
import { bytesDigest, type ChainName } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import type { NewPlan } from './row.ts';

export interface Reservable {
  readonly digest: string;
  readonly spends: readonly string[];
  /** Plans that it stands beside and of which one alone can confirm: of theirs it takes over what it spends. */
  readonly beside: readonly string[];
}

export function reservable(
  { planned, spends }: Pick<NewPlan, 'planned' | 'spends'>,
  beside: readonly string[] = [],
): Reservable {
  // In one order, so that two who want the same ones do not wait for each other.
  return { digest: bytesDigest(planned.plan), spends: spends.toSorted(), beside };
}

/**
 * In the transaction that makes them plans: whether each has all its coins. Whoever wants one that somebody takes at this moment
 * waits for that transaction, and sees how it ended. One without coins has them all.
 */
export async function reserve(
  client: Client,
  chain: ChainName,
  plans: readonly (Reservable | undefined)[],
): Promise<readonly boolean[]> {
  const outcomes: boolean[] = [];
  for (const plan of plans) outcomes.push(plan === undefined || (await reserveOne(client, chain, plan)));
  return outcomes;
}

async function reserveOne(
  client: Client,
  chain: ChainName,
  { digest, spends, beside }: Reservable,
): Promise<boolean> {
  if (spends.length === 0) return true;
  if (beside.length > 0)
    await client.query(
      'update custody.reservation set digest = $3 where chain = $1 and outpoint = any($2) and digest = any($4)',
      [chain, spends, digest, beside],
    );
  await client.query(
    `insert into custody.reservation (chain, outpoint, digest)
       select $1, outpoint, $3 from unnest($2::text[]) outpoint on conflict do nothing`,
    [chain, spends, digest],
  );
  const mine = await client.query(
    'select from custody.reservation where chain = $1 and outpoint = any($2) and digest = $3',
    [chain, spends, digest],
  );
  return mine.rowCount === spends.length;
}

/**
 * Of a payment that was given up: too few signers have recorded its plan for it ever to be signed, or it is refused and whoever
 * spends them ends it. What others pay with the same transaction stays. In the caller's transaction.
 */
export async function freeCoinsOf(client: Client, withdrawal: string): Promise<void> {
  await client.query(
    `delete from custody.reservation r using custody.plan p
       where p.withdrawal = $1 and r.digest = p.digest and not exists (
         select from custody.plan q join custody.withdrawal w on w.id = q.withdrawal and w.plan = q.number
           where q.digest = p.digest and w.id <> $1 and w.open)`,
    [withdrawal],
  );
}

/** What these have taken and nobody plans with, in the same transaction. */
export async function letGo(
  client: Client,
  chain: ChainName,
  plans: readonly (Reservable | undefined)[],
): Promise<void> {
  const digests = plans.flatMap((plan) => (plan && plan.spends.length > 0 ? plan.digest : []));
  if (digests.length === 0) return;
  await client.query(
    `delete from custody.reservation r where chain = $1 and digest = any($2)
       and not exists (select from custody.plan p where p.digest = r.digest)`,
    [chain, digests],
  );
}
