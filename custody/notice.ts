/** Notice: what an operator must know of. It stays in the status until somebody has said that they do. */
import { rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { problem, type Reply } from './api/problem.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

/** Grave: money may be missing, and somebody must act now. */
export const Severity = z.enum(['info', 'warning', 'grave']);

export const Notice = z.object({
  id: integer,
  key: z.string(),
  severity: Severity,
  what: z.string(),
  at: integer,
});
export type Notice = z.infer<typeof Notice>;

/** In the caller's transaction, so that what happened and the word of it are there together. */
export async function notify(client: Client, { key, severity, what, at }: Omit<Notice, 'id'>): Promise<void> {
  const written = await client.query(
    `insert into custody.notice (key, severity, what, at) values ($1, $2, $3, $4)
       on conflict (key) where acknowledged_at is null and not lasts do nothing`,
    [key, severity, what.slice(0, 2000), at],
  );
  if (written.rowCount === 1) log('notice', { severity, key, what });
}

export interface Lasting {
  /** Tells of something that lasts: once, until it is over, however often somebody says that they know of it. */
  readonly raise: (notice: Omit<Notice, 'id' | 'at'>) => Promise<void>;
  /** Whatever was told before and is not raised any more is over. */
  readonly end: () => Promise<void>;
}

/** One round of looking at what lasts; the keys of its notices begin with the room's name. In the caller's transaction. */
export function lasting(client: Client, room: string, at: number): Lasting {
  const raised: string[] = [];
  return {
    async raise({ key, severity, what }) {
      const name = `${room}:${key}`;
      raised.push(name);
      const written = await client.query(
        `insert into custody.notice (key, severity, what, at, lasts) values ($1, $2, $3, $4, true)
           on conflict (key) where lasts and over_at is null do nothing`,
        [name, severity, what.slice(0, 2000), at],
      );
      if (written.rowCount === 1) log('notice', { severity, key: name, what });
    },
    async end() {
      await client.query(
        `update custody.notice set over_at = $3 where lasts and over_at is null and key like $1 and not key = any($2)`,
        [`${room}:%`, raised, at],
      );
    },
  };
}

/** The gravest first. */
export function openNotices(client: Client): Promise<Notice[]> {
  return rows(
    client,
    Notice,
    `select id, key, severity, what, at from custody.notice where acknowledged_at is null and over_at is null
       order by array_position(array['grave', 'warning', 'info'], severity), id limit 100`,
  );
}

export const AcknowledgeBody = z.strictObject({
  notice: z.int().positive(),
  why: z.string().trim().min(1).max(500),
});

export async function acknowledge(
  client: Client,
  keyId: string,
  { notice, why }: z.infer<typeof AcknowledgeBody>,
  at: number,
): Promise<Reply> {
  const done = await client.query(
    `update custody.notice set acknowledged_at = $2, acknowledged_by = $3, acknowledged_why = $4
       where id = $1 and acknowledged_at is null`,
    [notice, at, keyId, why],
  );
  if (done.rowCount === 1) return { status: 200, body: { notice, acknowledged: true } };
  const detail = `notice: ${notice} is not open`;
  return problem({ status: 404, code: 'unknown-notice', field: 'notice', detail });
}
