/** Transactions as they go over the wire (BIP 144), with their witnesses and without. */
import { sha256 } from '@noble/hashes/sha2.js';
import { BTCArray, RawInput, RawOldTx, RawOutput, RawTx } from '@scure/btc-signer/script.js';
import { concat, isHex, unshared } from './bytes.ts';

/** An output of an earlier transaction, which an input spends. */
export interface Outpoint {
  /** As nodes write it: 64 hex digits, the hash's bytes in reverse. */
  readonly txid: string;
  readonly vout: number;
}

export interface TransactionInput extends Outpoint {
  readonly sequence: number;
  /** Empty where the input spends what a witness program guards. */
  readonly scriptSig: Uint8Array;
  readonly witness: readonly Uint8Array[];
}

export interface TransactionOutput {
  readonly units: bigint;
  readonly script: Uint8Array;
}

export interface Transaction {
  readonly version: number;
  readonly inputs: readonly TransactionInput[];
  readonly outputs: readonly TransactionOutput[];
  /** Below 500,000,000 a block's height, otherwise a time. */
  readonly lockTime: number;
}

/** Reads a whole transaction; undefined where the bytes are none, or end too late. */
export function readTransaction(hex: string): Transaction | undefined {
  if (!isHex(hex) || hex.length === 0) return undefined;
  try {
    return transactionOf(RawTx.decode(Uint8Array.fromHex(hex)));
  } catch {
    return undefined; // the coder throws on bytes that are none
  }
}

/** From the library's names of the parts. */
function transactionOf(raw: {
  readonly version: number;
  readonly inputs: readonly {
    readonly txid: Uint8Array;
    readonly index: number;
    readonly finalScriptSig: Uint8Array;
    readonly sequence: number;
  }[];
  readonly outputs: readonly { readonly amount: bigint; readonly script: Uint8Array }[];
  readonly witnesses?: readonly (readonly Uint8Array[])[] | undefined;
  readonly lockTime: number;
}): Transaction {
  return {
    version: raw.version,
    inputs: raw.inputs.map(({ txid, index, finalScriptSig, sequence }, at) => ({
      txid: txid.toHex(),
      vout: index,
      sequence,
      scriptSig: finalScriptSig,
      witness: raw.witnesses?.[at] ?? [],
    })),
    outputs: raw.outputs.map(({ amount, script }) => ({ units: amount, script })),
    lockTime: raw.lockTime,
  };
}

/** With its witnesses, where it has one. */
export function writeTransaction(transaction: Transaction): Uint8Array {
  const witnesses = transaction.inputs.map(({ witness }) => witness.map(unshared));
  if (witnesses.every(({ length }) => length === 0)) return stripped(transaction);
  return RawTx.encode({ ...rawOf(transaction), segwitFlag: true, witnesses });
}

/** Without witnesses: what a transaction's id is the hash of. */
export function stripped(transaction: Transaction): Uint8Array {
  return RawOldTx.encode(rawOf(transaction));
}

/** As the library's coders name the parts. */
function rawOf({ version, inputs, outputs, lockTime }: Transaction) {
  return {
    version,
    inputs: inputs.map(({ txid, vout, sequence, scriptSig }) => ({
      txid: Uint8Array.fromHex(txid),
      index: vout,
      finalScriptSig: unshared(scriptSig),
      sequence,
    })),
    outputs: outputs.map(({ units, script }) => ({ amount: units, script: unshared(script) })),
    lockTime,
  };
}

export function idOf(transaction: Transaction): string {
  return idOfStripped(stripped(transaction));
}

export function idOfStripped(bytes: Uint8Array): string {
  return hash256(bytes).toReversed().toHex();
}

export function hash256(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes));
}

/** What an input may spend of an earlier transaction: its id, and its outputs. */
export interface Previous {
  readonly id: string;
  readonly outputs: readonly TransactionOutput[];
  /** The bytes that the id is the hash of. */
  readonly stripped: Uint8Array;
}

/**
 * Reads a transaction whose outputs are spent, in whatever form a node gives it: without witnesses, with them, or with what
 * MWEB adds between outputs and lock time (LIP 3). The id commits to neither, so what stands there is skipped: bytes that
 * were skipped wrongly have another id, which no input of ours names. Undefined where the bytes are no transaction.
 */
export function readPrevious(hex: string): Previous | undefined {
  if (!isHex(hex) || hex.length < 20) return undefined;
  const bytes = Uint8Array.fromHex(hex);
  try {
    const version = bytes.subarray(0, 4);
    // BIP 144: a marker that cannot be a number of inputs, and a flag.
    const from = bytes[4] === 0 && bytes[5] !== 0 ? 6 : 4;
    const inputs = inputsCoder.decode(bytes.subarray(from), { allowUnreadBytes: true });
    const inputBytes = inputsCoder.encode(inputs);
    const rest = bytes.subarray(from + inputBytes.length);
    const outputs = outputsCoder.decode(rest, { allowUnreadBytes: true });
    const outputBytes = outputsCoder.encode(outputs);
    const between = rest.length - outputBytes.length - 4;
    if (between < 0 || (from === 4 && between > 0)) return undefined;
    const bare = concat(version, inputBytes, outputBytes, bytes.subarray(-4));
    return {
      id: idOfStripped(bare),
      outputs: outputs.map(({ amount, script }) => ({ units: amount, script })),
      stripped: bare,
    };
  } catch {
    return undefined; // the coders throw on bytes that are none
  }
}

const inputsCoder = BTCArray(RawInput);
const outputsCoder = BTCArray(RawOutput);

export function outpointText({ txid, vout }: Outpoint): string {
  return `${txid}:${vout}`;
}
