/** A deposit is credited once: deep enough, on the word of two nodes, to whom its message names; else held, and seen. */
import { addressOf, multiplierOne } from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deposit } from './deposit-row.ts';
import { round } from './scan.ts';
import { openNeighbourhood, plain, transfer, type Neighbourhood } from './testing/neighbourhood.ts';

let n: Neighbourhood;
let message: string;
beforeAll(async () => {
  n = await openNeighbourhood();
  message = String((await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } })).body['message']);
});
afterAll(() => n[Symbol.asyncDispose]());

const deposits = async () => (await n.t.ask({ path: '/v1/deposits' })).body['deposits'] as Deposit[];
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
  const [honest, other] = n.t.house.nodes;
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
  const stopped = await round({ ...n.t.house, nodes: [honest, liar] });
  expect(stopped.stopped).toMatch(/disagree on block/);
  const alone = await round({
    ...n.t.house,
    nodes: [honest, { ...other, height: async () => ({ kind: 'failed', detail: 'gone' }) }],
  });
  expect(alone.stopped).toMatch(/two nodes must answer: gone/);
  expect(await available()).toBe(before);
  await n.scan();
  expect(await available()).toBe('12000000');
});
