/** Setting: what is done beside the rule. One for all cases; docs/tracing.md says why each is as it is. */
export interface Setting {
  /** One asset given for another in one transaction: the taint goes over to what was got. */
  readonly exchanges: boolean;
  /** How many spends an account must have made, before taint reaches it, of which nobody saw it get most, to be presumed a service. Null: never. */
  readonly presumeAfter: number | null;
  /** In a case of values: by how many hundredths of what an account got its price may have risen meanwhile. */
  readonly risePercent: bigint;
}

/** The rule alone. */
export const bare: Setting = { exchanges: false, presumeAfter: null, risePercent: 0n };

export const investigator: Setting = { exchanges: true, presumeAfter: 100, risePercent: 25n };
