/**
 * Convoy: withdrawals that are under way at the same time travel together. Each has its own story (withdrawal.ts); what all
 * of them ask of the database at one moment is asked in one statement, and committed in one transaction.
 */
import { inTransaction, post, LedgerError, type Client, type Operation } from '@kuramori/ledger';
import { log, together, type Ask } from '@kuramori/program';
import { DatabaseError, type Pool } from 'pg';
import { enqueueAll } from '../jobs/enqueue.ts';
import type { House } from '../house.ts';
import { onceTogether } from '../api/once.ts';
import type { Reply } from '../api/problem.ts';
import { keepAnnouncements, sentOf, type Kept, type Sent } from './announcement.ts';
import { giveTurnsBut } from './line.ts';
import { namesOfRequest, requestWithdrawals, type OfCustomer } from './request.ts';
import { findWithdrawals, writeSteps, type Departing, type Step, type Withdrawal } from './row.ts';
import type { State } from './states.ts';

/** What becomes of a step: taken; or the withdrawal is elsewhere, by somebody else's work; or its plan's bytes are another's. */
export type Outcome = 'taken' | 'elsewhere' | 'same-bytes';

/** A step, with what belongs to it in the same transaction. */
export interface Departure {
  readonly branch: Departing;
  readonly step: Step;
  /** When somebody looks again, in milliseconds from now; null where whoever takes the step goes on by itself. */
  readonly again: number | null;
  /** The money that moves with it. */
  readonly operation?: Operation;
}

export interface Requested {
  readonly house: House;
  readonly asked: OfCustomer;
}

export interface Convoy {
  /** A request of the exchange, decided once. */
  readonly request: Ask<Requested, Reply>;
  readonly find: Ask<string, Withdrawal | undefined>;
  readonly take: Ask<Departure, Outcome>;
  /** The signed parts of a withdrawal's plan, and what the nodes said of them. */
  readonly sent: Ask<{ readonly withdrawal: string; readonly plan: number }, Sent>;
  readonly keep: Ask<Kept, void>;
}

type Departs = Ask<Departure, Outcome>;

/** How many share a statement: what one waits for the others stays short. */
const most = 100;

/** With it a place is free for another. */
const leavesFlight: ReadonlySet<State> = new Set(['confirmed', 'expired', 'disputed']);

/** Whether it takes locks that many wait for: of the line, or of the ledger's accounts. The others do not wait behind it. */
function isHeavy({ step: { from, to, joins }, operation }: Departure): boolean {
  if (to === undefined) return false;
  return joins === true || operation !== undefined || leavesFlight.has(to) || from === 'awaiting-approval';
}

export function openConvoy(pool: Pool): Convoy {
  const departing = () =>
    together(
      (departures: readonly Departure[]) =>
        apart(departures, (some) => inTransaction(pool, (client) => takeAll(client, some))),
      most,
    );
  /** Turns are given, and places counted, wallet by wallet. */
  const lanes = new Map<string, { readonly heavy: Departs; readonly light: Departs }>();
  const laneOf = (wallet: string) => {
    const lane = lanes.get(wallet) ?? { heavy: departing(), light: departing() };
    lanes.set(wallet, lane);
    return lane;
  };
  return {
    request: together((requests) => decide(pool, requests), most),
    find: together(async (ids) => {
      const found = await findWithdrawals(pool, ids);
      return ids.map((id) => found.get(id));
    }, most),
    take(departure) {
      const { heavy, light } = laneOf(departure.branch.hot.id);
      return (isHeavy(departure) ? heavy : light)(departure);
    },
    sent: together((plans) => sentOf(pool, plans), most),
    keep: together(
      (kept: readonly Kept[]) =>
        apart(kept, async (some) => {
          await keepAnnouncements(pool, some);
          return some.map(() => undefined);
        }),
      most,
    ),
  };
}

/** Requests that share no name in one transaction; the others after them. */
async function decide(pool: Pool, requests: readonly Requested[]): Promise<readonly Reply[]> {
  const replies = new Map<Requested, Reply>();
  for (let left = requests; left.length > 0; left = left.filter((one) => !replies.has(one))) {
    const names = new Set<string>();
    const group = left.filter(({ asked }) => {
      const mine = namesOfRequest(asked);
      const free = !mine.some((name) => names.has(name));
      for (const name of mine) names.add(name);
      return free;
    });
    const given = await apart(group, (some) => inTransaction(pool, (client) => decideAll(client, some)));
    for (const [index, one] of group.entries()) replies.set(one, given[index] as Reply);
  }
  return requests.map((one) => replies.get(one) as Reply);
}

async function decideAll(client: Client, requests: readonly Requested[]): Promise<readonly Reply[]> {
  const [first] = requests;
  if (!first) return [];
  const signed = requests.map(({ asked: { request } }) => request);
  return onceTogether(first.house, client, signed, (places) =>
    requestWithdrawals(
      first.house,
      client,
      places.flatMap((place) => requests[place]?.asked ?? []),
    ),
  );
}

/** All together; where something is wrong with one of them, in halves, so that it takes no other with it. */
async function apart<T, R>(
  all: readonly T[],
  work: (some: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  try {
    return await work(all);
  } catch (cause) {
    const ours = cause instanceof LedgerError || cause instanceof DatabaseError;
    if (!ours || all.length === 1) throw cause;
    log('not all at once', { count: all.length, why: cause.message });
    const half = all.length >> 1;
    const first = await apart(all.slice(0, half), work);
    return [...first, ...(await apart(all.slice(half), work))];
  }
}

async function takeAll(client: Client, departures: readonly Departure[]): Promise<readonly Outcome[]> {
  const [first] = departures;
  if (!first) return [];
  const outcomes = await writeSteps(
    first.branch,
    client,
    departures.map(({ step }) => step),
  );
  const taken = departures.filter((_, index) => outcomes[index] === 'taken');
  await enqueueAll(
    client,
    taken.flatMap(({ step: { id }, again }) => (again === null ? [] : { id, ms: again })),
  );
  // Whoever joins the line here goes on by itself, and sees whether it has its turn.
  const joined = taken.flatMap(({ step }) => (step.joins === true ? step.id : []));
  if (joined.length > 0 || taken.some(({ step: { to } }) => to !== undefined && leavesFlight.has(to)))
    await giveTurnsBut(first.branch, client, joined);
  // Last, since many wait for its accounts.
  const operations = taken.flatMap(({ operation }) => operation ?? []);
  for (const answer of operations.length > 0 ? await post(client, operations) : [])
    if (answer.kind === 'refused')
      throw new LedgerError(
        `what the chain has done cannot be refused, and the ledger refuses to settle it: ${answer.why}: ${answer.detail}`,
      );
  return outcomes;
}
