/**
 * Reader: takes frames as they are seen, in any order, with any lost, until the message is whole. Each frame is an equation
 * over the fragments (a sum that is known), and they are solved as they come: so no frame that says anything new is ever
 * wasted, and one that contradicts the others is noticed wherever there is one equation more than it takes. CRC-32 tells
 * accidents; whoever means harm can match it, and what was read is judged by its own signatures.
 */
import { crc32 } from 'node:zlib';
import type { FrameFlaw } from './flaw.ts';
import { bytesIn, readFrame, type Part, type UrType } from './frame.ts';
import { add } from './frames.ts';
import { mixtures } from './mixture.ts';

export type Step =
  /** Taken; `have` of `need` frames' worth is known. */
  | { readonly kind: 'taken' | 'known'; readonly have: number; readonly need: number }
  | { readonly kind: 'whole'; readonly type: UrType; readonly bytes: Uint8Array }
  | { readonly kind: 'refused'; readonly flaw: FrameFlaw };

/** A sum of fragments: bit n of `of` says that fragment n is in it. */
interface Equation {
  of: bigint;
  readonly data: Uint8Array;
}

interface Message {
  readonly type: UrType;
  readonly first: Part;
  readonly mixed: (number: number) => readonly number[];
  /** By the lowest fragment in each; no other has that one's lowest. */
  readonly solved: Map<number, Equation>;
}

export interface Reader {
  /** Nothing of a frame that is refused is kept; after `contradicts` nothing at all is. */
  readonly take: (text: string) => Step;
}

export function reader(): Reader {
  let message: Message | null = null;
  const refused = (flaw: FrameFlaw): Step => ({ kind: 'refused', flaw });
  return {
    take(text) {
      const frame = readFrame(text);
      if ('why' in frame) return refused(frame);
      if (frame.kind === 'single') {
        if (message !== null) return refused({ why: 'another-message' });
        const bytes = bytesIn(frame.message);
        return bytes === null ? refused({ why: 'no-message' }) : { kind: 'whole', type: frame.type, bytes };
      }
      const { type, part } = frame;
      const of = message ?? begun(type, part);
      if (!isOf(of, type, part)) return refused({ why: 'another-message' });
      const kind = solve(of, part);
      message = kind === 'contradicts' ? null : of;
      if (kind === 'contradicts') return refused({ why: 'contradicts' });
      const [have, need] = [of.solved.size, part.fragments];
      if (have < need) return { kind, have, need };
      message = null;
      return whole(of);
    },
  };
}

function begun(type: UrType, first: Part): Message {
  return { type, first, mixed: mixtures(first.fragments, first.checksum), solved: new Map() };
}

/** Parts that differ in any of these are never of one message ("Part Serialization"). */
function isOf({ type, first }: Message, other: UrType, part: Part): boolean {
  return (
    type === other &&
    first.fragments === part.fragments &&
    first.length === part.length &&
    first.checksum === part.checksum &&
    first.data.length === part.data.length
  );
}

/** Takes out of the equation what is known, until it is nothing or says something new. */
function solve({ mixed, solved }: Message, { number, data }: Part): 'taken' | 'known' | 'contradicts' {
  const mine: Equation = {
    of: mixed(number).reduce((sum, at) => sum | (1n << BigInt(at)), 0n),
    data: Uint8Array.from(data),
  };
  for (let at = 0; mine.of >> BigInt(at) !== 0n; at += 1) {
    if (((mine.of >> BigInt(at)) & 1n) === 0n) continue;
    const other = solved.get(at);
    if (other === undefined) {
      solved.set(at, mine);
      return 'taken';
    }
    mine.of ^= other.of;
    add(mine.data, other.data);
  }
  return mine.data.every((byte) => byte === 0) ? 'known' : 'contradicts';
}

/** From the last fragment to the first: each equation, less what comes after its lowest. */
function whole({ type, first, solved }: Message): Step {
  const size = first.data.length;
  const padded = new Uint8Array(size * first.fragments);
  for (let at = first.fragments - 1; at >= 0; at -= 1) {
    const equation = solved.get(at);
    if (equation === undefined) throw new Error('reader: a fragment is missing from a whole message');
    for (let other = at + 1; equation.of >> BigInt(other) !== 0n; other += 1)
      if (((equation.of >> BigInt(other)) & 1n) === 1n)
        add(equation.data, padded.subarray(other * size, (other + 1) * size));
    padded.set(equation.data, at * size);
  }
  const message = padded.subarray(0, first.length);
  const padding = padded.subarray(first.length);
  if (crc32(message) !== first.checksum || padding.some((byte) => byte !== 0))
    return { kind: 'refused', flaw: { why: 'contradicts' } };
  const bytes = bytesIn(message);
  return bytes === null ? { kind: 'refused', flaw: { why: 'no-message' } } : { kind: 'whole', type, bytes };
}
