import { expect, it } from 'vitest';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, cosignature, modification, together, transfer, wrapper } from './transactions.testing.ts';

const [account, a, b, stolen, thief] = people('account', 'a', 'b', 'stolen', 'thief');

it('one key of a 2-of-3 neither pays, evicts, replaces nor lowers the minimum', async () => {
  await using devnet = await startUnderTest({
    balances: [
      [account.address, 1_000],
      [thief.address, 10],
    ],
  });
  await convert(devnet, account, [a, b, stolen], 2);
  const attempts = [
    transfer(account, thief.address, 900, devnet.now()),
    modification(account, { remove: [a], minimum: -1 }, devnet.now()),
    modification(account, { remove: [b], add: [thief] }, devnet.now()),
    modification(account, { minimum: -1 }, devnet.now()),
  ];
  for (const attempt of attempts) {
    expect(await together(devnet, account, attempt, [stolen])).toEqual([1]);
    await devnet.post('/devnet/control/drop-pending');
  }
  expect(await devnet.balance(thief.address)).toBe(10);
  const { body } = await devnet.get(`/account/get?address=${account.address}`);
  expect(body).toMatchObject({ account: { multisigInfo: { cosignatoriesCount: 3, minCosignatories: 2 } } });
});

it('neither its own cosignature nor a stranger’s counts', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, stolen], 2);
  const wrapped = wrapper(stolen, transfer(account, thief.address, 900, devnet.now()), devnet.now());
  expect(await devnet.announce(wrapped, stolen)).toBe(1);
  expect(await devnet.announce(cosignature(stolen, wrapped, account, devnet.now()), stolen)).toBe(73);
  expect(await devnet.announce(cosignature(thief, wrapped, account, devnet.now()), thief)).toBe(73);
  // The account's own old key is worth nothing either.
  expect(await devnet.announce(transfer(account, thief.address, 5, devnet.now()), account)).toBe(74);
  expect(await devnet.harvest()).toBe(0);
});

it('a stranger may not even propose', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, stolen], 2);
  const payment = transfer(account, thief.address, 900, devnet.now());
  expect(await devnet.announce(wrapper(thief, payment, devnet.now()), thief)).toBe(71);
});
