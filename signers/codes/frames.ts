/** Frames: a message as the texts of an animated code: first its fragments, then mixtures of them without end (BCR-2024-001, "The Encoder"). */
import { crc32 } from 'node:zlib';
import { messageOf, most, partText, singleText, type UrType } from './frame.ts';
import { mixtures } from './mixture.ts';

export interface Frames {
  /** So many hold the message where none is lost; 1: one code that stands still. */
  readonly fragments: number;
  /** The text of frame `number`, from 1. */
  readonly text: (number: number) => string;
}

/** `largest`: bytes of a fragment; 200 make a code of 89 squares a side, which cameras of laptops read off a screen. */
export function framesOf(type: UrType, bytes: Uint8Array, largest = 200): Frames {
  const message = messageOf(bytes);
  if (message.length > most.bytes)
    throw new RangeError(`codes: more than ${most.bytes} bytes are never shown`);
  if (message.length <= largest) return { fragments: 1, text: () => singleText(type, message) };
  // As even as can be ("Determining Fragment Length").
  const size = Math.ceil(message.length / Math.ceil(message.length / largest));
  const fragments = Math.ceil(message.length / size);
  if (fragments > most.fragments) throw new RangeError(`codes: more than ${most.fragments} fragments`);
  const padded = new Uint8Array(size * fragments);
  padded.set(message);
  const checksum = crc32(message);
  const mixed = mixtures(fragments, checksum);
  const text = (number: number) => {
    const data = new Uint8Array(size);
    for (const at of mixed(number)) add(data, padded.subarray(at * size, (at + 1) * size));
    return partText(type, { number, fragments, length: message.length, checksum, data });
  };
  return { fragments, text };
}

/** Exclusive or, into the first. */
export function add(into: Uint8Array, other: Uint8Array): void {
  for (let at = 0; at < into.length; at += 1) into[at] = (into[at] ?? 0) ^ (other[at] ?? 0);
}
