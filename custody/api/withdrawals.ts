/** Routes about withdrawals: asking for one, and what became of it. */
import { AssetName, Priority, Person, Units, WithdrawalBody, withdrawalPath } from '@kuramori/core';
import { z } from 'zod';
import { CustomerId } from '../customer.ts';
import { checkWithdrawal, quote, QuoteBody } from '../withdrawals/check.ts';
import { listWithdrawals, PaymentReason } from '../withdrawals/row.ts';
import { State } from '../withdrawals/states.ts';
import { brief, showWithdrawal } from '../withdrawals/view.ts';
import { answerPage, pageOf, pageQuery, Place } from './page.ts';
import { asks, decides, reads, type Route } from './route.ts';

const Time = z.int().meta({ description: 'ms of Unix time' });

/** A withdrawal as a list shows it. */
export const WithdrawalBrief = z.object({
  id: z.string(),
  reason: PaymentReason,
  state: State,
  waiting: z
    .string()
    .nullable()
    .meta({ description: 'What is waited for; null while there is something to do.' }),
  why: z.string().nullable().meta({ description: 'Why the last step was taken.' }),
  customer: z.string().nullable().meta({ description: 'null for a return or a sweep.' }),
  deposit: z.string().nullable().meta({ description: 'The deposit that a return pays back.' }),
  wallet: z.string(),
  asset: AssetName,
  amount: Units,
  feeCap: Units,
  fee: Units.nullable(),
  priority: Priority,
  transaction: z.string().nullable().meta({ description: 'The newest one that was planned for it.' }),
  chainHash: z.string().nullable().meta({
    description: 'The transaction that paid it, as block explorers know it; null until it is booked.',
  }),
  validUntil: z
    .int()
    .nullable()
    .meta({ description: 'Unix seconds: from then on the chain takes that transaction no more.' }),
  height: z.int().nullable(),
  requestedAt: Time,
  expiry: z.int().meta({ description: 'Unix seconds: no transaction for it is valid later.' }),
});

export const WithdrawalShown = WithdrawalBrief.extend({
  turn: z.object({ ahead: z.int(), turnAt: Time, confirmedAt: Time }).nullable().meta({
    description: 'Its place in the line, and when its turn should come; null where it waits for none.',
  }),
  approvals: z
    .object({
      intent: z.string().meta({ description: 'What people sign who approve it.' }),
      asked: z.array(
        z.object({
          by: z.string().meta({ description: '`rule`, or the name of the denial that they lift.' }),
          quorum: z.int(),
          people: z.array(Person),
          certain: z.boolean().meta({
            description: 'Whether it waits for them; the others are asked only where the signers say so.',
          }),
        }),
      ),
      given: z.array(Person),
    })
    .nullable()
    .meta({ description: 'null where the policy asks nobody.' }),
  plans: z.array(z.object({ number: z.int(), transaction: z.string() })).meta({
    description:
      'The oldest first. All but the newest are dead, or the newest can never confirm beside them.',
  }),
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

export const OneWithdrawal = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{64}$/, 'must be a withdrawal’s id: 64 hex digits'),
});

export const withdrawals: readonly Route[] = [
  decides({
    name: 'requestWithdrawal',
    path: withdrawalPath,
    what: 'Asks for a payment to a customer. The signed request itself is what co-signers and watchtowers judge.',
    role: 'withdraw',
    body: WithdrawalBody,
    answers: { status: 201, body: z.object({ id: z.string(), state: State }) },
    problems: {
      422: [
        'unknown-customer',
        'customer-held',
        'insufficient-funds',
        'over-payment-limit',
        'over-daily-limit',
        'not-allowlisted',
        'still-cooling',
      ],
      503: ['catching-up', 'withdrawals-stopped'],
    },
    check: ({ house, request }) => {
      const checked = checkWithdrawal(house, request);
      return checked.kind === 'refused' ? checked : { kind: 'sound', sound: checked.asked };
    },
    together: ({ house, sound }) => house.convoy.request({ house, asked: sound }),
  }),
  asks({
    name: 'quoteWithdrawal',
    path: `${withdrawalPath}/quote`,
    what: 'What a payment would cost now, with the same checks; nothing is held. A fee cap of `fees` is enough until then.',
    role: 'read',
    body: QuoteBody,
    answers: z.object({
      asset: AssetName,
      amount: Units,
      fees: Units,
      feeAsset: AssetName,
      total: Units,
      until: Time,
    }),
    problems: { 422: ['over-payment-limit'], 503: ['fees-unknown'] },
    answer: (body, { house }) => quote(house, body),
  }),
  reads({
    name: 'listWithdrawals',
    path: withdrawalPath,
    what: 'Withdrawals and returns, the newest first.',
    role: 'read',
    query: pageQuery({ state: State.optional(), customer: CustomerId.optional() }),
    answers: pageOf(WithdrawalBrief),
    answer: ({ house, query }) =>
      answerPage({
        name: 'withdrawals',
        query,
        key: Place,
        look: (before, limit) => listWithdrawals(house.pool, query, before, limit),
        keyOf: ({ arrival }) => arrival,
        show: brief,
      }),
  }),
  reads({
    name: 'showWithdrawal',
    path: `${withdrawalPath}/{id}`,
    what: 'A withdrawal, its whole history, when its turn comes, who signed, and what each node answered.',
    role: 'read',
    params: OneWithdrawal,
    answers: WithdrawalShown,
    problems: { 404: ['unknown-withdrawal'] },
    answer: ({ house, params }) => showWithdrawal(house, house.pool, params.id),
  }),
];
