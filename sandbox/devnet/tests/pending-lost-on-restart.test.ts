import { expect, it } from 'vitest';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, cosignature, transfer, wrapper } from './transactions.testing.ts';

const [account, a, b, c, shop] = people('account', 'a', 'b', 'c', 'shop');

it('a pending multisig is gone after a restart, and its bytes can be announced again', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, c], 2);
  const wrapped = wrapper(a, transfer(account, shop.address, 10, devnet.now()), devnet.now());
  const consent = cosignature(b, wrapped, account, devnet.now());
  expect(await devnet.announce(wrapped, a)).toBe(1);
  const pending = `/account/unconfirmedTransactions?address=${c.address}`;
  expect((await devnet.get(pending)).body).toMatchObject({ data: [{ transaction: { type: 4100 } }] });

  await devnet.restart();
  expect((await devnet.get(pending)).body).toEqual({ data: [] });
  expect(await devnet.announce(consent, b)).toBe(73);

  await devnet.restart();
  expect(await devnet.announce(wrapped, a)).toBe(1);
  expect(await devnet.announce(consent, b)).toBe(1);
  expect(await devnet.harvest()).toBe(1);
});
