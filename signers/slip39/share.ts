/** Share: one person's part, as words and back (SLIP-0039, "Format of the share mnemonic"). Its text is bytes, which can be wiped. */
import { secretBytes } from '../secret-bytes.ts';
import { checksumOf, checksumWords, isWhole } from './checksum.ts';
import type { Set39 } from './cipher.ts';
import type { Flaw39 } from './flaw.ts';
import { valueOf, wordLength, wordOf } from './word-list.ts';

export interface Share39 extends Set39 {
  /** From 0, as is `member`: what the polynomials are evaluated at. */
  readonly group: number;
  /** So many of the groups it takes. */
  readonly groupThreshold: number;
  readonly groups: number;
  readonly member: number;
  /** So many members of this group it takes. */
  readonly threshold: number;
  /** A multiple of two bytes, 16 at least. Whoever has used it wipes it. */
  readonly value: Uint8Array;
}

/** Identifier to member threshold: 40 bits. */
const headWords = 4;
const leastWords = headWords + 13 + checksumWords;
const [space, upperA, upperZ] = [0x20, 0x41, 0x5a];

/** The words in lower case with a space between, ASCII. Whoever has used it wipes it. */
export function shareText(share: Share39): Uint8Array<ArrayBuffer> {
  const { id, extendable, exponent, group, groupThreshold, groups, member, threshold, value } = share;
  const head = [
    id >> 5,
    ((id & 31) << 5) | (Number(extendable) << 4) | exponent,
    (group << 6) | ((groupThreshold - 1) << 2) | ((groups - 1) >> 2),
    (((groups - 1) & 3) << 8) | (member << 4) | (threshold - 1),
  ];
  const words = new Uint16Array(headWords + Math.ceil((value.length * 8) / 10) + checksumWords);
  words.set(head);
  pack(value, words.subarray(headWords, -checksumWords));
  words.set(checksumOf(words.subarray(0, -checksumWords), extendable), words.length - checksumWords);
  const text = textOf(words);
  words.fill(0);
  return text;
}

/** Reads one share; what stands around the words and between them is white space. The text stays, for the caller to wipe. */
export function readShare(text: Uint8Array): Share39 | Flaw39 {
  const words = new Uint16Array(text.length);
  try {
    const count = readWords(text, words);
    return typeof count === 'number' ? readValues(words.subarray(0, count)) : count;
  } finally {
    words.fill(0);
  }
}

/** How many words there are, or the first that is none of the list: for somebody who still types. The text stays. */
export function countWords(text: Uint8Array): number | Flaw39 {
  const values = new Uint16Array(text.length);
  const count = readWords(text, values);
  values.fill(0);
  return count;
}

function readValues(words: Uint16Array): Share39 | Flaw39 {
  const at = (place: number) => words[place] ?? 0;
  const extendable = (at(1) & 16) !== 0;
  const bits = (words.length - headWords - checksumWords) * 10;
  // What a multiple of 16 bits leaves of a multiple of 10: 8 at most.
  const padding = bits % 16;
  if (words.length < leastWords || padding > 8) return { why: 'length', words: words.length };
  if (!isWhole(words, extendable)) return { why: 'checksum' };
  if (at(headWords) >> (10 - padding) !== 0) return { why: 'padding' };
  const [groupThreshold, groups] = [((at(2) >> 2) & 15) + 1, (((at(2) & 3) << 2) | (at(3) >> 8)) + 1];
  if (groupThreshold > groups) return { why: 'more-groups-than-there-are' };
  return {
    id: (at(0) << 5) | (at(1) >> 5),
    extendable,
    exponent: at(1) & 15,
    group: at(2) >> 6,
    groupThreshold,
    groups,
    member: (at(3) >> 4) & 15,
    threshold: (at(3) & 15) + 1,
    value: unpack(words.subarray(headWords, -checksumWords), (bits - padding) / 8),
  };
}

/** The bits of the bytes, right-aligned in words of ten. */
function pack(bytes: Uint8Array, words: Uint16Array): void {
  let [left, held, at] = [words.length * 10 - bytes.length * 8, 0, 0];
  for (const byte of bytes) {
    held = (held << 8) | byte;
    left += 8;
    if (left < 10) continue;
    left -= 10;
    words[at] = held >> left;
    at += 1;
    held &= (1 << left) - 1;
  }
}

/** The other way round; what is before the bytes is zero. */
function unpack(words: Uint16Array, length: number): Uint8Array {
  const bytes = secretBytes(length);
  let [left, held, at] = [length * 8 - words.length * 10, 0, 0];
  for (const word of words) {
    held = (held << 10) | word;
    left += 10;
    while (left >= 8) {
      left -= 8;
      bytes[at] = held >> left;
      at += 1;
      held &= (1 << left) - 1;
    }
  }
  return bytes;
}

function textOf(words: Uint16Array): Uint8Array<ArrayBuffer> {
  const [text, word] = [secretBytes(words.length * (wordLength + 1)), secretBytes(wordLength)];
  let at = 0;
  for (const value of words) {
    if (at > 0) text[at++] = space;
    wordOf(value, word);
    for (const letter of word) if (letter !== 0) text[at++] = letter;
  }
  const exact = secretBytes(at);
  exact.set(text.subarray(0, at));
  text.fill(0);
  word.fill(0);
  return exact;
}

/** The value of each word of the text into `values`; gives how many there are. */
function readWords(text: Uint8Array, values: Uint16Array): number | Flaw39 {
  const word = secretBytes(wordLength);
  let [count, letters] = [0, 0];
  for (let at = 0; at <= text.length; at += 1) {
    const byte = text[at] ?? space;
    if (byte > space) {
      if (letters < wordLength) word[letters] = byte >= upperA && byte <= upperZ ? byte + 32 : byte;
      // No word of the list is longer.
      else word.fill(0);
      letters += 1;
    } else if (letters > 0) {
      const value = valueOf(word);
      word.fill(0);
      if (value < 0) return { why: 'unknown-word', word: count + 1 };
      values[count] = value;
      count += 1;
      letters = 0;
    }
  }
  return count;
}
