/** A deposit is credited once: deep enough, on the word of two nodes, to whom its message names; else held, and seen. */
import { addressOf, multiplierOne } from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { verify } from '@kuramori/ledger';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ledgerMigrations } from '@kuramori/ledger';
import { testDatabase, testPasswords } from '../../ledger/testing/database.ts';
import { bookArrivals } from '../deposit.ts';
import { arrivalsIn } from '../chains/nem/arrivals.ts';
import { inTransaction } from '@kuramori/ledger';
import { custodyMigrations, migrateCustody } from '../migrate.ts';
import { openDeposits } from './place.ts';
import { round } from '../chain/scan.ts';
import { openNeighbourhood, plain, transfer, type Neighbourhood } from '../testing/neighbourhood.ts';
import { changed, withNodes } from '../testing/house.ts';

let n: Neighbourhood;
let message: string;
beforeAll(async () => {
  n = await openNeighbourhood();
  message = String((await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } })).body['message']);
});
afterAll(() => n[Symbol.asyncDispose]());

const deposits = () => Array.fromAsync(n.t.client.pages('listDeposits', {}));
const available = async () => {
  const { body } = await n.t.ask({ path: '/v1/customers/alice/balances' });
  return (body['balances'] as { available: string }[])[0]?.available;
};
const pay = (units: bigint, text: string, more: Parameters<typeof transfer>[4] = {}) =>
  n.announce(
    transfer(n, n.people.customer, n.people.hot.address, units, { message: plain(text), ...more }),
    n.people.customer,
  );

test('not before it has its confirmations, then once, however often and however many look', async () => {
  await pay(5_000_000n, message);
  await n.harvest();
  await n.scan();
  expect(await available()).toBeUndefined();
  await n.harvest();
  await Promise.all(Array.from({ length: 20 }, () => n.scan()));
  expect(await available()).toBe('5000000');
  for (let again = 0; again < 100; again += 1) await n.scan();
  expect(await available()).toBe('5000000');
  expect(await deposits()).toMatchObject([
    { state: 'credited', customer: 'alice', units: '5000000', message },
  ]);
});

test('XEM that comes as a mosaic, spaces around the message', async () => {
  const xem = { id: { namespaceId: 'nem', name: 'xem' }, quantity: 2_000_000n };
  await pay(multiplierOne * 2n, ` ${message}\n`, { mosaics: [xem] });
  await n.harvest(2);
  await n.scan();
  expect(await available()).toBe('9000000');
});

test('no message, a mistyped one, one of bytes, an encrypted one, one with U+0000: held with the reason', async () => {
  const mistyped = `${message.slice(0, 14)}${(Number(message[14]) + 1) % 10}`;
  const hashes = [
    [await pay(1_000_001n, '', { message: { kind: 'none' } }), 'no-message'],
    [await pay(1_000_002n, mistyped), 'unknown-message'],
    [await pay(1_000_003n, '', { message: { kind: 'plain', payload: 'ff00fe' } }), 'unreadable-message'],
    [
      await pay(1_000_004n, '', { message: { kind: 'encrypted', payload: 'ab'.repeat(64) } }),
      'encrypted-message',
    ],
    [await pay(1_000_005n, '\0'), 'unknown-message'],
  ] as const;
  await n.harvest(2);
  expect(await n.scan()).toMatchObject({ stopped: null });
  const held = (await deposits()).filter(({ state }) => state === 'held');
  expect(held).toHaveLength(5);
  for (const [hash, why] of hashes)
    expect(held.find(({ transaction }) => transaction === hash)).toMatchObject({ why, customer: null });
  expect(await available()).toBe('9000000');
});

test('a held one can be claimed as the house’s own, once', async () => {
  const held = (await deposits()).find(({ why }) => why === 'no-message');
  const claim = (idempotencyKey: string) =>
    n.t.ask({ path: '/v1/house/own-funds', body: { deposit: held?.id }, idempotencyKey });
  const answers = await Promise.all(['a', 'a', 'b', 'c'].map(claim));
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status === 422).length).toBeGreaterThan(0);
  const status = await n.t.ask({ path: '/v1/status' });
  expect(status.body['accounts']).toContainEqual({
    kind: 'own-funds',
    owner: '',
    asset: 'nem:xem',
    balance: '1000001',
  });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});

