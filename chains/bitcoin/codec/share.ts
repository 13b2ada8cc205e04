/**
 * Share: what one key is asked to sign. One transaction asks the same of every key, so the key stands in the share as well: what BIP 143
 * has every signature of kind SIGHASH_ALL be over whichever input it is for (version, the hashes of all outpoints, sequences and
 * outputs, lock time), then the 78 bytes of the signer's extended public key (BIP 32). Both can be read off a transaction on the
 * chain by whoever knows the wallet, so a watchtower finds the record of what it sees; and a share is as short for a transaction of
 * thousands of inputs and outputs as for one of two, so no thief makes evidence too long to be shown.
 *
 * A signature of another kind than SIGHASH_ALL binds less than the transaction, and none of ours is ever made. Whoever sees one
 * names it by a share with the kind's byte behind it: such a share is in no record, and the record of the same transaction
 * does not cover it.
 */
import { isHex } from './bytes.ts';
import { sighashAll, writeWhole, type Whole, wholeOf, readWhole, wholeBytes } from './digest.ts';
import { extendedOf, payloadOf } from './extended-key.ts';
import type { Transaction } from './transaction.ts';

export interface Share {
  readonly whole: Whole;
  /** The key that signs it. */
  readonly key: string;
  readonly sighash: number;
}

/** The share of a key in a transaction, as it is planned or as it is seen. */
export function shareOf(transaction: Transaction, key: string, sighash = sighashAll): string {
  const payload = payloadOf(key);
  if (!payload) throw new Error('shareOf: the key is no extended key');
  const kind = sighash === sighashAll ? '' : Uint8Array.of(sighash).toHex();
  return writeWhole(wholeOf(transaction)).toHex() + payload.toHex() + kind;
}

/** Whether a share is of this transaction, whoever's and of whatever kind. */
export function isShareOf({ whole }: Share, transaction: Transaction): boolean {
  return writeWhole(whole).toHex() === writeWhole(wholeOf(transaction)).toHex();
}

const [wholeDigits, keyDigits] = [wholeBytes * 2, 78 * 2];

/** Reads a share; undefined where the bytes are none. */
export function readShare(hex: string): Share | undefined {
  const kindDigits = hex.length - wholeDigits - keyDigits;
  if (!isHex(hex) || (kindDigits !== 0 && kindDigits !== 2)) return undefined;
  const sighash = kindDigits === 0 ? sighashAll : Number.parseInt(hex.slice(-2), 16);
  // One form for each: SIGHASH_ALL is never written out.
  if (kindDigits > 0 && sighash === sighashAll) return undefined;
  const key = hex.slice(wholeDigits, wholeDigits + keyDigits);
  return {
    whole: readWhole(Uint8Array.fromHex(hex.slice(0, wholeDigits))),
    key: extendedOf(Uint8Array.fromHex(key)),
    sighash,
  };
}
