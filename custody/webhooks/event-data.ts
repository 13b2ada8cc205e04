/** What is told of a change, by the kind of thing that changed. The triggers in 0004-events.sql write it; here is its form. */
import { Units } from '@kuramori/core';
import { z } from 'zod';
import { DepositState } from '../deposits/row.ts';
import { Severity } from '../notice.ts';
import { RefillState } from '../treasury/refill-row.ts';
import { ServiceState } from '../services/row.ts';
import { ServiceName } from '../services/runbook.ts';
import { PaymentReason } from '../withdrawals/row.ts';
import { State as WithdrawalState } from '../withdrawals/states.ts';

/** `state` is the new one; the event's type is `<kind>.<state>`, and its object `<kind>:<id>`. */
export const eventData = {
  withdrawal: z.object({
    id: z.string(),
    reason: PaymentReason,
    state: WithdrawalState,
    why: z.string().nullable(),
    customer: z.string().nullable().meta({ description: 'null for a return or a sweep.' }),
    deposit: z.string().nullable().meta({ description: 'The deposit that a return pays back.' }),
    asset: z.string(),
    amount: Units,
    fee: Units.nullable(),
    transaction: z.string().nullable(),
    height: z.int().nullable(),
  }),
  deposit: z.object({
    id: z.string(),
    state: DepositState,
    why: z.string().nullable(),
    customer: z.string().nullable(),
    asset: z.string(),
    units: Units,
    transaction: z.string(),
    wallet: z.string(),
    height: z.int(),
  }),
  customer: z.object({
    id: z.string(),
    state: z
      .enum(['held', 'free'])
      .meta({ description: 'held: nothing leaves for them until somebody has looked.' }),
    why: z.string().nullable(),
  }),
  refill: z.object({
    id: z.string(),
    number: z.int(),
    state: RefillState,
    why: z.string(),
    transaction: z.string().nullable().meta({ description: 'Which brought it.' }),
    cold: z.string().meta({ description: 'The cold wallet that shall send.' }),
    hot: z.string(),
    asset: z.string(),
    amount: Units,
  }),
  service: z.object({
    id: z.string().meta({ description: '<asset>:<service>' }),
    state: ServiceState.meta({
      description: 'stopped: the exchange stops it at once. docs/runbook.md says what that is.',
    }),
    asset: z.string(),
    service: ServiceName,
    why: z.string().nullable().meta({ description: 'Why it is stopped; or who opened it, and why.' }),
    stop: z.int().nullable().meta({ description: 'Which stop it is: the same for its three services.' }),
  }),
  notice: z.object({
    id: z.string(),
    state: Severity.meta({ description: 'grave: somebody must act now.' }),
    key: z.string(),
    what: z.string(),
  }),
} as const;
export type EventKind = keyof typeof eventData;

function eventOf<K extends EventKind>(kind: K) {
  return z.object({
    number: z
      .int()
      .meta({ description: 'Its place among all events: without gaps, and the same at each delivery.' }),
    kind: z.literal(kind),
    type: z.string().meta({ description: '<kind>.<state>, as `withdrawal.settled`.' }),
    object: z.string().meta({ description: 'What it is about: <kind>:<id>. Its events come in order.' }),
    timestamp: z.iso.datetime().meta({ description: 'When it happened.' }),
    data: eventData[kind],
  });
}

/** An event as it is told, by a webhook and in the feed. */
export const Event = z.discriminatedUnion('kind', [
  eventOf('withdrawal'),
  eventOf('deposit'),
  eventOf('customer'),
  eventOf('refill'),
  eventOf('service'),
  eventOf('notice'),
]);
