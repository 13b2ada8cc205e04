/**
 * The one form of a partially signed transaction (BIP 174, version 0) that goes between our processes: for each input what it
 * spends, the script and where its keys come from; for change where its keys come from; and nothing else. Uint8Array that are not
 * exactly what this file writes of what it read in them are refused, so that no field exists which nobody judged.
 */
import { RawPSBTV0 } from '@scure/btc-signer/psbt.js';
import { isHex, unshared } from './bytes.ts';
import { rawOf, stripped, transactionOf, type Transaction, type TransactionOutput } from './transaction.ts';

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

export function writePsbt({ transaction, inputs, outputs }: Psbt): string {
  return RawPSBTV0.encode({
    global: { unsignedTx: rawOf(transaction) },
    inputs: inputs.map(({ spent, witnessScript, derivations }) => ({
      witnessUtxo: { amount: spent.units, script: unshared(spent.script) },
      witnessScript: unshared(witnessScript),
      bip32Derivation: derivations.map(written),
    })),
    outputs: outputs.map((derivations) =>
      derivations.length === 0 ? {} : { bip32Derivation: derivations.map(written) },
    ),
  }).toHex();
}

function written({ publicKey, fingerprint, path }: Derivation) {
  return [unshared(publicKey), { fingerprint, path: [...path] }] as [
    Uint8Array<ArrayBuffer>,
    { fingerprint: number; path: number[] },
  ];
}

export function readPsbt(hex: string): ReadPsbt {
  if (!isHex(hex) || hex.length === 0) return refused('is no lower-case hex');
  const read = decode(Uint8Array.fromHex(hex));
  if (!read) return refused('is no PSBT of version 0 (BIP 174)');
  const { unsignedTx } = read.global;
  if (!unsignedTx) return refused('has no unsigned transaction (BIP 174)');
  const inputs: PsbtInput[] = [];
  for (const [at, input] of read.inputs.entries()) {
    const { witnessUtxo, witnessScript, bip32Derivation, ...others } = input;
    const [other] = Object.keys(others);
    if (other !== undefined) return refused(`input ${at} has a field too many, ${other}`);
    if (!witnessUtxo) return refused(`input ${at} does not say what it spends (witness UTXO)`);
    if (!witnessScript) return refused(`input ${at} has no witness script`);
    const spent = { units: witnessUtxo.amount, script: witnessUtxo.script };
    inputs.push({ spent, witnessScript, derivations: bip32Derivation?.map(derivation) ?? [] });
  }
  const outputs: Psbt['outputs'][number][] = [];
  for (const [at, output] of read.outputs.entries()) {
    const { bip32Derivation, ...others } = output;
    const [other] = Object.keys(others);
    if (other !== undefined) return refused(`output ${at} has a field too many, ${other}`);
    outputs.push(bip32Derivation?.map(derivation) ?? []);
  }
  const psbt: Psbt = {
    transaction: transactionOf(unsignedTx),
    inputs,
    outputs,
  };
  return isWritten(psbt, hex)
    ? { kind: 'psbt', psbt }
    : refused('is not in the one form: it has fields that nobody reads, or another order');
}

function decode(bytes: Uint8Array) {
  try {
    return RawPSBTV0.decode(bytes);
  } catch {
    return undefined; // the coder throws on bytes that are none
  }
}

function isWritten(psbt: Psbt, hex: string): boolean {
  try {
    return writePsbt(psbt) === hex;
  } catch {
    return false; // what was read cannot be written: it was never written
  }
}

function derivation([publicKey, { fingerprint, path }]: readonly [
  Uint8Array,
  { readonly fingerprint: number; readonly path: readonly number[] },
]): Derivation {
  return { publicKey, fingerprint, path };
}

/** The transaction that a PSBT is for, as its signatures bind it: without witnesses. */
export function unsignedOf({ transaction }: Pick<Psbt, 'transaction'>): string {
  return stripped(transaction).toHex();
}

function refused(why: string): ReadPsbt {
  return { kind: 'refused', why };
}
