/**
 * Share: what one key is asked to sign. One transaction asks the same of every key, so the key stands in the share as well: the
 * unsigned transaction without witnesses (BIP 144) and scriptSigs, then the 78 bytes of the signer's extended public key (BIP 32). Both can be
 * read off a transaction on the chain by whoever knows the wallet, so a watchtower finds the record of what it sees.
 *
 * A signature of another kind than SIGHASH_ALL binds less than the transaction, and none of ours is ever made. Whoever sees one
 * names it by a share with the kind's byte behind it: such a share is in no record, and the record of the same transaction
 * does not cover it.
 */
import { isHex } from './bytes.ts';
import { sighashAll } from './digest.ts';
import { extendedOf, payloadOf } from './extended-key.ts';
import { readTransaction, stripped, type Transaction } from './transaction.ts';

export interface Share {
  /** Hex, without witnesses. */
  readonly unsigned: string;
  /** The key that signs it. */
  readonly key: string;
  readonly sighash: number;
}

/** The share of a key in a transaction, as it is planned or as it is seen. */
export function shareOf(transaction: Transaction, key: string, sighash = sighashAll): string {
  const payload = payloadOf(key);
  if (!payload) throw new Error('shareOf: the key is no extended key');
  const kind = sighash === sighashAll ? '' : Uint8Array.of(sighash).toHex();
  return stripped(unscripted(transaction)).toHex() + payload.toHex() + kind;
}

/** No signature over a witness program binds what stands in scriptSigs (BIP 143), so no share has any: they could be bent at will. */
function unscripted(transaction: Transaction): Transaction {
  const inputs = transaction.inputs.map((input) => ({ ...input, scriptSig: new Uint8Array() }));
  return { ...transaction, inputs };
}

const keyDigits = 78 * 2;

/** Reads a share; undefined where the bytes are none. */
export function readShare(hex: string): Share | undefined {
  return readWith(hex, 0) ?? readWith(hex, 2);
}

/** With this many digits of a kind at the end. */
function readWith(hex: string, kindDigits: 0 | 2): Share | undefined {
  const at = hex.length - keyDigits - kindDigits;
  if (at <= 0 || !isHex(hex)) return undefined;
  const unsigned = hex.slice(0, at);
  const payload = hex.slice(at, at + keyDigits);
  const sighash = kindDigits === 0 ? sighashAll : Number.parseInt(hex.slice(at + keyDigits), 16);
  // One form for each: SIGHASH_ALL is never written out.
  if (kindDigits > 0 && sighash === sighashAll) return undefined;
  const transaction = readTransaction(unsigned);
  if (!transaction || stripped(unscripted(transaction)).toHex() !== unsigned) return undefined;
  return { unsigned, key: extendedOf(Uint8Array.fromHex(payload)), sighash };
}
