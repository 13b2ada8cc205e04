/** Routes about deposits: what came, whose it is, and paying it back. */
import { ReturnBody, returnPath, Units } from '@kuramori/core';
import { z } from 'zod';
import { CustomerId } from '../customer.ts';
import { claim, ClaimBody, OwnFundsBody } from '../deposits/claim.ts';
import { DepositState, pageOfDeposits } from '../deposits/row.ts';
import { checkReturn, requestReturn } from '../withdrawals/return.ts';
import { State } from '../withdrawals/states.ts';
import { answerPage, pageOf, pageQuery, Place } from './page.ts';
import { decides, reads, type Route } from './route.ts';

export const DepositShown = z.object({
  id: z.string().meta({ description: '<transaction>:<index of the output>' }),
  transaction: z.string(),
  wallet: z.string(),
  sender: z.string(),
  asset: z.string(),
  units: Units,
  message: z.string().nullable().meta({ description: 'As text; null where it is none.' }),
  payload: z.string().meta({ description: 'The message’s bytes as hex.' }),
  height: z.int().meta({ description: 'The newest block that it was found in.' }),
  state: DepositState,
  customer: z.string().nullable(),
  why: z.string().nullable().meta({ description: 'Why it is held, or was.' }),
  orphaned: z
    .boolean()
    .meta({ description: 'Its block was taken off the chain, and whether it comes again is not known yet.' }),
  booking: z.int().meta({ description: 'How often it was booked again after its block was gone.' }),
  at: z.int().meta({ description: 'When it was first booked, ms of Unix time.' }),
});

const Claimed = z.object({
  deposit: z.string(),
  state: DepositState,
  customer: CustomerId.nullable(),
  asset: z.string(),
  units: Units,
});

export const deposits: readonly Route[] = [
  reads({
    name: 'listDeposits',
    path: '/v1/deposits',
    what: 'Deposits, the newest first.',
    role: 'read',
    query: pageQuery({ state: DepositState.optional(), customer: CustomerId.optional() }),
    answers: pageOf(DepositShown),
    answer: ({ house, query }) =>
      answerPage({
        name: 'deposits',
        query,
        key: Place,
        look: (before, limit) => {
          const { state, customer } = query;
          return pageOfDeposits(house.pool, { state, customer, limit, before: before ?? undefined });
        },
        keyOf: ({ seq }) => seq,
        show: ({ seq: _seq, ...shown }) => shown,
      }),
  }),
  decides({
    name: 'claimDeposit',
    path: '/v1/deposits/claims',
    what: 'Says whose a held deposit is, and why.',
    role: 'deposit',
    body: ClaimBody,
    answers: { status: 200, body: Claimed },
    problems: { 404: ['unknown-deposit'], 422: ['not-held', 'unknown-customer'] },
    answer: (client, body, { house, request }) => claim(house, client, request, body),
  }),
  decides({
    name: 'claimOwnFunds',
    path: '/v1/house/own-funds',
    what: 'Says that a held deposit is the house’s own: funds that it brought in itself.',
    role: 'treasury',
    body: OwnFundsBody,
    answers: { status: 200, body: Claimed },
    problems: { 404: ['unknown-deposit'], 422: ['not-held'] },
    answer: (client, { deposit }, { house, request }) =>
      claim(house, client, request, { deposit, customer: null, why: 'brought in by the house itself' }),
  }),
  decides({
    name: 'requestReturn',
    path: returnPath,
    what: 'Pays a held deposit back to its sender, less the network’s fees. From then on it is a withdrawal like any other.',
    role: 'treasury',
    body: ReturnBody,
    answers: { status: 201, body: z.object({ id: z.string(), state: State }) },
    problems: {
      404: ['unknown-deposit'],
      422: ['not-held', 'not-its-sender', 'not-all-of-it', 'wrong-attempt', 'over-payment-limit', 'orphaned'],
      503: ['catching-up', 'withdrawals-stopped'],
    },
    check: ({ house, request }) => {
      const checked = checkReturn(house, request);
      return checked.kind === 'refused' ? checked : { kind: 'sound', sound: checked.asked };
    },
    answer: (client, body, { house, sound }) => requestReturn(house, client, sound, body),
  }),
];
