/** Routes about withdrawals: asking for one, and what became of it. */
import { AssetName, Units, WithdrawalBody, withdrawalPath } from '@kuramori/core';
import { z } from 'zod';
import { CustomerId } from '../customer.ts';
import { checkWithdrawal } from '../withdrawal-check.ts';
import { listWithdrawals, WithdrawalPlace } from '../withdrawal-row.ts';
import { State } from '../withdrawal-states.ts';
import { brief, showWithdrawal } from '../withdrawal-view.ts';
import { request as requestWithdrawal } from '../withdrawal.ts';
import { answerPage, pageOf, pageQuery } from './page.ts';
import { decides, reads, type Route } from './route.ts';

const Time = z.int().meta({ description: 'ms of Unix time' });

/** A withdrawal as a list shows it. */
export const WithdrawalBrief = z.object({
  id: z.string(),
  state: State,
  waiting: z
    .string()
    .nullable()
    .meta({ description: 'What is waited for; null while there is something to do.' }),
  why: z.string().nullable().meta({ description: 'Why the last step was taken.' }),
  customer: z.string(),
  wallet: z.string(),
  asset: AssetName,
  amount: Units,
  feeCap: Units,
  fee: Units.nullable(),
  transaction: z.string().nullable(),
  validUntil: z
    .int()
    .nullable()
    .meta({ description: 'Unix seconds: from then on the chain takes it no more.' }),
  height: z.int().nullable(),
  requestedAt: Time,
});

export const WithdrawalShown = WithdrawalBrief.extend({
  history: z.array(z.object({ state: State, why: z.string().nullable(), at: Time })),
  signers: z.array(z.object({ signer: z.string(), record: z.string() })),
  announcements: z.array(
    z.object({
      part: z.int(),
      node: z.string(),
      tries: z.int(),
      at: Time,
      code: z.int().nullable().meta({ description: 'The node’s answer; null where it gave none.' }),
      message: z.string(),
    }),
  ),
});

export const withdrawals: readonly Route[] = [
  decides({
    name: 'requestWithdrawal',
    path: withdrawalPath,
    what: 'Asks for a payment to a customer. The signed request itself is what co-signers and watchtowers judge.',
    role: 'withdraw',
    body: WithdrawalBody,
    answers: { status: 201, body: z.object({ id: z.string(), state: State }) },
    problems: { 422: ['unknown-customer', 'insufficient-funds'] },
    check: ({ house, request }) => {
      const checked = checkWithdrawal(house, request);
      return checked.kind === 'refused' ? checked : { kind: 'sound', sound: checked };
    },
    answer: (client, _body, { house, request, sound }) =>
      requestWithdrawal(house, client, request, sound.intent, sound.customer),
  }),
  reads({
    name: 'listWithdrawals',
    path: withdrawalPath,
    what: 'Withdrawals, the newest first.',
    role: 'read',
    query: pageQuery({ state: State.optional(), customer: CustomerId.optional() }),
    answers: pageOf(WithdrawalBrief),
    answer: ({ house, query }) =>
      answerPage({
        name: 'withdrawals',
        query,
        key: WithdrawalPlace,
        look: async (after, limit) => (await listWithdrawals(house.pool, query, after, limit)).map(brief),
        keyOf: ({ requestedAt, id }): z.output<typeof WithdrawalPlace> => [requestedAt, id],
      }),
  }),
  reads({
    name: 'showWithdrawal',
    path: `${withdrawalPath}/{id}`,
    what: 'A withdrawal, its whole history, who signed, and what each node answered.',
    role: 'read',
    params: z.strictObject({
      id: z.string().regex(/^[0-9a-f]{64}$/, 'must be a withdrawal’s id: 64 hex digits'),
    }),
    answers: WithdrawalShown,
    problems: { 404: ['unknown-withdrawal'] },
    answer: ({ house, params }) => showWithdrawal(house.pool, params.id),
  }),
];
