// The hand that rewrites a chain: how deep, and what becomes of what was confirmed. Two nodes; the second follows by itself.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { transactionHash, type Transaction } from '@kuramori/chains/nem/codec';
import { people, startUnderTest, startTime, type NodeUnderTest } from './node-under-test.testing.ts';
import { bytesOf, convert, cosignature, transfer, wrapper } from './transactions.testing.ts';

const [account, other, a, b, c, shop, late] = people('account', 'other', 'a', 'b', 'c', 'shop', 'late');

/** A node that harvests and one that follows it within milliseconds, each knowing the other. */
async function pair() {
  const clock = { time: startTime + 60 };
  const balances = [
    [account.address, 1_000],
    [other.address, 1_000],
  ] as const;
  const first = await startUnderTest({ balances, clock });
  const second = await startUnderTest({
    balances,
    clock,
    config: { harvest: undefined, peers: [first.node.url], broadcastMs: 20, syncMs: 50 },
  });
  return {
    first,
    second,
    async [Symbol.asyncDispose]() {
      await second[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
    },
  };
}

const Fork = z.object({ height: z.int(), hash: z.string(), left: z.array(z.string()) });
const Refused = z.object({ message: z.string() });

async function fork(devnet: NodeUnderTest, body: object) {
  const answer = await devnet.post('/devnet/control/fork', body);
  expect(answer.status, answer.text).toBe(200);
  return Fork.parse(answer.body);
}

const hashOf = (transaction: Transaction): string => transactionHash(bytesOf(transaction));
const tip = (devnet: NodeUnderTest) => devnet.node.core.chain.last().block.hash;
const pending = (devnet: NodeUnderTest) => devnet.node.core.pool.list().map(({ hash }) => hash);

async function pay(devnet: NodeUnderTest, from: typeof account, to: typeof shop, xem: number) {
  const payment = transfer(from, to.address, xem, devnet.now());
  expect(await devnet.announce(payment, from)).toBe(1);
  expect(await devnet.harvest()).toBe(1);
  devnet.setTime(devnet.now() + 60);
  return payment;
}

const follows = (nodes: { first: NodeUnderTest; second: NodeUnderTest }) =>
  expect.poll(() => tip(nodes.second), { interval: 10, timeout: 5_000 }).toBe(tip(nodes.first));

it('of depth 3 with everything in it again: other blocks, the same balances, and the peer follows', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  for (const xem of [1, 2, 3, 4]) await pay(first, account, shop, xem);
  await follows(nodes);
  const before = [2, 3, 4, 5].map((height) => first.node.core.chain.at(height)?.block.hash);
  const { height, left } = await fork(first, { depth: 3 });
  expect({ height, left }).toEqual({ height: 6, left: [] });
  const after = [2, 3, 4, 5].map((at) => first.node.core.chain.at(at)?.block.hash);
  expect(after[0]).toBe(before[0]);
  for (const at of [1, 2, 3]) expect(after[at]).not.toBe(before[at]);
  await follows(nodes);
  expect(await second.balance(shop.address)).toBe(10);
  expect(pending(first)).toEqual([]);
});

it('what is left out is pending again, here and at the peer, and confirms in the next block', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  const payment = await pay(first, account, shop, 10);
  await pay(first, other, shop, 5);
  await follows(nodes);
  const { left } = await fork(first, { depth: 2, drop: [hashOf(payment)] });
  expect(left).toEqual([hashOf(payment)]);
  await follows(nodes);
  expect(await second.balance(shop.address)).toBe(5);
  expect(pending(first)).toEqual([hashOf(payment)]);
  expect(pending(second)).toEqual([hashOf(payment)]);
  expect(await first.harvest()).toBe(1);
  await follows(nodes);
  expect(await second.balance(shop.address)).toBe(15);
});

it('what is forgotten comes back only from a peer that still has it', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  const payment = await pay(first, account, shop, 10);
  await follows(nodes);
  await fork(first, { depth: 1, drop: [hashOf(payment)], dropped: 'forgotten' });
  expect(pending(first)).toEqual([]);
  await follows(nodes);
  expect(pending(second)).toEqual([hashOf(payment)]);
  await second.post('/devnet/control/drop-pending');
  expect(await first.harvest()).toBe(0);
  await follows(nodes);
  expect(await second.balance(shop.address)).toBe(0);
});

