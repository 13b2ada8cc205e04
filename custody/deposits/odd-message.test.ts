/** What wallets and people make of a deposit's message: read where it is unambiguous, held where it is not. */
import {
  encryptMessage,
  formatPrivateKey,
  type Multisig,
  type Transaction,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeOf } from './place.ts';
import { arrivalsIn } from '../chains/nem/arrivals.ts';
import { openMessageKey, type MessageKey } from '../chains/nem/message-key.ts';
import { person, testHouse, type TestHouse } from '../testing/house.ts';
import { plain, transfer } from '../testing/neighbourhood.ts';

let t: TestHouse;
let memo: string;
beforeAll(async () => {
  t = await testHouse();
  memo = placeOf(t.house, 'alice', 0).memo;
});
afterAll(() => t[Symbol.asyncDispose]());

const clock = { now: () => 367_700_000 };
const sender = person();
const hex = (text: string) => Buffer.from(text).toString('hex');
const pay = (message: Transfer['message'], to = t.people.hot.address, from = sender) =>
  transfer(clock, from, to, 1_000_000n, { message });
function read(transaction: Transaction, key: MessageKey | null = null) {
  const seen = { hash: 'a'.repeat(64), transaction, signature: '', cosignatures: [] };
  const block = { height: 9, hash: 'b'.repeat(64), previous: 'c'.repeat(64), time: 1, unread: [] };
  return arrivalsIn(t.house, { ...block, transactions: [seen] }, key);
}
const wide = (digits: string) =>
  digits.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));

describe('read', () => {
  it.each([
    ['as it was given', () => plain(memo)],
    ['with spaces and a line’s end', () => plain(` ${memo.slice(0, 5)} ${memo.slice(5)}\r\n`)],
    ['in full-width digits', () => plain(wide(memo))],
    [
      'as a wallet sends what was typed as hex: fe before it',
      () => ({ kind: 'plain', payload: `fe${hex(memo)}` }) as const,
    ],
  ])('%s', (_what, message) => {
    expect(read(pay(message()))).toMatchObject([{ marks: [memo], sender: sender.address }]);
  });
  it('out of the inner transaction of a sender’s multisig, whose account is the sender', () => {
    const inner = pay(plain(memo));
    const wrapper: Multisig = { ...inner, kind: 'multisig', version: 1, signer: person().publicKey, inner };
    expect(read(wrapper)).toMatchObject([{ marks: [memo], sender: sender.address, units: 1_000_000n }]);
  });
  it('encrypted by the multisig’s own key, or by the cosigner who wrote it', () => {
    const key = openMessageKey(formatPrivateKey(t.people.hot.privateKey), t.house.hot, 'testnet');
    const cosigner = person();
    for (const by of [sender, cosigner]) {
      const payload = encryptMessage(
        by.privateKey,
        t.people.hot.publicKey,
        hex(memo),
        'gcm',
        new Uint8Array(12),
      );
      const inner = pay({ kind: 'encrypted', payload });
      const wrapper: Multisig = { ...inner, kind: 'multisig', version: 1, signer: cosigner.publicKey, inner };
      expect(read(wrapper, key)).toMatchObject([{ marks: [memo], message: null }]);
      expect(read(wrapper)).toMatchObject([{ marks: [], otherwise: 'encrypted-message' }]);
    }
  });
});

describe('held, with the reason', () => {
  it.each([
    ['nothing', () => ({ kind: 'none' }) as const, 'no-message'],
    ['U+0000 in it', () => plain(`${memo}\0`), 'unknown-message'],
    [
      'a wrong check digit',
      () => plain(memo.slice(0, 14) + ((Number(memo[14]) + 1) % 10)),
      'unknown-message',
    ],
    ['no UTF-8', () => ({ kind: 'plain', payload: 'fffe00' }) as const, 'unreadable-message'],
    [
      'raw hex digits after fe',
      () => ({ kind: 'plain', payload: `fe${memo}0` }) as const,
      'unreadable-message',
    ],
    ['a memo among words', () => plain(`for ${memo}`), 'unknown-message'],
  ])('%s', (_what, message, otherwise) => {
    expect(read(pay(message()))).toMatchObject([{ marks: [], otherwise }]);
  });
  it('to a cold address, that no customer was ever told', () => {
    expect(read(pay(plain(memo), t.people.cold.address))).toMatchObject([
      { marks: [], otherwise: 'to-cold' },
    ]);
  });
  it('what Postgres does not keep is replaced in the text, and kept in the payload', () => {
    expect(read(pay(plain('a\0b')))).toMatchObject([{ message: 'a\uFFFDb', payload: hex('a\0b') }]);
  });
});

describe('no deposit at all', () => {
  it('from one wallet of ours to another, to a stranger, or of nothing', () => {
    expect(read(pay(plain(memo), t.people.hot.address, t.people.cold))).toEqual([]);
    expect(read(pay(plain(memo), person().address))).toEqual([]);
    expect(read({ ...pay(plain(memo)), amount: 0n })).toEqual([]);
  });
});
