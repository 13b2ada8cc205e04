/** Session: somebody who has shown a passkey, for a while. The cookie holds a random value, the database its hash. */
import { createHash, randomBytes } from 'node:crypto';
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { Desk } from './desk.ts';
import { RoleName } from './role.ts';

const Session = z.object({
  hash: z.instanceof(Buffer),
  person: z.string(),
  name: z.string(),
  role: RoleName,
  administrator: z.boolean(),
  passkey: z.string(),
});
export type Session = z.output<typeof Session>;

export const hashOf = (value: string) => createHash('sha256').update(`kuramori session ${value}`).digest();

/** Opens one, by a passkey that was just shown. Gives what the cookie holds. */
export async function openSession(client: Client, passkey: string): Promise<string> {
  const value = randomBytes(32).toString('base64url');
  await client.query('insert into desk.session (hash, passkey) values ($1, $2)', [hashOf(value), passkey]);
  return value;
}

/** Undefined where there is none, or it is over: unused for too long, too old, ended, or its person removed. */
export async function findSession(desk: Desk, value: string): Promise<Session | undefined> {
  const { idleMinutes, hours } = desk.sessions;
  const [found] = await rows(
    desk.pool,
    Session,
    `update desk.session s set seen_at = clock_timestamp()
       from desk.passkey k join desk.person p on p.id = k.person
       where s.hash = $1 and k.id = s.passkey and s.ended_at is null and p.removed_at is null
         and s.seen_at > clock_timestamp() - $2 * interval '1 minute'
         and s.at > clock_timestamp() - $3 * interval '1 hour'
       returning s.hash, p.id::text as person, p.name, p.role, p.administrator, k.id as passkey`,
    [hashOf(value), idleMinutes, hours],
  );
  return found;
}

/** Whether it still lasts, without prolonging it: a page that is left open is nobody's use of it. */
export async function lasts(desk: Desk, { hash }: Session): Promise<boolean> {
  const { idleMinutes, hours } = desk.sessions;
  const found = await desk.pool.query(
    `select from desk.session s join desk.passkey k on k.id = s.passkey join desk.person p on p.id = k.person
       where s.hash = $1 and s.ended_at is null and p.removed_at is null
         and s.seen_at > clock_timestamp() - $2 * interval '1 minute'
         and s.at > clock_timestamp() - $3 * interval '1 hour'`,
    [hash, idleMinutes, hours],
  );
  return found.rowCount === 1;
}

export async function endSession(client: Client, { hash }: Session): Promise<void> {
  await client.query('update desk.session set ended_at = clock_timestamp() where hash = $1', [hash]);
}
