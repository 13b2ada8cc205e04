import { expect, it } from 'vitest';
import { JavaDouble } from '../http/json.ts';
import { harvester, people, startUnderTest } from './node-under-test.testing.ts';
import { transfer } from './transactions.testing.ts';

const [account, shop, stranger] = people('account', 'shop', 'stranger');

const nobody = {
  meta: { status: 'LOCKED', remoteStatus: 'INACTIVE', cosignatoryOf: [], cosignatories: [] },
  account: {
    address: stranger.address,
    publicKey: null,
    balance: 0,
    vestedBalance: 0,
    harvestedBlocks: 0,
    label: null,
    importance: 0,
    multisigInfo: {},
  },
};

it('an account that nobody has ever seen is an empty one', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const { body, text } = await devnet.get(`/account/get?address=${stranger.address}`);
  expect(body).toEqual(nobody);
  expect(text).toContain('"importance":0.0,');
  expect((await devnet.get(`/account/get?address=${stranger.address.toLowerCase()}`)).body).toEqual(nobody);
  expect((await devnet.get(`/account/status?address=${stranger.address}`)).body).toEqual(nobody.meta);
  expect((await devnet.get(`/account/transfers/all?address=${stranger.address}`)).body).toEqual({ data: [] });
  expect((await devnet.get(`/account/unconfirmedTransactions?address=${stranger.address}`)).body).toEqual({
    data: [],
  });
  const hyphens = (stranger.address.match(/.{1,6}/g) ?? []).join('-');
  for (const wrong of [hyphens, stranger.address.slice(1), `T${stranger.address.slice(1)}`]) {
    expect((await devnet.get(`/account/get?address=${wrong}`)).body).toMatchObject({
      status: 400,
      message: 'address must be valid',
    });
  }
});

it('asked for by key, even a stranger is shown with the key; it is not remembered', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const byKey = async (key: string) =>
    (await devnet.get(`/account/get/from-public-key?publicKey=${key}`)).body;
  const { publicKey } = stranger;
  expect(await byKey(publicKey)).toEqual({ ...nobody, account: { ...nobody.account, publicKey } });
  expect((await devnet.get(`/account/get?address=${stranger.address}`)).body).toEqual(nobody);
});

it('asked for by key, a known account keeps it', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const known = async () => (await devnet.get(`/account/get?address=${account.address}`)).body;
  expect(await known()).toMatchObject({ account: { publicKey: null } });
  await devnet.get(`/account/get/from-public-key?publicKey=${account.publicKey}`);
  expect(await known()).toMatchObject({ account: { publicKey: account.publicKey } });
});

it('by what is no key: HTTP 500', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const byKey = async (key: string) =>
    (await devnet.get(`/account/get/from-public-key?publicKey=${key}`)).body;
  expect(await byKey('xy')).toMatchObject({
    status: 500,
    message:
      'java.lang.IllegalArgumentException: org.apache.commons.codec.DecoderException: Illegal hexadecimal character x at index 0',
  });
  expect((await devnet.get('/account/get/from-public-key')).body).toMatchObject({
    status: 500,
    message: null,
  });
});

it('a harvester is unlocked, and counts its blocks and fees', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await devnet.announce(transfer(account, shop.address, 10, devnet.now()), account);
  await devnet.harvest();
  expect((await devnet.get(`/account/get?address=${harvester.address}`)).body).toMatchObject({
    meta: { status: 'UNLOCKED' },
    account: { balance: 1_250_000, harvestedBlocks: 1, publicKey: harvester.publicKey },
  });
});

// As Double.toString of OpenJDK writes them.
it.each([
  [0, '0.0'],
  [1, '1.0'],
  [0.001, '0.001'],
  [0.0001, '1.0E-4'],
  [0.00012345, '1.2345E-4'],
  [0.8888888888888888, '0.8888888888888888'],
  [1e7, '1.0E7'],
  [123456.789, '123456.789'],
  [1.25e-10, '1.25E-10'],
])('the importance %d is written %s', (value, text) => {
  expect(new JavaDouble(value).toString()).toBe(text);
});
