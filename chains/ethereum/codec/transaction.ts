/** EIP-1559 transactions (EIP-2718's type 2): the only kind that the relayer sends. RLP is micro-eth-signer's, which reads one form only. */
import { RLP } from 'micro-eth-signer/core/rlp.js';
import { bareOf, checksummed, type Address } from './address.ts';
import { isHex, numberOf } from './hex.ts';
import { hashOfHex } from './safe.ts';
import { recover } from './signature.ts';

export interface Transaction {
  readonly chainId: bigint;
  /** The sender's own. */
  readonly nonce: bigint;
  /** Wei for each unit of gas. */
  readonly maxPriorityFeePerGas: bigint;
  readonly maxFeePerGas: bigint;
  readonly gasLimit: bigint;
  readonly to: Address;
  /** Wei. */
  readonly value: bigint;
  /** Hex without 0x. */
  readonly data: string;
}

export type ReadTransaction =
  | {
      readonly kind: 'transaction';
      readonly transaction: Transaction;
      /** Who signed it; null where it is not signed. */
      readonly from: Address | null;
      /** Hex: what the chain calls a signed one. */
      readonly hash: string | null;
    }
  | { readonly kind: 'refused'; readonly why: string };

/** Hex, with its type in front: what is hashed and signed; with a signature, what is sent. */
export function encodeTransaction(
  transaction: Transaction,
  signed?: { readonly rs: string; readonly recovery: 0 | 1 },
): string {
  const fields = [
    transaction.chainId,
    transaction.nonce,
    transaction.maxPriorityFeePerGas,
    transaction.maxFeePerGas,
    transaction.gasLimit,
    Uint8Array.fromHex(bareOf(transaction.to)),
    transaction.value,
    Uint8Array.fromHex(transaction.data),
    // The access list: ours is always empty.
    [],
    ...(signed ? [signed.recovery, numberOf(signed.rs.slice(0, 64)), numberOf(signed.rs.slice(64))] : []),
  ];
  return `02${RLP.encode(fields).toHex()}`;
}

/** Reads a transaction, signed or not, in the one form that `encodeTransaction` gives. Never throws. */
export function readTransaction(hex: string): ReadTransaction {
  if (!isHex(hex) || !hex.startsWith('02')) return refused('is no EIP-1559 transaction (type 2)');
  let fields: unknown;
  try {
    fields = RLP.decode(Uint8Array.fromHex(hex.slice(2)));
  } catch (cause) {
    return refused((cause as Error).message);
  }
  if (!Array.isArray(fields) || (fields.length !== 9 && fields.length !== 12))
    return refused('has neither 9 fields nor 12');
  const items: readonly unknown[] = fields;
  const accessList = items[8];
  if (!Array.isArray(accessList) || accessList.length > 0) return refused('accessList: must be empty');
  const texts = items.toSpliced(8, 1).map((item) => (item instanceof Uint8Array ? item.toHex() : undefined));
  if (texts.includes(undefined)) return refused('has a list where a field is');
  const [chainId, nonce, priority, fee, gas, to = '', value, data = '', ...signature] = texts;
  if (to.length !== 40) return refused('to: must be 20 bytes; it would create a contract');
  const transaction = {
    chainId: numberOf(chainId ?? ''),
    nonce: numberOf(nonce ?? ''),
    maxPriorityFeePerGas: numberOf(priority ?? ''),
    maxFeePerGas: numberOf(fee ?? ''),
    gasLimit: numberOf(gas ?? ''),
    to: checksummed(to),
    value: numberOf(value ?? ''),
    data,
  };
  const signed = signature.length > 0 ? signedBy(signature) : undefined;
  if (signed === null) return refused('signature: is out of range');
  // Numbers with zeros before them read the same, and would be another transaction.
  if (encodeTransaction(transaction, signed) !== hex) return refused('is not in its one form');
  if (!signed) return { kind: 'transaction', transaction, from: null, hash: null };
  const from = recover(hashOfHex(encodeTransaction(transaction)), signed.rs, signed.recovery);
  return from
    ? { kind: 'transaction', transaction, from, hash: hashOfHex(hex) }
    : refused('signature: is nobody’s');
}

function signedBy([parity = '', r = '', s = '']: readonly (string | undefined)[]): {
  readonly rs: string;
  readonly recovery: 0 | 1;
} | null {
  const recovery = numberOf(parity);
  if (r.length > 64 || s.length > 64 || recovery > 1n) return null;
  return { rs: r.padStart(64, '0') + s.padStart(64, '0'), recovery: recovery === 1n ? 1 : 0 };
}

function refused(why: string): ReadTransaction {
  return { kind: 'refused', why: `transaction: ${why}` };
}
