import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isCanonical } from './explain.ts';
import { explain, parsePublicKey, parseSignature, verify, type Explained } from './index.ts';

const vectors = JSON.parse(readFileSync(new URL('../data/vectors.json', import.meta.url), 'utf8')) as {
  name: string;
  data: string;
  publicKey: string;
  signature: string;
}[];

type Decoder = (bytes: Uint8Array) => Explained;
const decode: Decoder = (bytes) => explain(bytes, 'mainnet');

/** The meaning as text, or undefined if refused. */
function meaning(decoder: Decoder, bytes: Uint8Array): string | undefined {
  const explained = decoder(bytes);
  if (explained.kind === 'refused') return undefined;
  return JSON.stringify(explained.transaction, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}

/** Which of the changed bytes still mean the same; none should. */
function survivors(decoder: Decoder, bytes: Uint8Array, changed: Iterable<[string, Uint8Array]>): string[] {
  const honest = meaning(decoder, bytes);
  if (honest === undefined) throw new Error('the unchanged bytes must have a meaning');
  return [...changed].filter(([, other]) => meaning(decoder, other) === honest).map(([name]) => name);
}

function* truncations(bytes: Uint8Array): Iterable<[string, Uint8Array]> {
  for (let length = 0; length < bytes.length; length += 1)
    yield [`cut at ${length}`, bytes.subarray(0, length)];
}

function* extensions(bytes: Uint8Array): Iterable<[string, Uint8Array]> {
  for (const tail of [[0], [0, 0, 0, 0], [255], [...bytes]])
    yield [`+${tail.length}`, Uint8Array.of(...bytes, ...tail)];
}

function* flips(bytes: Uint8Array): Iterable<[string, Uint8Array]> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const other = Uint8Array.from(bytes);
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield [`bit ${bit}`, other];
  }
}

describe('changed bytes never keep their meaning', () => {
  it.each(vectors)('$name: every truncation is refused', ({ data }) => {
    const explained = [...truncations(Uint8Array.fromHex(data))].filter(
      ([, cut]) => decode(cut).kind !== 'refused',
    );
    expect(explained).toEqual([]);
  });

  it.each(vectors)('$name: every extension is refused', ({ data }) => {
    for (const [, longer] of extensions(Uint8Array.fromHex(data))) {
      expect(decode(longer)).toEqual({ kind: 'refused', why: 'trailing-bytes', field: 'bytes' });
    }
  });

  it.each(vectors)('$name: every flipped bit', ({ data }) => {
    const bytes = Uint8Array.fromHex(data);
    expect(survivors(decode, bytes, flips(bytes))).toEqual([]);
  });
});

const ignoresByte5: Decoder = (input) => {
  const masked = Uint8Array.from(input);
  masked[5] = 0; // between version and network, which a careless decoder skips
  return decode(masked);
};

describe('the last net, should a rule of reading have a hole', () => {
  it('catches every changed byte string that still gives the same meaning', () => {
    const bytes = Uint8Array.fromHex(vectors[0]?.data ?? '');
    const explained = decode(bytes);
    if (explained.kind === 'refused') throw new Error(explained.why);
    expect(isCanonical(bytes, explained.transaction)).toBe(true);
    for (const [, other] of [...flips(bytes), ...truncations(bytes), ...extensions(bytes)]) {
      expect(isCanonical(other, explained.transaction)).toBe(false);
    }
  });
});

describe('this test would notice', () => {
  const bytes = Uint8Array.fromHex(vectors[0]?.data ?? '');

  it('a decoder that ignores one bit', () => {
    expect(survivors(ignoresByte5, bytes, flips(bytes))).toEqual(
      [40, 41, 42, 43, 44, 45, 46, 47].map((bit) => `bit ${bit}`),
    );
  });

  it('a decoder that ignores what follows', () => {
    const lax: Decoder = (input) => decode(input.subarray(0, bytes.length));
    expect(survivors(lax, bytes, extensions(bytes))).toHaveLength(4);
  });
});

describe('a flipped bit never verifies', () => {
  const sample = vectors.filter((_, index) => index % 16 === 0);

  it.each(sample)('$name', (vector) => {
    const bytes = Uint8Array.fromHex(vector.data);
    const key = parsePublicKey(vector.publicKey.toLowerCase());
    if (key.kind === 'refused') throw new Error(key.why);
    const check = (signed: Uint8Array, signature: string): boolean => {
      const parsed = parseSignature(signature);
      return parsed.kind === 'signature' && verify(key.publicKey, signed, parsed.signature);
    };
    const signature = vector.signature.toLowerCase();
    expect(check(bytes, signature)).toBe(true);
    const badSignatures = [...flips(Uint8Array.fromHex(signature))].filter(([, other]) =>
      check(bytes, other.toHex()),
    );
    expect(badSignatures).toEqual([]);
    const badBytes = [...flips(bytes)].filter(([, other], at) => at % 7 === 0 && check(other, signature));
    expect(badBytes).toEqual([]);
  });
});
