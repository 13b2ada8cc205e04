/** LIFO: last in, first out. */
import { cut, onto, turned, wholeLots } from './lots.ts';
import { taintOf, unitsOf, type Chain, type Holding, type Lot, type Parcel, type Rule } from './rule.ts';

const holding = (was: Holding, parcel: Parcel, out: Chain | null): Holding => {
  const taint = taintOf(parcel);
  return {
    units: was.units + unitsOf(parcel),
    taint: was.taint + taint,
    touched: was.touched || taint > 0n,
    out,
    in: null,
  };
};

export const lifo: Rule = {
  name: 'lifo',
  conserves: true,
  parcel: wholeLots,
  put: (was, parcel) => {
    let { out } = was;
    for (const lot of parcel) out = onto(out, lot);
    return holding(was, parcel, out);
  },
  older: (was, parcel) => {
    let oldest = turned(was.out);
    for (const lot of parcel) oldest = onto(oldest, lot);
    return holding(was, parcel, turned(oldest));
  },
  take: (was, units) => {
    let { out } = was;
    const parcel: Lot[] = [];
    for (let missing = units; missing > 0n;) {
      if (!out) throw new RangeError('lifo: more was taken than there is');
      const { lot, left } = cut(out, missing);
      parcel.push(lot);
      out = left;
      missing -= lot.units;
    }
    const rest = { ...was, units: was.units - units, taint: was.taint - taintOf(parcel), out };
    return { rest, parcel };
  },
};
