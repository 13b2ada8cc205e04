/** Routes about customers: opening one, and what each has. */
import { AssetName, Units } from '@kuramori/core';
import { customerBalances } from '@kuramori/ledger';
import { z } from 'zod';
import { CustomerBody, CustomerId, findCustomer } from '../customer.ts';
import { openDeposits } from '../deposit.ts';
import { problem } from '../problem.ts';
import { decides, reads, type Route } from './route.ts';

export const customers: readonly Route[] = [
  decides({
    name: 'openCustomer',
    path: '/v1/customers',
    what: 'Makes a customer known, and says where their coins shall go. The same answer at each call.',
    role: 'deposit',
    body: CustomerBody,
    answers: {
      status: 201,
      body: z.object({
        customer: CustomerId,
        asset: AssetName,
        address: z.string(),
        message: z.string().meta({ description: 'What a deposit must carry to be this customer’s.' }),
      }),
    },
    answer: (client, body, { house }) => openDeposits(house, client, body),
  }),
  reads({
    name: 'showBalances',
    path: '/v1/customers/{customer}/balances',
    what: 'What a customer has of each asset; no entry where nothing was ever booked.',
    role: 'read',
    params: z.strictObject({ customer: CustomerId }),
    answers: z.object({
      customer: CustomerId,
      balances: z.array(
        z.object({
          asset: AssetName,
          balance: Units,
          held: Units.meta({ description: 'The part that pending withdrawals hold.' }),
          available: Units,
        }),
      ),
    }),
    problems: { 404: ['unknown-customer'] },
    answer: async ({ house, params: { customer } }) => {
      if ((await findCustomer(house.pool, customer)) === undefined) {
        const detail = `customer: none is called ${customer}`;
        return problem({ status: 404, code: 'unknown-customer', field: 'customer', detail });
      }
      return { status: 200, body: { customer, balances: await customerBalances(house.pool, customer) } };
    },
  }),
];
