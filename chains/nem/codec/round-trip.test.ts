import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded, transaction } from './arbitrary.testing.ts';
import { encode, explain, fromNisJson, toNisJson, transactionHash, type Signature } from './index.ts';

const signature = 'ab'.repeat(64) as Signature;

describe(`what is written is read (seed ${seeded.seed})`, () => {
  it('bytes: explain(encode(t)) is t', () => {
    fc.assert(
      fc.property(transaction, (sent) => {
        expect(explain(encode(sent), sent.network)).toEqual({ kind: 'explained', transaction: sent });
      }),
      { ...seeded, numRuns: 1500 },
    );
  });

  it('JSON: fromNisJson(JSON.parse(JSON.stringify(toNisJson(t)))) is t, with the same hash', () => {
    fc.assert(
      fc.property(transaction, (sent) => {
        const read = fromNisJson(JSON.parse(JSON.stringify(toNisJson(sent, signature))), sent.network);
        expect(read).toEqual({ kind: 'transaction', transaction: sent, signature, cosignatures: [] });
        if (read.kind === 'refused') return;
        expect(transactionHash(encode(read.transaction))).toBe(transactionHash(encode(sent)));
      }),
      { ...seeded, numRuns: 800 },
    );
  });

  it('never on the other network', () => {
    fc.assert(
      fc.property(transaction, (sent) => {
        const other = sent.network === 'mainnet' ? 'testnet' : 'mainnet';
        expect(explain(encode(sent), other)).toEqual({
          kind: 'refused',
          why: 'wrong-network',
          field: 'version',
        });
        expect(fromNisJson(toNisJson(sent, signature), other)).toMatchObject({ why: 'wrong-network' });
      }),
      { ...seeded, numRuns: 200 },
    );
  });
});

describe(`bytes of a stranger (seed ${seeded.seed})`, () => {
  it('never throw, and mean something only if encode writes the very same', () => {
    const mutated = fc
      .tuple(
        transaction,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
        fc.nat(),
      )
      .map(([sent, edits, cut]) => {
        const bytes = encode(sent);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        return {
          bytes: cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes,
          network: sent.network,
        };
      });
    fc.assert(
      fc.property(mutated, ({ bytes, network }) => {
        const explained = explain(bytes, network);
        if (explained.kind === 'explained') expect(encode(explained.transaction).toHex()).toBe(bytes.toHex());
      }),
      { ...seeded, numRuns: 2000 },
    );
  });

  it('nor does noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => explain(bytes, 'mainnet').kind === 'refused'),
      { ...seeded, numRuns: 2000 },
    );
  });

  it('nor any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => fromNisJson(value, 'mainnet').kind === 'refused'),
      { ...seeded, numRuns: 1000 },
    );
  });
});