it('a node that forgot a fork’s payment still answers 0 to its bytes for 600 s, and has it not; then it takes it', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const payment = await pay(devnet, account, shop, 10);
  await fork(devnet, { depth: 1, drop: [hashOf(payment)], dropped: 'forgotten' });
  expect(await devnet.announce(payment, account)).toBe(0);
  expect(pending(devnet)).toEqual([]);
  devnet.setTime(devnet.now() + 661);
  expect(await devnet.announce(payment, account)).toBe(1);
  expect(await devnet.harvest()).toBe(1);
  expect(await devnet.balance(shop.address)).toBe(10);
});

it('leaves out with a payment what was paid from it', async () => {
  await using nodes = await pair();
  const { first } = nodes;
  const payment = await pay(first, account, shop, 100);
  const onward = await pay(first, shop, late, 50);
  const { left } = await fork(first, { depth: 2, drop: [hashOf(payment)] });
  expect(left.toSorted()).toEqual([hashOf(payment), hashOf(onward)].toSorted());
  expect(await first.balance(late.address)).toBe(0);
});

it('takes a multisig payment with its cosignatures, and a conversion', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  await convert(first, account, [a, b, c], 2);
  first.setTime(first.now() + 60);
  const wrapped = wrapper(a, transfer(account, shop.address, 10, first.now()), first.now());
  expect(await first.announce(wrapped, a)).toBe(1);
  expect(await first.announce(cosignature(b, wrapped, account, first.now()), b)).toBe(1);
  expect(await first.harvest()).toBe(1);
  first.setTime(first.now() + 60);
  await follows(nodes);
  await fork(first, { depth: 2 });
  await follows(nodes);
  expect(await second.balance(shop.address)).toBe(10);
  await fork(first, { depth: 2, drop: [hashOf(wrapped)] });
  await follows(nodes);
  expect(await second.balance(shop.address)).toBe(0);
  expect(second.node.core.pool.list()).toMatchObject([{ kind: 'multisig', cosignatures: [{}] }]);
  expect(await first.harvest()).toBe(1);
});

it('survives a restart, and the same command on the same chain gives the same fork', async () => {
  const once = async (): Promise<string> => {
    await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
    for (const xem of [1, 2, 3]) await pay(devnet, account, shop, xem);
    await fork(devnet, { depth: 2 });
    const hash = tip(devnet);
    await devnet.restart();
    expect(tip(devnet)).toBe(hash);
    expect(await devnet.balance(shop.address)).toBe(6);
    return hash;
  };
  expect(await once()).toBe(await once());
});

it('as deep as NIS rewrites, 360 blocks; a peer does not follow one block deeper', async () => {
  await using nodes = await pair();
  const { first, second } = nodes;
  for (let at = 0; at < 361; at += 1) {
    first.setTime(first.now() + 60);
    await first.harvest();
  }
  await follows(nodes);
  await fork(first, { depth: 361 });
  const before = tip(second);
  await second.post('/devnet/control/sync');
  expect(tip(second)).toBe(before);
  // The first is now on another chain for good, which is what the limit means.
  await first.restart();
  expect(tip(first)).not.toBe(before);
}, 60_000);

it('360 deep is followed', async () => {
  await using nodes = await pair();
  const { first } = nodes;
  for (let at = 0; at < 361; at += 1) {
    first.setTime(first.now() + 60);
    await first.harvest();
  }
  await follows(nodes);
  await fork(first, { depth: 360 });
  await follows(nodes);
}, 60_000);

it('refuses what it cannot do, and changes nothing', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const payment = await pay(devnet, account, shop, 1);
  const before = tip(devnet);
  const refusal = async (body: object) => {
    const { status, body: answer } = await devnet.post('/devnet/control/fork', body);
    return [status, Refused.parse(answer).message];
  };
  expect(await refusal({ depth: 2 })).toEqual([409, 'deeper-than-the-chain']);
  expect(await refusal({ depth: 1, drop: ['0'.repeat(64)] })).toEqual([409, 'unknown-transaction']);
  expect((await refusal({ depth: 0 }))[0]).toBe(400);
  devnet.setTime(devnet.now() - 120);
  expect(await refusal({ depth: 1, drop: [hashOf(payment)] })).toEqual([409, 'clock-behind-fork']);
  expect(tip(devnet)).toBe(before);
  await using follower = await startUnderTest({
    balances: [[account.address, 1_000]],
    config: { harvest: undefined },
  });
  expect((await follower.post('/devnet/control/fork', { depth: 1 })).status).toBe(409);
});
