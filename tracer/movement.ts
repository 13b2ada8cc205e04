/** Movement: one transfer of one asset, or one fee, as a chain's history tells it. */
export interface Movement {
  readonly block: number;
  /** The transaction's place in its block; null where the history does not tell it. */
  readonly index: number | null;
  /** Seconds since 1970. */
  readonly time: number;
  readonly tx: string;
  readonly from: string;
  readonly to: string;
  readonly asset: string;
  readonly units: bigint;
  readonly kind: 'transfer' | 'fee';
}

/** Where fees go: to whoever harvests the block, whom no case follows. */
export const feesAccount = '(fees)';
/** Where Ethereum's tokens come from and are burned. */
export const burnAccount = '0x0000000000000000000000000000000000000000';
