import { readFileSync } from 'node:fs';
import { assert, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalText,
  digest,
  Intent,
  intentDigest,
  refillIntent,
  sweepIntent,
  treasuryId,
  withdrawalId,
  XEM,
  type Kind,
  type Plain,
} from './index.ts';

interface Vector {
  readonly name: string;
  readonly kind: Kind;
  readonly value: Plain;
  readonly canonical: string;
  readonly digest: string;
}

const { vectors } = JSON.parse(
  readFileSync(new URL('data/intent-vectors.json', import.meta.url), 'utf8'),
) as { vectors: readonly Vector[] };
const named = (name: string) => vectors.find((vector) => vector.name === name)?.digest;

describe('core/data/intent-vectors.json', () => {
  it.each(vectors)('$name', ({ kind, value, canonical, digest: expected }) => {
    expect(canonicalText(value)).toBe(canonical);
    expect(digest(kind, value)).toBe(expected);
  });

  it.each(vectors.filter(({ kind }) => kind === 'intent'))(
    '$name, once it is parsed',
    ({ value, digest: expected }) => {
      expect(intentDigest(Intent.parse(value))).toBe(expected);
    },
  );

  it('ids are those of the vectors', () => {
    expect(withdrawalId('exchange-1', 'w-1')).toBe(named("a withdrawal's id"));
    expect(treasuryId('evacuation', 'hot-xem', 1)).toBe(named("an evacuation's id"));
    expect(treasuryId('sweep', 'hot-xem', 1)).toBe(named("a sweep's id"));
    expect(treasuryId('refill', 'cold-xem', 1)).toBe(named("a refill's id"));
  });

  it('what the house moves by itself is the intent of the vectors', () => {
    const to = { address: 'TALICE2GMA34CXHD7XLJQ536NM5UNKQHTORNNT2J' };
    const moved = { number: 1, asset: XEM, amount: 49_000_000_000n, feeCap: 1_000_000n, expiry: 1769472120 };
    expect(intentDigest(sweepIntent({ id: 'hot-xem' }, to, moved))).toBe(named('a sweep'));
    expect(intentDigest(refillIntent({ id: 'cold-xem' }, to, moved))).toBe(named('a refill'));
  });

  it('has vectors', () => {
    expect(vectors.length).toBeGreaterThan(5);
  });
});

describe('one value, one text', () => {
  it('the order of members does not count, and what is undefined is not there', () => {
    expect(canonicalText({ b: 1, a: [true, null], c: undefined })).toBe('{"a":[true,null],"b":1}');
  });

  it('keys are sorted by UTF-16 code unit (RFC 8785 §3.2.3)', () => {
    expect(canonicalText({ '\ufb33': 1, '😀': 2, '\u20ac': 3, '\r': 4, '1': 5, ö: 6 })).toBe(
      '{"\\r":4,"1":5,"ö":6,"€":3,"😀":2,"\ufb33":1}',
    );
  });

  it('-0 is 0 (RFC 8785 §3.2.2.3), so that a hostile one stops nobody', () => {
    expect(canonicalText(-0)).toBe('0');
  });

  it.each([0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('%s has none', (value) => {
    expect(() => canonicalText(value)).toThrow(RangeError);
  });

  it('a lone surrogate has none', () => {
    expect(() => canonicalText('\ud800')).toThrow(RangeError);
  });

  it('the text is JSON, and leads to the same text again', () => {
    assert(
      property(jsonValue({ noUnicodeString: false, maxDepth: 3 }), (value) => {
        const whole = JSON.parse(
          JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' ? 1 : one)),
        ) as Plain;
        const text = canonicalText(whole);
        expect(canonicalText(JSON.parse(text) as Plain)).toBe(text);
      }),
    );
  });

  it('two memos never have one digest', () => {
    assert(
      property(string({ unit: 'binary' }), string({ unit: 'binary' }), (a, b) => {
        if (a !== b) expect(digest('intent', { memo: a })).not.toBe(digest('intent', { memo: b }));
      }),
    );
  });
});
