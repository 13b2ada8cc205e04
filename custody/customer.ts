/** Customer: known by the exchange's own id, and held where something must be looked at before more coins leave. */
import { CustomerName } from '@kuramori/core';
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { unprocessable, type Reply } from './api/problem.ts';

export const CustomerId = CustomerName;
export const CustomerBody = z.strictObject({ customer: CustomerId });

export const Customer = z.object({ id: CustomerId, held_why: z.string().nullable() });
export type Customer = z.infer<typeof Customer>;

/** Known from the first call on. */
export async function openCustomer(client: Client, customer: string, now: number): Promise<void> {
  await client.query('insert into custody.customer (id, at) values ($1, $2) on conflict do nothing', [
    customer,
    now,
  ]);
}

/** Which of these names nobody has. */
export async function unknownCustomers(client: Client, names: readonly string[]): Promise<readonly string[]> {
  const found = await rows(
    client,
    z.object({ name: z.string() }),
    'select name from unnest($1::text[]) name where not exists (select from custody.customer where id = name) limit 1',
    [[...new Set(names)]],
  );
  return found.map(({ name }) => name);
}

export async function findCustomer(client: Client, customer: string): Promise<Customer | undefined> {
  const [found] = await rows(client, Customer, 'select id, held_why from custody.customer where id = $1', [
    customer,
  ]);
  return found;
}

/** Nothing leaves for these customers any more. The first reason stays, unless it was only `passing`. */
export async function holdCustomers(
  client: Client,
  customers: readonly string[],
  why: string,
  passing: string,
): Promise<void> {
  await client.query(
    `update custody.customer set held_why = $2 where id = any($1) and (held_why is null or held_why = $3)`,
    [customers, why, passing],
  );
}

export const LiftBody = z.strictObject({ customer: CustomerId, why: z.string().min(1).max(500) });

/** An operator has looked: withdrawals go again. Says what the reason was, for the record of the request. */
export async function liftHold(client: Client, { customer }: z.infer<typeof LiftBody>): Promise<Reply> {
  const [found] = await rows(
    client,
    Customer,
    'select id, held_why from custody.customer where id = $1 for update',
    [customer],
  );
  if (!found) return unprocessable('unknown-customer', 'customer', 'is not known here');
  if (found.held_why === null) return unprocessable('not-held', 'customer', 'is not held');
  await client.query('update custody.customer set held_why = null where id = $1', [customer]);
  return { status: 200, body: { customer, lifted: found.held_why } };
}
