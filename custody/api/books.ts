/** Routes of the matching engine: trades and reservations into the books, in batches; and every entry out of them. */
import { AssetName, Units } from '@kuramori/core';
import {
  balanceAsOf,
  holdOf,
  refusals,
  statement,
  tradeOf,
  voidOf,
  type Answer,
  type Operation,
} from '@kuramori/ledger';
import { z } from 'zod';
import { CustomerId, unknownCustomers } from '../customer.ts';
import type { House } from '../house.ts';
import { problem, type Reply } from './problem.ts';
import { OneCustomer } from './customers.ts';
import { answerPage, pageOf, pageQuery, Place } from './page.ts';
import { asks, reads, type Route } from './route.ts';

const Id = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits or _ . -')
  .meta({ description: 'Made by the exchange: the idempotency key of this one operation.' });

/** What somebody gets, or below 0 gives. */
const Change = z
  .string()
  .regex(/^-?[1-9][0-9]{0,77}$/, 'must be a whole number of smallest units other than 0, as a decimal string')
  .transform(BigInt)
  .meta({ type: 'string', description: 'Smallest units: what is got, below 0 what is given.' });

const Moment = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .meta({ type: 'string', format: 'date-time' });

const OperationBody = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('trade'),
    id: Id,
    /** All of it or nothing; of each asset as much is given as is got. */
    legs: z
      .array(
        z.strictObject({
          customer: CustomerId.nullable().meta({ description: 'null: the exchange’s own fee.' }),
          asset: AssetName,
          units: Change,
          hold: Id.optional().meta({ description: 'The reservation that it is given from.' }),
        }),
      )
      .min(2)
      .max(64),
    closes: z
      .boolean()
      .default(false)
      .meta({ description: 'What the reservations in it have left is free again.' }),
  }),
  z.strictObject({
    kind: z.literal('hold'),
    id: Id,
    customer: CustomerId,
    asset: AssetName,
    units: Units.refine((units) => units > 0n, 'must be more than 0'),
    expires: Moment.optional().meta({ description: 'When it ends by itself.' }),
  }),
  z.strictObject({
    kind: z.literal('release'),
    id: Id.meta({ description: 'The reservation’s.' }),
  }),
]);
type OperationBody = z.output<typeof OperationBody>;

const most = 500;
const Operations = z.strictObject({ operations: z.array(OperationBody).min(1).max(most) });

const Result = z.object({
  id: z.string(),
  status: z.int().meta({
    description:
      '201 done now, 200 done before, 409 another body under this id, 422 refused, 503 not decided: send it again later.',
  }),
  why: z.enum([...refusals, 'trading-stopped']).nullable(),
  detail: z.string().nullable(),
});

const Entry = z.object({
  version: z.int().meta({ description: '1, 2, 3 … without gaps: a missing one shows.' }),
  transfer: z.string(),
  kind: z.string(),
  about: z.string(),
  amount: z.string().meta({ description: 'Smallest units; below 0 what went.' }),
  balance: z.string().meta({ description: 'After this entry.' }),
  at: z.string(),
});

export const books: readonly Route[] = [
  asks({
    name: 'postOperations',
    path: '/v1/operations',
    what: `Posts up to ${most} trades and reservations. Each is decided by itself, in order, once for its id, and is on the disk when the answer comes.`,
    role: 'trade',
    body: Operations,
    answers: z.object({ results: z.array(Result) }),
    problems: { 422: ['unknown-customer'] },
    answer: ({ operations }, { house }) => postOperations(house, operations),
  }),
  reads({
    name: 'showStatement',
    path: '/v1/customers/{customer}/statements/{asset}',
    what: 'A customer’s entries, the oldest first, each with the balance after it.',
    role: 'read',
    params: OneCustomer.extend({ asset: AssetName }),
    query: pageQuery({
      from: Moment.optional().meta({ description: 'From this moment on.' }),
      to: Moment.optional().meta({ description: 'Before this moment.' }),
    }),
    answers: pageOf(Entry),
    answer: ({ house, params: { customer, asset }, query: { from, to, ...page } }) =>
      answerPage({
        name: `statement ${customer} ${asset} ${from?.getTime()} ${to?.getTime()}`,
        query: page,
        key: Place,
        look: async (after, limit) => {
          const account = { kind: 'customer', owner: customer, asset } as const;
          const period = { ...(from && { from }), ...(to && { to }), after: after ?? 0, limit };
          return (await statement(house.pool, account, period)).entries;
        },
        keyOf: ({ version }) => version,
        show: ({ amount, balance, at, asset: _asset, ...entry }) => ({
          ...entry,
          amount: `${amount}`,
          balance: `${balance}`,
          at: at.toISOString(),
        }),
      }),
  }),
  reads({
    name: 'showBalanceAsOf',
    path: '/v1/customers/{customer}/balances/{asset}',
    what: 'A customer’s balance just before a moment.',
    role: 'read',
    params: OneCustomer.extend({ asset: AssetName }),
    query: z.strictObject({ at: Moment }),
    answers: z.object({ customer: CustomerId, asset: AssetName, at: z.string(), balance: Units }),
    answer: async ({ house, params: { customer, asset }, query: { at } }) => ({
      status: 200,
      body: {
        customer,
        asset,
        at: at.toISOString(),
        balance: await balanceAsOf(house.pool, { kind: 'customer', owner: customer, asset }, at),
      },
    }),
  }),
];

