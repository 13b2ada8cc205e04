import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';

const hardened = 0x80000000;
/** BIP 44: purpose, coin 43 (SLIP 44), account 0, and two zeros more, as wallets of NEM write them. */
const path = [44, 43, 0, 0, 0] as const;
const curve = 'ed25519-keccak';

/**
 * A key's secret, 32 bytes: BIP 32 for Ed25519 as SLIP 10 has it (each step hardened, no byte clamped), under the name of the
 * curve with Keccak. Every array in which a secret stands is ours, and wiped.
 */
export function secretFromSeed(seed: Uint8Array): Uint8Array {
  let node = step(new TextEncoder().encode(`${curve} seed`), [seed]);
  for (const index of path) {
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, index + hardened);
    const child = step(node.subarray(32), [Uint8Array.of(0), node.subarray(0, 32), number]);
    node.fill(0);
    node = child;
  }
  const secret = new Uint8Array(new ArrayBuffer(32));
  secret.set(node.subarray(0, 32));
  node.fill(0);
  return secret;
}

/** Key and chain code, 32 bytes each. */
function step(code: Uint8Array, data: readonly Uint8Array[]): Uint8Array {
  // Outside V8's heap, which moves small arrays about and leaves copies behind.
  const node = new Uint8Array(new ArrayBuffer(64));
  const mac = hmac.create(sha512, code);
  for (const part of data) mac.update(part);
  // noble wipes what it keeps of the key when it has been read.
  mac.digestInto(node);
  return node;
}
