/**
 * Entropy: 32 bytes that nobody can know, of the system's generator and of what people throw, hashed together. Either alone is
 * enough: whoever knows the one learns nothing of the keys without the other. What is thrown can only add.
 */
import { createHash } from 'node:crypto';
import { secretBytes } from '../secret-bytes.ts';
import type { Random } from '../slip39/secret.ts';

export interface Thrown {
  readonly kind: 'dice' | 'coins';
  /** The faces, one byte each, as they fell. Wiped by whoever has used them. */
  readonly faces: Uint8Array;
}

export type ReadThrown = Thrown | { readonly kind: 'refused'; readonly why: string };

/** 6^99 is 2^255.9. */
const enough = { dice: 99, coins: 256 } as const;
const sides = { dice: 6, coins: 2 } as const;
const most = 10_000;
const [one, six, heads, tails] = [...Buffer.from('16HT')] as [number, number, number, number];

/** Faces of dice (1 to 6) or of coins (H and T), with white space between or none. */
export function readThrown(text: Uint8Array): ReadThrown {
  const faces = secretBytes(text.length);
  const read = readInto(faces, text);
  if (read.kind === 'refused') faces.fill(0);
  return read;
}

function readInto(faces: Uint8Array, text: Uint8Array): ReadThrown {
  let [count, dice, coins] = [0, 0, 0];
  for (const [at, byte] of text.entries()) {
    const face = byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte;
    if (face <= 0x20) continue;
    if (face >= one && face <= six) dice += 1;
    else if (face === heads || face === tails) coins += 1;
    else
      return { kind: 'refused', why: `character ${at + 1} is no face: dice are 1 to 6, coins are H and T` };
    faces[count++] = face;
  }
  if (dice > 0 && coins > 0) return { kind: 'refused', why: 'has dice and coins: throw one kind' };
  if (count === 0) return { kind: 'refused', why: 'has no face: dice are 1 to 6, coins are H and T' };
  if (count > most) return { kind: 'refused', why: `has more than ${most} faces` };
  return { kind: dice > 0 ? 'dice' : 'coins', faces: faces.subarray(0, count) };
}

/** What is drawn. One throw serves all that are made at once, and none of them tells another. */
export type Purpose = 'words' | 'record key' | 'passphrase';

/** Mixes both. The generator's bytes are wiped; what was thrown stays, for whoever draws again or wipes it. */
export function entropyOf(random: Random, thrown: Thrown | null, purpose: Purpose): Uint8Array {
  const system = random(32);
  // Of fixed length before what has none, so that no other pair of both is the same text.
  const hash = createHash('sha256').update(`kuramori entropy v1, ${purpose}\n`).update(system);
  hash.update(`${thrown?.kind ?? 'nothing'} thrown\n`);
  if (thrown) hash.update(thrown.faces);
  const entropy = secretBytes(32);
  const digest = hash.digest();
  entropy.set(digest);
  digest.fill(0);
  system.fill(0);
  return entropy;
}

export interface Strength {
  readonly count: number;
  /** What the throws hold at most, by how often each face fell; what the order of them tells nobody can see. */
  readonly bits: number;
  /** Whether they would be enough by themselves, were the machine's generator broken. */
  readonly enough: boolean;
}

/** Shannon's entropy of the faces as they fell, with Miller and Madow's correction for short series. */
export function strengthOf({ kind, faces }: Thrown): Strength {
  const count = faces.length;
  const seen = [...Map.groupBy(faces, (face) => face).values()].map((same) => same.length / count);
  const each =
    seen.reduce((sum, p) => sum - p * Math.log2(p), 0) + (seen.length - 1) / (2 * count * Math.LN2);
  const bits = Math.floor(count * Math.min(each, Math.log2(sides[kind])));
  // Of fair dice 99 throws look like 250 bits or more, but once in a thousand.
  return { count, bits, enough: count >= enough[kind] && bits >= 240 };
}

/** In a sentence, for people and for the transcript; no face is told. */
export function tellStrength(kind: Thrown['kind'], { count, bits, enough: whole }: Strength): string {
  const said = `${count} ${kind}, about ${bits} bits if nobody arranged them`;
  return whole
    ? `${said}: enough even if this machine’s generator is broken`
    : `${said}: ${enough[kind]} fair ones would cover a broken generator; these only add to it, and take nothing away`;
}
