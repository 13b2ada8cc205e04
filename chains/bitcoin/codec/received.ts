/**
 * Received: what another wallet gives back, read for the little that counts in it: which transaction, and which signatures. A PSBT of
 * version 0 (BIP 174), as bytes, base64 or hex, with whatever fields the other adds or drops; or the whole signed transaction,
 * which some give once nothing is missing. Nothing in it is believed: from-others.ts holds it against the plan. Never throws.
 */
import { RawWitness } from '@scure/btc-signer/script.js';
import { compare, isHex } from './bytes.ts';
import { readMaps, type Pair } from './key-map.ts';
import { magic } from './psbt.ts';
import {
  readPrevious,
  readTransaction,
  stripped,
  type Previous,
  type Transaction,
  type TransactionOutput,
} from './transaction.ts';

/** What is said of an input; null where nothing is. */
export interface ReceivedInput {
  readonly previous: Previous | null;
  readonly spent: TransactionOutput | null;
  readonly sighash: number | null;
  readonly witnessScript: Uint8Array | null;
  /** By the public key, hex, that they are said to be of; as a witness has them. */
  readonly signatures: readonly (readonly [key: string, der: Uint8Array])[];
  /** Where it is final already: all that a node takes. */
  readonly witness: readonly Uint8Array[] | null;
}

export interface Received {
  readonly transaction: Transaction;
  readonly inputs: readonly ReceivedInput[];
}

/** As much as the largest plan with all that proves it. */
export const mostBytes = 2_000_000;

/** Reads what was received; otherwise why it cannot be. */
export function readReceived(given: string | Uint8Array): Received | string {
  const bytes = bytesOf(given);
  if (typeof bytes === 'string') return bytes;
  if (compare(bytes.subarray(0, magic.length), magic) === 0) return readMapsOf(bytes);
  const transaction = readTransaction(bytes.toHex());
  if (!transaction) return 'is no PSBT (BIP 174), and no transaction';
  const inputs = transaction.inputs.map(({ witness }) => ({
    ...nothing,
    witness: witness.length === 0 ? null : witness,
  }));
  return { transaction, inputs };
}

/** Files have bytes, or the text that people paste. */
function bytesOf(given: string | Uint8Array): Uint8Array | string {
  if (given.length > mostBytes * 2) return tooLong(given.length);
  if (typeof given !== 'string') {
    if (compare(given.subarray(0, magic.length), magic) === 0 || given.some((byte) => byte > 0x7f))
      return given.length > mostBytes ? tooLong(given.length) : given;
    // A transaction begins with a version of four bytes, of which one at least is zero, and text has none.
    if (given.includes(0)) return given;
    return bytesOf(new TextDecoder().decode(given));
  }
  const text = given.replaceAll(/\s/g, '');
  if (text === '') return 'is empty';
  const hex = text.toLowerCase();
  const bytes = isHex(hex) ? Uint8Array.fromHex(hex) : ofBase64(text);
  if (!bytes) return 'is neither base64 nor hex, or was cut short';
  return bytes.length > mostBytes ? tooLong(bytes.length) : bytes;
}

function ofBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' });
  } catch {
    return undefined; // it throws on what is none
  }
}

function tooLong(length: number): string {
  return `has ${length} bytes, and no PSBT of ours leads to more than ${mostBytes}`;
}

/** BIP 174: the types of pairs that count; all others are passed over. */
const globals = { transaction: 0x00, version: 0xfb } as const;
const fields = {
  previous: 0x00,
  spent: 0x01,
  signature: 0x02,
  sighash: 0x03,
  witnessScript: 0x05,
  finalScript: 0x07,
  finalWitness: 0x08,
} as const;

function readMapsOf(bytes: Uint8Array): Received | string {
  const maps = readMaps(bytes.subarray(magic.length));
  if (!maps) return 'is cut short, or too long (BIP 174)';
  const twice = maps.findIndex((pairs) => new Set(pairs.map(({ key }) => key)).size < pairs.length);
  if (twice >= 0) return `has a key twice in its map ${twice} (BIP 174)`;
  const [header = [], ...parts] = maps;
  const version = valueOf(header, globals.version);
  if (version?.some((byte) => byte !== 0))
    return 'is of another version than 0 (BIP 370): let the other wallet write version 0 (BIP 174)';
  const unsigned = valueOf(header, globals.transaction);
  const transaction = unsigned && readTransaction(unsigned.toHex());
  if (!transaction || stripped(transaction).toHex() !== unsigned.toHex())
    return 'has no unsigned transaction that can be read (BIP 174)';
  const [count, outputs] = [transaction.inputs.length, transaction.outputs.length];
  if (parts.length !== count + outputs)
    return `has ${parts.length} maps for ${count} inputs and ${outputs} outputs (BIP 174)`;
  const inputs: ReceivedInput[] = [];
  for (const [at, pairs] of parts.slice(0, count).entries()) {
    const read = readInput(pairs);
    if (typeof read === 'string') return `input ${at} ${read}`;
    inputs.push(read);
  }
  return { transaction, inputs };
}

function readInput(pairs: readonly Pair[]): ReceivedInput | string {
  const value = (type: number) => valueOf(pairs, type);
  const previous = value(fields.previous);
  const readBefore = previous && readPrevious(previous.toHex());
  if (previous && !readBefore) return 'has a transaction that it spends, which cannot be read';
  const spent = value(fields.spent);
  // The amount, and the script with its length, which is below 253 for every address.
  if (spent && (spent.length < 9 || spent.length !== 9 + (spent[8] ?? 0)))
    return 'has an output that it spends, which cannot be read';
  const sighash = value(fields.sighash);
  if (sighash && sighash.length !== 4) return 'has a kind of signature that cannot be read';
  if ((value(fields.finalScript)?.length ?? 0) > 0)
    return 'has a script where only a witness belongs (BIP 141)';
  const final = value(fields.finalWitness);
  const witness = final && readWitness(final);
  if (final && !witness) return 'has a witness that cannot be read';
  return {
    previous: readBefore ?? null,
    spent: spent ? { units: view(spent).getBigUint64(0, true), script: spent.subarray(9) } : null,
    sighash: sighash ? view(sighash).getUint32(0, true) : null,
    witnessScript: value(fields.witnessScript) ?? null,
    signatures: pairs
      .filter(({ key }) => Number.parseInt(key.slice(0, 2), 16) === fields.signature)
      .map((pair) => [pair.key.slice(2), pair.value]),
    witness: witness ?? null,
  };
}

const nothing: ReceivedInput = {
  previous: null,
  spent: null,
  sighash: null,
  witnessScript: null,
  signatures: [],
  witness: null,
};

/** Of a type whose key is the type alone. */
function valueOf(pairs: readonly Pair[], type: number): Uint8Array | undefined {
  return pairs.find(({ key }) => key === Uint8Array.of(type).toHex())?.value;
}

function readWitness(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    return RawWitness.decode(bytes);
  } catch {
    return undefined; // the coder throws on bytes that are none
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
