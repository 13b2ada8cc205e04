import { expect, it } from 'vitest';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, together, transfer } from './transactions.testing.ts';

const [account, a, b, c, shop] = people('account', 'a', 'b', 'c', 'shop');

it('goes on from the same blocks: balances, cosigners, ids, and what it remembers', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, c], 2);
  const payment = transfer(account, shop.address, 10, devnet.now());
  await together(devnet, account, payment, [a, b]);
  const paths = [
    '/chain/last-block',
    '/chain/score',
    `/account/get?address=${account.address}`,
    `/account/transfers/all?address=${account.address}`,
    `/account/transfers/incoming?address=${shop.address}`,
  ];
  const all = async () => Promise.all(paths.map(async (path) => (await devnet.get(path)).text));
  const before = await all();
  await devnet.restart();
  expect(await all()).toEqual(before);
  // A confirmed hash is known for 36 hours, so the same inner transaction is not paid again.
  expect((await together(devnet, account, payment, [b, c]))[0]).toBe(0);
  expect(await devnet.balance(shop.address)).toBe(10);
});

it('makes up for the time that it was away', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const { config } = devnet;
  if (config.harvest !== undefined) Object.assign(config.harvest, { intervalSeconds: 60 });
  await devnet.restart();
  const before = devnet.node.core.chain.height();
  devnet.setTime(devnet.now() + 600);
  await devnet.restart();
  expect(devnet.node.core.chain.height()).toBe(before + 10);
});
