import { expect, it } from 'vitest';
import { z } from 'zod';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, cosignature, transfer, wrapper } from './transactions.testing.ts';

const [account, a, b, c, shop] = people('account', 'a', 'b', 'c', 'shop');
const day = 86_400;

it('a deadline is after the time stamp, at most a day later, and not past', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const now = devnet.now();
  const code = async (timeStamp: number, deadline: number) => {
    const payment = transfer(account, shop.address, 1, timeStamp);
    const { body } = await devnet.announceChanged(payment, account, (_, view) => {
      view.setInt32(56, deadline, true);
      return undefined;
    });
    return z.object({ code: z.int() }).parse(body).code;
  };
  expect(await code(now, now)).toBe(3);
  expect(await code(now, now + 1)).toBe(1);
  expect(await code(now, now + day)).toBe(1);
  expect(await code(now, now + day + 1)).toBe(4);
  expect(await code(now - 100, now - 1)).toBe(3);
  expect(await code(now - 100, now)).toBe(1);
});

it('a time stamp is at most ten seconds ahead', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const now = devnet.now();
  expect(await devnet.announce(transfer(account, shop.address, 1, now + 10), account)).toBe(1);
  expect(await devnet.announce(transfer(account, shop.address, 1, now + 11), account)).toBe(10);
});

it('what expires is dropped, a wrapper also when its inner one or a cosignature does', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, c], 3);
  const now = devnet.now();
  const inner = transfer(account, shop.address, 1, now, { deadline: now + 50 });
  const other = transfer(account, shop.address, 2, now);
  const wrapped = wrapper(a, other, now);
  expect(await devnet.announce(wrapper(a, inner, now), a)).toBe(1);
  expect(await devnet.announce(wrapped, a)).toBe(1);
  expect(await devnet.announce(cosignature(b, wrapped, account, now, { deadline: now + 100 }), b)).toBe(1);
  const pending = async () =>
    Object((await devnet.get(`/account/unconfirmedTransactions?address=${a.address}`)).body).data.length;
  expect(await pending()).toBe(2);
  devnet.setTime(now + 51);
  expect(await pending()).toBe(1);
  devnet.setTime(now + 101);
  expect(await pending()).toBe(0);
});

it('a transaction of the block’s own second waits for the next', async () => {
  await using devnet = await startUnderTest({
    balances: [[account.address, 1_000]],
    config: { harvest: undefined },
  });
  expect(await devnet.announce(transfer(account, shop.address, 1, devnet.now()), account)).toBe(1);
  const { node } = devnet;
  expect(node.core.pool.before(devnet.now())).toHaveLength(0);
  expect(node.core.pool.before(devnet.now() + 1)).toHaveLength(1);
});
