/** Weight: what a transaction counts for in a block, of which a quarter is its virtual size (BIP 141). */
import type { Descriptor } from './descriptor.ts';
import { rates, type BitcoinChain } from './network.ts';
import { compactSize } from './size.ts';

/** DER with a low s and the kind's byte; half of all signatures are a byte shorter, a few of them two. */
const longestSignature = 72;

/** What an input of a wallet weighs once it is signed, at the most. */
export function inputWeight(
  { threshold, keys }: Pick<Descriptor, 'threshold' | 'keys'>,
  signature = longestSignature,
): number {
  const script = 3 + 34 * keys.length;
  // The empty element that CHECKMULTISIG takes, the signatures, the script.
  const witness = 1 + 1 + threshold * (1 + signature) + lengthOf(script) + script;
  // Outpoint, an empty script and the sequence.
  return 4 * (32 + 4 + 1 + 4) + witness;
}

export function outputWeight(script: Uint8Array): number {
  return 4 * (8 + lengthOf(script.length) + script.length);
}

/** Everything but inputs and outputs: version, marker, flag, counts and lock time. */
export function restWeight(inputs: number, outputs: number): number {
  return 4 * (4 + lengthOf(inputs) + lengthOf(outputs) + 4) + 2;
}

/** Of a whole signed transaction, at the most. */
export function weightOf(
  descriptor: Pick<Descriptor, 'threshold' | 'keys'>,
  inputs: number,
  outputs: readonly { readonly script: Uint8Array }[],
  signature = longestSignature,
): number {
  const paid = outputs.reduce((sum, { script }) => sum + outputWeight(script), 0);
  return restWeight(inputs, outputs.length) + inputs * inputWeight(descriptor, signature) + paid;
}

export function virtualSize(weight: number): number {
  return Math.ceil(weight / 4);
}

/** What a weight costs at a rate in units per 1,000 virtual bytes: never less than what a node counts. */
export function feeOf(weight: number, rate: bigint): bigint {
  return (BigInt(virtualSize(weight)) * rate + 999n) / 1000n;
}

/**
 * Below this an output costs more to spend than it is worth, and no node relays it: the size of the output and of what spends it,
 * at the dust relay rate (Core: GetDustThreshold).
 */
export function dustBelow(script: Uint8Array, chain: BitcoinChain): bigint {
  const size = outputWeight(script) / 4;
  const spending = isWitnessProgram(script) ? 32 + 4 + 1 + Math.floor(107 / 4) + 4 : 32 + 4 + 1 + 107 + 4;
  return (BigInt(size + spending) * rates[chain].dust) / 1000n;
}

/** BIP 141: a version, and 2 to 40 bytes. */
function isWitnessProgram(script: Uint8Array): boolean {
  const [version = 0xff, length = 0] = script;
  return (
    script.length >= 4 &&
    script.length <= 42 &&
    (version === 0 || (version >= 0x51 && version <= 0x60)) &&
    length === script.length - 2
  );
}

function lengthOf(count: number): number {
  return compactSize(count).length;
}