test('a node that says something else stops everything, and nothing is lost', async () => {
  await pay(3_000_000n, message);
  await n.harvest(2);
  const [honest, other] = n.t.nodes;
  if (!honest || !other) throw new Error('two nodes');
  const liar = {
    ...nemNode(other.url, 'testnet'),
    // The same hashes, and ten times the money.
    blocksAfter: async (height: number) => {
      const read = await other.blocksAfter(height);
      if (read.kind === 'failed') return read;
      const value = read.value.map((block) => ({
        ...block,
        transactions: block.transactions.map((seen) => ({
          ...seen,
          hash: addressOf(seen.transaction.signer, 'testnet'),
        })),
      }));
      return { kind: 'read' as const, value };
    },
  };
  const before = await available();
  const stopped = await round(withNodes(n.t.house, [honest, liar]));
  expect(stopped.stopped).toMatch(/disagree on block/);
  const alone = await round(
    withNodes(n.t.house, [honest, { ...other, height: async () => ({ kind: 'failed', detail: 'gone' }) }]),
  );
  expect(alone.stopped).toMatch(/two nodes must answer: gone/);
  expect(await available()).toBe(before);
  await n.scan();
  expect(await available()).toBe('12000000');
});

test('the same block delivered a hundred times, concurrently, to two custodies over one database', async () => {
  const before = BigInt((await available()) ?? '0');
  for (let paid = 0; paid < 5; paid += 1) await pay(1_000_000n + BigInt(paid), message);
  await n.harvest(2);
  const second = new Pool({ connectionString: n.t.database.custodyUrl, max: 16 });
  const instances = [n.t.house, changed(n.t.house, { pool: second })];
  const states = await Promise.all(
    Array.from({ length: 100 }, (_, index) => round(instances[index % 2] ?? n.t.house)),
  );
  await second.end();
  expect(states.flatMap(({ stopped }) => stopped ?? [])).toEqual([]);
  expect(await available()).toBe(String(before + 5_000_010n));
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});

test('a block that is booked past the cursor’s guard is refused whole, and nothing of it is booked', async () => {
  const [node] = n.t.nodes;
  const height = n.nodes[0].core.chain.last().block.height;
  const read = await node?.blocksAfter(height - 3);
  if (read?.kind !== 'read') throw new Error('the node answers');
  const before = await available();
  // A scan with a bug, or a database whose cursor alone was set back.
  const arrivals = read.value.flatMap((block) => arrivalsIn(n.t.house, block, null));
  expect(arrivals.length).toBeGreaterThan(0);
  await expect(
    inTransaction(n.t.house.pool, (client) => bookArrivals(n.t.house, client, arrivals)),
  ).rejects.toThrow(/was booked from block/);
  expect(await available()).toBe(before);
});

test('yesterday’s database catches up: each deposit once, whatever was booked in between and is forgotten', async () => {
  await using yesterday = await testDatabase({
    migrations: [ledgerMigrations, custodyMigrations],
    migrate: (adminUrl) => migrateCustody(adminUrl, testPasswords),
  });
  const house = changed(n.t.house, { pool: yesterday.custody });
  const sum = async (pool: typeof yesterday.custody) => {
    const found = await pool.query<{ sum: string; count: string }>(
      "select coalesce(sum(units), 0) as sum, count(*) as count from custody.deposit where state = 'credited'",
    );
    return found.rows[0];
  };
  await inTransaction(yesterday.custody, (client) => openDeposits(house, client, { customer: 'alice' }));
  await Promise.all(Array.from({ length: 20 }, () => round(house)));
  await pay(2_000_000n, message);
  await n.harvest(2);
  await Promise.all([round(n.t.house), ...Array.from({ length: 20 }, () => round(house))]);
  expect(await sum(yesterday.custody)).toEqual(await sum(n.t.database.custody));
  const { rows } = await yesterday.admin.query<{ balance: string }>(
    "select balance from ledger.account where kind = 'customer' and owner = 'alice'",
  );
  expect(rows[0]?.balance).toBe(await available());
});
