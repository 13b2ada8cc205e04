/** The route of the books' own statement: what watchtowers are sent, for whoever else wants to hold it against the chain. */
import { SignedTotals } from '@kuramori/core';
import { problem } from './problem.ts';
import { reads, type Route } from './route.ts';

export const totals: readonly Route[] = [
  reads({
    name: 'showTotals',
    path: '/v1/totals',
    what: 'The books’ sums at the newest booked block, signed by the key that the policy pins for the books.',
    role: 'read',
    answers: SignedTotals,
    problems: { 503: ['no-block-yet'] },
    answer: async ({ house }) => {
      const signed = await house.statements.state(house);
      if (signed) return { status: 200, body: signed };
      const detail = 'no block is booked yet, so the books stand for none: ask again in a minute';
      return problem({ status: 503, code: 'no-block-yet', field: null, detail });
    },
  }),
];
