/** Shares, words and what they stand for are wiped once used, also where a step is refused: every array that was made for a secret is looked at afterwards. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { originOf, unlock } from './keystore.ts';
import { entropyOf, readThrown } from './seed/entropy.ts';
import { chainSecretFrom } from './seed/seed.ts';
import { hedged } from './slip39/hedge.ts';
import { recoverShared, shareSecret } from './slip39/shares.ts';
import { left, madeBy } from './testing/arrays.ts';
import { site } from './testing/ceremonies.ts';
import { papers, twoOfThree } from './testing/shares.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text));

it('an array that somebody keeps is found', async () => {
  const secret = Uint8Array.from({ length: 32 }, (_, at) => at);
  const made = await madeBy(() => entropyOf(() => new Uint8Array(32), null, 'words'));
  expect(
    left(
      made,
      entropyOf(() => new Uint8Array(32), null, 'words'),
    ),
  ).toBe(1);
  expect(left(made, secret)).toBe(0);
});

describe('nothing is left of', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, at) => 3 * at + 1);
  const texts = papers(secret, twoOfThree).map(({ text }) => text);

  it('faces that were refused', async () => {
    const faces = '1624351624351624351624351624';
    expect(left(await madeBy(() => readThrown(bytes(`${faces}x`))), bytes(faces))).toBe(0);
  });

  it('a sentence and a seed, where the chain refuses them', async () => {
    const made = await madeBy(() =>
      chainSecretFrom(secret, 'english', { chain: 'none' as 'nem', network: 'mainnet' }),
    );
    expect(made.length).toBeGreaterThan(0);
    expect(made.every((array) => array.every((byte) => byte === 0))).toBe(true);
  });

  it.each([
    ['too few', () => recoverShared(texts.slice(0, 1))],
    ['a word that is none', () => recoverShared([bytes('academic acid zzzzzzzz')])],
    ['a wrong one', () => recoverShared([texts[0] ?? bytes(''), bytes('academic acid')])],
  ])('shares: %s', async (_, work) => {
    const made = await madeBy(work);
    expect(made.length).toBeGreaterThan(0);
    expect(made.every((array) => array.every((byte) => byte === 0))).toBe(true);
  });

  it('what shares are made of, where the making fails in between', async () => {
    const seen: Uint8Array[] = [];
    const random = (length: number) => {
      const drawn = new Uint8Array(length).fill(9);
      seen.push(drawn);
      if (seen.length > 4) throw new Error('the generator is gone');
      return drawn;
    };
    const groups = [
      { threshold: 3, count: 4 },
      { threshold: 3, count: 4 },
    ];
    const made = await madeBy(() =>
      shareSecret(secret, { groupThreshold: 2, groups }, random, new Uint8Array(), 0),
    );
    expect(left(made, secret)).toBe(0);
    expect(made.filter((array) => array.length === 32 && array.some((byte) => byte !== 0))).toEqual([]);
  });

  it('what the generator gave, where it is mixed with the entropy', () => {
    const drawn = new Uint8Array(32).fill(5);
    const mixed = hedged((length) => (length === 32 ? drawn : new Uint8Array(length)), secret, [])(32);
    expect(mixed).toBe(drawn);
  });
});

describe('a ceremony', () => {
  const one = site();
  afterAll(() => one[Symbol.dispose]());

  it.each([
    ['there is no keystore', 'none.json'],
    ['the passphrase is wrong', 'signer/keystore.json'],
  ])('%s: the passphrase is wiped all the same', async (_, file) => {
    for (const open of [unlock, originOf]) {
      const passphrase = Buffer.from('correct horses');
      await expect(open(one.at(file), passphrase, null)).rejects.toThrow(/keystore|none/);
      expect(passphrase.every((byte) => byte === 0)).toBe(true);
    }
  });
  const media = ['m1', 'm2', 'm3'].map((name) => one.at(name));
  const file = (folder: string) => join(folder, readdirSync(folder)[0] ?? '');
  beforeEach(() => {
    one.anew();
    for (const folder of [...media, one.at('w')]) mkdirSync(folder);
  });
  const share = {
    step: 'share',
    groupThreshold: 1,
    groups: [{ threshold: 2, count: 3 }],
    to: media,
    althoughTogether: true,
  } as const;
  const entropy = async () =>
    (await originOf(one.at('signer/keystore.json'), Buffer.from('correct horse'), null)).entropy;

  it.each([
    ['shares are made', () => one.why(share), 'done'],
    [
      'and one cannot be written',
      () => {
        writeFileSync(one.at('p'), 'a pass of shares that is long\n', { mode: 0o600 });
        return one.why({
          ...share,
          sharePassphrase: one.at('p'),
          to: media.map((folder) => `${folder}/none`),
        });
      },
      /is not there/,
    ],
    ['words are written', () => one.why({ step: 'words', to: one.at('w'), althoughTogether: true }), 'done'],
  ] as const)('%s', async (_, work, ends) => {
    const secret = await entropy();
    let why = '';
    const made = await madeBy(async () => (why = await work()));
    expect(why).toMatch(ends);
    const shares = media.flatMap((folder) =>
      readdirSync(folder).map((name) => readFileSync(join(folder, name))),
    );
    expect(left(made, secret, bytes('a pass of shares that is long'), ...shares)).toBe(0);
  });

  it.each([
    ['recovers', {}, 'done'],
    ['is told another key', { confirm: 'a'.repeat(64) }, /is not the chain key/],
    ['misses a file', { shares: [] as string[] }, /is not there/],
  ] as const)('that %s', async (_, more, ends) => {
    await one.hold(share);
    const secret = await entropy();
    const shares = media.slice(0, 2).map(file);
    const asked = {
      step: 'recover',
      folder: one.at('new'),
      shares,
      confirm: one.keys.chainKey,
      ...more,
    } as const;
    let why = '';
    const named =
      ends instanceof RegExp && ends.source.includes('there') ? [shares[0] ?? '', one.at('x')] : shares;
    const made = await madeBy(async () => (why = await one.why({ ...asked, shares: named })));
    expect(why).toMatch(ends);
    expect(left(made, secret, ...shares.map((name) => readFileSync(name)))).toBe(0);
  });
});
