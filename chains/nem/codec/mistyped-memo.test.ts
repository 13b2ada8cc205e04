/** A deposit's message that was mistyped must not be another customer's, and one that is only written oddly must be read. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { depositPlace, isDepositMemo, readDepositMemo } from './index.ts';

const wallet = { address: 'TALICE' };
const memoOf = (customer: string, number = 0, exchange = 'exchange-1') =>
  depositPlace('devnet', wallet, { exchange, customer, number }).memo;
const memos = Array.from({ length: 40 }, (_, index) => memoOf(`customer-${index}`));

describe('derived', () => {
  it('the same for everybody who knows for whom it is, whatever the wallet’s address', () => {
    expect(depositPlace('devnet', wallet, { exchange: 'exchange-1', customer: 'alice', number: 0 })).toEqual({
      address: 'TALICE',
      // As a second program, in another language, derives it.
      memo: '541061829292567',
    });
    expect(
      depositPlace('devnet', { address: 'TOTHER' }, { exchange: 'exchange-1', customer: 'alice', number: 0 })
        .memo,
    ).toBe(memoOf('alice'));
  });
  it('another for another customer, number, exchange and network', () => {
    const all = [
      memoOf('alice'),
      memoOf('alice', 1),
      memoOf('alicf'),
      memoOf('alice', 0, 'exchange-2'),
      depositPlace('testnet', wallet, { exchange: 'exchange-1', customer: 'alice', number: 0 }).memo,
    ];
    expect(new Set(all).size).toBe(all.length);
  });
  it('15 digits, no leading zero, exact as a double', () => {
    for (const memo of memos) {
      expect(memo).toMatch(/^[1-9][0-9]{14}$/);
      expect(String(Number(memo))).toBe(memo);
    }
  });
  it('spread over all of the space: 100,000 customers have no two the same', () => {
    const all = new Set(Array.from({ length: 100_000 }, (_, index) => memoOf(`${index}`)));
    // Expected pairs that meet: 100,000² / (2 × 9 × 10^13), 6 in 100,000 runs; the ids are fixed, so this is no dice.
    expect(all.size).toBe(100_000);
  });
});

describe('mistyped', () => {
  it('every other digit at every place is nobody’s', () => {
    for (const memo of memos)
      for (let at = 0; at < 15; at += 1)
        for (let by = 1; by < 10; by += 1) {
          const typo = memo.slice(0, at) + ((Number(memo[at]) + by) % 10) + memo.slice(at + 1);
          expect(isDepositMemo(typo), `${memo} ${typo}`).toBe(false);
        }
  });
  it('every two neighbours that changed places are nobody’s', () => {
    for (const memo of memos)
      for (let at = 0; at < 14; at += 1) {
        const [one = '', two = ''] = [memo[at], memo[at + 1]];
        if (one !== two)
          expect(isDepositMemo(memo.slice(0, at) + two + one + memo.slice(at + 2)), memo).toBe(false);
      }
  });
  it('a digit too few or too many', () => {
    for (const memo of memos)
      for (const other of [memo.slice(1), memo.slice(0, -1), `${memo}0`, `0${memo}`, ''])
        expect(readDepositMemo(other)).toBeUndefined();
  });
});

describe('written oddly', () => {
  const [memo = ''] = memos;
  const wide = memo.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
  const grouped = memo.replace(/(.{5})(?=.)/g, '$1 ');
  it.each([
    ['spaces around', ` ${memo}\n`],
    ['groups', grouped],
    ['hyphens', grouped.replaceAll(' ', '-')],
    ['full-width digits', wide],
    ['full-width with ideographic spaces', `　${wide.slice(0, 5)}　${wide.slice(5)}`],
  ])('%s is unambiguous', (_what, typed) => {
    expect(readDepositMemo(typed)).toBe(memo);
  });
  it.each([
    ['a letter O for a zero', memo.replace(/[0-9]/, 'O')],
    ['words around', `id ${memo}`],
    ['U+0000', `\0${memo}`],
    ['a sign', `+${memo}`],
    ['a fraction', `${memo}.0`],
    ['Arabic-Indic digits', memo.replace(/[0-9]/g, (digit) => String.fromCharCode(0x0660 + Number(digit)))],
    ['a zero-width space', `${memo.slice(0, 5)}\u200b${memo.slice(5)}`],
    ['two of them', memo + memo],
  ])('%s is not guessed', (_what, typed) => {
    expect(readDepositMemo(typed)).toBeUndefined();
  });
  it('reads only what is a memo, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
        const read = readDepositMemo(typed);
        return read === undefined || isDepositMemo(read);
      }),
    );
  });
});
