/** Routes about the house itself: for operators. */
import { z } from 'zod';
import { status } from '../status.ts';
import { reads, type Route } from './route.ts';

/** Its parts are as each room shows itself, so that a new one needs no new document. */
const StatusShown = z.looseObject({
  network: z.string(),
  exchange: z.string(),
  policy: z.string().meta({ description: 'The digest of the policy that custody holds.' }),
  at: z.int().meta({ description: 'ms of Unix time' }),
  scan: z.looseObject({ height: z.int(), target: z.int().nullable(), stopped: z.string().nullable() }),
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
    answer: async ({ house, scan }) => ({ status: 200, body: await status(house, scan) }),
  }),
];
