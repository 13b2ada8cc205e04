// What NIS cannot read is no verdict but an HTTP error with its exception's text.
import { expect, it } from 'vitest';
import { people, startUnderTest } from './node-under-test.testing.ts';
import { bytesOf, transfer, wrapper } from './transactions.testing.ts';

const [account, shop] = people('account', 'shop');
const foreign = 'TCIARMFTTWRO3CH6OB43YGQVCV362KXJ4VKON7ZK';
const payment = bytesOf(transfer(account, shop.address, 1, 367_700_060));
const proposal = bytesOf(wrapper(account, transfer(account, shop.address, 1, 367_700_060), 367_700_060));
const signature = '00'.repeat(63) + '01';
const prefix = 'org.nem.core.serialization';

const text = (value: string) => new TextEncoder().encode(value);
/** The bytes with others written over them. */
const over = (bytes: Uint8Array, at: number, with_: readonly number[] | Uint8Array) => {
  const changed = Uint8Array.from(bytes);
  changed.set(with_, at);
  return changed;
};

const cases: readonly (readonly [string, Uint8Array, number, string])[] = [
  ['nothing', payment.slice(0, 0), 500, 'expected value for property type, but none was found'],
  ['half a type', payment.slice(0, 2), 500, 'unexpected end of stream reached'],
  ['only a type', payment.slice(0, 4), 500, 'expected value for property version, but none was found'],
  ['a type that there is not', over(payment, 0, [9, 9]), 400, 'Unknown transaction type: 2313'],
  ['a time below 0', over(payment, 11, [0x80]), 400, 'time must be non-negative'],
  ['cut in the signer', payment.slice(0, 30), 500, 'unexpected end of stream reached'],
  [
    'a fee below 0',
    over(
      payment,
      48,
      Array.from({ length: 8 }, () => 255),
    ),
    400,
    'amount (-1) must be non-negative',
  ],
  [
    'cut before the amount',
    payment.slice(0, 104),
    500,
    'expected value for property amount, but none was found',
  ],
  [
    'an address of another network',
    over(payment, 64, text(foreign)),
    404,
    `invalid address '${foreign}' (org.nem.core.model.Address)`,
  ],
  [
    'an address with a typing error',
    over(payment, 70, text('A')),
    404,
    `invalid address '${shop.address.slice(0, 6)}A${shop.address.slice(7)}' (org.nem.core.model.Address)`,
  ],
  [
    'cut before the mosaics',
    payment.slice(0, 116),
    500,
    'expected value for property mosaics, but none was found',
  ],
  [
    'a message of a third type',
    Uint8Array.of(...payment.subarray(0, 112), 9, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0),
    500,
    'java.lang.IllegalArgumentException: Unknown message type: 3',
  ],
  [
    'a wrapper cut in its inner one',
    proposal.slice(0, 100),
    500,
    `${prefix}.SerializationException: unexpected end of stream reached`,
  ],
  [
    'a wrapper of a cut one',
    over(proposal, 60, [40]).slice(0, 104),
    500,
    `${prefix}.SerializationException: unexpected end of stream reached`,
  ],
  [
    'a wrapper paying to another network',
    over(proposal, 128, text(foreign)),
    500,
    'java.util.MissingResourceException: invalid address',
  ],
];

it.each(cases)('%s', async (_, data, status, message) => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const answer = await devnet.announceBytes(data, signature);
  const error = { 400: 'Bad Request', 404: 'Not Found', 500: 'Internal Server Error' }[status];
  expect(answer.body).toEqual({ timeStamp: devnet.now(), error, message, status });
  expect(answer.status).toBe(status);
});

it('requests that are none', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const data = payment.toHex();
  const post = async (body: unknown) => (await devnet.post('/transaction/announce', body)).body;
  const error = (status: number, message: string | null) => expect.objectContaining({ status, message });
  expect(await post([])).toEqual(error(400, 'JSON Object was expected'));
  expect(await post({})).toEqual(error(500, 'expected value for property data, but none was found'));
  expect(await post({ data })).toEqual(
    error(500, 'expected value for property signature, but none was found'),
  );
  expect(await post({ data, signature: 'abcd' })).toEqual(
    error(400, 'binary signature representation must be 64 bytes'),
  );
  expect(await post({ data: 'xy', signature })).toEqual(
    error(400, 'org.apache.commons.codec.DecoderException: Illegal hexadecimal character x at index 0'),
  );
  const plain = await fetch(`${devnet.node.url}/transaction/announce`, { method: 'POST', body: '{}' });
  expect(await plain.json()).toEqual(error(500, "Content type 'text/plain;charset=UTF-8' not supported"));
  expect((await devnet.get('/transaction/announce')).body).toEqual(
    error(500, "Request method 'GET' not supported"),
  );
  expect((await devnet.get('/nowhere')).body).toEqual(error(404, null));
});

it('a private key is refused unread', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const answer = await devnet.post('/transaction/prepare-announce', { transaction: {}, privateKey: '00' });
  expect(answer).toMatchObject({ status: 403, body: { error: 'Forbidden' } });
});

it('a signer that is no point of the curve is HTTP 400, and NEUTRAL after that', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  // y = 2 has no x.
  const data = over(payment, 16, Uint8Array.of(2, ...Array.from({ length: 31 }, () => 0)));
  const once = await devnet.announceBytes(data, signature);
  expect(once).toMatchObject({ status: 400, body: { message: 'not a valid Ed25519EncodedGroupElement.' } });
  expect((await devnet.announceBytes(data, signature)).body).toMatchObject({ code: 0 });
});

it('a signer that is no point of the curve is 8 if S is not in range: NIS looks at that first', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  const data = over(payment, 16, Uint8Array.of(2, ...Array.from({ length: 31 }, () => 0)));
  expect((await devnet.announceBytes(data, 'ff'.repeat(64))).body).toMatchObject({ code: 8 });
  const other = over(data, 8, [1]);
  expect((await devnet.announceBytes(other, '00'.repeat(64))).body).toMatchObject({ code: 8 });
});
