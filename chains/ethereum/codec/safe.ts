/**
 * A Safe's transaction and its hash, computed by ourselves from EIP-712 and Safe 1.5.0 (Safe.sol: domainSeparator,
 * getTransactionHash); no contract and no server is asked what it would be.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { word } from './abi.ts';
import { bareOf, type Address } from './address.ts';
import type { RawCall } from './calldata.ts';

export interface SafeTx extends RawCall {
  /** 0: a call. 1: a delegatecall, by which another contract's code acts as the Safe. */
  readonly operation: number;
  readonly safeTxGas: bigint;
  readonly baseGas: bigint;
  readonly gasPrice: bigint;
  readonly gasToken: Address;
  readonly refundReceiver: Address;
  /** The Safe's own: no account's. */
  readonly nonce: bigint;
}

/** What is signed, and for which Safe on which chain. */
export interface Bound {
  readonly chainId: bigint;
  readonly safe: Address;
  readonly tx: SafeTx;
}

const domainType = hashOfText('EIP712Domain(uint256 chainId,address verifyingContract)');
const safeTxType = hashOfText(
  'SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)',
);

/** EIP-712's domain separator: hex, 32 bytes. */
export function domainOf(chainId: bigint, safe: Address): string {
  return hashOfHex(domainType + word(chainId) + word(safe));
}

/** EIP-712's hashStruct of a Safe's transaction: hex, 32 bytes. */
export function structOf(tx: SafeTx): string {
  return hashOfHex(
    safeTxType +
      word(tx.to) +
      word(tx.value) +
      hashOfHex(tx.data) +
      word(BigInt(tx.operation)) +
      word(tx.safeTxGas) +
      word(tx.baseGas) +
      word(tx.gasPrice) +
      word(tx.gasToken) +
      word(tx.refundReceiver) +
      word(tx.nonce),
  );
}

/** EIP-191's version 0x01: the 66 bytes that are hashed and signed, as hex. */
export function preimageOf({ chainId, safe, tx }: Bound): string {
  return `1901${domainOf(chainId, safe)}${structOf(tx)}`;
}

/** The Safe's hash of its transaction: hex, 32 bytes. */
export function safeHash(bound: Bound): string {
  return hashOfHex(preimageOf(bound));
}

/** Whether two transactions are of one Safe on one chain, and use up one nonce. */
export function sameNonce(one: Bound, other: Bound): boolean {
  return (
    one.chainId === other.chainId &&
    bareOf(one.safe) === bareOf(other.safe) &&
    one.tx.nonce === other.tx.nonce
  );
}

function hashOfText(text: string): string {
  return keccak_256(new TextEncoder().encode(text)).toHex();
}

export function hashOfHex(hex: string): string {
  return keccak_256(Uint8Array.fromHex(hex)).toHex();
}
