/** Routes about the house itself: for operators. */
import { z } from 'zod';
import { status } from '../status.ts';
import { acknowledge, AcknowledgeBody } from '../notice.ts';
import { decides, reads, type Route } from './route.ts';

/** Its parts are as each room shows itself, so that a new one needs no new document. */
const StatusShown = z.looseObject({
  network: z.string(),
  exchange: z.string(),
  policy: z.string().meta({ description: 'The digest of the policy that custody holds.' }),
  at: z.int().meta({ description: 'ms of Unix time' }),
  chains: z.record(
    z.string(),
    z.looseObject({
      confirmations: z.int(),
      scan: z.looseObject({ height: z.int(), target: z.int().nullable(), stopped: z.string().nullable() }),
    }),
  ),
  webhooks: z.array(
    z.object({ webhook: z.string(), due: z.int(), parked: z.int(), oldest: z.int().nullable() }),
  ),
});

export const houseRoutes: readonly Route[] = [
  reads({
    name: 'showStatus',
    path: '/v1/status',
    what: 'The whole house at a glance. What is silent is shown as silent.',
    role: 'read',
    answers: StatusShown,
    answer: async ({ house, scans }) => ({ status: 200, body: await status(house, scans) }),
  }),
  decides({
    name: 'acknowledgeNotice',
    path: '/v1/notices/acknowledge',
    what: 'An operator says that they know of a notice in the status, and what they do about it.',
    role: 'treasury',
    body: AcknowledgeBody,
    answers: { status: 200, body: z.object({ notice: z.int(), acknowledged: z.literal(true) }) },
    problems: { 404: ['unknown-notice'] },
    answer: (client, body, { house, request }) => acknowledge(client, request.keyId, body, house.clock.now()),
  }),
];
