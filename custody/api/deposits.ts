/** Routes about deposits: what came, and whose it is. */
import { Units } from '@kuramori/core';
import { z } from 'zod';
import { CustomerId } from '../customer.ts';
import { ClaimBody, claimOwnFunds, DepositPlace, DepositState, listDeposits } from '../deposit.ts';
import { answerPage, pageOf, pageQuery } from './page.ts';
import { decides, reads, type Route } from './route.ts';

export const DepositShown = z.object({
  id: z.string().meta({ description: '<transaction>:<index of the movement>' }),
  transaction: z.string(),
  wallet: z.string(),
  sender: z.string(),
  asset: z.string(),
  units: Units,
  message: z.string().nullable().meta({ description: 'As text; null where it is none.' }),
  payload: z.string().meta({ description: 'The message’s bytes as hex.' }),
  height: z.int(),
  state: DepositState,
  customer: z.string().nullable(),
  why: z.string().nullable().meta({ description: 'Why it is held, or was.' }),
  at: z.int().meta({ description: 'When it was booked, ms of Unix time.' }),
});

export const deposits: readonly Route[] = [
  reads({
    name: 'listDeposits',
    path: '/v1/deposits',
    what: 'Deposits, the newest block first.',
    role: 'read',
    query: pageQuery({ state: DepositState.optional(), customer: CustomerId.optional() }),
    answers: pageOf(DepositShown),
    answer: ({ house, query }) =>
      answerPage({
        name: 'deposits',
        query,
        key: DepositPlace,
        look: (after, limit) => listDeposits(house.pool, query, after, limit),
        keyOf: ({ height, id }): z.output<typeof DepositPlace> => [height, id],
      }),
  }),
  decides({
    name: 'claimOwnFunds',
    path: '/v1/house/own-funds',
    what: 'Says that a held deposit is the house’s own: funds that it brought in itself.',
    role: 'treasury',
    body: ClaimBody,
    answers: {
      status: 200,
      body: z.object({
        deposit: z.string(),
        state: z.literal('own-funds'),
        asset: z.string(),
        units: Units,
      }),
    },
    problems: { 404: ['unknown-deposit'], 422: ['not-held'] },
    answer: (client, body, { house }) => claimOwnFunds(client, body, house.clock.now()),
  }),
];
