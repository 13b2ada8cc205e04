/** What a signature over an input of a witness program of version 0 signs (BIP 143). */
import { concat } from './bytes.ts';
import { sized, u32, u64 } from './size.ts';
import { hash256, type Transaction } from './transaction.ts';

/** SIGHASH_ALL: the signature binds every input and every output. Nothing else is ever signed here. */
export const sighashAll = 1;
const sighashNone = 2;
const sighashSingle = 3;
const anyoneCanPay = 0x80;

/** The digest of one input. `witnessScript`: what its output's script is the hash of; `units`: what that output holds. */
export type DigestOf = (
  input: number,
  witnessScript: Uint8Array,
  units: bigint,
  sighash?: number,
) => Uint8Array;

/**
 * The digests of a transaction's inputs. What they share is hashed once, so that n inputs cost n hashes and not n². Other kinds
 * than SIGHASH_ALL are here because a thief may sign with them, and a watchtower must be able to say whose key that was.
 */
export function digestsOf(
  transaction: Pick<Transaction, 'version' | 'inputs' | 'outputs' | 'lockTime'>,
): DigestOf {
  const { version, inputs, outputs, lockTime } = transaction;
  const prevouts = hash256(concat(...inputs.map(outpointBytes)));
  const sequences = hash256(concat(...inputs.map(({ sequence }) => u32(sequence))));
  const outputBytes = outputs.map(({ units, script }) => concat(u64(units), sized(script)));
  const allOutputs = hash256(concat(...outputBytes));
  return (at, witnessScript, units, sighash = sighashAll) => {
    const input = inputs[at];
    if (!input) throw new RangeError(`digestsOf: input ${at} is none of ${inputs.length}`);
    const alone = (sighash & anyoneCanPay) !== 0;
    const base = sighash & 0x1f;
    const some = base === sighashNone || base === sighashSingle;
    const own = base === sighashSingle ? outputBytes[at] : undefined;
    const outputsHash = own ? hash256(own) : zeros;
    return hash256(
      concat(
        u32(version >>> 0),
        alone ? zeros : prevouts,
        alone || some ? zeros : sequences,
        outpointBytes(input),
        sized(witnessScript),
        u64(units),
        u32(input.sequence),
        some ? outputsHash : allOutputs,
        u32(lockTime),
        u32(sighash),
      ),
    );
  };
}

const zeros = new Uint8Array(32);

function outpointBytes({ txid, vout }: { readonly txid: string; readonly vout: number }): Uint8Array {
  return concat(Uint8Array.fromHex(txid).toReversed(), u32(vout));
}
