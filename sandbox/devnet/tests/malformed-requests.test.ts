// Requests that no careful client sends, and what Spring, json-smart and NIS make of them.
import { describe, expect, it } from 'vitest';
import { readLeniently } from '../http/lenient-json.ts';
import { people, startUnderTest, type NodeUnderTest } from './node-under-test.testing.ts';
import { bytesOf, transfer } from './transactions.testing.ts';

const [account, shop] = people('account', 'shop');
const json = { 'content-type': 'application/json' };
const announcing =
  'org.nem.core.model.ncc.NemAnnounceResult org.nem.nis.controller.TransactionController.transactionAnnounce(org.nem.core.model.ncc.RequestAnnounce)';
const noText = (javaClass: string) =>
  `class ${javaClass} cannot be cast to class java.lang.String (${javaClass} and java.lang.String are in module java.base of loader 'bootstrap')`;

const start = async () => startUnderTest({ balances: [[account.address, 1_000]] });
const error = (status: number, message: string | null) => expect.objectContaining({ status, message });

async function post(
  devnet: NodeUnderTest,
  path: string,
  body: string,
  headers: Record<string, string> = json,
) {
  const response = await fetch(devnet.node.url + path, { method: 'POST', body, headers });
  return response.json();
}

describe('bodies', () => {
  it('none at all: Spring names the method that would have got it', async () => {
    await using devnet = await start();
    expect(await post(devnet, '/transaction/announce', '')).toEqual(
      error(500, `Required request body is missing: public ${announcing}`),
    );
  });

  it('cut off, no object, or no JSON: 400', async () => {
    await using devnet = await start();
    for (const body of [
      '{',
      '{"data":"00"',
      '{"data":"00',
      '[]',
      'null',
      '5',
      '"text"',
      'hello',
      '{"a" 1}',
    ]) {
      expect(await post(devnet, '/transaction/announce', body), body).toEqual(
        error(400, 'JSON Object was expected'),
      );
    }
  });

  it('what json-smart forgives: quotes, commas, and anything behind the object', async () => {
    await using devnet = await start();
    for (const body of [
      '{height:1}',
      "{'height' : 1}",
      '{"height":1,}',
      '{,"height":1}',
      '{"height":1} etc',
    ]) {
      expect(await post(devnet, '/block/at/public', body), body).toMatchObject({ height: 1 });
    }
  });

  it('a height that is no Java integer', async () => {
    await using devnet = await start();
    const wrong = error(500, 'property height has an incompatible value');
    for (const value of ['1.0', '1e0', '"1"', 'true', '[1]', '9223372036854775808']) {
      expect(await post(devnet, '/block/at/public', `{"height":${value}}`), value).toEqual(wrong);
    }
    for (const path of ['/block/at/public', '/local/chain/blocks-after', '/local/block/at']) {
      expect(await post(devnet, path, '{}')).toEqual(
        error(500, 'expected value for property height, but none was found'),
      );
      expect(await post(devnet, path, '{"height":0}')).toEqual(error(400, 'height must be positive'));
      expect(await post(devnet, path, '{"height":-1}')).toEqual(error(400, 'height must be positive'));
    }
  });

  it('hex that is no text: Java cannot cast it', async () => {
    await using devnet = await start();
    const announce = async (data: string) =>
      post(devnet, '/transaction/announce', `{"data":${data},"signature":""}`);
    expect(await announce('5')).toEqual(error(500, noText('java.lang.Integer')));
    expect(await announce('5000000000')).toEqual(error(500, noText('java.lang.Long')));
    expect(await announce('false')).toEqual(error(500, noText('java.lang.Boolean')));
    expect(await announce('{}')).toEqual(
      error(
        500,
        "class net.minidev.json.JSONObject cannot be cast to class java.lang.String (net.minidev.json.JSONObject is in unnamed module of loader 'app'; java.lang.String is in module java.base of loader 'bootstrap')",
      ),
    );
    expect(await announce('null')).toEqual(
      error(500, 'expected value for property data, but none was found'),
    );
  });

  it('an object whose length is minus one: the Java exception without a text', async () => {
    await using devnet = await start();
    const payment = bytesOf(transfer(account, shop.address, 1, devnet.now()));
    payment.set([255, 255, 255, 255], 112);
    const data = payment.slice(0, 116).toHex();
    expect(
      await post(devnet, '/transaction/announce', JSON.stringify({ data, signature: '00'.repeat(64) })),
    ).toEqual(error(500, 'java.lang.NullPointerException'));
  });
});

