/** Words of two languages, changed, moved, left out or unknown: each refused in its own words, in English and Japanese. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { readSentence, sentenceOf, tellSentence, wordsOf, type SentenceFlaw } from './sentence.ts';

const entropy = randomBytes(32);
const split = (text: string) => text.split(/\s/);
const [english, japanese] = [split(sentenceOf(entropy, 'english')), split(sentenceOf(entropy, 'japanese'))];
const flawIn = (words: readonly string[]): SentenceFlaw | null => {
  const read = readSentence(words.join(' '));
  return read.kind === 'refused' ? read.flaw : null;
};

it('one word of the other language, in any place', () => {
  for (let place = 1; place < 24; place += 1) {
    expect(flawIn(english.with(place, japanese[place] ?? ''))).toEqual({
      why: 'mixed-languages',
      word: place + 1,
    });
    expect(flawIn(japanese.with(place, english[place] ?? ''))).toEqual({
      why: 'mixed-languages',
      word: place + 1,
    });
  }
  expect(flawIn(english.with(0, japanese[0] ?? ''))).toEqual({ why: 'mixed-languages', word: 2 });
});

it('a changed word: 255 in 256 are seen, since the checksum has 8 bits; never does another sentence pass for this one', () => {
  let [seen, tried] = [0, 0];
  for (const [language, words] of [
    ['english', english],
    ['japanese', japanese],
  ] as const)
    for (const place of words.keys())
      for (let step = 1; step < 2048; step += 61) {
        const list = wordsOf[language];
        const own = list.findIndex(
          (word) => word.normalize('NFKD') === (words[place] ?? '').normalize('NFKD'),
        );
        const read = readSentence(words.with(place, list[(own + step) % 2048] ?? '').join(' '));
        tried += 1;
        if (read.kind === 'refused') seen += Number(read.flaw.why === 'checksum');
        else expect(read.entropy).not.toEqual(new Uint8Array(entropy));
      }
  // 1,632 tries, of which 6 pass by chance; more than 40 once in 10^18 runs.
  expect(tried - seen).toBeLessThan(40);
});

it('left out, doubled, unknown', () => {
  expect(flawIn(english.slice(1))).toEqual({ why: 'word-count', words: 23 });
  expect(flawIn([...english, english[0] ?? ''])).toEqual({ why: 'word-count', words: 25 });
  expect(flawIn([])).toEqual({ why: 'word-count', words: 0 });
  expect(flawIn(english.with(4, 'academic'))).toEqual({ why: 'unknown-word', word: 5 });
  expect(flawIn(english.with(4, 'abandom'))).toEqual({ why: 'unknown-word', word: 5 });
});

it('no refusal tells a word', () => {
  const flaws: readonly SentenceFlaw[] = [
    { why: 'word-count', words: 23 },
    { why: 'unknown-word', word: 5 },
    { why: 'mixed-languages', word: 5 },
    { why: 'checksum' },
  ];
  const told = flaws.map(tellSentence);
  expect(new Set(told.map(({ en }) => en)).size).toBe(4);
  for (const { en, ja } of told) {
    expect(en).toMatch(/^[\x20-\x7e]+$/);
    expect(ja).toMatch(/[ぁ-ん]/);
  }
});
