/** Frame: one text of a code, `ur:type/message` or `ur:type/number-of/part` (BCR-2020-005), and what it says. */
import { bytewordsOf, readBytewords } from './bytewords.ts';
import { head, reading } from './cbor.ts';
import type { FrameFlaw } from './flaw.ts';

/**
 * `psbt` and, as wallets of before 2024 write it, `crypto-psbt`: a PSBT (BCR-2020-006). `x-kuramori`: whatever else is ours, as
 * `x-` is for types of users (BCR-2020-006). `bytes` is for trials alone (BCR-2020-005), and read. All hold one byte string.
 */
export const urTypes = ['x-kuramori', 'psbt', 'crypto-psbt', 'bytes'] as const;
export type UrType = (typeof urTypes)[number];

/** The most bytes that are read, CBOR's head included, and the most fragments: what a camera sees may have been written by anybody. */
export const most = { bytes: 2 ** 20, fragments: 4096 } as const;

/** One part of a message in many (BCR-2024-001, "Part Serialization"). */
export interface Part {
  /** From 1; above `fragments` it is a mixture. */
  readonly number: number;
  readonly fragments: number;
  /** Bytes of the whole message. */
  readonly length: number;
  /** CRC-32 of the whole message. */
  readonly checksum: number;
  readonly data: Uint8Array;
}

export type Frame =
  | { readonly kind: 'single'; readonly type: UrType; readonly message: Uint8Array }
  | { readonly kind: 'part'; readonly type: UrType; readonly part: Part };

export function partText(type: UrType, { number, fragments, length, checksum, data }: Part): string {
  const parts = [number, fragments, length, checksum].map((value) => head('number', value));
  const body = Buffer.concat([head('array', 5), ...parts, head('bytes', data.length), data]);
  return `ur:${type}/${number}-${fragments}/${bytewordsOf(body)}`;
}

export function singleText(type: UrType, message: Uint8Array): string {
  return `ur:${type}/${bytewordsOf(message)}`;
}

/** A message's CBOR: one byte string. */
export function messageOf(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([head('bytes', bytes.length), bytes]);
}

/** The other way; null where it is anything else, or more. */
export function bytesIn(message: Uint8Array): Uint8Array | null {
  const body = reading(message);
  const length = body.head('bytes');
  const bytes = length === null ? null : body.take(length);
  return body.left() === 0 ? bytes : null;
}

export function readFrame(text: string): Frame | FrameFlaw {
  // Before the case is changed: there are letters of other alphabets whose small letter is one of ours (U+212A, k).
  if (!/^[\x21-\x7e]+$/.test(text)) return { why: 'no-code' };
  const lower = text.toLowerCase();
  // Codes are shown in capitals, which take less room; a text in both was changed.
  const [, type = '', sequence, letters = ''] =
    /^ur:([a-z0-9-]+)\/(?:(\d{1,10}-\d{1,10})\/)?([a-z]*)$/.exec(lower) ?? [];
  if (type === '' || (text !== lower && text !== text.toUpperCase())) return { why: 'no-code' };
  const known = urTypes.find((one) => one === type);
  if (known === undefined) return { why: 'another-type', type };
  if (letters.length > 2 * most.bytes + 8) return { why: 'too-large', most: most.bytes };
  const read = readBytewords(letters);
  if (read.kind === 'refused') {
    const cut = read.why === 'checksum' && isCutShort(read.all, sequence !== undefined);
    return { why: cut ? 'truncated' : 'changed' };
  }
  if (sequence === undefined) return { kind: 'single', type: known, message: read.bytes };
  const part = partIn(read.bytes);
  if (part === null || sequence !== `${part.number}-${part.fragments}`) return { why: 'no-message' };
  if (part.length > most.bytes || part.fragments > most.fragments)
    return { why: 'too-large', most: most.bytes };
  return isPossible(part) ? { kind: 'part', type: known, part } : { why: 'no-message' };
}

function partIn(body: Uint8Array): Part | null {
  const read = reading(body);
  if (read.head('array') !== 5) return null;
  const numbers = Array.from({ length: 4 }, () => read.head('number'));
  const size = read.head('bytes');
  const data = size === null ? null : read.take(size);
  const [number, fragments, length, checksum] = numbers.map((value) => value ?? -1);
  if (data === null || read.left() > 0 || numbers.includes(null)) return null;
  return {
    number: number ?? 0,
    fragments: fragments ?? 0,
    length: length ?? 0,
    checksum: checksum ?? 0,
    data,
  };
}

/** So many fragments of this size hold the message, and one less does not. */
function isPossible({ number, fragments, length, data }: Part): boolean {
  const size = data.length;
  return (
    number > 0 && fragments > 0 && size > 0 && (fragments - 1) * size < length && length <= fragments * size
  );
}

/** Whether the heads promise more than what stands there: the way of a code that was not seen whole. */
function isCutShort(all: Uint8Array, isPart: boolean): boolean {
  const read = reading(all);
  if (
    isPart &&
    (read.head('array') !== 5 || Array.from({ length: 4 }, () => read.head('number')).includes(null))
  )
    return all.length < 8;
  const size = read.head('bytes');
  return size === null ? read.left() === 0 : size + 4 > read.left();
}
