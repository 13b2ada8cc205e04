/**
 * Wire: a node's bytes, skimmed. Of a whole block most transactions are strangers', so each is only cut into its parts, and its ids
 * are hashed over them as they stand; whatever is ours the codec reads again. Litecoin's forms are known: a transaction with an
 * MWEB part beside it (LIP 3, while it waits), and the last one of a block, which moves coins in and out of MWEB (HogEx).
 */
import { hash as digest } from 'node:crypto';

export interface SkimmedInput {
  /** `txid:vout`. */
  readonly outpoint: string;
  /** Hex: the script that the witness opens, if it opens one of pay to witness script hash (BIP 141); or null. */
  readonly opens: string | null;
}

export interface SkimmedOutput {
  readonly units: bigint;
  /** Hex. */
  readonly script: string;
}

export interface Skimmed {
  readonly id: string;
  /** The hash of all but an MWEB part (BIP 141's wtxid), in the order of its bytes. */
  readonly witnessHash: Uint8Array;
  readonly inputs: readonly SkimmedInput[];
  readonly outputs: readonly SkimmedOutput[];
  /** `mweb`: something stands beside it that nobody here reads. Inputs, outputs and witnesses are all read. */
  readonly form: 'plain' | 'hogex' | 'mweb';
  /** Whether it makes new coins. */
  readonly coinbase: boolean;
  /** Of the first input. */
  readonly scriptSig: Uint8Array;
  readonly hasWitness: boolean;
  /** Bytes without witnesses. */
  readonly strippedSize: number;
  /** Hex: as it goes over the wire, without an MWEB part. */
  readonly hex: () => string;
  /** Hex, without witnesses: enough to prove what its outputs hold. */
  readonly stripped: () => string;
  /** Where the next one begins. */
  readonly end: number;
}

const nowhere = `${'0'.repeat(64)}:4294967295`;

/** One transaction alone; undefined where the bytes are none, or end too early or too late. */
export function skimOne(hex: string): Skimmed | undefined {
  const bytes = Buffer.from(hex, 'hex');
  const found = skim(bytes, 0, true);
  return found?.end === bytes.length ? found : undefined;
}

/** The transaction that begins at a byte; undefined where none does. `alone`: it ends with the bytes. */
export function skim(bytes: Buffer, from: number, alone = false): Skimmed | undefined {
  try {
    return cut(bytes, from, alone);
  } catch (failure) {
    if (failure instanceof RangeError) return undefined; // the bytes end too early, or a length is none
    throw failure;
  }
}

function cut(bytes: Buffer, from: number, alone: boolean): Skimmed {
  let at = from + 4;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('the bytes end too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const size = (): number => {
    const [first = 0] = take(1);
    const value = first < 0xfd ? first : readSize(take(first === 0xfd ? 2 : 4), first);
    // Each part is a byte at least: a count beyond what is left is a lie.
    if (value > bytes.length - at) throw new RangeError('a length is longer than the bytes');
    return value;
  };
  // BIP 144: a marker that cannot be a number of inputs, and a flag. LIP 3: 8 is MWEB's.
  const marked = bytes[at] === 0 && bytes[at + 1] !== 0;
  const flag = marked ? (take(2)[1] ?? 0) : 0;
  if (marked && flag !== 1 && flag !== 8 && flag !== 9) throw new RangeError('a form of nobody');
  const body = at;
  const inputs = Array.from({ length: size() }, () => {
    const outpoint = take(36);
    const scriptSig = take(size());
    take(4);
    return { outpoint: outpointOf(outpoint), scriptSig };
  });
  const outputs = Array.from({ length: size() }, () => ({
    units: take(8).readBigUInt64LE(),
    script: take(size()).toString('hex'),
  }));
  const bodyEnd = at;
  const opened =
    (flag & 1) === 0 ? [] : inputs.map(() => opens(Array.from({ length: size() }, () => take(size()))));
  const witnessEnd = at;
  const form = (flag & 8) === 0 ? 'plain' : take(1)[0] === 0 ? 'hogex' : 'mweb';
  // How long an MWEB part is nobody here knows: it must be the last before the lock time of the last transaction.
  if (form === 'mweb') at = alone ? bytes.length - 4 : bytes.length;
  if (at < witnessEnd) throw new RangeError('the bytes end too early');
  const lockTime = take(4);
  const version = bytes.subarray(from, from + 4);
  const base = [version, bytes.subarray(body, bodyEnd), lockTime];
  const witness = bytes.subarray(bodyEnd, witnessEnd);
  const hasWitness = (flag & 1) !== 0;
  const whole = hasWitness ? [version, bip144, base[1] ?? none, witness, lockTime] : base;
  const id = hash256(Buffer.concat(base));
  const [first] = inputs;
  return {
    id: named(id),
    witnessHash: hasWitness ? hash256(Buffer.concat(whole)) : id,
    inputs: inputs.map(({ outpoint }, number) => ({ outpoint, opens: opened[number] ?? null })),
    outputs,
    form,
    coinbase: inputs.length === 1 && first?.outpoint === nowhere,
    scriptSig: first?.scriptSig ?? none,
    hasWitness,
    strippedSize: bodyEnd - body + 8,
    hex: () => Buffer.concat(whole).toString('hex'),
    stripped: () => Buffer.concat(base).toString('hex'),
    end: at,
  };
}

const none = Buffer.alloc(0);
const bip144 = Buffer.of(0, 1);

/** A length in its one form: a node takes no longer one than is due (Core: ReadCompactSize). */
function readSize(bytes: Buffer, first: number): number {
  if (first === 0xff) throw new RangeError('no length is that long');
  const value = bytes.readUIntLE(0, bytes.length);
  if (value < (first === 0xfd ? 0xfd : 0x10000)) throw new RangeError('a length in a form that is too long');
  return value;
}

function outpointOf(bytes: Buffer): string {
  return `${named(bytes.subarray(0, 32))}:${bytes.readUInt32LE(32)}`;
}

/** Pay to witness script hash: the last of the witness is the script (BIP 141). Annexes (BIP 341) are none of version 0's. */
function opens(witness: readonly Buffer[]): string | null {
  const script = witness.at(-1);
  return script === undefined || script.length === 0 ? null : `0020${digest('sha256', script, 'hex')}`;
}

export function hash256(bytes: Uint8Array): Buffer {
  return digest('sha256', digest('sha256', bytes, 'buffer'), 'buffer');
}

/** A hash as nodes write it: its bytes in reverse. */
export function named(hash: Uint8Array): string {
  return hash.toReversed().toHex();
}
