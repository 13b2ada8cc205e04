/**
 * Keys as a thief derives them who has signers' secrets and uses nothing of ours: BIP 32 along BIP 48's path, and the text in which a
 * node's own tool takes a private key.
 */
import { createECDH, createHash, createHmac } from 'node:crypto';

interface Node {
  /** 32 bytes each. */
  readonly key: Buffer;
  readonly chain: Buffer;
}

/** The order of secp256k1's points (SEC 2, 2.4.1). */
export const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hardened = 0x80000000;

/** m/48'/1'/0'/2', the account of BIP 48 for segregated multisig on a network for tests, and from there one coin's. */
export function coinKey(secret: Uint8Array, branch: number, index: number): Buffer {
  const steps = [48, 1, 0, 2].map((step) => step + hardened).concat(branch, index);
  return steps.reduce(child, split(createHmac('sha512', 'Bitcoin seed').update(secret).digest())).key;
}

/** BIP 32, CKDpriv. */
function child({ key, chain }: Node, step: number): Node {
  const index = Buffer.alloc(4);
  index.writeUInt32BE(step);
  const data = step >= hardened ? Buffer.concat([Buffer.alloc(1), key]) : publicOf(key);
  const made = split(createHmac('sha512', chain).update(data).update(index).digest());
  return { key: bytesOf((numberOf(made.key) + numberOf(key)) % order), chain: made.chain };
}

const split = (both: Buffer): Node => ({ key: both.subarray(0, 32), chain: both.subarray(32) });

/** 33 bytes. */
export function publicOf(key: Uint8Array): Buffer {
  const pair = createECDH('secp256k1');
  pair.setPrivateKey(key);
  return pair.getPublicKey(null, 'compressed');
}

export const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${bytes.toHex()}`);
export const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, '0'), 'hex');

const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A network for tests (Core: chainparams, SECRET_KEY 239), and a key whose public one is compressed. Never begins with a zero byte. */
export function walletImportFormat(key: Uint8Array): string {
  const body = Buffer.concat([Buffer.of(239), key, Buffer.of(1)]);
  const sum = sha256(sha256(body)).subarray(0, 4);
  let text = '';
  for (let left = numberOf(Buffer.concat([body, sum])); left > 0n; left /= 58n)
    text = (digits[Number(left % 58n)] ?? '') + text;
  return text;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