/** Ids of the exchange have a room of their own in the ledger: none of them is ever a withdrawal's, or its hold's. */
function operationOf(exchange: string, body: OperationBody): Operation {
  const name = (id: string) => `${exchange}:${id}`;
  if (body.kind === 'release') return voidOf(name(body.id), 'released by the exchange');
  if (body.kind === 'hold') {
    const { id, customer, asset, units: amount, expires } = body;
    const of = { kind: 'customer', customer } as const;
    return holdOf({ id: name(id), of, asset, amount, feeCap: 0n, ...(expires && { expires }) });
  }
  const { id, legs, closes } = body;
  return tradeOf({
    id: name(id),
    about: name(id),
    closes,
    legs: legs.map(({ hold, ...leg }) => ({ ...leg, ...(hold !== undefined && { hold: name(hold) }) })),
  });
}

async function postOperations(house: House, operations: readonly OperationBody[]): Promise<Reply> {
  const named = operations.flatMap((one) => {
    if (one.kind === 'release') return [];
    return one.kind === 'hold' ? [one.customer] : one.legs.flatMap(({ customer }) => customer ?? []);
  });
  const [unknown] = await unknownCustomers(house.pool, named);
  if (unknown !== undefined) {
    const detail = `customer: none is called ${unknown}: POST /v1/customers first. Nothing was posted`;
    return problem({ status: 422, code: 'unknown-customer', field: 'customer', detail });
  }
  const flaw = operations.findIndex((one) => one.kind === 'trade' && !balances(one.legs));
  if (flaw >= 0) {
    const field = `operations.${flaw}.legs`;
    const detail = `${field}: of each asset as much must be given as is got, and nobody named twice in one. Nothing was posted`;
    return problem({ status: 400, code: 'malformed', field, detail });
  }
  const results = await Promise.all(
    operations.map(async (one) => {
      const stopped = refuseTrading(house, one);
      if (stopped) return { id: one.id, ...stopped };
      return { id: one.id, ...resultOf(await house.writer.post(operationOf(house.exchange.id, one))) };
    }),
  );
  return { status: 200, body: { results } };
}

/** While an asset is stopped nobody trades it, and nobody reserves it for a trade; what is reserved may be let go. */
function refuseTrading(
  { board }: House,
  one: OperationBody,
): Omit<z.output<typeof Result>, 'id'> | undefined {
  if (one.kind === 'release') return undefined;
  const assets = one.kind === 'hold' ? [one.asset] : one.legs.map(({ asset }) => asset);
  const asset = assets.find((each) => board.whyStopped(each, 'trading') !== null);
  if (asset === undefined) return undefined;
  return {
    status: 503,
    why: 'trading-stopped',
    detail: `trading of ${asset} is stopped: ${board.whyStopped(asset, 'trading')}. Send it again once it is open`,
  };
}

function balances(legs: Extract<OperationBody, { kind: 'trade' }>['legs']): boolean {
  const sums = new Map<string, bigint>();
  for (const { asset, units } of legs) sums.set(asset, (sums.get(asset) ?? 0n) + units);
  const names = new Set(legs.map(({ customer, asset }) => `${customer ?? ''} ${asset}`));
  return sums.values().every((sum) => sum === 0n) && names.size === legs.length;
}

function resultOf(answer: Answer): { status: number; why: string | null; detail: string | null } {
  if (answer.kind !== 'refused')
    return { status: answer.kind === 'posted' ? 201 : 200, why: null, detail: null };
  return { status: answer.why === 'other-body' ? 409 : 422, why: answer.why, detail: answer.detail };
}
