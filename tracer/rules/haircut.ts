/** Haircut (Möser, Böhme, Breuker 2014): each spend carries the holding's share of taint. The fraction of a unit that the floor cuts off stays where it was. */
import { byAmount } from './amounts.ts';

export const haircut = byAmount('haircut', ({ units: all, taint }, units) =>
  all === 0n ? 0n : (taint * units) / all,
);
