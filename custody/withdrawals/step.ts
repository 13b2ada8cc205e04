/** How a withdrawal takes a step or waits: state, money and next job in one transaction. */
import { inTransaction, type Client } from '@kuramori/ledger';
import { enqueue } from '../jobs/enqueue.ts';
import type { House } from '../house.ts';
import { giveTurns, joinLine } from './line.ts';
import { change, type Change, type Withdrawal } from './row.ts';
import type { State } from './states.ts';

/** With it a place is free for another. */
const leavesFlight: ReadonlySet<State> = new Set(['confirmed', 'expired', 'disputed']);

/** One move, with whatever else belongs to it, and the next job: all in one transaction. */
export async function step(
  house: House,
  from: Withdrawal,
  to: State,
  given: Change = {},
  also: (client: Client) => Promise<void> = async () => {},
): Promise<void> {
  await inTransaction(house.pool, async (client) => {
    if (leavesFlight.has(to)) await client.query('select custody.hold_lanes($1)', [from.wallet]);
    if (!(await change(house, client, from, to, given))) return;
    await also(client);
    if (to === 'expired') await joinLine(client, from.id, house.clock.now());
    await enqueue(client, from.id);
    if (leavesFlight.has(to)) await giveTurns(house, client);
  });
}

/** How much slower than usual somebody is asked again whose answer calls by itself. */
export const [rather, slowly] = [5, 20] as const;

/** Looks again soon. What is waited for is kept, so that people see it. */
export async function wait(house: House, withdrawal: Withdrawal, why: string, times = 1): Promise<void> {
  await inTransaction(house.pool, async (client) => {
    await note(client, withdrawal, why);
    await enqueue(client, withdrawal.id, house.pollMs * times);
  });
}

export async function note(client: Client, { id, state, waiting }: Withdrawal, why: string): Promise<void> {
  const text = why.slice(0, 1000);
  if (waiting === text) return;
  await client.query('update custody.withdrawal set waiting = $3 where id = $1 and state = $2', [
    id,
    state,
    text,
  ]);
}
