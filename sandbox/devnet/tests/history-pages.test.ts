import { expect, it } from 'vitest';
import { z } from 'zod';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { convert, together, transfer } from './transactions.testing.ts';

const [account, a, b, c, shop, stranger] = people('account', 'a', 'b', 'c', 'shop', 'stranger');
const Page = z.object({
  data: z.array(
    z.object({
      meta: z.object({ id: z.int(), hash: z.object({ data: z.string() }) }),
      transaction: z.unknown(),
    }),
  ),
});

it('pages of 5 to 100, 25 if not asked, newest first, back by id or by hash', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 10_000]] });
  for (let at = 0; at < 110; at += 1)
    await devnet.announce(transfer(account, shop.address, at + 1, devnet.now()), account);
  await devnet.harvest();
  const page = async (query: string) => {
    const { body } = await devnet.get(`/account/transfers/outgoing?address=${account.address}${query}`);
    return Page.parse(body).data;
  };
  expect(await page('')).toHaveLength(25);
  expect(await page('&pageSize=1')).toHaveLength(5);
  expect(await page('&pageSize=1000')).toHaveLength(100);
  const all = await page('&pageSize=100');
  const ids = all.map(({ meta }) => meta.id);
  expect(ids).toEqual(ids.toSorted((one, other) => other - one));
  const next = await page(`&pageSize=5&id=${ids[4]}`);
  expect(next.map(({ meta }) => meta.id)).toEqual(ids.slice(5, 10));
  const byHash = await page(`&pageSize=5&hash=${all[4]?.meta.hash.data}`);
  expect(byHash).toEqual(next);
  expect(await page('&id=2')).toEqual([]);
  const refused = async (query: string) =>
    (await devnet.get(`/account/transfers/all?address=${account.address}${query}`)).body;
  expect(await refused('&id=abc')).toMatchObject({ status: 400, message: 'For input string: "abc"' });
  expect(await refused(`&hash=${'ab'.repeat(32)}`)).toMatchObject({
    status: 400,
    message: 'Neither transaction id was supplied nor hash was found in cache',
  });
});

it('parameters are read in the order hash, id, size, even what is not used', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 10_000]] });
  const ask = async (query: string) =>
    (await devnet.get(`/account/transfers/all?address=${account.address}${query}`)).body;
  const number = (text: string) => ({ status: 400, message: `For input string: "${text}"` });
  expect(await ask('&hash=zz&id=1')).toMatchObject({ status: 500 });
  expect(await ask('&hash=zz&id=x')).toMatchObject({ status: 500 });
  expect(await ask('&id=x&pageSize=y')).toMatchObject(number('x'));
  expect(await ask('&id=')).toMatchObject(number(''));
  expect(await ask('&id=9223372036854775808')).toMatchObject(number('9223372036854775808'));
  expect(await ask('&id=9223372036854775807')).toMatchObject({ data: [{}] });
  expect(await ask('&pageSize=99999999999')).toMatchObject(number('99999999999'));
  expect(await ask('&pageSize=40000')).toMatchObject({
    message: 'Value out of range. Value:"40000" Radix:10',
  });
  expect(await ask('&pageSize=-7&id=%2B9')).toMatchObject({ data: [{}] });
  const unknown = `&hash=${'ab'.repeat(32)}`;
  expect(await ask(`${unknown}&id=99`)).toMatchObject({ data: [{}] });
  expect(await ask(`${unknown}&pageSize=y`)).toMatchObject(number('y'));
});

it('a multisig payment is seen by the account, its cosigners, and the recipient', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await convert(devnet, account, [a, b, c], 2);
  await together(devnet, account, transfer(account, shop.address, 5, devnet.now()), [a, b]);
  const count = async (direction: string, { address }: { address: string }) =>
    Page.parse((await devnet.get(`/account/transfers/${direction}?address=${address}`)).body).data.length;
  expect(await count('outgoing', account)).toBe(2);
  expect(await count('outgoing', c)).toBe(1);
  expect(await count('incoming', c)).toBe(1);
  expect(await count('all', c)).toBe(2);
  expect(await count('incoming', shop)).toBe(1);
  expect(await count('outgoing', shop)).toBe(0);
  expect(await count('all', stranger)).toBe(0);
});
