/** A sweep home: as many coins as one transaction takes, for as much as may be paid. */
import {
  highestRate,
  leastRate,
  mostPreviousDigits,
  planSweep,
  type Coin,
  type Planned,
} from '@kuramori/chains/bitcoin/codec';

/** The most that may be paid so that coins which hold so much go home. */
export type CapOn = (held: bigint) => bigint;

export interface Sweep {
  readonly plan: Planned;
  /** Units per 1,000 virtual bytes. */
  readonly rate: bigint;
  /** The whole transactions that brought its coins. */
  readonly previous: readonly string[];
}

/** With fees within the cap, at a lower rate where it takes that; undefined where that moves nothing. */
export function sweepWithin(
  means: Parameters<typeof planSweep>[0],
  capOn: CapOn,
  previous: (txid: string) => string | undefined,
): Sweep | undefined {
  const shown = new Map<string, string>();
  let digits = 0;
  let coins: readonly Coin[] = means.coins
    .toSorted((one, other) => (one.units > other.units ? -1 : 1))
    .filter(({ txid }) => {
      const hex = shown.has(txid) ? '' : previous(txid);
      // A coin that nobody can prove is left; so is what is more than a signer reads at once.
      if (hex === undefined || digits + hex.length > mostPreviousDigits) return false;
      digits += hex.length;
      if (hex !== '') shown.set(txid, hex);
      return true;
    });
  let { feeRate } = means;
  for (let round = 0; round < 16 && coins.length > 0; round += 1) {
    const swept = planSweep({ ...means, coins, feeRate });
    if (swept.kind === 'refused') return undefined;
    const { planned } = swept;
    const cap = capOn(planned.inputs.reduce((sum, { units }) => sum + units, 0n));
    if (planned.fees <= cap) {
      const used = new Set(planned.inputs.map(({ txid }) => txid));
      const proofs = [...shown].flatMap(([txid, hex]) => (used.has(txid) ? hex : []));
      return { plan: planned, rate: feeRate, previous: proofs };
    }
    const lower = (feeRate * cap) / (planned.fees + 1n);
    if (lower >= leastRate) feeRate = lower;
    else
      coins = planned.inputs
        .toSorted((one, other) => (one.units > other.units ? -1 : 1))
        .slice(0, planned.inputs.length >> 1);
  }
  return undefined;
}

export function bounded(rate: bigint): bigint {
  const most = highestRate / 2n;
  if (rate < leastRate) return leastRate;
  return rate > most ? most : rate;
}

export function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
