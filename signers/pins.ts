/** Pins: whose signatures make a policy, for this signer. Seen by people at its own ceremony, signed by its record key, and final. */
import { join } from 'node:path';
import { z } from 'zod';
import {
  Hash,
  PublicKeyHex,
  readPolicy,
  SignatureHex,
  signStatement,
  verifyStatement,
  type ReadPolicy,
  type SigningKey,
} from '@kuramori/core';
import { Misconfigured, readConfig } from '@kuramori/program';

const Pins = z.strictObject({
  v: z.literal(1),
  recordKey: PublicKeyHex,
  /** The keepers of the first version, and how many of them make the next one. */
  keys: z.array(PublicKeyHex).min(1).max(32),
  quorum: z.int().positive(),
  /** The digest of the first version: another one is another house, whoever signed it. */
  first: Hash,
  /** The digest of the version that people saw, the same or a later one: an older file is none of ours. */
  seen: Hash,
});
export type Pins = z.infer<typeof Pins>;

export const SignedPins = z.strictObject({ pins: Pins, signature: SignatureHex });
export type SignedPins = z.infer<typeof SignedPins>;

export const pinsIn = (folder: string) => join(folder, 'pins.json');

export function signPins(key: SigningKey, pins: Pins): SignedPins {
  return { pins, signature: signStatement(key, 'pins', pins) };
}

/** Reads the pins in a signer's folder. Throws Misconfigured where its own key has not signed just these. */
export function readPins(folder: string, recordKey: string): Pins {
  const file = pinsIn(folder);
  const { pins, signature } = readConfig(file, SignedPins);
  if (pins.recordKey !== recordKey)
    throw new Misconfigured(`${file}: recordKey: is another signer’s: put this signer’s own file back`);
  if (!verifyStatement(recordKey, 'pins', pins, signature))
    throw new Misconfigured(
      `${file}: signature: is not this signer’s over these pins: the file was edited. Put it back from a backup`,
    );
  return pins;
}

/** As readPolicy, for a signer: of the line that it pinned, and not from before it did. */
export function readPinned(file: unknown, pins: Pins): ReadPolicy {
  const read = readPolicy(file, pins);
  if (read.kind === 'refused') return read;
  const [first] = read.chain;
  if (first.digest !== pins.first)
    return {
      kind: 'refused',
      field: 'the first version',
      why: `is ${first.digest}, and ${pins.first} is pinned: this is another line, whoever signed it`,
    };
  if (!read.chain.some(({ digest }) => digest === pins.seen))
    return {
      kind: 'refused',
      field: 'the newest version',
      why: `${pins.seen}, which was seen when it was pinned, is not in this file: it is an older one`,
    };
  return read;
}
