/** A machine whose generator is broken or known to a thief, and people who throw badly: one good source is enough. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { array, assert, constantFrom, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entropyOf as drawn, readThrown, strengthOf, tellStrength } from './entropy.ts';

const dice = (count: number) => Buffer.from(Array.from({ length: count }, () => 0x31 + randomInt(6)));
function thrown(text: Uint8Array | string) {
  const read = readThrown(Buffer.from(text));
  if (read.kind === 'refused') throw new Error(read.why);
  return read;
}
const broken = (length: number) => new Uint8Array(length).fill(0x42);
const entropyOf = (random: Parameters<typeof drawn>[0], faces: Parameters<typeof drawn>[1]) =>
  drawn(random, faces, 'words');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('the generator gives the same bytes again and again', () => {
  it('without a throw the keys are the same: nothing else covers it', () => {
    expect(entropyOf(broken, null)).toEqual(entropyOf(broken, null));
  });

  it('any other throw gives other keys: each of 99 dice counts (99 × 5 changes)', () => {
    const text = dice(99);
    const keys = new Set([hex(entropyOf(broken, thrown(text)))]);
    for (const place of text.keys())
      for (let face = 0x31; face <= 0x36; face += 1)
        if (face !== text[place])
          keys.add(hex(entropyOf(broken, thrown(text.map((old, at) => (at === place ? face : old))))));
    expect(keys.size).toBe(1 + 99 * 5);
  });

  it('a throw less or more, dice or coins, are other keys', () => {
    const all = ['', '1', '11', '111', 'H', 'T', 'HT', 'TH'].map((text) =>
      hex(entropyOf(broken, text === '' ? null : thrown(text))),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

it('the same dice twice give different keys while the generator is whole', () => {
  const text = dice(99);
  const keys = Array.from({ length: 200 }, () => hex(entropyOf(randomBytes, thrown(text))));
  expect(new Set(keys).size).toBe(200);
});

it('each byte of the generator counts, whatever was thrown', () => {
  const bytes = randomBytes(32);
  const one = hex(entropyOf(() => Uint8Array.from(bytes), thrown('666')));
  for (const place of bytes.keys())
    expect(
      hex(entropyOf(() => bytes.map((byte, at) => (at === place ? byte ^ 1 : byte)), thrown('666'))),
    ).not.toBe(one);
});

it('is what the documents say: SHA-256 over name, generator, kind and faces', () => {
  const system = randomBytes(32);
  const expected = createHash('sha256')
    .update(
      Buffer.concat([
        Buffer.from('kuramori entropy v1, words\n'),
        system,
        Buffer.from('dice thrown\n'),
        Buffer.from('1234'),
      ]),
    )
    .digest();
  expect(hex(entropyOf(() => Uint8Array.from(system), thrown('12 34\n')))).toBe(hex(expected));
});

it('words, record key and passphrase are drawn apart, by one throw', () => {
  const faces = thrown(dice(99));
  const keys = (['words', 'record key', 'passphrase'] as const).map((purpose) =>
    hex(drawn(broken, faces, purpose)),
  );
  expect(new Set(keys).size).toBe(3);
});

it('wipes what the generator gave', () => {
  const system = randomBytes(32);
  entropyOf(() => system, thrown('123456'));
  expect(system.every((byte) => byte === 0)).toBe(true);
});

describe('what throws are worth', () => {
  it('99 fair dice and 256 fair coins are enough by themselves (200 series each)', () => {
    for (let round = 0; round < 200; round += 1) {
      expect(strengthOf(thrown(dice(99))).enough).toBe(true);
      const coins = Array.from({ length: 256 }, () => 'HT'[randomInt(2)]).join('');
      expect(strengthOf(thrown(coins)).enough).toBe(true);
    }
  });

  it.each([
    ['1'.repeat(1000), 0, 'all alike'],
    [dice(98), 253, 'one too few'],
    ['123456'.repeat(3), 46, 'short'],
    [
      Buffer.from(Array.from({ length: 99 }, () => (randomInt(10) < 8 ? 0x36 : 0x31 + randomInt(5)))),
      180,
      'a loaded die',
    ],
    ['H'.repeat(255), 0, 'a coin with two heads'],
  ])('bad series are told, and are not enough: %#', (...[text, most]) => {
    const strength = strengthOf(thrown(text));
    expect(strength.enough).toBe(false);
    expect(strength.bits).toBeLessThanOrEqual(most);
    expect(tellStrength('dice', strength)).toMatch(
      /^\d+ dice, about \d+ bits .*only add to it, and take nothing away$/,
    );
  });
});

it.each([
  ['', 'has no face'],
  [' \n', 'has no face'],
  ['1234567', 'character 7 is no face'],
  ['0', 'character 1 is no face'],
  ['16H', 'dice and coins'],
  ['1'.repeat(10_001), 'more than 10000'],
])('%j is refused: %s', (text, why) => {
  expect(readThrown(Buffer.from(text))).toEqual({
    kind: 'refused',
    why: expect.stringContaining(why) as string,
  });
});

it('other text is refused, and never a face of it told', () => {
  assert(
    property(uint8Array({ maxLength: 40 }), array(constantFrom('1', '6', 'h', 'T', ' ')), (bytes, faces) => {
      const read = readThrown(Buffer.concat([Buffer.from(faces.join('')), bytes]));
      if (read.kind === 'refused') expect(read.why).toMatch(/^(?:has|character \d+ is) /);
      else expect(['dice', 'coins']).toContain(read.kind);
    }),
    { numRuns: 300 },
  );
});
