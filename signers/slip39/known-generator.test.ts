/** A thief knows what the system's generator draws, and has one paper: with dice in the entropy that must still be nothing. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { interpolate } from './field.ts';
import { hedged } from './hedge.ts';
import { recoverSecret, type Random } from './secret.ts';
import { shareSecret } from './shares.ts';

const known: Random = (length) => new Uint8Array(length);
const entropy = randomBytes(32);
const layout = { groupThreshold: 1, groups: [{ threshold: 2, count: 3 }] };

/** How many bytes of what is shared one share gives to who knows the generator, but for the four of the digest. */
function learned(random: Random): number {
  const shares = shareSecret(entropy, layout, random, new Uint8Array(), 0);
  const [first, second] = shares.map(({ member, value }) => ({ x: member, y: value }));
  if (!first || !second) throw new Error('no shares');
  const shared = recoverSecret(2, [first, second]);
  const salt = known(28);
  const guess = interpolate(255, [first, { x: 254, y: Uint8Array.of(0, 0, 0, 0, ...salt) }]);
  return guess.slice(4).filter((byte, at) => byte === shared?.[at + 4]).length;
}

describe('the system’s generator is known', () => {
  it('why: without a hedge one share is all but four bytes of the key', () => {
    expect(learned(known)).toBe(28);
  });

  it('mixed with the entropy it gives no more than chance', () => {
    expect(learned(hedged(known, entropy, ['2of3']))).toBeLessThan(6);
  });

  it('and no two sharings, nor two draws of one, are alike', () => {
    const draws = [['2of3'], ['3of5'], ['2of3', Uint8Array.of(1)], ['2', 'of3']].flatMap((about) => {
      const random = hedged(known, entropy, about);
      return [random(32), random(32)];
    });
    expect(new Set(draws.map((drawn) => drawn.toHex())).size).toBe(8);
    expect(hedged(known, entropy, ['2of3'])(32)).toEqual(hedged(known, entropy, ['2of3'])(32));
    expect(() => hedged(known, entropy, [])(65)).toThrow('65 bytes');
  });
});
