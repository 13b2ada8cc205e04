/**
 * Evidence: what a transaction on the chain shows of whose keys signed it.
 *
 * `bytes` is the share (share.ts) that the key would have been asked for, read off the transaction: so the record that covers it,
 * if there is one, is found by the same bytes. What else it takes to verify, BIP 143 has in the digest and not in the transaction:
 * what the spent output held, and its script. That stands in `signature`, for the first input that the key signed: its number, branch,
 * index, amount, and the 64 bytes. It cannot be bent to make the covered look uncovered: with any other number, place or amount
 * the signature is none, and `bytes` has no part in it.
 */
import type { BitcoinWallet, Evidence, Network } from '@kuramori/core';
import { isHex } from './bytes.ts';
import { digestsOf, type DigestOf } from './digest.ts';
import type { Coin } from './draft.ts';
import { fromDer, verify } from './ecdsa.ts';
import { keyVersions } from './network.ts';
import { placeAt } from './place.ts';
import { readShare, shareOf } from './share.ts';
import { traceOf } from './trace.ts';
import { outpointText, readTransaction } from './transaction.ts';
import { descriptorOf } from './wallet.ts';

/** One key's part in a transaction that spends from a wallet. */
export interface Signed {
  /** The chain key. */
  readonly signer: string;
  /** As evidence has it: the share, or what is none of ours by the kind of its signatures. */
  readonly bytes: string;
  /** As evidence has it. */
  readonly signature: string;
  /** The numbers of the inputs that it signed this way. */
  readonly inputs: readonly number[];
}

export interface Seen {
  /** Which of the wallet's coins the transaction spends, signed in whatever way. */
  readonly spent: readonly Coin[];
  readonly signed: readonly Signed[];
}

/**
 * Which keys of a wallet signed a transaction, seen in a block or on its way there. `coins`: what the wallet has, or had; an input
 * that spends none of them is a stranger's. Undefined where the bytes are no transaction.
 */
export function signaturesOf(
  wallet: Pick<BitcoinWallet, 'descriptor'>,
  hex: string,
  coins: readonly Coin[],
): Seen | undefined {
  const transaction = readTransaction(hex);
  if (!transaction) return undefined;
  const ours = new Map(coins.map((coin) => [outpointText(coin), coin]));
  const digestOf = digestsOf(transaction);
  const spent: Coin[] = [];
  const signed = new Map<string, Signed>();
  for (const [at, input] of transaction.inputs.entries()) {
    const coin = ours.get(outpointText(input));
    if (!coin) continue;
    spent.push(coin);
    for (const { key, sighash, signature } of keysIn(wallet, digestOf, at, coin, input.witness)) {
      const bytes = shareOf(transaction, key, sighash);
      const before = signed.get(bytes);
      signed.set(
        bytes,
        before
          ? { ...before, inputs: [...before.inputs, at] }
          : { signer: key, bytes, signature: shown(at, coin, signature), inputs: [at] },
      );
    }
  }
  return { spent, signed: [...signed.values()] };
}

/** The keys whose signatures stand in an input's witness: each is tried, since a thief keeps to no order of ours. */
function* keysIn(
  wallet: Pick<BitcoinWallet, 'descriptor'>,
  digestOf: DigestOf,
  at: number,
  { branch, index, units }: Coin,
  witness: readonly Uint8Array[],
): Iterable<{ readonly key: string; readonly sighash: number; readonly signature: Uint8Array }> {
  const descriptor = descriptorOf(wallet);
  const { keys, witnessScript } = placeAt(descriptor, branch, index);
  for (const element of witness.slice(0, -1)) {
    const read = fromDer(element);
    if (!read) continue;
    const digest = digestOf(at, witnessScript, units, read.sighash);
    const key = keys.find(({ publicKey }) => verify(publicKey, digest, read.signature));
    const extended = key && descriptor.keys[key.of]?.extended;
    if (extended !== undefined) yield { key: extended, ...read };
  }
}

/** Number 4 bytes, branch 1, index 4, amount 8, r and s 64. */
const shownBytes = 81;

function shown(at: number, { branch, index, units }: Coin, signature: Uint8Array): string {
  const bytes = new Uint8Array(shownBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, at);
  view.setUint8(4, branch);
  view.setUint32(5, index);
  view.setBigUint64(9, units);
  bytes.set(signature, 17);
  return bytes.toHex();
}

/**
 * Whether evidence, each piece valid by itself, shows one transaction, signed by as many keys as it takes, that spends all that the
 * plan spends. Never throws.
 */
export function races(
  wallet: Pick<BitcoinWallet, 'descriptor' | 'threshold'>,
  plan: string,
  evidence: readonly Pick<Evidence, 'bytes' | 'signer'>[],
): boolean {
  const shares = evidence.map(({ bytes }) => readShare(bytes));
  const unsigned = shares[0]?.unsigned ?? '';
  // Whatever the kind of his signatures: he would else choose one by which he may not be outbid.
  if (!shares.every((share) => share?.unsigned === unsigned)) return false;
  if (new Set(evidence.map(({ signer }) => signer)).size < wallet.threshold) return false;
  const taken = new Set(readTransaction(unsigned)?.inputs.map(outpointText));
  const spends = traceOf(wallet, plan)?.spends ?? [];
  return spends.length > 0 && spends.every((outpoint) => taken.has(outpoint));
}

/** Whether evidence's bytes are validly signed by a key of the wallet, for an output of the wallet. Never throws. */
export function evidenceSigned(
  wallet: Pick<BitcoinWallet, 'descriptor' | 'cosigners'>,
  { bytes, signer, signature }: Pick<Evidence, 'bytes' | 'signer' | 'signature'>,
  network: Network,
): boolean {
  const share = readShare(bytes);
  if (!share || share.key !== signer || !isHex(signature, shownBytes)) return false;
  if (!wallet.cosigners.some(({ publicKey }) => publicKey === signer)) return false;
  const transaction = readTransaction(share.unsigned);
  const shownPart = Uint8Array.fromHex(signature);
  const view = new DataView(shownPart.buffer);
  const [at, branch, index] = [view.getUint32(0), view.getUint8(4), view.getUint32(5)];
  if (!transaction?.inputs[at] || (branch !== 0 && branch !== 1) || index >= 0x80000000) return false;
  try {
    const descriptor = descriptorOf(wallet);
    if (descriptor.version !== keyVersions[network].public) return false;
    const { keys, witnessScript } = placeAt(descriptor, branch, index);
    const key = keys.find(({ of }) => descriptor.keys[of]?.extended === signer);
    const digest = digestsOf(transaction)(at, witnessScript, view.getBigUint64(9), share.sighash);
    return key !== undefined && verify(key.publicKey, digest, shownPart.subarray(17));
  } catch {
    return false; // a wallet whose descriptor cannot be read has signed nothing
  }
}
