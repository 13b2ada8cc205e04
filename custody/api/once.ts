/** Once: the same idempotency key with the same request gets the first answer; with another request it is refused. */
import { createHash } from 'node:crypto';
import type { SignedRequest } from '@kuramori/core';
import { inTransaction, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { House } from '../house.ts';
import { problem, type Reply } from './problem.ts';

const Known = z.object({
  idempotency_key: z.string(),
  digest: z.string(),
  status: z.int(),
  answer: z.string(),
});

/**
 * Decides in one transaction with everything that follows from the decision. Refusals are kept like any answer: one
 * that was told "no" must not find, when the same request comes again by another way, that it became "yes".
 */
export function once(
  house: Deciding,
  request: SignedRequest,
  decide: (client: Client) => Promise<Reply>,
): Promise<Reply> {
  return inTransaction(house.pool, async (client) => {
    const [reply] = await onceTogether(house, client, [request], async () => [await decide(client)]);
    if (!reply) throw new Error('a request got no answer');
    return reply;
  });
}

type Deciding = Pick<House, 'exchange' | 'pool' | 'clock'>;

/**
 * The same for several at once, in the caller's transaction; no idempotency key stands in it twice. `decide` gets those that
 * are new, by their place.
 */
export async function onceTogether(
  house: Omit<Deciding, 'pool'>,
  client: Client,
  requests: readonly SignedRequest[],
  decide: (places: readonly number[]) => Promise<readonly Reply[]>,
): Promise<readonly Reply[]> {
  const exchange = house.exchange.id;
  const keys = requests.map(({ idempotencyKey }) => idempotencyKey);
  // The second of two at once waits here, and then finds the first one's answer.
  await client.query('select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest($1::text[]) name', [
    keys.map((key) => `request ${exchange} ${key}`).sort(),
  ]);
  const found = await rows(
    client,
    Known,
    `select idempotency_key, digest, status, answer from custody.request
       where exchange = $1 and idempotency_key = any($2)`,
    [exchange, keys],
  );
  const known = new Map(found.map((one) => [one.idempotency_key, one]));
  const places = [...requests.keys()].filter((place) => !known.has(keys[place] ?? ''));
  const decided = places.length > 0 ? await decide(places) : [];
  // Not now is no decision.
  const kept = places.flatMap((place, index) => {
    const [request, reply] = [requests[place], decided[index]];
    return request && reply && reply.status < 500 ? { request, reply } : [];
  });
  if (kept.length > 0)
    await client.query(
      `insert into custody.request (exchange, idempotency_key, digest, status, answer, at)
         select $1, key, digest, status, answer, $6
           from unnest($2::text[], $3::text[], $4::int[], $5::text[]) kept (key, digest, status, answer)`,
      [
        exchange,
        kept.map(({ request }) => request.idempotencyKey),
        kept.map(({ request }) => digestOf(request)),
        kept.map(({ reply }) => reply.status),
        kept.map(({ reply }) => JSON.stringify(reply.body)),
        house.clock.now(),
      ],
    );
  return requests.map((request, place) => {
    const before = known.get(request.idempotencyKey);
    if (before) return repeated(before, request);
    const reply = decided[places.indexOf(place)];
    if (!reply) throw new Error('a request got no answer');
    return reply;
  });
}

function repeated({ digest, status, answer }: z.output<typeof Known>, request: SignedRequest): Reply {
  if (digest === digestOf(request)) return { status, body: JSON.parse(answer) as object };
  const detail =
    'idempotency-key: was used for another request: take a new key, or send that request unchanged';
  return problem({ status: 409, code: 'key-reused', field: 'idempotency-key', detail });
}

function digestOf({ method, path, body }: SignedRequest): string {
  return createHash('sha256').update(`${method}\n${path}\n${body}`).digest('hex');
}
