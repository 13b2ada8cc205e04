/** Envelope: an account's transaction as it is sent and signed, of each type that there is up to Prague (EIP-2718). */
import { recover, type Address } from '../codec/index.ts';
import type { Transaction } from './reply.ts';
import { keccak, numberItem, rlp, type Item } from './trie.ts';

export interface Signature {
  /** Hex, 64 bytes. */
  readonly rs: string;
  readonly recovery: 0 | 1;
}

/** What an account signs, hex, and its signature. */
export interface AccountSigned {
  readonly bytes: string;
  readonly signature: Signature;
}

/** The bytes that are hashed to a transaction's id and in a block's root. */
export function rawOf(transaction: Transaction): Uint8Array {
  const { r, s, v, yParity } = transaction;
  const body = bodyOf(transaction);
  if (transaction.type === '0x0') return rlp([...body, numberItem(v), numberItem(r), numberItem(s)]);
  return withType(transaction.type, [...body, numberItem(yParity ?? v), numberItem(r), numberItem(s)]);
}

/** What the sender signed; undefined where the signature has no form that the chain takes. */
export function signedOf(transaction: Transaction): AccountSigned | undefined {
  const { r, s, v, yParity } = transaction;
  if (transaction.type !== '0x0') {
    const signature = signatureOf(r, s, yParity ?? v);
    const bytes = Buffer.from(withType(transaction.type, bodyOf(transaction))).toString('hex');
    return signature && { bytes, signature };
  }
  // EIP-155: from 35 on v names the chain as well, and so do the bytes.
  const bound = v >= 35n;
  const signature = signatureOf(r, s, bound ? (v - 35n) % 2n : v - 27n);
  const chain = bound ? [numberItem((v - 35n) / 2n), numberItem(0n), numberItem(0n)] : [];
  const bytes = Buffer.from(rlp([...bodyOf(transaction), ...chain])).toString('hex');
  return signature && { bytes, signature };
}

/** What was signed by those who delegate their accounts (EIP-7702). */
export function delegationsOf(transaction: Transaction): readonly AccountSigned[] {
  if (transaction.type !== '0x4') return [];
  return transaction.authorizationList.flatMap(({ chainId, address, nonce, yParity, r, s }) => {
    const signature = signatureOf(r, s, yParity);
    const message = rlp([numberItem(chainId), Uint8Array.fromHex(address), numberItem(nonce)]);
    const bytes = `05${Buffer.from(message).toString('hex')}`;
    return signature ? [{ bytes, signature }] : [];
  });
}

/** Whose signature it is; undefined where it is nobody's. */
export function accountOf({ bytes, signature }: AccountSigned): Address | undefined {
  return recover(keccak(Uint8Array.fromHex(bytes)), signature.rs, signature.recovery);
}

function signatureOf(r: bigint, s: bigint, recovery: bigint): Signature | undefined {
  if (recovery !== 0n && recovery !== 1n) return undefined;
  const rs = [r, s].map((half) => half.toString(16).padStart(64, '0')).join('');
  return { rs, recovery: recovery === 1n ? 1 : 0 };
}

function withType(type: Transaction['type'], body: readonly Item[]): Uint8Array {
  return Buffer.concat([Buffer.of(Number(type)), rlp(body)]);
}

/** All but the signature. */
function bodyOf(transaction: Transaction): readonly Item[] {
  const { nonce, gas, to, value, input } = transaction;
  const target = to === null ? new Uint8Array(0) : Uint8Array.fromHex(to);
  const call: readonly Item[] = [numberItem(gas), target, numberItem(value), Uint8Array.fromHex(input)];
  if (transaction.type === '0x0') return [numberItem(nonce), numberItem(transaction.gasPrice), ...call];
  const access = transaction.accessList.map(({ address, storageKeys }) => [
    Uint8Array.fromHex(address),
    storageKeys.map((key) => Uint8Array.fromHex(key)),
  ]);
  const chain = numberItem(transaction.chainId);
  if (transaction.type === '0x1')
    return [chain, numberItem(nonce), numberItem(transaction.gasPrice), ...call, access];
  const { maxPriorityFeePerGas, maxFeePerGas } = transaction;
  const fees = [numberItem(maxPriorityFeePerGas), numberItem(maxFeePerGas)];
  const plain: readonly Item[] = [chain, numberItem(nonce), ...fees, ...call, access];
  if (transaction.type === '0x2') return plain;
  if (transaction.type === '0x3') {
    const blobs = transaction.blobVersionedHashes.map((one) => Uint8Array.fromHex(one));
    return [...plain, numberItem(transaction.maxFeePerBlobGas), blobs];
  }
  const delegations = transaction.authorizationList.map((one) => [
    numberItem(one.chainId),
    Uint8Array.fromHex(one.address),
    ...[one.nonce, one.yParity, one.r, one.s].map(numberItem),
  ]);
  return [...plain, delegations];
}
