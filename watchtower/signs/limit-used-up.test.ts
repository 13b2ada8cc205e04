/** Whoever has the exchange's key takes what a day's limit leaves, each payment like any other. */
import { expect, it } from 'vitest';
import { countPayment, XEM, type Outflows } from '@kuramori/core';
import { hour, now, policy, xem } from '../../core/testing/house.ts';
import { limitUsed } from './limit-used.ts';
import { Signs } from './thresholds.ts';

/** The rule lets 3,000 XEM leave within 24 h. */
function seen(...payments: readonly { readonly units: string; readonly hoursAgo: number }[]) {
  const outflows: Outflows = new Map();
  for (const [index, { units, hoursAgo }] of payments.entries())
    countPayment(outflows, {
      intent: String(index),
      at: now - hoursAgo * hour,
      wallet: 'hot',
      asset: XEM,
      destination: `D${index}`,
      units: xem(units),
    });
  return limitUsed({ outflows, now }, policy.rules, Signs.parse({}).limitUsed);
}

it('is told at four fifths of it, and not a unit before', () => {
  expect(seen({ units: '1200', hoursAgo: 5 }, { units: '1199.999999', hoursAgo: 1 })).toEqual([]);
  expect(seen({ units: '1200', hoursAgo: 5 }, { units: '1200', hoursAgo: 1 })).toMatchObject([
    { key: `hot ${XEM}`, fields: { left: xem('2400'), limit: xem('3000'), bps: 8_000 } },
  ]);
});

it('what left before the hours of the limit does not count', () => {
  expect(seen({ units: '2900', hoursAgo: 24 }, { units: '10', hoursAgo: 1 })).toEqual([]);
  expect(seen()).toEqual([]);
});
