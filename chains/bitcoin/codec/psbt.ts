/**
 * The one form of a partially signed transaction (BIP 174, version 0) that goes between our processes: for each input what it
 * spends, the script and where its keys come from; for change where its keys come from; and nothing else. Bytes that are not
 * exactly what this file writes of what it read in them are refused, so that no field exists which nobody judged.
 */
import { compare, concat, isHex } from './bytes.ts';
import { endOfMap, pair, readMaps, type Pair } from './key-map.ts';
import { sized, u32, u64 } from './size.ts';
import { readTransaction, stripped, type Transaction, type TransactionOutput } from './transaction.ts';

/** How a key is derived: from which master key, by which path. */
export interface Derivation {
  /** 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly fingerprint: number;
  readonly path: readonly number[];
}

export interface PsbtInput {
  /** The output that it spends. */
  readonly spent: TransactionOutput;
  readonly witnessScript: Uint8Array;
  readonly derivations: readonly Derivation[];
}

export interface Psbt {
  /** Without witnesses. */
  readonly transaction: Transaction;
  readonly inputs: readonly PsbtInput[];
  /** Of each output: the derivations of its keys where it is change, none otherwise. */
  readonly outputs: readonly (readonly Derivation[])[];
}

export type ReadPsbt =
  | { readonly kind: 'psbt'; readonly psbt: Psbt }
  | { readonly kind: 'refused'; readonly why: string };

/** BIP 174: the types of pairs that we have. */
const globalTransaction = 0x00;
const inputSpent = 0x01;
const inputWitnessScript = 0x05;
const inputDerivation = 0x06;
const outputDerivation = 0x02;

/** How every PSBT begins. */
export const magic = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff);
const noKey = new Uint8Array(0);

export function writePsbt({ transaction, inputs, outputs }: Psbt): string {
  return concat(
    magic,
    pair(globalTransaction, noKey, stripped(transaction)),
    endOfMap,
    ...inputs.map(({ spent, witnessScript, derivations }) =>
      concat(
        pair(inputSpent, noKey, concat(u64(spent.units), sized(spent.script))),
        pair(inputWitnessScript, noKey, witnessScript),
        ...derivations.map((one) => derivationPair(inputDerivation, one)),
        endOfMap,
      ),
    ),
    ...outputs.map((derivations) =>
      concat(...derivations.map((one) => derivationPair(outputDerivation, one)), endOfMap),
    ),
  ).toHex();
}

export function derivationPair(type: number, derivation: Derivation): Uint8Array {
  return pair(type, derivation.publicKey, originBytes(derivation));
}

/** The fingerprint is bytes, the steps are numbers (BIP 174). */
export function originBytes({ fingerprint, path }: Pick<Derivation, 'fingerprint' | 'path'>): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, fingerprint);
  return concat(bytes, ...path.map(u32));
}

/** Reads what `writePsbt` wrote, and refuses all else. */
export function readPsbt(hex: string): ReadPsbt {
  if (!isHex(hex)) return refused('is no lower-case hex');
  const bytes = Uint8Array.fromHex(hex);
  if (compare(bytes.subarray(0, 5), magic) !== 0) return refused('is no PSBT (BIP 174)');
  const maps = readMaps(bytes.subarray(5));
  if (!maps) return refused('is cut short, or too long (BIP 174)');
  const [header = [], ...parts] = maps;
  const [unsigned, ...more] = header;
  if (unsigned?.key !== '00' || more.length > 0)
    return refused('has not one unsigned transaction and nothing beside it');
  const transaction = readTransaction(unsigned.value.toHex());
  if (!transaction) return refused('has an unsigned transaction that cannot be read');
  const count = transaction.inputs.length;
  if (parts.length !== count + transaction.outputs.length)
    return refused(`has ${parts.length} maps for ${count} inputs and ${transaction.outputs.length} outputs`);
  const inputs: PsbtInput[] = [];
  for (const [at, pairs] of parts.slice(0, count).entries()) {
    const read = readInput(pairs);
    if (typeof read === 'string') return refused(`input ${at} ${read}`);
    inputs.push(read);
  }
  const outputs: (readonly Derivation[])[] = [];
  for (const [at, pairs] of parts.slice(count).entries()) {
    const read = readDerivations(outputDerivation, pairs);
    if (typeof read === 'string') return refused(`output ${at} ${read}`);
    outputs.push(read);
  }
  const psbt: Psbt = { transaction, inputs, outputs };
  // The last net: whatever the above has not looked at is not written again.
  return writePsbt(psbt) === hex ? { kind: 'psbt', psbt } : refused('is not in the one form');
}

function readInput(pairs: readonly Pair[]): PsbtInput | string {
  if (pairs.some(({ key }) => key === '03'))
    return 'says which kind of signature it asks for: SIGHASH_ALL is not said, and no other is made';
  const [spentPair, scriptPair, ...rest] = pairs;
  if (spentPair?.key !== '01') return 'does not begin with what it spends (witness UTXO)';
  if (scriptPair?.key !== '05') return 'has something else where its witness script is due';
  const { value } = spentPair;
  if (value.length < 9) return 'spends an output that is cut short';
  const units = new DataView(value.buffer, value.byteOffset).getBigUint64(0, true);
  const derivations = readDerivations(inputDerivation, rest);
  if (typeof derivations === 'string') return derivations;
  // Scripts of ours are of 34 bytes, and one byte says so; any other length is not written again.
  return { spent: { units, script: value.subarray(9) }, witnessScript: scriptPair.value, derivations };
}

function readDerivations(type: number, pairs: readonly Pair[]): readonly Derivation[] | string {
  const derivations: Derivation[] = [];
  for (const { key, value } of pairs) {
    const bytes = Uint8Array.fromHex(key);
    if (bytes[0] !== type) return `has a field that nobody reads, of type ${bytes[0]}`;
    if (bytes.length !== 34 || value.length < 4 || value.length % 4 !== 0)
      return 'has a key whose derivation cannot be read';
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    const path = Array.from({ length: value.length / 4 - 1 }, (_, step) =>
      view.getUint32(4 * step + 4, true),
    );
    derivations.push({ publicKey: bytes.subarray(1), fingerprint: view.getUint32(0), path });
  }
  return derivations;
}

function refused(why: string): ReadPsbt {
  return { kind: 'refused', why };
}
