/** Poison (Möser, Böhme, Breuker 2014): who was reached is reached, and all that they hold and send is tainted. For alarms: it makes taint out of nothing. */
import { oneLot } from './amounts.ts';
import { taintOf, unitsOf, type Holding, type Parcel, type Rule } from './rule.ts';

const put = (holding: Holding, parcel: Parcel): Holding => {
  const units = holding.units + unitsOf(parcel);
  const touched = holding.touched || taintOf(parcel) > 0n;
  return { ...holding, units, touched, taint: touched ? units : 0n };
};

export const poison: Rule = {
  name: 'poison',
  conserves: false,
  parcel: (units, taint) => oneLot(units, taint > 0n ? units : 0n),
  put,
  older: put,
  take: (holding, units) => {
    const left = holding.units - units;
    return {
      rest: { ...holding, units: left, taint: holding.touched ? left : 0n },
      parcel: oneLot(units, holding.touched ? units : 0n),
    };
  },
};
