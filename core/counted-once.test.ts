/** However payments are planned anew and whatever their times: a window holds what it holds, counted the long way. */
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import { XEM } from './index.ts';
import {
  allPayments,
  countAfter,
  countPayment,
  isKnown,
  leftAfter,
  outflowOf,
  sentTo,
  type Outflow,
  type PastPayment,
} from './outflow.ts';

const step = record({
  intent: integer({ min: 0, max: 12 }),
  wallet: constantFrom('hot', 'other'),
  destination: constantFrom('ALICE', 'BOB', 'CAROL'),
  units: integer({ min: 0, max: 1_000 }),
  /** Several journals together turn back. */
  later: integer({ min: -4, max: 5 }),
});

it('sums over windows, destinations and intents are those of the whole list', () => {
  assert(
    property(array(step, { maxLength: 60 }), (steps) => {
      const outflows = new Map<string, Outflow>();
      let naive: PastPayment[] = [];
      let at = 0;
      for (const { intent, wallet, destination, units, later } of steps) {
        at += later;
        // One intent is always of one wallet: its digest says so.
        const name = `${wallet} ${intent}`;
        const payment = { intent: name, at, wallet, asset: XEM, destination, units: BigInt(units) };
        naive = [...naive.filter((one) => one.intent !== name), payment].toSorted((a, b) => a.at - b.at);
        countPayment(outflows, payment);
        for (const of of ['hot', 'other']) {
          const mine = naive.filter((one) => one.wallet === of);
          const past = outflowOf(outflows, { wallet: of, asset: XEM });
          for (const but of [['hot 0'], ['other 3'], [name], ['hot 0', 'hot 1', 'other 3']].map(
            (one) => new Set(one),
          ))
            for (const moment of [-1, 0, at - 3, at - 1, at, at + 1]) {
              const others = mine.filter((one) => !but.has(one.intent));
              const after = others.filter((one) => one.at > moment);
              expect(leftAfter(past, moment, but)).toBe(after.reduce((sum, one) => sum + one.units, 0n));
              expect(countAfter(past, moment, but)).toBe(after.length);
              const toIt = others.filter((one) => one.destination === destination);
              expect(isKnown(past, destination, moment, but)).toBe(toIt.some((one) => one.at <= moment));
              expect(sentTo(past, destination, but)).toEqual(toIt);
            }
        }
      }
      expect(allPayments(outflows)).toHaveLength(naive.length);
    }),
    { numRuns: 200 },
  );
});