it('a content type that is missing or another', async () => {
  await using devnet = await start();
  const ask = async (headers: Record<string, string>) => {
    const body = new Blob(['{"height":1}']);
    const response = await fetch(`${devnet.node.url}/block/at/public`, { method: 'POST', body, headers });
    return response.json();
  };
  expect(await ask({})).toEqual(error(500, "Content type 'application/octet-stream' not supported"));
  expect(await ask({ 'content-type': 'application/x-www-form-urlencoded' })).toEqual(
    error(500, "Content type 'application/x-www-form-urlencoded' not supported"),
  );
  expect(await ask({ 'content-type': 'application/json;charset=UTF-8' })).toMatchObject({ height: 1 });
});

it('paths: a slash at the end is nothing, an unknown one has no message', async () => {
  await using devnet = await start();
  expect((await devnet.get('/chain/height/')).body).toEqual({ height: 1 });
  expect((await devnet.get('/chain')).body).toEqual({
    timeStamp: devnet.now(),
    error: 'Not Found',
    message: null,
    status: 404,
  });
  const put = await fetch(`${devnet.node.url}/chain`, { method: 'PUT' });
  expect([put.status, await put.text()]).toEqual([404, '']);
  const { body } = await devnet.post('/chain/height/', {});
  expect(body).toEqual(error(500, "Request method 'POST' not supported"));
});

it('parameters that are missing, twice, or nothing', async () => {
  await using devnet = await start();
  const get = async (path: string) => (await devnet.get(path)).body;
  expect(await get('/account/get')).toEqual(error(400, 'encoded address cannot be null'));
  expect(await get('/account/get?address=')).toEqual(error(400, 'address must be valid'));
  expect(await get(`/account/get?address=${account.address}&address=${account.address}`)).toEqual(
    error(400, 'address must be valid'),
  );
  expect(await get('/transaction/get')).toEqual(error(500, null));
  expect(await get('/transaction/get?hash=')).toEqual(error(400, 'Hash was not found in cache'));
  expect(await get('/transaction/get?hash=zz')).toEqual(
    error(
      500,
      'java.lang.IllegalArgumentException: org.apache.commons.codec.DecoderException: Illegal hexadecimal character z at index 0',
    ),
  );
  expect(await get('/mosaic/supply')).toEqual(error(500, null));
  expect(await get('/mosaic/supply?mosaicId=nem')).toEqual(error(400, "pattern 'nem' could not be parsed"));
  expect(await get('/mosaic/supply?mosaicId=NEM:xem')).toEqual(
    error(400, "pattern 'NEM:xem' could not be parsed"),
  );
  expect(await get('/namespace')).toEqual(error(500, null));
  expect(await get('/account/historical/get?address=x')).toEqual(
    error(500, 'this node does not support historical account data retrieval'),
  );
});

it('batches of accounts', async () => {
  await using devnet = await start();
  const ask = async (body: unknown) => (await devnet.post('/account/get/batch', body)).body;
  expect(await ask({})).toEqual(error(500, 'expected value for property data, but none was found'));
  expect(await ask({ data: [{ acc: 1 }] })).toEqual(
    error(500, 'expected value for property account, but none was found'),
  );
  expect(await ask({ data: [{}] })).toEqual(error(500, null));
  expect(await ask({ data: [{}, { account: 'N' }] })).toEqual(error(400, 'address must be valid'));
  expect(await ask({ data: [{ account: shop.address.toLowerCase() }] })).toMatchObject({
    data: [{ account: { address: shop.address, balance: 0, publicKey: null } }],
  });
});

describe('json-smart, permissive', () => {
  it.each([
    ['{"a":"b\\u0041\\n\\/\\x41\\q"}', { a: 'bA\n/A' }],
    ["{a:'it\"s', b : c d ,}", { a: 'it"s', b: 'c d' }],
    ['{"a":[1 , 2.5,, "x" "y" z]}', { a: [1n, 2.5, 'x', 'y', 'z'] }],
    ['{"a":007,"b":-0,"c":1.,"d":.5,"e":1e2,"f":12ab}', { a: 7n, b: 0n, c: 1, d: '.5', e: 100, f: '12ab' }],
    ['{"a":null,"b":nullx,"c":true,"a":1}', { a: 1n, b: 'nullx', c: true }],
    [' {"":{}}', { '': {} }],
    ['{"a":}', undefined],
    ['{"a":-,"b":1.5.5,"c":1e}', { a: 0n, b: '1.5.5', c: '1e' }],
    ['{"a":1 "b":2}', { a: '1 "b":2' }],
    [`${'['.repeat(401)}${']'.repeat(401)}`, undefined],
  ])('%s', (text, value) => {
    const read = readLeniently(text);
    expect(read === undefined ? undefined : structuredClone(read)).toEqual(value);
  });
});
