/**
 * A share: the 66 bytes that are hashed and signed (EIP-712), and behind them the 20 of the owner whose signature is asked
 * for, which are not signed. All owners of a Safe sign the same; with the owner in it a record is of one key, and a
 * signature that one of them gave covers no other's.
 */
import { bareOf, checksummed, type Address } from './address.ts';
import { isHex } from './hex.ts';
import { domainOf, hashOfHex, preimageOf, type Bound } from './safe.ts';

const preimageLength = 66;

export function shareOf(bound: Bound, owner: Address): string {
  return preimageOf(bound) + bareOf(owner);
}

export interface Share {
  /** Hex, 32 bytes: what the owner's key signs. */
  readonly hash: string;
  readonly owner: Address;
  /** Of which Safe on which chain it speaks. */
  readonly domain: string;
}

/** The parts of a share; undefined where it is none. */
export function readShare(share: string): Share | undefined {
  if (!isHex(share, preimageLength + 20) || !share.startsWith('1901')) return undefined;
  const preimage = share.slice(0, 2 * preimageLength);
  return {
    hash: hashOfHex(preimage),
    owner: checksummed(share.slice(2 * preimageLength)),
    domain: preimage.slice(4, 68),
  };
}

export function speaksOf({ domain }: Share, chainId: bigint, safe: Address): boolean {
  return domain === domainOf(chainId, safe);
}
