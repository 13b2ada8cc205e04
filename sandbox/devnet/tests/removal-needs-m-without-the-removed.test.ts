import { expect, it } from 'vitest';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, cosignature, modification, together, wrapper } from './transactions.testing.ts';

const [account, a, b, c] = people('account', 'a', 'b', 'c');

it('of a 2-of-3, two others must sign: the removed one’s consent hangs it', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, c], 2);
  const removal = wrapper(a, modification(account, { remove: [c] }, devnet.now()), devnet.now());
  expect(await devnet.announce(removal, a)).toBe(1);
  expect(await devnet.announce(cosignature(c, removal, account, devnet.now()), c)).toBe(1);
  expect(await devnet.harvest()).toBe(0);
  expect(await devnet.announce(cosignature(b, removal, account, devnet.now()), b)).toBe(1);
  expect(await devnet.harvest()).toBe(1);
  const { body } = await devnet.get(`/account/get?address=${account.address}`);
  expect(body).toMatchObject({ account: { multisigInfo: { cosignatoriesCount: 2, minCosignatories: 2 } } });
});

it('of a 3-of-3, the two others suffice', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, c], 3);
  const alone = modification(account, { remove: [c], minimum: -1 }, devnet.now());
  expect(await together(devnet, account, alone, [a])).toEqual([1]);
  await devnet.post('/devnet/control/drop-pending');
  const { body: before } = await devnet.get(`/account/get?address=${account.address}`);
  expect(before).toMatchObject({ account: { multisigInfo: { cosignatoriesCount: 3 } } });
  const removal = modification(account, { remove: [c], minimum: -1 }, devnet.now() + 1);
  expect(await together(devnet, account, removal, [a, b])).toEqual([1, 1]);
  const { body } = await devnet.get(`/account/get?address=${account.address}`);
  expect(body).toMatchObject({ account: { multisigInfo: { cosignatoriesCount: 2, minCosignatories: 2 } } });
});

it('a minimum of 0 means all', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, c], 0);
  const removal = modification(account, { remove: [c] }, devnet.now());
  expect(await together(devnet, account, removal, [a])).toEqual([1]);
  await devnet.post('/devnet/control/drop-pending');
  const again = modification(account, { remove: [c] }, devnet.now() + 1);
  expect(await together(devnet, account, again, [a, b])).toEqual([1, 1]);
  const { body } = await devnet.get(`/account/get?address=${account.address}`);
  expect(body).toMatchObject({ account: { multisigInfo: { cosignatoriesCount: 2, minCosignatories: 0 } } });
});
