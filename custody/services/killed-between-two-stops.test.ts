/** Custody is killed before and after each commit while it stops an asset, and two do it at once: no stop is lost, none is told twice, and the order stays. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceRounds } from '../services.ts';
import { freezeAll, withFreezers, withServices } from '../testing/freezing.ts';
import { beginning, openNeighbourhood, until, type Neighbourhood } from '../testing/neighbourhood.ts';
import { runningClock, startCustody, type CustodyProcess } from '../testing/process.ts';
import { signed } from '../testing/exchange.ts';
import { knowAssets, listServices } from './row.ts';

let n: Neighbourhood;
const clock = runningClock(beginning);
beforeAll(async () => {
  n = await openNeighbourhood({ clock, policy: withFreezers, house: withServices });
  await knowAssets(n.t.database.custody, ['nem:xem']);
  await freezeAll(n, 'while custody was down');
});
afterAll(() => n[Symbol.asyncDispose]());

const order = ['nem:xem:deposits', 'nem:xem:withdrawals', 'nem:xem:trading'];
const told = async () => {
  const { rows } = await n.t.database.admin.query<{ object: string; state: string }>(
    "select object, state from custody.event where kind = 'service' order by seq",
  );
  return rows.map(({ object, state }) => {
    expect(state).toBe('stopped');
    return object;
  });
};

/** Starts it to die at a commit; null where it died before it was ready, as it should. */
async function startToDie(side: 'before' | 'after', at: number): Promise<CustodyProcess | null> {
  const flags = [`--die-at=commit:${side}:${at}`];
  // Nothing else commits meanwhile, so that each start gets one commit further.
  return startCustody(n.t, clock, { flags, config: { pollMs: 60_000 } }).catch(() => null);
}

test('killed at each commit of its start, it goes on from there', async () => {
  const seen = new Set<number>();
  for (let at = 2; at <= 12 && (await told()).length < order.length; at += 1) {
    const custody = await startToDie(at % 2 === 0 ? 'before' : 'after', at);
    await custody?.kill();
    const stops = await told();
    expect(stops).toEqual(order.slice(0, stops.length));
    seen.add(stops.length);
  }
  // It was really killed between two of them.
  expect([...seen].some((count) => count > 0 && count < order.length)).toBe(true);
  const custody = await startCustody(n.t, clock);
  expect(await told()).toEqual(order);
  const created = Math.floor(n.t.clock.ms / 1000);
  // The first question to a custody that starts: the stop was before it.
  expect(
    await custody.send(signed({ path: '/v1/customers', body: { customer: 'alice' }, created })),
  ).toMatchObject({ status: 503, body: { code: 'deposits-stopped' } });
  await custody.kill();
  expect(await told()).toEqual(order);
}, 120_000);

test('five at once stop it once', async () => {
  await n.t.database.admin.query(
    `set session_replication_role = 'replica'; delete from custody.event;
     update custody.service set state = 'open', stop = null; delete from custody.stop; set session_replication_role = 'origin'`,
  );
  const rounds = Array.from({ length: 5 }, () => serviceRounds(n.t.house));
  await Promise.all(rounds.map((round) => round()));
  await until('all to be stopped', async () => {
    await Promise.all(rounds.map((round) => round()));
    return (await listServices(n.t.database.prover)).every(({ state }) => state === 'stopped');
  });
  expect(await told()).toEqual(order);
});
