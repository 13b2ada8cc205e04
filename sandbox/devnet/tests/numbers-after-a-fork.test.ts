// NIS numbers transactions by a sequence of its database: what a fork takes away never comes back as another's.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { people, startUnderTest, type NodeUnderTest } from './node-under-test.testing.ts';
import { transfer } from './transactions.testing.ts';

const [account, shop] = people('account', 'shop');
const Page = z.object({ data: z.array(z.object({ meta: z.object({ id: z.int(), height: z.int() }) })) });

async function ids(devnet: NodeUnderTest): Promise<readonly number[]> {
  const { body } = await devnet.get(`/account/transfers/incoming?address=${shop.address}`);
  return Page.parse(body).data.map(({ meta }) => meta.id);
}

async function pay(devnet: NodeUnderTest, xem: number): Promise<void> {
  expect(await devnet.announce(transfer(account, shop.address, xem, devnet.now()), account)).toBe(1);
  expect(await devnet.harvest()).toBe(1);
}

const rewind = async (devnet: NodeUnderTest, transactions: 'pending' | 'forgotten', blocks = 1) =>
  devnet.post('/devnet/control/rewind', { blocks, transactions });

it('a transaction that is confirmed again gets another number, and keeps it over a restart', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await pay(devnet, 1);
  await pay(devnet, 2);
  // The first block's payment is number 1.
  expect(await ids(devnet)).toEqual([3, 2]);
  await rewind(devnet, 'pending');
  expect(await ids(devnet)).toEqual([2]);
  expect(await devnet.harvest()).toBe(1);
  expect(await ids(devnet)).toEqual([4, 2]);
  await rewind(devnet, 'forgotten', 2);
  await pay(devnet, 3);
  expect(await ids(devnet)).toEqual([5]);
  await devnet.restart();
  expect(await ids(devnet)).toEqual([5]);
  await rewind(devnet, 'forgotten');
  await devnet.restart();
  await pay(devnet, 4);
  expect(await ids(devnet)).toEqual([6]);
});

it('a fork that is refused leaves the numbers as they were', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await pay(devnet, 1);
  await rewind(devnet, 'forgotten');
  await pay(devnet, 2);
  await pay(devnet, 3);
  expect(await ids(devnet)).toEqual([4, 3]);
  const { core } = devnet.node;
  const own = core.chain.at(2)?.block;
  expect(own).toBeDefined();
  // The same block alone weighs less than both.
  expect(core.replace(1, own === undefined ? [] : [own])).toBe(13);
  expect(await ids(devnet)).toEqual([4, 3]);
  await pay(devnet, 4);
  expect(await ids(devnet)).toEqual([5, 4, 3]);
});
