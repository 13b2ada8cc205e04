// The guard that reads everything a devnet accepts with symbol-sdk, shown violations that it must see.
import { describe, expect, it } from 'vitest';
import { expectDecodedAlike } from './decoded-again.testing.ts';
import { deserialise } from '../wire/deserialise.ts';
import { people, startTime } from './node-under-test.testing.ts';
import { bytesOf, cosignature, modification, transfer, wrapper } from './transactions.testing.ts';
import type { Transaction } from '../wire/transaction.ts';

const [account, a, b, shop, thief] = people('account', 'a', 'b', 'shop', 'thief');
const payment = transfer(account, shop.address, 10, startTime, {
  message: { kind: 'plain', payload: 'abcd' },
});
const proposal = wrapper(a, payment, startTime);
const changes = modification(account, { add: [a, b], remove: [thief], minimum: -1 }, startTime);
const consent = cosignature(b, proposal, account, startTime);

const planted: readonly (readonly [string, Uint8Array, (read: Transaction) => object])[] = [
  ['an amount', bytesOf(payment), () => ({ amount: 10_000_001n })],
  ['a recipient', bytesOf(payment), () => ({ recipient: thief.address })],
  ['a fee', bytesOf(payment), () => ({ fee: 0n })],
  ['a message', bytesOf(payment), () => ({ message: null })],
  ['a deadline', bytesOf(payment), ({ deadline }) => ({ deadline: deadline + 1 })],
  ['a cosigner', bytesOf(changes), () => ({ modifications: [] })],
  ['a minimum', bytesOf(changes), () => ({ minCosignatoriesChange: 1 })],
  ['what a wrapper holds', bytesOf(proposal), (read) => ({ inner: { ...Object(read).inner, amount: 1n } })],
  ['what a cosignature is for', bytesOf(consent), () => ({ otherHash: '00'.repeat(32) })],
  ['whose cosignature it is', bytesOf(consent), () => ({ signer: thief.publicKey })],
];

describe('a node that misread', () => {
  it.each(planted)('%s is caught', (_, data, misread) => {
    const read = deserialise(data, 'non-verifiable', 'mainnet');
    expect(() => expectDecodedAlike(data, read)).not.toThrow();
    const wrong = { ...read, ...misread(read) } as Transaction;
    expect(() => expectDecodedAlike(data, wrong)).toThrow();
  });
});
