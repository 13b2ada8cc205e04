import type { Address } from './address.ts';
import type { TransactionHash } from './hash.ts';
import type { PublicKey } from './keys.ts';
import type { Mosaic } from './mosaic.ts';
import type { NemNetwork } from './network.ts';

/** What every transaction has. Times are NEM seconds, the fee is in micro-XEM. */
interface Common {
  readonly network: NemNetwork;
  readonly timeStamp: number;
  readonly signer: PublicKey;
  readonly fee: bigint;
  readonly deadline: number;
}

/** `payload` is 1 to 1024 bytes of lower-case hex: NIS knows no empty message, only none. */
export type Message =
  | { readonly kind: 'none' }
  | { readonly kind: 'plain'; readonly payload: string }
  | { readonly kind: 'encrypted'; readonly payload: string };

export interface Transfer extends Common {
  readonly kind: 'transfer';
  /** Version 1 carries no mosaics. */
  readonly version: 1 | 2;
  readonly recipient: Address;
  /** Micro-XEM; with mosaics a multiplier in millionths. See `movements` for what really moves. */
  readonly amount: bigint;
  readonly message: Message;
  /** In the order of `compareMosaicIds`, each once. */
  readonly mosaics: readonly Mosaic[];
}

export interface CosignerChange {
  readonly type: 'add' | 'delete';
  readonly cosigner: PublicKey;
}

/** Changes who may sign for the signer's account. */
export interface Modification extends Common {
  readonly kind: 'modification';
  readonly version: 1 | 2;
  /** In the order of `compareModifications`, each cosigner once. */
  readonly modifications: readonly CosignerChange[];
  /** Added to the account's minimum of cosigners; null where the bytes do not mention it, as in version 1. */
  readonly minCosignatoriesChange: number | null;
}

/** A cosigner's proposal that the account of `inner.signer` does `inner`. */
export interface Multisig extends Common {
  readonly kind: 'multisig';
  readonly version: 1;
  readonly inner: Transfer | Modification;
}

/** Another cosigner's consent. It binds the inner transaction only, not the wrapper or its fee. */
export interface Cosignature extends Common {
  readonly kind: 'cosignature';
  readonly version: 1;
  readonly innerHash: TransactionHash;
  readonly multisig: Address;
}

export type Transaction = Transfer | Modification | Multisig | Cosignature;

/** The wire's numbers; NIS TransactionTypes. */
export const transactionType = {
  transfer: 0x0101,
  modification: 0x1001,
  cosignature: 0x1002,
  multisig: 0x1004,
} as const satisfies Record<Transaction['kind'], number>;

export const messageType = { plain: 1, encrypted: 2 } as const;
export const modificationType = { add: 1, delete: 2 } as const;
