/** People: who may look. Invited by a code that works once; removed for good, and every session of theirs with them. */
import { inTransaction, row, rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import type { Invited, PersonShown } from '../wire/index.ts';
import { atTheDoor, isTaken } from './at-the-door.ts';
import { codeHash, newCode } from './code.ts';
import type { Desk } from './desk.ts';
import { finishAssertion, nameTaken, noPasskey, type Assertion } from './passkey.ts';
import { refused, type Refusal } from './refused.ts';
import { RoleName } from './role.ts';
import type { Session } from './session.ts';

export const Invite = z.strictObject({
  name: z.string().trim().min(1, 'must say who').max(60),
  role: RoleName,
  administrator: z.boolean(),
});
export type Invite = z.output<typeof Invite>;

/** What a passkey is asked about before somebody is invited, and before somebody is removed. */
export const aboutInvite = ({ name, role, administrator }: Invite) =>
  `invite ${JSON.stringify([name, role, administrator])}`;
export const aboutRemoval = (person: string) => `remove ${person}`;

const ms = z.coerce.number().pipe(z.int());

/** The first administrator's code, while nobody is there; a new one at each start, and the old one is over. Null afterwards. */
export async function firstCode(desk: Pick<Desk, 'pool' | 'codeMinutes'>): Promise<string | null> {
  return inTransaction(desk.pool, async (client) => {
    // Of two that start together, the later one's code counts.
    await atTheDoor(client);
    const { there } = await row(
      client,
      z.object({ there: z.boolean() }),
      'select exists (select from desk.person where administrator and removed_at is null) as there',
    );
    await client.query(
      'update desk.invitation set ended_at = clock_timestamp() where made_by is null and used_at is null and ended_at is null',
    );
    if (there) return null;
    const code = newCode();
    await client.query(
      `insert into desk.invitation (hash, name, role, administrator, expires_at)
         values ($1, 'administrator', 'operator', true, clock_timestamp() + $2 * interval '1 minute')`,
      [codeHash(code), desk.codeMinutes],
    );
    return code;
  });
}

/** By an administrator who shows their passkey for exactly this. */
export async function invite(
  desk: Desk,
  by: Session,
  asked: Invite,
  assertion: Assertion,
): Promise<Invited | Refusal> {
  return inTransaction(desk.pool, async (client) => {
    const shown = await finishAssertion(desk, client, aboutInvite(asked), assertion);
    if (typeof shown !== 'string') return shown;
    // Somebody else's passkey is not this session's word.
    if (shown !== by.passkey) return noPasskey();
    await atTheDoor(client);
    if (!(await isHere(client, by.person))) return noPasskey();
    if (await isTaken(client, asked.name)) return nameTaken(asked.name);
    const code = newCode();
    const { expires } = await row(
      client,
      z.object({ expires: ms }),
      `insert into desk.invitation (hash, name, role, administrator, made_by, expires_at)
         values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 minute')
         returning floor(extract(epoch from expires_at) * 1000)::bigint as expires`,
      [codeHash(code), asked.name, asked.role, asked.administrator, by.person, desk.codeMinutes],
    );
    log('person invited', { name: asked.name, role: asked.role, by: by.name });
    return { code, expires };
  });
}

export async function remove(
  desk: Desk,
  by: Session,
  person: string,
  assertion: Assertion,
): Promise<{ readonly removed: true } | Refusal> {
  return inTransaction(desk.pool, async (client) => {
    const shown = await finishAssertion(desk, client, aboutRemoval(person), assertion);
    if (typeof shown !== 'string') return shown;
    if (shown !== by.passkey) return noPasskey();
    // Whoever removes themselves could leave nobody who invites.
    if (person === by.person)
      return refused(403, 'yourself', 'person', 'person: is yourself: another administrator must do it');
    // Two who remove each other at once would leave nobody.
    await atTheDoor(client);
    if (!(await isHere(client, by.person))) return noPasskey();
    const done = await client.query(
      'update desk.person set removed_at = clock_timestamp() where id = $1 and removed_at is null',
      [person],
    );
    if (done.rowCount !== 1) return refused(404, 'unknown-person', 'person', `person: nobody is ${person}`);
    // Nor does anybody come in by a code of theirs.
    await client.query(
      'update desk.invitation set ended_at = clock_timestamp() where made_by = $1 and used_at is null and ended_at is null',
      [person],
    );
    log('person removed', { person, by: by.name });
    return { removed: true };
  });
}

async function isHere(client: Client, person: string): Promise<boolean> {
  const found = await client.query('select from desk.person where id = $1 and removed_at is null', [person]);
  return found.rowCount === 1;
}

const Person = z.object({
  id: z.string(),
  name: z.string(),
  role: RoleName,
  administrator: z.boolean(),
  since: ms,
  seen: ms.nullable(),
}) satisfies z.ZodType<PersonShown>;

export function listPeople(desk: Desk): Promise<readonly PersonShown[]> {
  return rows(
    desk.pool,
    Person,
    `select p.id::text, p.name, p.role, p.administrator, floor(extract(epoch from p.at) * 1000)::bigint as since,
         (select floor(extract(epoch from max(s.seen_at)) * 1000)::bigint
            from desk.session s join desk.passkey k on k.id = s.passkey where k.person = p.id) as seen
       from desk.person p where p.removed_at is null order by p.id`,
  );
}
