/** FIFO: first in, first out. Clayton's case (1816); Anderson, Shumailov, Ahmed 2018 for coins. */
import { cut, onto, turned, wholeLots } from './lots.ts';
import { taintOf, unitsOf, type Holding, type Lot, type Rule } from './rule.ts';

export const fifo: Rule = {
  name: 'fifo',
  conserves: true,
  parcel: wholeLots,
  put: (holding, parcel) => {
    let newest = holding.in;
    for (const lot of parcel) newest = onto(newest, lot);
    const taint = taintOf(parcel);
    return {
      units: holding.units + unitsOf(parcel),
      taint: holding.taint + taint,
      touched: holding.touched || taint > 0n,
      out: holding.out,
      in: newest,
    };
  },
  older: (holding, parcel) => {
    let oldest = holding.out;
    for (const lot of parcel.toReversed()) oldest = onto(oldest, lot);
    const taint = taintOf(parcel);
    return {
      units: holding.units + unitsOf(parcel),
      taint: holding.taint + taint,
      touched: holding.touched || taint > 0n,
      out: oldest,
      in: holding.in,
    };
  },
  take: (holding, units) => {
    let { out, in: newest } = holding;
    const parcel: Lot[] = [];
    for (let missing = units; missing > 0n;) {
      if (!out) [out, newest] = [turned(newest), null];
      if (!out) throw new RangeError('fifo: more was taken than there is');
      const { lot, left } = cut(out, missing);
      parcel.push(lot);
      out = left;
      missing -= lot.units;
    }
    const rest: Holding = {
      units: holding.units - units,
      taint: holding.taint - taintOf(parcel),
      touched: holding.touched,
      out,
      in: newest,
    };
    return { rest, parcel };
  },
};
