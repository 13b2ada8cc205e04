import { expect, it } from 'vitest';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, modification, together, transfer } from './transactions.testing.ts';

const [account, honest, stolen, thief] = people('account', 'honest', 'stolen', 'thief');

it('one key of a 2-of-2 evicts the other and takes all', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  expect(await convert(devnet, account, [honest, stolen], 2)).toBe(1);

  const payment = transfer(account, thief.address, 990, devnet.now());
  expect(await together(devnet, account, payment, [stolen])).toEqual([1]);
  expect(await devnet.balance(thief.address)).toBe(0);
  await devnet.post('/devnet/control/drop-pending');

  const eviction = modification(account, { remove: [honest], minimum: -1 }, devnet.now());
  expect(await together(devnet, account, eviction, [stolen])).toEqual([1]);
  const again = transfer(account, thief.address, 990, devnet.now());
  expect(await together(devnet, account, again, [stolen])).toEqual([1]);
  expect(await devnet.balance(thief.address)).toBe(990);
});

it('and replaces the other in one transaction', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [honest, stolen], 2);
  const swap = modification(account, { remove: [honest], add: [thief] }, devnet.now());
  expect(await together(devnet, account, swap, [stolen])).toEqual([1]);
  const payment = transfer(account, thief.address, 990, devnet.now());
  expect(await together(devnet, account, payment, [stolen, thief])).toEqual([1, 1]);
  expect(await devnet.balance(thief.address)).toBe(990);
});
