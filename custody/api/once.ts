/** Once: the same idempotency key with the same request gets the first answer; with another request it is refused. */
import { createHash } from 'node:crypto';
import type { SignedRequest } from '@kuramori/core';
import { inTransaction, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { House } from '../house.ts';
import { problem, type Reply } from './problem.ts';

const Known = z.object({ digest: z.string(), status: z.int(), answer: z.string() });

/**
 * Decides in one transaction with everything that follows from the decision. Refusals are kept like any answer: one
 * that was told "no" must not find, when the same request comes again by another way, that it became "yes".
 */
export async function once(
  house: Pick<House, 'exchange' | 'pool' | 'clock'>,
  request: SignedRequest,
  decide: (client: Client) => Promise<Reply>,
): Promise<Reply> {
  const { method, path, body, idempotencyKey } = request;
  const digest = createHash('sha256').update(`${method}\n${path}\n${body}`).digest('hex');
  const exchange = house.exchange.id;
  return inTransaction(house.pool, async (client) => {
    // The second of two at once waits here, and then finds the first one's answer.
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `request ${exchange} ${idempotencyKey}`,
    ]);
    const [known] = await rows(
      client,
      Known,
      'select digest, status, answer from custody.request where exchange = $1 and idempotency_key = $2',
      [exchange, idempotencyKey],
    );
    if (known && known.digest !== digest) {
      const detail =
        'idempotency-key: was used for another request: take a new key, or send that request unchanged';
      return problem({ status: 409, code: 'key-reused', field: 'idempotency-key', detail });
    }
    if (known) return { status: known.status, body: JSON.parse(known.answer) as object };
    const reply = await decide(client);
    // Not now is no decision.
    if (reply.status >= 500) return reply;
    await client.query(
      'insert into custody.request (exchange, idempotency_key, digest, status, answer, at) values ($1, $2, $3, $4, $5, $6)',
      [exchange, idempotencyKey, digest, reply.status, JSON.stringify(reply.body), house.clock.now()],
    );
    return reply;
  });
}
