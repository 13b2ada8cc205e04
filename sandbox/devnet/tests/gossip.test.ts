import { expect, it } from 'vitest';
import { people, startUnderTest, startTime, type NodeUnderTest } from './node-under-test.testing.ts';
import { convert, cosignature, transfer, wrapper } from './transactions.testing.ts';

const [account, a, b, c, shop] = people('account', 'a', 'b', 'c', 'shop');

/** A harvesting node and one that follows it, each knowing the other; gossip only when the test says so. */
async function pair() {
  const clock = { time: startTime + 60 };
  const balances = [[account.address, 1_000]] as const;
  const slow = { broadcastMs: 60_000, syncMs: 600_000 };
  const first = await startUnderTest({ balances, clock, config: slow });
  const second = await startUnderTest({
    balances,
    clock,
    config: { ...slow, harvest: undefined, peers: [first.node.url] },
  });
  const stop = async () => {
    await second[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
  };
  return { first, second, [Symbol.asyncDispose]: stop };
}

const push = (node: NodeUnderTest) => node.post('/devnet/control/broadcast');
const sync = (node: NodeUnderTest) => node.post('/devnet/control/sync');

it('passes on transactions and blocks', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  expect(await second.announce(transfer(account, shop.address, 10, second.now()), account)).toBe(1);
  expect(first.node.core.pool.list()).toHaveLength(0);
  await push(second);
  expect(first.node.core.pool.list()).toHaveLength(1);
  expect(await first.harvest()).toBe(1);
  await sync(second);
  expect(await second.balance(shop.address)).toBe(10);
  expect(second.node.core.chain.last().block.hash).toBe(first.node.core.chain.last().block.hash);
  expect(second.node.core.pool.list()).toHaveLength(0);
});

it('fetches what is pending, with its cosignatures', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  await convert(first, account, [a, b, c], 3);
  const wrapped = wrapper(a, transfer(account, shop.address, 10, first.now()), first.now());
  await first.announce(wrapped, a);
  await first.announce(cosignature(b, wrapped, account, first.now()), b);
  await sync(second);
  const { body } = await second.get(`/account/unconfirmedTransactions?address=${c.address}`);
  expect(body).toMatchObject({
    data: [{ transaction: { type: 4100, signatures: [{ signer: b.publicKey }] } }],
  });
});

it('loses a wrapper that is cosigned before it is sent, and what is queued after it', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  await convert(first, account, [a, b, c], 2);
  await sync(second);
  const wrapped = wrapper(a, transfer(account, shop.address, 10, second.now()), second.now());
  expect(await second.announce(wrapped, a)).toBe(1);
  expect(await second.announce(cosignature(b, wrapped, account, second.now()), b)).toBe(1);
  await push(second);
  expect(first.node.core.pool.list()).toHaveLength(0);
  const later = wrapper(a, transfer(account, shop.address, 20, second.now()), second.now());
  expect(await second.announce(later, a)).toBe(1);
  await push(second);
  expect(first.node.core.pool.list()).toHaveLength(1);
});

it('judges a block before taking it: a stranger’s is refused, and one that was changed', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  await first.announce(transfer(account, shop.address, 10, first.now()), account);
  await first.harvest();
  const { items } = Object((await first.get('/devnet/peer/blocks?after=1')).body) as { items: string[] };
  const [block = ''] = items;
  const at = block.indexOf(shop.address.charCodeAt(0).toString(16), 600);
  const changed = `${block.slice(0, 20)}${block[20] === '0' ? '1' : '0'}${block.slice(21)}`;
  expect(at).toBeGreaterThan(0);
  expect((await second.post('/devnet/peer/blocks', { items: [changed] })).body).toEqual({ verdicts: [8] });
  expect((await second.post('/devnet/peer/blocks', { items: [block] })).body).toEqual({ verdicts: [1] });
  expect((await second.post('/devnet/peer/blocks', { items: [block] })).body).toEqual({ verdicts: [0] });
});

it('follows a fork that weighs more, and what it unconfirms is pending again', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  await first.announce(transfer(account, shop.address, 10, first.now()), account);
  await first.harvest();
  first.setTime(first.now() + 60);
  await first.harvest();
  await sync(second);
  expect(await second.balance(shop.address)).toBe(10);

  const { body } = await first.post('/devnet/control/rewind', { blocks: 2, transactions: 'forgotten' });
  expect(body).toEqual({ height: 1, reverted: 1 });
  for (let at = 0; at < 3; at += 1) {
    first.setTime(first.now() + 60);
    await first.harvest();
  }
  await sync(second);
  expect(second.node.core.chain.height()).toBe(4);
  expect(await second.balance(shop.address)).toBe(0);
  expect(second.node.core.pool.list()).toHaveLength(1);
  await push(second);
  await second.restart();
  expect(second.node.core.chain.height()).toBe(4);
});

it('knows a peer by its first block', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  await using stranger = await startUnderTest({
    balances: [[shop.address, 5]],
    config: { harvest: undefined, peers: [first.node.url] },
  });
  await first.harvest();
  await sync(stranger);
  expect(stranger.node.core.chain.height()).toBe(1);
  expect((await stranger.get('/status')).body).toEqual({ type: 4, code: 7, message: 'status' });
  await sync(second);
  expect((await second.get('/status')).body).toEqual({ type: 4, code: 6, message: 'status' });
  expect((await second.get('/node/peer-list/all')).body).toMatchObject({
    active: [{ endpoint: { host: '127.0.0.1' } }],
  });
});

it('by itself, within the broadcast interval', async () => {
  const clock = { time: startTime + 60 };
  const balances = [[account.address, 1_000]] as const;
  await using first = await startUnderTest({ balances, clock });
  await using second = await startUnderTest({
    balances,
    clock,
    config: { harvest: undefined, peers: [first.node.url], broadcastMs: 20, syncMs: 50 },
  });
  await second.announce(transfer(account, shop.address, 10, second.now()), account);
  await expect.poll(() => first.node.core.pool.list().length, { interval: 10 }).toBe(1);
  await first.harvest();
  await expect.poll(() => second.node.core.chain.height(), { interval: 10 }).toBe(2);
});
