import { expect, it } from 'vitest';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, transfer, wrapper } from './transactions.testing.ts';

const [account, a, b, c, shop, poor] = people('account', 'a', 'b', 'c', 'shop', 'poor');

it('the later of two spends is refused whatever it pays, and nothing is displaced', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  expect(await devnet.announce(transfer(account, shop.address, 600, devnet.now()), account)).toBe(1);
  const dearer = transfer(account, shop.address, 600, devnet.now(), { fee: 50_000_000n });
  expect(await devnet.announce(dearer, account)).toBe(5);
  expect(await devnet.harvest()).toBe(1);
  expect(await devnet.balance(shop.address)).toBe(600);
});

it('the fee counts, to the last micro-XEM', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const all = { amount: 1_000_000_000n - 50_000n, fee: 50_000n };
  const tooMuch = { amount: all.amount + 1n, fee: all.fee };
  expect(await devnet.announce(transfer(account, shop.address, 0, devnet.now(), tooMuch), account)).toBe(5);
  expect(await devnet.announce(transfer(account, shop.address, 0, devnet.now(), all), account)).toBe(1);
  await devnet.harvest();
  expect(await devnet.balance(account.address)).toBe(0);
});

it('money that is only pending may be spent, and confirms one block later', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  expect(
    await devnet.announce(transfer(account, poor.address, 100, devnet.now(), { fee: 1_250_000n }), account),
  ).toBe(1);
  const onward = transfer(poor, shop.address, 50, devnet.now(), { fee: 2_000_000n });
  expect(await devnet.announce(onward, poor)).toBe(1);
  // The dearer one comes first and has nothing to spend yet.
  expect(await devnet.harvest()).toBe(1);
  expect(await devnet.harvest()).toBe(1);
  expect(await devnet.balance(shop.address)).toBe(50);
});

it('a wrapper that nobody cosigns reserves the balance until its deadline', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, c], 2);
  const greedy = wrapper(c, transfer(account, shop.address, 990, devnet.now()), devnet.now());
  expect(await devnet.announce({ ...greedy, deadline: devnet.now() + 60 }, c)).toBe(1);
  const honest = transfer(account, shop.address, 50, devnet.now());
  expect(await devnet.announce(wrapper(a, honest, devnet.now()), a)).toBe(5);
  devnet.setTime(devnet.now() + 120);
  const again = wrapper(a, { ...honest, timeStamp: devnet.now() }, devnet.now());
  expect(await devnet.announce(again, a)).toBe(1);
});
