/**
 * Page: a part of a list, and the cursor to the next one. A cursor names the last item that was seen, so what is added
 * meanwhile moves nothing. It is bound to its list and filter, and whoever alters it is told; it is no secret.
 */
import { createHash } from 'node:crypto';
import { canonicalText, type Plain } from '@kuramori/core';
import { z } from 'zod';
import { malformed, type Reply } from './problem.ts';

const [usual, most] = [50, 200];

/** The fields that every list takes, and those it is filtered by. */
export function pageQuery<F extends z.core.$ZodLooseShape>(filter: F) {
  return z.strictObject({
    ...filter,
    limit: z
      .string()
      .regex(/^[1-9][0-9]{0,2}$/, `must be a whole number from 1 to ${most}`)
      .transform(Number)
      .refine((limit) => limit <= most, `must be a whole number from 1 to ${most}`)
      .optional()
      .meta({ type: 'integer', minimum: 1, maximum: most, description: `How many; ${usual} if not given.` }),
    cursor: z
      .string()
      .max(500)
      .optional()
      .meta({ description: '`next` of the page before, unchanged, with the same filter.' }),
  });
}

export function pageOf<S extends z.ZodType>(items: S) {
  return z.object({
    items: z.array(items),
    next: z.string().nullable().describe('The cursor of the next page; null where this is the last one.'),
  });
}

/** A key that is a number, as most lists have it. */
export const Place = z.int().nonnegative();

interface List<Key extends Plain, T> {
  readonly name: string;
  readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
  /** What a cursor holds: where the item stands in the order. */
  readonly key: z.ZodType<Key>;
  /** At most `limit` items after the key; from the beginning where there is none. */
  readonly look: (after: Key | null, limit: number) => Promise<readonly T[]>;
  readonly keyOf: (item: T) => NoInfer<Key>;
  /** The item as it is told. */
  readonly show: (item: T) => object;
  /** Whether more may come at its end, so that there is always a next cursor. */
  readonly grows?: boolean;
}

export async function answerPage<Key extends Plain, T>(list: List<Key, T>): Promise<Reply> {
  const { name, query, key, keyOf, look, show, grows = false } = list;
  const { limit = usual, cursor, ...filter } = query;
  const about = `${name} ${canonicalText(filter)}`;
  const after = cursor === undefined ? null : readCursor(about, cursor);
  const read = key.nullable().safeParse(after);
  if (after === undefined || !read.success)
    return malformed(
      'cursor',
      'is not one of this list with this filter: give `next` of the page before, unchanged',
    );
  const found = await look(read.data, limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const more = found.length > limit || grows;
  const next = more && last !== undefined ? writeCursor(about, keyOf(last)) : grows ? (cursor ?? null) : null;
  return { status: 200, body: { items: items.map(show), next } };
}

function writeCursor(about: string, key: Plain): string {
  const text = canonicalText(key);
  return Buffer.concat([sumOf(about, text), Buffer.from(text)]).toString('base64url');
}

/** undefined where it is none of this list's. */
function readCursor(about: string, cursor: string): unknown {
  const bytes = Buffer.from(cursor, 'base64url');
  const text = bytes.subarray(8).toString();
  // Of one spelling only: base64 and UTF-8 are read leniently.
  if (writeBack(bytes) !== cursor || !bytes.subarray(0, 8).equals(sumOf(about, text))) return undefined;
  return JSON.parse(text) as unknown;
}

const writeBack = (bytes: Buffer) => bytes.toString('base64url');

function sumOf(about: string, text: string): Buffer {
  return createHash('sha256').update(`${about}\0${text}`).digest().subarray(0, 8);
}
