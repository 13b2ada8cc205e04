/**
 * Evidence: what a transaction on the chain shows of whose keys signed it.
 *
 * `bytes` is the share (share.ts) that the key would have been asked for, read off the transaction: so the record that covers it,
 * if there is one, is found by the same bytes. What else it takes to verify, BIP 143 has in each input's digest: which output it spends,
 * what that held, and its script. That stands in `signature`, input by input: outpoint 36 bytes, sequence 4, branch 1, index 4, amount 8,
 * r and s 64; of a kind that binds one output, that output's hash, 32. It cannot be bent to make the covered look uncovered: with
 * anything else in its place the signature is none. One input says that the key signed; all that a plan spends say that whoever
 * signed takes just these, however long his transaction is.
 */
import type { BitcoinWallet, Evidence, Network } from '@kuramori/core';
import { concat, isHex } from './bytes.ts';
import type { Descriptor } from './descriptor.ts';
import { bindsOne, digestsOf, ownHash, partDigest, writeWhole, type DigestOf } from './digest.ts';
import type { Coin } from './draft.ts';
import { fromDer, verify } from './ecdsa.ts';
import { keyVersions } from './network.ts';
import { placeAt } from './place.ts';
import { readShare, shareOf, type Share } from './share.ts';
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
 * that spends none of them is a stranger's. `every`: evidence of each of these coins, and not of the first alone. Undefined where the
 * bytes are no transaction.
 */
export function signaturesOf(
  wallet: Pick<BitcoinWallet, 'descriptor'>,
  hex: string,
  coins: readonly Coin[],
  every = false,
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
      const own = bindsOne(sighash) ? ownHash(transaction, at) : none;
      const shown = writeShown({ ...coin, ...input, own, signature });
      const before = signed.get(bytes);
      signed.set(
        bytes,
        before
          ? { ...before, signature: before.signature + (every ? shown : ''), inputs: [...before.inputs, at] }
          : { signer: key, bytes, signature: shown, inputs: [at] },
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

const none = new Uint8Array(0);
/** Without the hash of one output. */
const shownBytes = 117;
/** Of one piece of evidence: more than any bid spends, and few enough that verifying them holds nobody up. */
const mostShown = 64;

interface Shown extends Omit<Coin, 'branch'> {
  readonly branch: number;
  readonly sequence: number;
  readonly signature: Uint8Array;
  /** The hash of one output, where the signature binds no other; else nothing. */
  readonly own: Uint8Array;
}

function writeShown({ txid, vout, sequence, branch, index, units, signature, own }: Shown): string {
  const bytes = new Uint8Array(shownBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(Uint8Array.fromHex(txid));
  view.setUint32(32, vout);
  view.setUint32(36, sequence);
  view.setUint8(40, branch);
  view.setUint32(41, index);
  view.setBigUint64(45, units);
  bytes.set(signature, 53);
  return concat(bytes, own).toHex();
}

/** What evidence shows, input by input; undefined where it is none of a share of this kind. */
function readShown(hex: string, sighash: number): readonly Shown[] | undefined {
  const each = shownBytes + (bindsOne(sighash) ? 32 : 0);
  const count = hex.length / (2 * each);
  if (!isHex(hex) || !Number.isInteger(count) || count < 1 || count > mostShown) return undefined;
  const shown = Array.from({ length: count }, (_, at) => {
    const bytes = Uint8Array.fromHex(hex.slice(at * 2 * each, (at + 1) * 2 * each));
    const view = new DataView(bytes.buffer);
    return {
      txid: bytes.slice(0, 32).toHex(),
      vout: view.getUint32(32),
      sequence: view.getUint32(36),
      branch: view.getUint8(40),
      index: view.getUint32(41),
      units: view.getBigUint64(45),
      signature: bytes.slice(53, shownBytes),
      own: bytes.slice(shownBytes),
    };
  });
  return new Set(shown.map(outpointText)).size === count ? shown : undefined;
}

/**
 * Whether evidence, each piece valid by itself, shows one transaction that spends all that the plan spends, each of these coins by as
 * many keys as it takes: whichever those are, and of whatever kind their signatures, since he would else choose what may not be
 * outbid. Never throws.
 */
export function races(
  wallet: Pick<BitcoinWallet, 'descriptor' | 'threshold'>,
  plan: string,
  evidence: readonly Pick<Evidence, 'bytes' | 'signer' | 'signature'>[],
): boolean {
  const wholes = new Set<string>();
  const signers = new Map<string, Set<string>>();
  for (const { bytes, signer, signature } of evidence) {
    const share = readShare(bytes);
    if (!share) return false;
    wholes.add(writeWhole(share.whole).toHex());
    for (const coin of readShown(signature, share.sighash) ?? []) {
      const name = outpointText(coin);
      signers.set(name, (signers.get(name) ?? new Set()).add(signer));
    }
  }
  const spends = traceOf(wallet, plan)?.spends ?? [];
  return (
    wholes.size === 1 &&
    spends.length > 0 &&
    spends.every((outpoint) => (signers.get(outpoint)?.size ?? 0) >= wallet.threshold)
  );
}

/** Whether evidence's bytes are validly signed by a key of the wallet, for every output of the wallet that it shows. Never throws. */
export function evidenceSigned(
  wallet: Pick<BitcoinWallet, 'descriptor' | 'cosigners'>,
  { bytes, signer, signature }: Pick<Evidence, 'bytes' | 'signer' | 'signature'>,
  network: Network,
): boolean {
  const share = readShare(bytes);
  if (!share || share.key !== signer) return false;
  if (!wallet.cosigners.some(({ publicKey }) => publicKey === signer)) return false;
  const shown = readShown(signature, share.sighash);
  try {
    const descriptor = descriptorOf(wallet);
    if (descriptor.version !== keyVersions[network].public) return false;
    return shown?.every((one) => isSigned(descriptor, share, one)) ?? false;
  } catch {
    return false; // a wallet whose descriptor cannot be read has signed nothing
  }
}

function isSigned(descriptor: Descriptor, { whole, key: signer, sighash }: Share, shown: Shown): boolean {
  const { branch, index, units, sequence, own, signature } = shown;
  if ((branch !== 0 && branch !== 1) || index >= 0x80000000) return false;
  const { keys, witnessScript } = placeAt(descriptor, branch, index);
  const key = keys.find(({ of }) => descriptor.keys[of]?.extended === signer);
  const digest = partDigest(whole, { outpoint: shown, sequence, witnessScript, units, own }, sighash);
  return key !== undefined && verify(key.publicKey, digest, signature);
}
