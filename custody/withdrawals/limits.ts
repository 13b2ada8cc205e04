/** Limits: what may leave for one customer in 24 hours. By the customer's own limit, else by their tier's. */
import { AssetName, Units, type Intent } from '@kuramori/core';
import { row, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { CustomerId, findCustomer } from '../customer.ts';
import type { House } from '../house.ts';
import { problem, unprocessable, type Reply } from '../api/problem.ts';
import { Tier, usualTier } from '../rules.ts';
import { integer } from './row.ts';

const day = 24 * 3_600_000;

/** What a signed request of the exchange may set. Null takes the limit of this scope away. */
export const LimitBody = z.discriminatedUnion('scope', [
  z.strictObject({
    scope: z.literal('customer'),
    name: CustomerId,
    asset: AssetName,
    perDay: Units.nullable(),
  }),
  z.strictObject({ scope: z.literal('tier'), name: Tier, asset: AssetName, perDay: Units.nullable() }),
]);
export const TierBody = z.strictObject({ customer: CustomerId, tier: Tier });

/** Lower at once, higher after the cooling time: whoever has stolen a key gains nothing at once. */
export async function setLimit(
  house: House,
  client: Client,
  { scope, name, asset, perDay }: z.output<typeof LimitBody>,
): Promise<Reply> {
  if (scope === 'customer' && (await findCustomer(client, name)) === undefined) return unknownCustomer(name);
  const now = house.clock.now();
  const before = await limitOf(house, client, scope, name, asset);
  const lower = perDay !== null && (before === undefined || before === null || perDay <= before);
  const from = lower ? now : now + house.rules.coolingHours * 3_600_000;
  await client.query(
    `insert into custody.withdrawal_limit (scope, name, asset, per_day, at, from_at)
       values ($1, $2, $3, $4, $5, $6)`,
    [scope, name, asset, perDay?.toString() ?? null, now, from],
  );
  return { status: 200, body: { scope, name, asset, perDay: perDay?.toString() ?? null, from } };
}

/** A tier with a lower limit holds at once; any other after the cooling time. */
export async function setTier(
  house: House,
  client: Client,
  { customer, tier }: z.output<typeof TierBody>,
): Promise<Reply> {
  if ((await findCustomer(client, customer)) === undefined) return unknownCustomer(customer);
  const now = house.clock.now();
  const [own] = house.policy.rules;
  const asset = own?.asset;
  const before = await tierOf(house, client, customer);
  const [old, young] = await Promise.all(
    [before, tier].map(async (one) => (asset ? limitOf(house, client, 'tier', one, asset) : undefined)),
  );
  const lower = typeof young === 'bigint' && (typeof old !== 'bigint' || young <= old);
  const from = lower ? now : now + house.rules.coolingHours * 3_600_000;
  await client.query(
    'insert into custody.customer_tier (customer, tier, at, from_at) values ($1, $2, $3, $4)',
    [customer, tier, now, from],
  );
  return { status: 200, body: { customer, tier, from } };
}

/** The newest one in force. Undefined where none was ever set; null where there is none on purpose. */
async function limitOf(
  house: House,
  client: Client,
  scope: 'customer' | 'tier',
  name: string,
  asset: string,
): Promise<bigint | null | undefined> {
  const [found] = await rows(
    client,
    z.object({ per_day: Units.nullable() }),
    `select per_day::text from custody.withdrawal_limit
       where scope = $1 and name = $2 and asset = $3 and from_at <= $4 order by number desc limit 1`,
    [scope, name, asset, house.clock.now()],
  );
  if (found) return found.per_day;
  if (scope === 'customer') return undefined;
  return house.rules.tiers.find((one) => one.tier === name && one.asset === asset)?.perDay;
}

async function tierOf(house: House, client: Client, customer: string): Promise<string> {
  const [found] = await rows(
    client,
    z.object({ tier: Tier }),
    'select tier from custody.customer_tier where customer = $1 and from_at <= $2 order by number desc limit 1',
    [customer, house.clock.now()],
  );
  return found?.tier ?? usualTier;
}

/** Why the amount is too much for this day; undefined where it is not. The caller holds the customer's lock. */
export async function judgeDay(
  house: House,
  client: Client,
  customer: string,
  { asset, amount }: Pick<Intent, 'asset' | 'amount'>,
): Promise<Reply | undefined> {
  const own = await limitOf(house, client, 'customer', customer, asset);
  const tier = await tierOf(house, client, customer);
  const limit = own === undefined ? await limitOf(house, client, 'tier', tier, asset) : own;
  if (limit === undefined || limit === null) return undefined;
  const { sum } = await row(
    client,
    z.object({ sum: Units }),
    `select coalesce(sum(amount), 0)::text as sum from custody.withdrawal
       where customer = $1 and asset = $2 and requested_at > $3 and not state in ('returned', 'refused')`,
    [customer, asset, house.clock.now() - day],
  );
  if (sum + amount <= limit) return undefined;
  const whose = own === undefined ? `the tier ${tier}` : 'this customer';
  return unprocessable(
    'over-daily-limit',
    'amount',
    `is more than is left of ${limit} in 24 hours, the limit of ${whose}: ${sum} are used`,
  );
}

/** For people: what holds now, and what will. */
export async function showLimits(house: House, client: Client, customer: string): Promise<Reply> {
  if ((await findCustomer(client, customer)) === undefined) return unknownCustomer(customer);
  const tier = await tierOf(house, client, customer);
  const assets = [...new Set(house.policy.rules.map(({ asset }) => asset))];
  const limits = await Promise.all(
    assets.map(async (asset) => {
      const own = await limitOf(house, client, 'customer', customer, asset);
      const limit = own === undefined ? await limitOf(house, client, 'tier', tier, asset) : own;
      return { asset, perDay: limit?.toString() ?? null, by: own === undefined ? 'tier' : 'customer' };
    }),
  );
  const coming = await rows(
    client,
    z.object({ scope: z.string(), asset: z.string(), perDay: z.string().nullable(), from: integer }),
    `select scope, asset, per_day::text as "perDay", from_at as "from" from custody.withdrawal_limit
       where ((scope = 'customer' and name = $1) or (scope = 'tier' and name = $2)) and from_at > $3 order by number`,
    [customer, tier, house.clock.now()],
  );
  return { status: 200, body: { customer, tier, limits, coming } };
}

function unknownCustomer(customer: string): Reply {
  const detail = `customer: none is called ${customer}`;
  return problem({ status: 404, code: 'unknown-customer', field: 'customer', detail });
}
