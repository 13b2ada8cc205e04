import type { EthereumWallet, Evidence, Network } from '@kuramori/core';
import { isAddress, type Address } from './address.ts';
import { isHex } from './hex.ts';
import { chainIdOf } from './network.ts';
import { readPlan } from './plan.ts';
import { hashOfHex, sameNonce } from './safe.ts';
import { readShare, speaksOf } from './share.ts';
import { anyOwnerOf, recover } from './signature.ts';

/**
 * Whether at most one of two plans can ever be executed: they are of the wallet's Safe, on one chain, with one nonce of it.
 * Which of them it will be decides nobody but the chain.
 */
export function conflict(wallet: Pick<EthereumWallet, 'address'>, one: string, other: string): boolean {
  const [a, b] = [readPlan(one), readPlan(other)];
  if (a.kind === 'refused' || b.kind === 'refused') return false;
  return a.bound.safe === wallet.address && sameNonce(a.bound, b.bound);
}

/**
 * Whether evidence shows that an owner's key signed for the wallet. Two kinds of bytes do:
 *
 * - a share: a hash of this Safe on this network's chain, signed by the owner that it names. By any of the ways that the
 *   Safe takes from a key, so a thief gains nothing by `eth_sign` or by the higher s.
 * - what an account signs to act on the chain: a transaction (EIP-2718's types 1 to 4, or an older one), or a delegation
 *   (EIP-7702). Owners' keys sign no such thing, and with it a thief approves a hash on the chain, or is there as the
 *   executor, without a signature over any hash (Safe.sol: v 1). 65 bytes, v 27 or 28 whatever the transaction has.
 */
export function evidenceSigned(
  wallet: Pick<EthereumWallet, 'address' | 'cosigners'>,
  { bytes, signer, signature }: Pick<Evidence, 'bytes' | 'signer' | 'signature'>,
  network: Network,
): boolean {
  if (!isAddress(signer) || !isAddress(wallet.address)) return false;
  if (!wallet.cosigners.some(({ publicKey }) => publicKey === signer)) return false;
  const share = readShare(bytes);
  if (share)
    return (
      share.owner === signer &&
      speaksOf(share, chainIdOf(network), wallet.address) &&
      anyOwnerOf(share.hash, signature) === signer
    );
  return isOfAnAccount(bytes) && signerOf(bytes, signature) === signer;
}

/** The first byte of what an account signs: a type (EIP-2718), EIP-7702's 0x05, or an RLP list's. */
function isOfAnAccount(bytes: string): boolean {
  if (!isHex(bytes) || bytes === '') return false;
  const first = Number.parseInt(bytes.slice(0, 2), 16);
  // A list's length takes up to eight bytes; one that took more than four would be no transaction.
  return (first >= 1 && first <= 5) || (first >= 0xc0 && first <= 0xfb);
}

function signerOf(bytes: string, signature: string): Address | undefined {
  if (!isHex(signature, 65)) return undefined;
  return recover(hashOfHex(bytes), signature.slice(0, 128), Number.parseInt(signature.slice(128), 16) - 27);
}
