/** Two custodies on one database, real processes: each does the other's work, and when one is killed in the middle nothing is paid twice or forgotten. */
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signed } from '../testing/exchange.ts';
import { xem } from '../testing/house.ts';
import { beginning, openNeighbourhood, until, type Neighbourhood } from '../testing/neighbourhood.ts';
import { runningClock, startCustody, type CustodyProcess } from '../testing/process.ts';
import { lastStates, State } from './states.ts';

let n: Neighbourhood;
const clock = runningClock(beginning);
const running = new Set<CustodyProcess>();
beforeAll(async () => {
  n = await openNeighbourhood({ clock });
  for (const customer of ['alice', 'bob', 'carol']) await n.t.rich(customer, '1000');
});
afterAll(async () => {
  for (const one of running) await one.kill();
  await n[Symbol.asyncDispose]();
});

async function start(): Promise<CustodyProcess> {
  const one = await startCustody(n.t, clock);
  running.add(one);
  return one;
}
async function kill(one: CustodyProcess): Promise<void> {
  running.delete(one);
  await one.kill();
}

const request = (customer: string, key: string) =>
  signed({
    path: '/v1/withdrawals',
    body: {
      customer,
      asset: 'nem:xem',
      amount: xem('5'),
      destination: { address: n.people.treasury.address, memo: key },
      feeCap: xem('1'),
    },
    created: Math.floor(n.t.clock.ms / 1000),
    idempotencyKey: key,
  });

async function count(sql: string): Promise<number> {
  const { rows } = await n.t.database.admin.query<{ n: string }>(`select count(*) as n from ${sql}`);
  return Number(rows[0]?.n);
}

test('what the database calls open and pending is what the table of states says', async () => {
  const { rows: kept } = await n.t.database.admin.query<{ name: string; expression: string }>(
    `select column_name as name, generation_expression as expression from information_schema.columns
       where table_schema = 'custody' and table_name = 'withdrawal' and is_generated = 'ALWAYS'`,
  );
  const statesThat = async (name: string) => {
    const expression = kept.find((one) => one.name === name)?.expression ?? 'null';
    const { rows } = await n.t.database.admin.query<{ state: string }>(
      `select state from unnest($1::text[]) state where ${expression}`,
      [State.options],
    );
    return rows.map(({ state }) => state);
  };
  const open = State.options.filter((state) => !lastStates.includes(state));
  expect(await statesThat('open')).toEqual(open);
  // Before it may have a turn, and once it is in a block, it keeps no place.
  const placeless = new Set<State>(['requested', 'held', 'confirmed']);
  expect(await statesThat('pending')).toEqual(open.filter((state) => !placeless.has(state)));
});

test('eighteen withdrawals, asked of both; each of them killed once in the middle', async () => {
  const before = await n.balance(n.people.treasury.address);
  let [one, other] = [await start(), await start()];
  const ask = async (from: number, to: number) => {
    const keys = Array.from({ length: to - from }, (_, index) => `payout-${from + index}`);
    // The same request to both at once: one withdrawal.
    await Promise.all(
      keys.flatMap((key, index) =>
        [one, other].map(async (custody) => {
          const answer = await custody.send(request(['alice', 'bob', 'carol'][index % 3] ?? '', key));
          expect(answer).toMatchObject({ status: 201 });
        }),
      ),
    );
  };
  await ask(0, 9);
  await until(
    'some to be under way',
    async () => (await count("custody.withdrawal where state <> 'held'")) > 2,
  );
  await kill(one);
  // What the dead one had locked is free within moments, not when a lock of four hours is over.
  const locked = () =>
    count(
      'graphile_worker.jobs j where j.locked_by is not null and exists (select from custody.instance i where i.ended and j.locked_by = any(i.workers))',
    );
  await until('the dead one to be noticed', async () => (await count('custody.instance where ended')) === 1);
  await until('its jobs to be free', async () => (await locked()) === 0);
  one = await start();
  await ask(9, 18);
  await until(
    'some to be signed',
    async () => (await count('custody.signature where signature is not null')) > 6,
  );
  await kill(other);
  other = await start();
  await until(
    'all to be final',
    async () => {
      await n.harvest();
      return (await count("custody.withdrawal where state = 'final'")) === 18;
    },
    // Less than the minute after which a lock under an unknown name is broken: what is free is free because its owner is dead.
    45_000,
  );
  expect((await n.balance(n.people.treasury.address)) - before).toBe(90_000_000n);
  expect(await count('custody.withdrawal')).toBe(18);
  expect(await count('custody.plan')).toBe(18);
  expect(await count("custody.outgoing where kind = 'withdrawal'")).toBe(18);
  expect(await count("custody.outgoing where kind <> 'withdrawal'")).toBe(0);
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  const { rows } = await n.t.database.admin.query(
    "select owner, balance::text, held::text from ledger.account where kind = 'customer' order by owner",
  );
  // Six each, of 5 and the fees: 0.35, and 0.05 for the memo.
  const [balance, held] = [String(1_000_000_000 - 6 * 5_400_000), '0'];
  expect(rows).toEqual(['alice', 'bob', 'carol'].map((owner) => ({ owner, balance, held })));
  await kill(one);
  await kill(other);
}, 120_000);

test('one that is only slow is not taken for dead', async () => {
  const [one, other] = [await start(), await start()];
  const alive = () => count('custody.instance where not ended');
  await until('the two before them to be buried', async () => (await alive()) === 2);
  one.child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const living = await alive();
  one.child.kill('SIGCONT');
  expect(living).toBe(2);
  await kill(one);
  await kill(other);
});
