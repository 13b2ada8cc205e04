/** Routes about events: reading them, and having a webhook told again. */
import { z } from 'zod';
import { Event } from '../webhooks/event-data.ts';
import { problem, type Reply } from './problem.ts';
import { DeliveryState, listDeliveries, longestReplay, replay } from '../webhooks/delivery.ts';
import { eventsAfter, toldOf } from '../webhooks/feed.ts';
import { answerPage, pageOf, pageQuery, Place } from './page.ts';
import { decides, reads, type Here, type Route } from './route.ts';

const WebhookId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be a webhook’s id, as the configuration names it');

export const DeliveryShown = z.object({
  event: z.int(),
  object: z.string(),
  state: DeliveryState.meta({
    description:
      'parked: given up after three days, or behind such a one: nothing is sent until it is replayed.',
  }),
  tries: z.int(),
  nextAt: z.int().meta({ description: 'ms of Unix time' }),
  answer: z.string().nullable().meta({ description: 'What the newest attempt came to.' }),
});

export const events: readonly Route[] = [
  reads({
    name: 'listEvents',
    path: '/v1/events',
    what: 'Events in their order, the oldest first. There is always a next cursor: ask again with it for what comes later.',
    role: 'read',
    query: pageQuery({}),
    answers: pageOf(Event),
    answer: ({ house, query }) =>
      answerPage({
        name: 'events',
        query,
        grows: true,
        key: Place,
        look: (after, limit) => eventsAfter(house.pool, after ?? 0, limit),
        keyOf: (event) => event.number,
        show: toldOf,
      }),
  }),
  reads({
    name: 'listDeliveries',
    path: '/v1/webhooks/{webhook}/deliveries',
    what: 'What was sent to a webhook, what waits, and what was given up; the oldest event first.',
    role: 'read',
    params: z.strictObject({ webhook: WebhookId }),
    query: pageQuery({ state: DeliveryState.optional() }),
    answers: pageOf(DeliveryShown),
    problems: { 404: ['unknown-webhook'] },
    answer: async ({ house, params: { webhook }, query }) =>
      unknown({ house }, webhook) ??
      answerPage({
        name: `deliveries ${webhook}`,
        query,
        key: Place,
        look: (after, limit) => listDeliveries(house.pool, webhook, query.state, after ?? 0, limit),
        keyOf: ({ event }) => event,
        show: ({ next_at: nextAt, ...delivery }) => ({ ...delivery, nextAt }),
      }),
  }),
  decides({
    name: 'replayEvents',
    path: '/v1/webhooks/{webhook}/replay',
    what: `Sends events again, with the ids that they had, in order; at most ${longestReplay} at once, the oldest first.`,
    role: 'webhooks',
    params: z.strictObject({ webhook: WebhookId }),
    body: z
      .strictObject({
        from: z.int().positive().meta({ description: 'The number of the first event.' }),
        to: z
          .int()
          .positive()
          .optional()
          .meta({ description: 'The number of the last one; if not given, all.' }),
      })
      .refine(({ from, to }) => to === undefined || to >= from, {
        path: ['to'],
        message: 'must not be below from',
      }),
    answers: {
      status: 200,
      body: z.object({
        count: z.int(),
        from: z.int().nullable(),
        to: z.int().nullable(),
        heldBack: z.int().meta({
          description:
            'How many stay parked, since an earlier event of their object is parked and was not replayed.',
        }),
      }),
    },
    problems: { 404: ['unknown-webhook'] },
    answer: async (client, { from, to }, { house, params: { webhook } }) =>
      unknown({ house }, webhook) ?? {
        status: 200,
        body: await replay(client, webhook, from, to, house.clock.now()),
      },
  }),
];

function unknown({ house }: Pick<Here, 'house'>, webhook: string): Reply | undefined {
  if (house.webhooks.some(({ id }) => id === webhook)) return undefined;
  const detail = `webhook: the configuration names none that is called ${webhook}`;
  return problem({ status: 404, code: 'unknown-webhook', field: 'webhook', detail });
}
