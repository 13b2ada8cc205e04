/** The master secret under a passphrase: a Feistel network of four rounds over PBKDF2 (SLIP-0039, "Encryption of the master secret"). */
import { pbkdf2Sync } from 'node:crypto';
import { joined } from '../secret-bytes.ts';

/** What all shares of one set have in common. */
export interface Set39 {
  /** 15 bits, by which people see that shares belong together. */
  readonly id: number;
  /** Whether another set of shares may hold the same secret under the same passphrase: the identifier is then no salt. */
  readonly extendable: boolean;
  /** 10,000 · 2^exponent iterations of PBKDF2 in all. */
  readonly exponent: number;
}

/** In each of the four rounds. */
const leastIterations = 2500;

export function encryptSecret(
  secret: Uint8Array,
  passphrase: Uint8Array,
  set: Set39,
): Uint8Array<ArrayBuffer> {
  return feistel(secret, passphrase, set, [0, 1, 2, 3]);
}

/** Another passphrase gives another secret, and nobody can tell from it that it is wrong: the standard means it so. */
export function decryptSecret(
  secret: Uint8Array,
  passphrase: Uint8Array,
  set: Set39,
): Uint8Array<ArrayBuffer> {
  return feistel(secret, passphrase, set, [3, 2, 1, 0]);
}

function feistel(
  block: Uint8Array,
  passphrase: Uint8Array,
  { id, extendable, exponent }: Set39,
  rounds: readonly number[],
): Uint8Array<ArrayBuffer> {
  const half = block.length / 2;
  const prefix = extendable ? new Uint8Array() : Buffer.from([...Buffer.from('shamir'), id >> 8, id & 0xff]);
  let [left, right] = [joined(block.subarray(0, half)), joined(block.subarray(half))];
  try {
    for (const round of rounds) {
      const password = joined(Uint8Array.of(round), passphrase);
      const salt = joined(prefix, right);
      const key = pbkdf2Sync(password, salt, leastIterations * 2 ** exponent, half, 'sha256');
      for (const [at, byte] of key.entries()) left[at] = (left[at] ?? 0) ^ byte;
      for (const spent of [password, salt, key]) spent.fill(0);
      [left, right] = [right, left];
    }
    return joined(right, left);
  } finally {
    left.fill(0);
    right.fill(0);
  }
}
