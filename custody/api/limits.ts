/** Routes about where a customer may be paid, and how much: allowlists, limits, tiers. */
import { AssetName, Units } from '@kuramori/core';
import { z } from 'zod';
import {
  AddDestination,
  addDestination,
  AllowlistMode,
  RemoveDestination,
  removeDestination,
  setAllowlist,
  showAllowlist,
} from '../withdrawals/allowlist.ts';
import { CustomerId } from '../customer.ts';
import { Tier } from '../rules.ts';
import { LimitBody, setLimit, setTier, showLimits, TierBody } from '../withdrawals/limits.ts';
import { OneCustomer } from './customers.ts';
import { decides, reads, type Route } from './route.ts';

const Time = z.int().meta({ description: 'ms of Unix time' });

export const Allowlist = z.object({
  customer: CustomerId,
  mode: z.enum(['on', 'off']).meta({ description: 'on: paid to nothing but these.' }),
  offAt: Time.nullable().meta({ description: 'When it ends, where it was turned off; ms of Unix time.' }),
  destinations: z.array(
    z.object({ address: z.string(), memo: z.string(), label: z.string(), addedAt: Time, usableAt: Time }),
  ),
});

export const limits: readonly Route[] = [
  reads({
    name: 'showAllowlist',
    path: '/v1/customers/{customer}/allowlist',
    what: 'Where a customer may be paid, and from when.',
    role: 'read',
    params: OneCustomer,
    answers: Allowlist,
    answer: ({ house, params: { customer } }) => showAllowlist(house, house.pool, customer),
  }),
  decides({
    name: 'addDestination',
    path: '/v1/allowlist/destinations',
    what: 'Adds an address to a customer’s list; it can be used after the cooling time.',
    role: 'withdraw',
    body: AddDestination,
    answers: { status: 200, body: Allowlist },
    problems: { 404: ['unknown-customer'] },
    answer: (client, body, { house }) => addDestination(house, client, body),
  }),
  decides({
    name: 'removeDestination',
    path: '/v1/allowlist/destinations/remove',
    what: 'Takes an address off a customer’s list, at once.',
    role: 'withdraw',
    body: RemoveDestination,
    answers: { status: 200, body: Allowlist },
    problems: { 422: ['not-listed'] },
    answer: (client, body, { house }) => removeDestination(house, client, body),
  }),
  decides({
    name: 'setAllowlist',
    path: '/v1/allowlist/mode',
    what: 'Turns a customer’s allowlist on, at once, or off, after the cooling time.',
    role: 'withdraw',
    body: AllowlistMode,
    answers: { status: 200, body: Allowlist },
    problems: { 404: ['unknown-customer'] },
    answer: (client, body, { house }) => setAllowlist(house, client, body),
  }),
  reads({
    name: 'showLimits',
    path: '/v1/customers/{customer}/limits',
    what: 'What may leave for a customer in 24 hours, now and from when on otherwise.',
    role: 'read',
    params: OneCustomer,
    answers: z.object({
      customer: CustomerId,
      tier: Tier,
      limits: z.array(
        z.object({ asset: AssetName, perDay: Units.nullable(), by: z.enum(['tier', 'customer']) }),
      ),
      coming: z.array(
        z.object({
          scope: z.enum(['tier', 'customer']),
          asset: AssetName,
          perDay: Units.nullable(),
          from: Time,
        }),
      ),
    }),
    problems: { 404: ['unknown-customer'] },
    answer: ({ house, params: { customer } }) => showLimits(house, house.pool, customer),
  }),
  decides({
    name: 'setLimit',
    path: '/v1/limits',
    what: 'Sets what may leave in 24 hours for a customer or a tier: lower at once, higher after the cooling time.',
    role: 'treasury',
    body: LimitBody,
    answers: {
      status: 200,
      body: z.object({
        scope: z.enum(['customer', 'tier']),
        name: z.string(),
        asset: AssetName,
        perDay: Units.nullable(),
        from: Time,
      }),
    },
    problems: { 404: ['unknown-customer'] },
    answer: (client, body, { house }) => setLimit(house, client, body),
  }),
  decides({
    name: 'setTier',
    path: '/v1/tiers',
    what: 'Puts a customer into a tier: into a lower one at once, into a higher one after the cooling time.',
    role: 'treasury',
    body: TierBody,
    answers: { status: 200, body: z.object({ customer: CustomerId, tier: Tier, from: Time }) },
    problems: { 404: ['unknown-customer'] },
    answer: (client, body, { house }) => setTier(house, client, body),
  }),
];
