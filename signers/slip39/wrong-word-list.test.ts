/** The list of words is the standard's: its digest, and the properties that SLIP-0039, "Wordlist", promises. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { valueOf, wordLength, wordList, wordOf } from './word-list.ts';

it('is the file of the standard, word for word', () => {
  const text = `${wordList.join('\n')}\n`;
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    'bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3',
  );
});

it('has 1,024 words in the order of the alphabet, of 4 to 8 letters, told apart by the first four', () => {
  expect(wordList).toHaveLength(1024);
  expect([...wordList].sort()).toEqual(wordList);
  expect(wordList.every((word) => /^[a-z]{4,8}$/.test(word))).toBe(true);
  expect(new Set(wordList.map((word) => word.slice(0, 4))).size).toBe(1024);
});

it('finds each value’s word, and each word’s value, and no other', () => {
  const word = new Uint8Array(wordLength);
  for (const [value, text] of wordList.entries()) {
    wordOf(value, word);
    expect(Buffer.from(word).toString().replaceAll('\0', '')).toBe(text);
    expect(valueOf(word)).toBe(value);
  }
  for (const other of ['abandon', 'academie', 'zer', 'zero\u0001']) {
    word.fill(0);
    word.set(Buffer.from(other));
    expect(valueOf(word)).toBe(-1);
  }
});
