/** Post: operations into the books, in the caller's transaction, one statement for many. */
import { z } from 'zod';
import { refusals, type Answer } from './answer.ts';
import { LedgerError, rows, type Client } from './database.ts';
import type { Operation } from './operation.ts';

const Row = z.object({
  outcome: z.enum(['posted', 'repeated', ...refusals]),
  detail: z.string(),
  short: z.string().nullable(),
});

/** Operations that one statement takes at most: beyond, the database's own arrays grow slower than they save. */
export const mostAtOnce = 1000;

const statement = {
  name: 'ledger-post',
  text: 'select outcome, detail, short::text from ledger.post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
};

/**
 * Decides operations one after the other and writes what is accepted; an answer each, in order. Refusals change nothing,
 * and the caller's transaction goes on. Throws where a call is malformed: then the transaction is over, and nothing of it
 * was done.
 */
export async function post(client: Client, operations: readonly Operation[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const part of apart(operations)) answers.push(...(await postTogether(client, part)));
  return answers;
}

/** One operation. */
export async function postOne(client: Client, operation: Operation): Promise<Answer> {
  const [answer] = await postTogether(client, [operation]);
  if (!answer) throw new LedgerError('the database gave no answer');
  return answer;
}

/**
 * The names under which two operations must not be in one statement: an id twice, and a hold together with what takes
 * from it or frees it.
 */
export function namesOf({ id, legs }: Operation): readonly string[] {
  return [id, ...legs.flatMap(({ hold }) => hold ?? [])];
}

/** In order, cut where a name would stand in one statement twice, or the statement become too long. */
function apart(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const parts: Operation[][] = [];
  let names = new Set<string>();
  for (const operation of operations) {
    const mine = namesOf(operation);
    const last = parts.at(-1);
    if (!last || last.length >= mostAtOnce || mine.some((name) => names.has(name))) {
      parts.push([operation]);
      names = new Set(mine);
    } else {
      last.push(operation);
      for (const name of mine) names.add(name);
    }
  }
  return parts;
}

async function postTogether(client: Client, operations: readonly Operation[]): Promise<readonly Answer[]> {
  const legs = operations.flatMap((operation) => operation.legs);
  const found = await rows(client, Row, statement, [
    operations.map(({ id }) => id),
    operations.map(({ kind }) => kind),
    operations.map(({ about }) => about),
    operations.map((operation) => operation.legs.length),
    operations.map(({ feeCap }) => feeCap?.toString() ?? null),
    operations.map(({ expires }) => expires?.toISOString() ?? null),
    operations.map(({ closes }) => closes === true),
    legs.map(({ kind }) => kind),
    legs.map(({ owner }) => owner),
    legs.map(({ asset }) => asset),
    legs.map(({ amount }) => amount.toString()),
    legs.map(({ hold }) => hold ?? null),
  ]);
  if (found.length !== operations.length)
    throw new LedgerError(`${operations.length} operations got ${found.length} answers`);
  return found.map(({ outcome, detail, short }, index) => {
    const id = operations[index]?.id ?? '';
    if (outcome === 'posted') return { kind: 'posted', id, short: BigInt(short ?? 0) };
    return outcome === 'repeated' ? { kind: 'repeated', id } : { kind: 'refused', why: outcome, detail };
  });
}

/** Frees what reservations keep after their time. How many they were; call again while it is `most`. */
export async function expireHolds(client: Client, most = 500): Promise<number> {
  const [found] = await rows(client, z.object({ expired: z.int() }), 'select ledger.expire($1) as expired', [
    most,
  ]);
  return found?.expired ?? 0;
}
