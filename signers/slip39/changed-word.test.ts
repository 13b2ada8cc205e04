/** A word that was changed, left out, doubled or moved: refused, and the refusal tells no word. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { papers, twoOfThree } from '../testing/shares.ts';
import { tellRefusal } from './flaw.ts';
import { recoverShared } from './shares.ts';
import { wordList } from './word-list.ts';

const [first, second] = papers(randomBytes(32), twoOfThree).map(({ text }) =>
  Buffer.from(text).toString().split(' '),
);
const give = (words: readonly string[]) =>
  recoverShared([Buffer.from(words.join(' ')), Buffer.from(second?.join(' ') ?? '')]);
const words = first ?? [];
const checksum = { why: 'unread', share: 1, flaw: { why: 'checksum' } };

it('every word of a share, changed for others of the list (33 places, 31 words each)', () => {
  expect(give(words)).toBeInstanceOf(Uint8Array);
  for (const [place, word] of words.entries())
    for (let step = 1; step < wordList.length; step += 33) {
      const other = wordList[(wordList.indexOf(word) + step) % wordList.length] ?? '';
      const why = give(words.with(place, other));
      // Also where the second word then names the other customization of the checksum.
      expect(why, `word ${place + 1}`).toEqual(checksum);
    }
});

it('two neighbours that changed places', () => {
  for (let place = 0; place + 1 < words.length; place += 1) {
    const [one = '', other = ''] = words.slice(place, place + 2);
    if (one !== other) expect(give(words.with(place, other).with(place + 1, one))).toEqual(checksum);
  }
});

it('a word left out or doubled', () => {
  for (const place of words.keys()) {
    expect(give(words.toSpliced(place, 1))).toMatchObject({
      flaw: { why: expect.stringMatching(/length|checksum/) as string },
    });
    expect(give(words.toSpliced(place, 0, words[place] ?? ''))).toMatchObject({
      flaw: { why: expect.stringMatching(/length|checksum/) as string },
    });
  }
});

it('a word of another list: told by its place, and not itself', () => {
  for (const other of ['zoo', 'abandon', 'acadamic', 'あいこくしん', 'a\u0301cid', 'academicacademic']) {
    const why = give(words.with(6, other));
    expect(why).toEqual({ why: 'unread', share: 1, flaw: { why: 'unknown-word', word: 7 } });
    if (why instanceof Uint8Array) return;
    const { en, ja } = tellRefusal(why, ['share-1.txt']);
    expect(en).toMatch(/^share-1\.txt: word 7 is not in the list/);
    expect(ja).toMatch(/7番目の単語/);
    expect(en + ja).not.toContain(other);
  }
});

it('capitals and line breaks are no change', () => {
  expect(
    give([`\n  ${words.slice(0, 11).join('  ').toUpperCase()}\r\n${words.slice(11).join('\n')}\n`]),
  ).toBeInstanceOf(Uint8Array);
});
