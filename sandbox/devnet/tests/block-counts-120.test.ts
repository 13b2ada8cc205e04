import { expect, it } from 'vitest';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, cosignature, transfer, wrapper } from './transactions.testing.ts';

const [account, rich, shop, a, b, c, d, e] = people('account', 'rich', 'shop', 'a', 'b', 'c', 'd', 'e');

it('a block takes 120 payments, or 30 of a 3-of-5: wrapper, inner and each cosignature count', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 100_000]] });
  await convert(devnet, account, [a, b, c, d, e], 3);
  for (let at = 0; at < 35; at += 1) {
    const wrapped = wrapper(a, transfer(account, shop.address, at + 1, devnet.now()), devnet.now());
    expect(await devnet.announce(wrapped, a)).toBe(1);
    expect(await devnet.announce(cosignature(b, wrapped, account, devnet.now()), b)).toBe(1);
    expect(await devnet.announce(cosignature(c, wrapped, account, devnet.now()), c)).toBe(1);
  }
  expect(await devnet.harvest()).toBe(30);
  expect(await devnet.harvest()).toBe(5);
});

it('of 150 announced at once, 120 are taken and 30 are told that the node is full; the block has 120', async () => {
  await using devnet = await startUnderTest({
    balances: [
      [rich.address, 10],
      [account.address, 100_000],
    ],
  });
  // Confirmed after the first block, its sender has no importance yet, as the recorded one had none.
  await devnet.announce(transfer(account, shop.address, 50_000, devnet.now()), account);
  await devnet.harvest();
  const codes = new Map<number, number>();
  for (let at = 0; at < 150; at += 1) {
    const payment = transfer(shop, rich.address, 1, devnet.now(), {
      fee: 50_000n,
      deadline: devnet.now() + 100 + at,
    });
    const code = await devnet.announce(payment, shop);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  expect(Object.fromEntries(codes)).toEqual({ 1: 120, 19: 30 });
  expect(await devnet.harvest()).toBe(120);
});

it('an account of importance may go on', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 100_000]] });
  for (let at = 0; at < 130; at += 1) {
    const payment = transfer(account, shop.address, 1, devnet.now(), { deadline: devnet.now() + 100 + at });
    expect(await devnet.announce(payment, account)).toBe(1);
  }
  expect(await devnet.harvest()).toBe(120);
  expect(await devnet.harvest()).toBe(10);
});

it('the highest fee goes first, then the oldest', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 100_000]] });
  const now = devnet.now();
  const fees: readonly (readonly [bigint, number])[] = [
    [1_250_000n, 2],
    [5_000_000n, 2],
    [1_250_000n, 0],
    [9_000_000n, 1],
  ];
  for (const [fee, age] of fees) {
    expect(await devnet.announce(transfer(account, shop.address, 1, now - age, { fee }), account)).toBe(1);
  }
  await devnet.harvest();
  const { body } = await devnet.get('/chain/last-block');
  const order = Object(body).transactions.map((each: { fee: number; timeStamp: number }) => [
    each.fee,
    now - each.timeStamp,
  ]);
  expect(order).toEqual([
    [9_000_000, 1],
    [5_000_000, 2],
    [1_250_000, 2],
    [1_250_000, 0],
  ]);
});
