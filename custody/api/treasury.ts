/** Routes about the treasury: how much is hot and may be, what is expected, what the vaults are asked for, and prices. */
import { Intent, SignedUnits, Units } from '@kuramori/core';
import { z } from 'zod';
import { forecast } from '../treasury/flow.ts';
import { keepPrices, PricesBody } from '../treasury/price.ts';
import { listRefills, refillAsked, RefillState, type Refill } from '../treasury/refill-row.ts';
import { standing, type Standing } from '../treasury/standing.ts';
import { decides, reads, type Route } from './route.ts';

const Time = z.int().meta({ description: 'ms of Unix time' });
const Bps = z
  .int()
  .nullable()
  .meta({ description: 'Hundredths of a percent; null for want of fresh prices.' });

export const RefillShown = z.object({
  id: z.string(),
  number: z.int(),
  cold: z.string().meta({ description: 'The cold wallet that shall send.' }),
  hot: z.string(),
  asset: z.string(),
  amount: Units,
  feeCap: Units,
  expiry: z.int().meta({ description: 'Unix seconds: from then on it is asked no more.' }),
  why: z.string(),
  askedAt: Time,
  state: RefillState,
  endedAt: Time.nullable(),
  endedBy: z.string().nullable().meta({ description: 'The transaction that brought it.' }),
  intent: Intent.meta({ description: 'What the vault signs, and nothing else.' }),
  digest: z.string().meta({ description: 'Of the intent: what people at the vault compare.' }),
});

const AssetShown = z.object({
  asset: z.string(),
  hot: SignedUnits,
  cold: SignedUnits,
  claims: SignedUnits.meta({ description: 'What customers are owed.' }),
  promised: Units.meta({ description: 'Of the hot coins, what accepted payments will take.' }),
  sweeping: Units.meta({ description: 'Of the hot coins, what is on its way to cold.' }),
  anHour: Units.meta({ description: 'What is expected to leave in an hour.' }),
  limit: Units.meta({ description: 'What may be hot.' }),
  by: z
    .enum(['need', 'share'])
    .meta({ description: 'Expected outflow × refill time, or the share of all by value.' }),
  forecast: z
    .array(
      z.object({
        from: Time,
        out: Units,
        in: Units,
        left: SignedUnits.meta({ description: 'Below zero, so much is missing.' }),
      }),
    )
    .meta({ description: 'The next 24 hours, from what the same hours of the last week brought.' }),
});

const TreasuryShown = z.object({
  at: Time,
  refillHours: z.number(),
  hotShare: z.object({
    most: z.int().meta({ description: 'The policy’s, in hundredths of a percent.' }),
    now: Bps,
    set: Bps.meta({ description: 'By the prices of the newest set moment.' }),
    moment: Time,
    stale: z.array(z.string()).meta({ description: 'Assets whose price is too old.' }),
    unset: z.array(z.string()).meta({ description: 'Assets that had no price at the set moment.' }),
  }),
  assets: z.array(AssetShown),
});

function shown({ asset, hot, cold, claims, promised, sweeping, anHour, limit, flow }: Standing, at: number) {
  const left = hot - promised - sweeping;
  return {
    asset,
    hot,
    cold,
    claims,
    promised,
    sweeping,
    anHour,
    limit: limit.units,
    by: limit.by,
    forecast: forecast(flow, left, at, 24),
  };
}

function shownRefill(refill: Refill) {
  const { hotAddress: _within, ...rest } = refill;
  return { ...rest, ...refillAsked(refill) };
}

export const treasury: readonly Route[] = [
  reads({
    name: 'showTreasury',
    path: '/v1/treasury',
    what: 'How much of each asset is hot and may be, and how it is expected to go on.',
    role: 'read',
    answers: TreasuryShown,
    answer: async ({ house }) => {
      const { at, shares, assets } = await standing(house);
      const { now, set, moment, stale, unset } = shares;
      return {
        status: 200,
        body: {
          at,
          refillHours: house.treasury.refillHours,
          hotShare: { most: house.policy.hotShareBps, now, set, moment, stale, unset },
          assets: assets.map((one) => shown(one, at)),
        },
      };
    },
  }),
  reads({
    name: 'listRefills',
    path: '/v1/refills',
    what: 'What the vaults were asked for, the newest first; at most the last hundred.',
    role: 'read',
    answers: z.object({ refills: z.array(RefillShown) }),
    answer: async ({ house }) => ({
      status: 200,
      body: { refills: (await listRefills(house.pool, 100)).map(shownRefill) },
    }),
  }),
  decides({
    name: 'tellPrices',
    path: '/v1/prices',
    what: 'Says what assets cost. It moves nothing: it can raise what may be hot as far as what is needed, never above it, and lower nothing.',
    role: 'prices',
    body: PricesBody,
    answers: { status: 200, body: z.object({ at: Time, kept: z.int() }) },
    problems: { 422: ['future-price'] },
    answer: (client, body, { house, request }) => keepPrices(client, body, request.keyId, house.clock.now()),
  }),
];
