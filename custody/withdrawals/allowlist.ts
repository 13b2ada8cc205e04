/**
 * Allowlist: a customer in this mode is paid only to addresses that were added before, and cooled. Turning it on holds at
 * once, turning it off cools too: who has taken a customer's account gains nothing until the customer has had time to see it.
 */
import { Destination } from '@kuramori/core';
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { CustomerId, findCustomer } from '../customer.ts';
import type { House } from '../house.ts';
import { malformed, problem, unprocessable, type Reply } from '../api/problem.ts';
import { addressFlaw } from './check.ts';
import { integer } from './row.ts';

const Text = z
  .string()
  .max(100)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must be text, without U+0000');

export const AddDestination = z.strictObject({
  customer: CustomerId,
  destination: Destination,
  label: Text.default(''),
});
export const RemoveDestination = z.strictObject({ customer: CustomerId, destination: Destination });
export const AllowlistMode = z.strictObject({ customer: CustomerId, mode: z.enum(['on', 'off']) });

const Listed = z.object({
  address: z.string(),
  memo: z.string(),
  label: z.string(),
  added_at: integer,
  usable_at: integer,
});

function coolingMs({ rules }: Pick<House, 'rules'>): number {
  return rules.coolingHours * 3_600_000;
}

/** Added, and usable after the cooling time. Added again it is as it was. */
export async function addDestination(
  house: House,
  client: Client,
  { customer, destination: { address, memo }, label }: z.output<typeof AddDestination>,
): Promise<Reply> {
  const flaws = house.branches.map((branch) => ({ branch, why: addressFlaw(branch, address) }));
  if (flaws.every(({ why }) => why !== null)) {
    const [only] = flaws;
    const why = flaws.map((one) => `${one.branch.hot.chain}: ${one.why}`).join('; ');
    return malformed('destination.address', flaws.length > 1 ? why : String(only?.why));
  }
  if (memo.includes('\0')) return malformed('destination.memo', 'must be text, without U+0000');
  if ((await findCustomer(client, customer)) === undefined) return unknownCustomer(customer);
  const now = house.clock.now();
  await client.query(
    `insert into custody.destination (customer, address, memo, label, added_at, usable_at)
       values ($1, $2, $3, $4, $5, $6) on conflict (customer, address, memo) where removed_at is null do nothing`,
    [customer, address, memo, label, now, now + coolingMs(house)],
  );
  return showAllowlist(house, client, customer);
}

/** Removed at once. */
export async function removeDestination(
  house: House,
  client: Client,
  { customer, destination: { address, memo } }: z.output<typeof RemoveDestination>,
): Promise<Reply> {
  const removed = await client.query(
    `update custody.destination set removed_at = $4
       where customer = $1 and address = $2 and memo = $3 and removed_at is null`,
    [customer, address, memo, house.clock.now()],
  );
  if (removed.rowCount !== 1)
    return unprocessable('not-listed', 'destination', 'is not on this customer’s list, with this memo');
  return showAllowlist(house, client, customer);
}

export async function setAllowlist(
  house: House,
  client: Client,
  { customer, mode }: z.output<typeof AllowlistMode>,
): Promise<Reply> {
  if ((await findCustomer(client, customer)) === undefined) return unknownCustomer(customer);
  if (mode === 'on') {
    await client.query(
      `insert into custody.allowlist (customer, off_at) values ($1, null)
         on conflict (customer) do update set off_at = null`,
      [customer],
    );
  } else {
    // Off twice does not cool twice.
    await client.query(
      'update custody.allowlist set off_at = $2 where customer = $1 and (off_at is null or off_at > $2)',
      [customer, house.clock.now() + coolingMs(house)],
    );
  }
  return showAllowlist(house, client, customer);
}

interface Mode {
  readonly on: boolean;
  readonly offAt: number | null;
}

async function modeOf(house: House, client: Client, customer: string): Promise<Mode> {
  const [found] = await rows(
    client,
    z.object({ off_at: integer.nullable() }),
    'select off_at from custody.allowlist where customer = $1',
    [customer],
  );
  const offAt = found?.off_at ?? null;
  return { on: found !== undefined && (offAt === null || offAt > house.clock.now()), offAt };
}

export async function showAllowlist(house: House, client: Client, customer: string): Promise<Reply> {
  const { on, offAt } = await modeOf(house, client, customer);
  const listed = await rows(
    client,
    Listed,
    `select address, memo, label, added_at, usable_at from custody.destination
       where customer = $1 and removed_at is null order by number`,
    [customer],
  );
  const destinations = listed.map(({ address, memo, label, added_at: addedAt, usable_at: usableAt }) => ({
    address,
    memo,
    label,
    addedAt,
    usableAt,
  }));
  return { status: 200, body: { customer, mode: on ? 'on' : 'off', offAt: on ? offAt : null, destinations } };
}

/** Why this customer may not be paid there; undefined where they may. */
export async function judgeAllowlist(
  house: House,
  client: Client,
  customer: string,
  { address, memo }: z.infer<typeof Destination>,
): Promise<Reply | undefined> {
  if (!(await modeOf(house, client, customer)).on) return undefined;
  const [found] = await rows(
    client,
    z.object({ usable_at: integer }),
    `select usable_at from custody.destination
       where customer = $1 and address = $2 and memo = $3 and removed_at is null`,
    [customer, address, memo],
  );
  if (!found)
    return unprocessable(
      'not-allowlisted',
      'destination',
      'is not on this customer’s allowlist, with this memo',
    );
  if (found.usable_at <= house.clock.now()) return undefined;
  return unprocessable(
    'still-cooling',
    'destination',
    `was added lately, and can be used from ${found.usable_at} on (milliseconds of Unix time)`,
  );
}

function unknownCustomer(customer: string): Reply {
  const detail = `customer: none is called ${customer}`;
  return problem({ status: 404, code: 'unknown-customer', field: 'customer', detail });
}
