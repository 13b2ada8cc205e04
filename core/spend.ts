/** Spend: what bytes of a chain mean, in words that no chain owns. A chain's codec makes it from bytes that it explains wholly. */
import type { Asset } from './amount.ts';
import type { Change } from './rotation.ts';

export interface Output {
  readonly address: string;
  readonly memo: string;
  readonly asset: Asset;
  readonly units: bigint;
}

export interface Spend {
  /** The address that pays. */
  readonly from: string;
  readonly outputs: readonly Output[];
  /** Every network fee that these bytes commit to, in units of `feeAsset`. */
  readonly fees: bigint;
  readonly feeAsset: Asset;
  /**
   * Unix seconds: from then on, by the chain's own rule, the transaction is too late. Null where it never is, and only
   * another that conflicts with it ends it (Bitcoin, Ethereum).
   */
  readonly validUntil: number | null;
  /** The chain's id of the transaction. */
  readonly transactionId: string;
  /** The chain key whose signature over `share` is asked for. */
  readonly signer: string;
  /** Hex: exactly the bytes that will be signed. */
  readonly share: string;
}

export type Explained =
  | { readonly kind: 'spend'; readonly spend: Spend }
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'refused'; readonly why: string };
