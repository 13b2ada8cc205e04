import { expect, it } from 'vitest';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, cosignature, transfer, wrapper } from './transactions.testing.ts';

const [account, a, b, c, shop] = people('account', 'a', 'b', 'c', 'shop');

it('is refused, and the refusal outlives the wrapper’s arrival; a new one is taken', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, c], 2);
  const wrapped = wrapper(a, transfer(account, shop.address, 10, devnet.now()), devnet.now());
  const early = cosignature(b, wrapped, account, devnet.now());
  expect(await devnet.announce(early, b)).toBe(73);
  expect(await devnet.announce(wrapped, a)).toBe(1);
  expect(await devnet.announce(early, b)).toBe(73);
  expect(await devnet.announce(cosignature(b, wrapped, account, devnet.now() + 1), b)).toBe(1);
  expect(await devnet.harvest()).toBe(1);
  expect(await devnet.balance(shop.address)).toBe(10);
});
