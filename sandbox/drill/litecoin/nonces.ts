/**
 * Nonces: what two signatures on the chain give away of the key that made both. Whose nonces repeat, or are counted up, tells it to
 * everybody; so does whose nonce is another's negative, since of s and −s the lower one is written (BIP 146).
 */
import { createHash } from 'node:crypto';
import { outpointText, type Transaction } from '@kuramori/chains/bitcoin/codec';
import { bytesOf, numberOf, order, publicOf } from './keys.ts';

/** An output that is spent by a witness script. */
export interface Lock {
  readonly units: bigint;
  readonly witnessScript: Uint8Array;
}

export interface SeenSignature {
  readonly witnessScript: string;
  readonly digest: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

/** The signatures of a transaction over outputs that are known: `locks`, by `txid:vout`. */
export function signaturesIn(
  transaction: Transaction,
  locks: ReadonlyMap<string, Lock>,
): readonly SeenSignature[] {
  return transaction.inputs.flatMap((input, at) => {
    const lock = locks.get(outpointText(input));
    if (!lock) return [];
    const witnessScript = Buffer.from(lock.witnessScript).toString('hex');
    const digest = numberOf(digestOf(transaction, at, lock));
    // The first element is empty (BIP 147), the last one the script.
    return input.witness.slice(1, -1).map((der) => ({ witnessScript, digest, ...readDer(der) }));
  });
}

/** How far apart two nonces may be that were counted up. */
const apart = 16;

/** The keys that pairs of signatures give away: 32 bytes each. Only of scripts that two of them stand under. */
export function keysGivenAway(seen: readonly SeenSignature[]): readonly Buffer[] {
  const found = new Map<string, Buffer>();
  for (const [at, one] of seen.entries())
    for (const other of seen.slice(at + 1))
      if (one.witnessScript === other.witnessScript)
        for (const key of keysOfPair(one, other)) found.set(key.toString('hex'), key);
  return [...found.values()];
}

/**
 * s = (z + r·d) / k, twice. Where the second nonce is ±k + δ, that is one equation in d, whose solution is the key if its point
 * stands in the script.
 */
function* keysOfPair(one: SeenSignature, other: SeenSignature): Iterable<Buffer> {
  const ratio = modulo(other.s * inverse(one.s));
  for (const sign of [1n, -1n]) {
    const divisor = modulo(sign * ratio * one.r - other.r);
    if (divisor === 0n) continue;
    const inverted = inverse(divisor);
    for (let delta = -apart; delta <= apart; delta += 1) {
      const d = modulo((other.digest - other.s * BigInt(delta) - sign * ratio * one.digest) * inverted);
      if (d === 0n) continue;
      const key = bytesOf(d);
      if (one.witnessScript.includes(publicOf(key).toString('hex'))) yield key;
    }
  }
}

/** As a signer signs that chooses its own nonces: DER, with SIGHASH_ALL behind it. */
export function signWithNonce(
  key: Uint8Array,
  nonce: bigint,
  transaction: Transaction,
  at: number,
  lock: Lock,
): Uint8Array {
  const r = numberOf(publicOf(bytesOf(nonce)).subarray(1)) % order;
  const s = modulo((numberOf(digestOf(transaction, at, lock)) + r * numberOf(key)) * inverse(nonce));
  return writeDer(r, s > order / 2n ? order - s : s);
}

/** BIP 143, for SIGHASH_ALL. */
export function digestOf(transaction: Transaction, at: number, { units, witnessScript }: Lock): Buffer {
  const { version, inputs, outputs, lockTime } = transaction;
  const outpoints = inputs.map(({ txid, vout }) =>
    Buffer.concat([Buffer.from(txid, 'hex').toReversed(), u32(vout)]),
  );
  const input = inputs[at];
  if (!input) throw new RangeError(`digestOf: there is no input ${at}`);
  return twice(
    Buffer.concat([
      u32(version),
      twice(Buffer.concat(outpoints)),
      twice(Buffer.concat(inputs.map(({ sequence }) => u32(sequence)))),
      outpoints[at] ?? Buffer.alloc(0),
      sized(witnessScript),
      u64(units),
      u32(input.sequence),
      twice(Buffer.concat(outputs.flatMap((output) => [u64(output.units), sized(output.script)]))),
      u32(lockTime),
      u32(1),
    ]),
  );
}

const sized = (script: Uint8Array) => Buffer.concat([Buffer.of(script.length), script]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function twice(bytes: Uint8Array): Buffer {
  const once = createHash('sha256').update(bytes).digest();
  return createHash('sha256').update(once).digest();
}

/** BIP 66: 30, length, 02, length, r, 02, length, s; and the kind of signature. */
function readDer(der: Uint8Array): { readonly r: bigint; readonly s: bigint } {
  const ofR = der[3] ?? 0;
  const ofS = der[5 + ofR] ?? 0;
  return { r: numberOf(der.subarray(4, 4 + ofR)), s: numberOf(der.subarray(6 + ofR, 6 + ofR + ofS)) };
}

function writeDer(r: bigint, s: bigint): Uint8Array {
  const numbers = [r, s].map((number) => {
    const whole = bytesOf(number);
    const bytes = whole.subarray(whole.findIndex((byte) => byte !== 0));
    // The highest bit would make it negative.
    const positive = (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
    return Buffer.concat([Buffer.of(2, positive.length), positive]);
  });
  const body = Buffer.concat(numbers);
  return Buffer.concat([Buffer.of(0x30, body.length), body, Buffer.of(1)]);
}

function modulo(value: bigint): bigint {
  const rest = value % order;
  return rest < 0n ? rest + order : rest;
}

/** By Euclid. */
function inverse(value: bigint): bigint {
  let [a, b, x, y] = [modulo(value), order, 1n, 0n];
  while (a > 1n) {
    const times = b / a;
    [a, b, x, y] = [b % a, a, y - times * x, x];
  }
  return modulo(x);
}
