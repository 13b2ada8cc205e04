/** What a signature over an input of a witness program of version 0 signs (BIP 143). */
import { concat } from './bytes.ts';
import { sized, u32, u64 } from './size.ts';
import { hash256, type Outpoint, type Transaction, type TransactionOutput } from './transaction.ts';

/** SIGHASH_ALL: the signature binds every input and every output. Nothing else is ever signed here. */
export const sighashAll = 1;
const sighashNone = 2;
const sighashSingle = 3;
const anyoneCanPay = 0x80;

/** What the digests of all inputs of a transaction have in common. */
export interface Whole {
  readonly version: number;
  /** 32 bytes each, of all inputs and of all outputs. */
  readonly prevouts: Uint8Array;
  readonly sequences: Uint8Array;
  readonly outputs: Uint8Array;
  readonly lockTime: number;
}

/** What is one input's own: which output it spends, what that holds, and the script whose hash it is. */
interface Part {
  readonly outpoint: Outpoint;
  readonly sequence: number;
  readonly witnessScript: Uint8Array;
  readonly units: bigint;
  /** The hash of the output with its number, for a signature that binds no other (SIGHASH_SINGLE); zeros where there is none. */
  readonly own: Uint8Array;
}

export function wholeOf({
  version,
  inputs,
  outputs,
  lockTime,
}: Pick<Transaction, 'version' | 'inputs' | 'outputs' | 'lockTime'>): Whole {
  return {
    version,
    prevouts: hash256(concat(...inputs.map(outpointBytes))),
    sequences: hash256(concat(...inputs.map(({ sequence }) => u32(sequence)))),
    outputs: hash256(concat(...outputs.map(outputBytes))),
    lockTime,
  };
}

export const wholeBytes = 104;

export function writeWhole({ version, prevouts, sequences, outputs, lockTime }: Whole): Uint8Array {
  return concat(u32(version >>> 0), prevouts, sequences, outputs, u32(lockTime));
}

/** Of 104 bytes. */
export function readWhole(bytes: Uint8Array): Whole {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    version: view.getInt32(0, true),
    prevouts: bytes.slice(4, 36),
    sequences: bytes.slice(36, 68),
    outputs: bytes.slice(68, 100),
    lockTime: view.getUint32(100, true),
  };
}

/** The hash of the output that SIGHASH_SINGLE of an input binds. */
export function ownHash({ outputs }: Pick<Transaction, 'outputs'>, at: number): Uint8Array {
  const output = outputs[at];
  return output ? hash256(outputBytes(output)) : zeros;
}

/** Whether a signature of this kind binds one output alone. */
export function bindsOne(sighash: number): boolean {
  return (sighash & 0x1f) === sighashSingle;
}

/**
 * The digest of one input. Other kinds than SIGHASH_ALL are here because a thief may sign with them, and a watchtower must be able
 * to say whose key that was.
 */
export function partDigest(whole: Whole, part: Part, sighash = sighashAll): Uint8Array {
  const alone = (sighash & anyoneCanPay) !== 0;
  const single = bindsOne(sighash);
  const some = single || (sighash & 0x1f) === sighashNone;
  return hash256(
    concat(
      u32(whole.version >>> 0),
      alone ? zeros : whole.prevouts,
      alone || some ? zeros : whole.sequences,
      outpointBytes(part.outpoint),
      sized(part.witnessScript),
      u64(part.units),
      u32(part.sequence),
      some ? (single ? part.own : zeros) : whole.outputs,
      u32(whole.lockTime),
      u32(sighash),
    ),
  );
}

/** The digest of one input. `witnessScript`: what its output's script is the hash of; `units`: what that output holds. */
export type DigestOf = (
  input: number,
  witnessScript: Uint8Array,
  units: bigint,
  sighash?: number,
) => Uint8Array;

/** The digests of a transaction's inputs. What they share is hashed once, so that n inputs cost n hashes and not n². */
export function digestsOf(
  transaction: Pick<Transaction, 'version' | 'inputs' | 'outputs' | 'lockTime'>,
): DigestOf {
  const whole = wholeOf(transaction);
  return (at, witnessScript, units, sighash = sighashAll) => {
    const input = transaction.inputs[at];
    if (!input) throw new RangeError(`digestsOf: input ${at} is none of ${transaction.inputs.length}`);
    const own = bindsOne(sighash) ? ownHash(transaction, at) : zeros;
    return partDigest(
      whole,
      { outpoint: input, sequence: input.sequence, witnessScript, units, own },
      sighash,
    );
  };
}

const zeros = new Uint8Array(32);

function outputBytes({ units, script }: TransactionOutput): Uint8Array {
  return concat(u64(units), sized(script));
}

function outpointBytes({ txid, vout }: Outpoint): Uint8Array {
  return concat(Uint8Array.fromHex(txid).toReversed(), u32(vout));
}
