/**
 * Signatures of our keys on the chain that share a nonce. Of an Ed25519 signature only R, the nonce's point, is public. One R
 * under two messages gives the key away to whoever sees both (so does R with its sign turned, a nonce and its negative); that
 * is proven by the two signatures themselves, so no node can make it up. R values that begin or end alike are no leak yet, and
 * no chance either: of n honest signatures of a key two agree in their first or last b bits with odds of at most
 * n²/2 · (2^-b + 2^-(b-1)), the sign's bit left out; with b = 64 and n = 100,000 that is 8e-10.
 * A bias inside the nonces, a few bits of each, does not show in R at all: that is looked for where the nonces are, by the
 * signers themselves, before a signature leaves (signers/nonces.ts).
 */
import { encode, verify, type Signature, type Transaction } from '@kuramori/chains/nem/codec';
import type { SeenTransaction } from '@kuramori/chains/nem/node';
import type { Sighting } from './sighting.ts';
import type { Signs } from './thresholds.ts';

interface Signed {
  readonly signer: string;
  readonly signature: string;
  readonly bytes: Uint8Array;
  readonly hash: string;
}

export interface Nonces {
  /** A transaction in a block, with its cosignatures. */
  readonly saw: (seen: SeenTransaction, at: Pick<Signs, 'repeatedNonce' | 'likeNonces'>) => void;
  readonly repeated: () => readonly Sighting[];
  readonly alike: () => readonly Sighting[];
}

/** How many pairs are remembered as found: one is enough to act on. */
const mostFound = 16;

export function openNonces(ours: (key: string) => boolean): Nonces {
  /** Key and R → the signature, the oldest first. */
  const known = new Map<string, Signed>();
  /** Key and an end of R → the R it is of. */
  const ends = new Map<string, string>();
  const repeated: Sighting[] = [];
  const alike: Sighting[] = [];

  function one(
    transaction: Transaction,
    signature: string,
    hash: string,
    at: Parameters<Nonces['saw']>[1],
  ): void {
    const { signer } = transaction;
    if (!ours(signer)) return;
    const point = unsigned(signature);
    const name = `${signer} ${point}`;
    const bytes = encode(transaction);
    const signed = { signer, signature, bytes, hash };
    const before = known.get(name);
    if (before) {
      if (isSame(before.bytes, bytes) || !isValid(before) || !isValid(signed)) return;
      tell(repeated, name, { signer, transactions: [before.hash, hash], point });
      return;
    }
    const near = endsOf(point, at.likeNonces.bits).map((end) => `${signer} ${end}`);
    for (const end of near) {
      const other = ends.get(end);
      const first = other === undefined ? undefined : known.get(`${signer} ${other}`);
      if (first && isValid(first) && isValid(signed))
        tell(alike, end, { signer, transactions: [first.hash, hash], points: [other, point] });
    }
    known.set(name, signed);
    for (const end of near) ends.set(end, point);
    for (const [oldest, { signer: key, signature: old }] of known) {
      if (known.size <= at.repeatedNonce.newest) break;
      known.delete(oldest);
      for (const end of endsOf(unsigned(old), at.likeNonces.bits))
        if (ends.get(`${key} ${end}`) === unsigned(old)) ends.delete(`${key} ${end}`);
    }
  }

  return {
    saw({ transaction, signature, cosignatures, hash }, at) {
      one(transaction, signature, hash, at);
      for (const cosignature of cosignatures) one(cosignature.transaction, cosignature.signature, hash, at);
    },
    repeated: () => repeated,
    alike: () => alike,
  };
}

function tell(found: Sighting[], name: string, fields: Sighting['fields']): void {
  if (found.length < mostFound && !found.some(({ key }) => key === name))
    found.push({ key: name, once: '', fields });
}

/** R as hex without the sign of its x, which is the highest bit of the last byte (RFC 8032 5.1.2). */
function unsigned(signature: string): string {
  const last = Number.parseInt(signature.slice(62, 64), 16) & 0x7f;
  return `${signature.slice(0, 62)}${last.toString(16).padStart(2, '0')}`;
}

/** The first and the last bits of R, as many as are asked for, in whole half-bytes. */
function endsOf(point: string, bits: number): readonly string[] {
  const digits = Math.ceil(bits / 4);
  return [`first ${point.slice(0, digits)}`, `last ${point.slice(-digits)}`];
}

function isValid({ signer, bytes, signature }: Signed): boolean {
  return verify(signer as Transaction['signer'], bytes, signature as Signature);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
