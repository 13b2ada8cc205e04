/** An address that spells something, or repeats itself, has no key; an honest one is not accused of it. */
import { describe, expect, it } from 'vitest';
import { dice, someAddress } from '../testing/days.ts';
import { looksMade } from './unspendable.ts';

/** Of testnet, with that many letters given from the third on; the rest are an honest address's. */
const made = (letters: string, seed = 1) => {
  const honest = someAddress(dice(seed));
  return `${honest.slice(0, 2)}${letters}${honest.slice(2 + letters.length)}`;
};

describe('made up', () => {
  it.each([
    ['TBURNBURNBURNBURNBURNBURNBURNBURNAAAAAAA', 'pattern'],
    [made('AAAAAAAA'), 'pattern'],
    [made('XYXYXYXYX'), 'pattern'],
    [made('ABCDEFGHABCDEFG'), 'pattern'],
    [made('ABCDEFGHIABBCDEAFGHIDCBAAGFEDHI'), 'few letters'],
    [made('FUCKTERRORISTS'), 'words'],
    [made('NOBODYXSPENDSTHIS'), 'words'],
    [made('BURNXXDEADYYNULL'), 'words'],
  ])('%s: %s', (address, form) => {
    expect(address).toHaveLength(40);
    expect(looksMade(address)).toBe(form);
  });
});

describe('not accused', () => {
  it('30,000 addresses of keys', () => {
    const roll = dice(7);
    const accused = Array.from({ length: 30_000 }, () => someAddress(roll)).filter(
      (one) => looksMade(one) !== null,
    );
    expect(accused).toEqual([]);
  });

  it.each([
    // The fees of namespaces and mosaics are paid to these two; the theft’s own addresses.
    'NAMESPACEWH4MKFMBCVFERDPOOP4FK7MTBXDPZZA',
    'NBMOSAICOD4F54EE5CDMR23CCBGOAM2XSIUX6TRS',
    'NC3BI3DNMR2PGEOOMP2NKXQGSAKMS7GYRKVA5CSZ',
    'NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG',
    // What one who searches long enough finds a key for.
    made('COINCOIN'),
    made('BURNDEAD'),
    made('AAAAAAA'),
  ])('%s', (address) => expect(looksMade(address)).toBe(null));
});
