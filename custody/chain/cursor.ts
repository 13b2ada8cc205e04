/** Cursor: how far the chain is booked, and the hashes of the newest booked blocks. Moves only with what it stands for. */
import type { ChainName } from '@kuramori/core';
import { row, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

export const Cursor = z.object({ height: integer, hash: z.string().nullable(), time: integer });
export type Cursor = z.infer<typeof Cursor>;

const Kept = z.object({ height: integer, hash: z.string(), time: integer });
export type Kept = z.infer<typeof Kept>;

/** How many hashes are kept: no chain takes back more by itself (chains/chain.ts: `deepest`). */
const keptHashes = 400;

export async function openCursor(client: Client, chain: ChainName, from: number): Promise<Cursor> {
  await client.query(
    'insert into custody.cursor (chain, height, time) values ($1, $2, 0) on conflict do nothing',
    [chain, from],
  );
  return readCursor(client, chain);
}

export async function readCursor(client: Client, chain: ChainName): Promise<Cursor> {
  const [cursor] = await rows(
    client,
    Cursor,
    'select height, hash, time from custody.cursor where chain = $1',
    [chain],
  );
  return cursor ?? { height: 0, hash: null, time: 0 };
}

/** Waits for whoever else books, and gives what they left. */
export function lockCursor(client: Client, chain: ChainName): Promise<Cursor> {
  return row(client, Cursor, 'select height, hash, time from custody.cursor where chain = $1 for update', [
    chain,
  ]);
}

export function sameCursor(one: Cursor, other: Cursor): boolean {
  return one.height === other.height && one.hash === other.hash;
}

/** The kept blocks from a height on, the newest first. */
export function keptBlocks(client: Client, chain: ChainName, from: number): Promise<Kept[]> {
  return rows(
    client,
    Kept,
    'select height, hash, time from custody.block where chain = $1 and height >= $2 order by height desc',
    [chain, from],
  );
}

/** After blocks were booked, in the same transaction. */
export async function moveCursor(client: Client, chain: ChainName, blocks: readonly Kept[]): Promise<Cursor> {
  const last = blocks.at(-1);
  if (!last) return readCursor(client, chain);
  await setCursor(client, chain, last);
  await client.query(
    `insert into custody.block (chain, height, hash, time)
       select $1, height, hash, time from unnest($2::int[], $3::text[], $4::bigint[]) as b (height, hash, time)`,
    [
      chain,
      blocks.map(({ height }) => height),
      blocks.map(({ hash }) => hash),
      blocks.map(({ time }) => time),
    ],
  );
  await client.query('delete from custody.block where chain = $1 and height <= $2', [
    chain,
    last.height - keptHashes,
  ]);
  return last;
}

/** Back to an earlier block, whose successors are no longer booked. */
export async function setCursorBack(client: Client, chain: ChainName, to: Cursor): Promise<void> {
  await client.query('delete from custody.block where chain = $1 and height > $2', [chain, to.height]);
  await setCursor(client, chain, to);
}

async function setCursor(client: Client, chain: ChainName, { height, hash, time }: Cursor): Promise<void> {
  await client.query('update custody.cursor set height = $2, hash = $3, time = $4 where chain = $1', [
    chain,
    height,
    hash,
    time,
  ]);
}

/** Whether every block up to a time (Unix seconds) is read and booked, with its confirmations. */
export async function hasReadUntil(client: Client, chain: ChainName, time: number): Promise<boolean> {
  return (await readCursor(client, chain)).time > time;
}
