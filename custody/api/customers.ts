/** Routes about customers: opening one, what each has, and letting one go that was held. */
import { AssetName, SignedVoucher, Units } from '@kuramori/core';
import { customerBalances } from '@kuramori/ledger';
import { z } from 'zod';
import { CustomerId, findCustomer, LiftBody, liftHold } from '../customer.ts';
import { openDeposits, PlaceBody, vouched } from '../deposits/place.ts';
import { problem } from './problem.ts';
import { decides, reads, type Route } from './route.ts';

export const OneCustomer = z.strictObject({ customer: CustomerId });

export const customers: readonly Route[] = [
  decides({
    name: 'openCustomer',
    path: '/v1/customers',
    what: 'Makes a customer known, and says where their coins shall go. The same place at each call, with fresh vouchers: show it only where `vouchedDeposit` of the client takes it.',
    role: 'deposit',
    body: PlaceBody,
    answers: {
      status: 201,
      body: z.object({
        customer: CustomerId,
        asset: AssetName,
        address: z.string(),
        message: z.string().meta({
          description: 'What a deposit must carry to be this customer’s; empty where the address says it.',
        }),
        number: z.int(),
        vouchers: z.array(SignedVoucher).meta({ description: 'A quorum of watchtowers’ word for it.' }),
      }),
    },
    problems: { 503: ['not-vouched', 'deposits-stopped'] },
    answer: (client, body, { house }) => openDeposits(house, client, body),
    // Vouchers are fresh at each answer, also where the decision is an old one.
    finish: (reply, { house }) => vouched(house, reply),
  }),
  reads({
    name: 'showBalances',
    path: '/v1/customers/{customer}/balances',
    what: 'What a customer has of each asset; no entry where nothing was ever booked.',
    role: 'read',
    params: OneCustomer,
    answers: z.object({
      customer: CustomerId,
      held: z.string().nullable().meta({ description: 'Why nothing leaves for them; null where it may.' }),
      balances: z.array(
        z.object({
          asset: AssetName,
          balance: Units,
          held: Units.meta({ description: 'The part that pending withdrawals and orders hold.' }),
          available: Units,
        }),
      ),
    }),
    problems: { 404: ['unknown-customer'] },
    answer: async ({ house, params: { customer } }) => {
      const known = await findCustomer(house.pool, customer);
      if (known === undefined) {
        const detail = `customer: none is called ${customer}`;
        return problem({ status: 404, code: 'unknown-customer', field: 'customer', detail });
      }
      const balances = await customerBalances(house.pool, customer);
      return { status: 200, body: { customer, held: known.held_why, balances } };
    },
  }),
  decides({
    name: 'liftHold',
    path: '/v1/customers/lift',
    what: 'An operator has looked: withdrawals of a held customer go again.',
    role: 'treasury',
    body: LiftBody,
    answers: {
      status: 200,
      body: z.object({
        customer: CustomerId,
        lifted: z.string().meta({ description: 'Why they were held.' }),
      }),
    },
    problems: { 422: ['unknown-customer', 'not-held'] },
    answer: (client, body) => liftHold(client, body),
  }),
];
