/**
 * Chain: what a chain's codec offers to whoever reads or signs bytes, in words that no chain owns. The rooms ask the codec of a
 * wallet's chain and know none themselves, so that another chain is another folder.
 */
import { z } from 'zod';
import type { Evidence } from './freeze.ts';
import type { Network, Wallet } from './policy.ts';
import type { Explained } from './spend.ts';
import type { Place, PlaceOf } from './voucher.ts';

/** Chains that a wallet may be on. Bitcoin's family is told by its coin; `ethereum` is any EVM chain that its network names. */
export const ChainName = z.enum(['nem', 'bitcoin', 'litecoin', 'ethereum']);
export type ChainName = z.infer<typeof ChainName>;

/** What of a wallet its chain cannot read, told by the path from the wallet on. */
export interface WrongWallet {
  readonly path: readonly (string | number)[];
  readonly why: string;
}

export type ReadAddress =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * One of a wallet's keys, as its holder has it. Every method is deterministic: the same bytes give the same signature.
 */
export interface ChainKey {
  /** What the policy pins. NEM: 64 hex digits. Bitcoin: the account's extended public key. Ethereum: the owner's address. */
  readonly publicKey: string;
  /** The key with where it comes from, as a descriptor names it (BIP 380, BIP 389); absent on chains without descriptors. */
  readonly described?: string;
  /** Hex. Throws on bytes that the codec did not make. */
  readonly sign: (plan: string, share: string) => string;
  /** Whether this key, and no other machine's chance, gives exactly this signature: computed a second way. */
  readonly isDerived: (plan: string, share: string, signature: string) => boolean;
  /** Signs a message (hex) that means nothing on the chain, as `sign` would: for a self-test. */
  readonly rehearse: (message: string) => string;
  /** What only the key's holder can see of a rehearsed signature, whoever made it. */
  readonly inspect: (message: string, signature: string) => Inspected;
  /** Overwrites the secret, for good: afterwards `sign` throws. */
  readonly wipe: () => void;
}

export interface Inspected {
  /** Hex: the nonce's public half. Two messages never share one. */
  readonly point: string;
  readonly nonce: bigint;
  /** Whether signature and nonce are those that key and message give. */
  readonly derived: boolean;
}

export interface Codec<W = Wallet> {
  /** Of which wallets it reads the bytes. */
  readonly chains: readonly ChainName[];
  /** Of how many bits a nonce of its signatures is. */
  readonly nonceBits: number;

  /** What of a wallet as the policy has it no transaction could be read by. Nothing where it is sound. */
  readonly wrongWallet: (wallet: W, network: Network) => Iterable<WrongWallet>;
  /** What all texts of one key have in common; the text itself where there is one text alone. */
  readonly keyId: (publicKey: string) => string;
  /** An address as people write it, in the one form that outputs have; or why it is none of this chain and network. */
  readonly readAddress: (text: string, chain: ChainName, network: Network) => ReadAddress;

  /**
   * How many numbers a customer's place may have, from 0. Few where it is made from number and name, so that nobody finds a
   * number that gives them another's.
   */
  readonly placeNumbers: number;
  /** Where coins of a customer go; undefined where no customer may have the number (Bitcoin: 0, the wallet's own address). */
  readonly placeOf: (
    wallet: W,
    whose: Pick<PlaceOf, 'exchange' | 'customer' | 'number'>,
    network: Network,
  ) => Place | undefined;

  /**
   * What it means to sign `share` towards `plan`, or why that is refused. Whatever the codec's own planner could not have
   * made is refused. `previous`: what proves the plan's inputs, where the chain has inputs (Bitcoin: the whole transactions
   * that they spend, hex); in a place of its own since it says nothing of what is signed.
   */
  readonly explainShare: (
    wallet: W,
    plan: string,
    share: string,
    network: Network,
    previous?: readonly string[],
  ) => Explained;
  /**
   * What a key signs of a plan: it follows from both. Undefined where the bytes are no plan, or the text no key. Never throws, and says
   * nothing of whether it should be signed.
   */
  readonly shareOf: (wallet: W, plan: string, key: string, network: Network) => string | undefined;
  /**
   * Whether at most one of two plans can ever confirm, whoever signs them: they spend one coin, or use up one number. Never
   * throws; bytes that cannot be read conflict with nothing.
   */
  readonly conflict: (wallet: W, one: string, other: string) => boolean;
  /** Whether evidence is bytes that act on the wallet, validly signed by a key of it. Never throws. */
  readonly evidenceSigned: (
    wallet: W,
    evidence: Pick<Evidence, 'bytes' | 'signer' | 'signature'>,
    network: Network,
  ) => boolean;

  /**
   * Whether these pieces of evidence, each valid by itself, are one transaction, signed by as many of the wallet's keys as it takes,
   * that spends every coin which the plan spends: only then is a high fee paid to be before it. Never where fees decide nothing
   * between two spends that wait, and never throws.
   */
  readonly races: (
    wallet: W,
    plan: string,
    evidence: readonly Pick<Evidence, 'bytes' | 'signer' | 'signature'>[],
  ) => boolean;

  /**
   * The secret of a key, as `keyOf` takes it, from the 64 bytes that BIP 39 makes of words, by the path that other wallets of the
   * chain take too. A copy, which whoever has used it wipes.
   */
  readonly secretFromSeed: (seed: Uint8Array) => Uint8Array;
  /** The key of secret bytes, which are copied: `wipe` wipes the copy. 32 of them, or what `secretFromSeed` gives. */
  readonly keyOf: (secret: Uint8Array, chain: ChainName, network: Network) => ChainKey;
  /** Whether the key signed the share of the plan. Never throws. */
  readonly verifyShare: (publicKey: string, plan: string, share: string, signature: string) => boolean;
}
