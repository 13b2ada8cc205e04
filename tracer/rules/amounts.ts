/** Amounts: what the rules have in common that know sums alone, and no order of units. */
import { taintOf, unitsOf, type Holding, type Parcel, type Rule } from './rule.ts';

export const oneLot = (units: bigint, taint: bigint): Parcel => (units === 0n ? [] : [{ units, taint }]);

const put = (holding: Holding, parcel: Parcel): Holding => {
  const taint = taintOf(parcel);
  return {
    ...holding,
    units: holding.units + unitsOf(parcel),
    taint: holding.taint + taint,
    touched: holding.touched || taint > 0n,
  };
};

/** A rule that is one formula: the taint that leaves with `units` of a holding. */
export function byAmount(name: Rule['name'], leaving: (holding: Holding, units: bigint) => bigint): Rule {
  return {
    name,
    conserves: true,
    parcel: oneLot,
    put,
    older: put,
    take: (holding, units) => {
      const taint = leaving(holding, units);
      return {
        rest: { ...holding, units: holding.units - units, taint: holding.taint - taint },
        parcel: oneLot(units, taint),
      };
    },
  };
}
