/** Cursor: how far the chain is booked, and the hashes of the newest booked blocks. Moves only with what it stands for. */
import { row, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());

export const Cursor = z.object({ height: integer, hash: z.string().nullable(), time: integer });
export type Cursor = z.infer<typeof Cursor>;

const Kept = z.object({ height: integer, hash: z.string(), time: integer });
export type Kept = z.infer<typeof Kept>;

/** How many hashes are kept: NIS rewrites at most 360 blocks. */
const keptHashes = 400;

export async function openCursor(client: Client, from: number): Promise<Cursor> {
  await client.query(
    "insert into custody.cursor (chain, height, time) values ('nem', $1, 0) on conflict do nothing",
    [from],
  );
  return readCursor(client);
}

export async function readCursor(client: Client): Promise<Cursor> {
  const [cursor] = await rows(
    client,
    Cursor,
    "select height, hash, time from custody.cursor where chain = 'nem'",
  );
  return cursor ?? { height: 0, hash: null, time: 0 };
}

/** Waits for whoever else books, and gives what they left. */
export function lockCursor(client: Client): Promise<Cursor> {
  return row(client, Cursor, "select height, hash, time from custody.cursor where chain = 'nem' for update");
}

export function sameCursor(one: Cursor, other: Cursor): boolean {
  return one.height === other.height && one.hash === other.hash;
}

/** The kept blocks from a height on, the newest first. */
export function keptBlocks(client: Client, from: number): Promise<Kept[]> {
  return rows(
    client,
    Kept,
    "select height, hash, time from custody.block where chain = 'nem' and height >= $1 order by height desc",
    [from],
  );
}

/** After blocks were booked, in the same transaction. */
export async function moveCursor(client: Client, blocks: readonly Kept[]): Promise<Cursor> {
  const last = blocks.at(-1);
  if (!last) return readCursor(client);
  await setCursor(client, last);
  await client.query(
    `insert into custody.block (chain, height, hash, time)
       select 'nem', height, hash, time from unnest($1::int[], $2::text[], $3::bigint[]) as b (height, hash, time)`,
    [blocks.map(({ height }) => height), blocks.map(({ hash }) => hash), blocks.map(({ time }) => time)],
  );
  await client.query("delete from custody.block where chain = 'nem' and height <= $1", [
    last.height - keptHashes,
  ]);
  return last;
}

/** Back to an earlier block, whose successors are no longer booked. */
export async function setCursorBack(client: Client, to: Cursor): Promise<void> {
  await client.query("delete from custody.block where chain = 'nem' and height > $1", [to.height]);
  await setCursor(client, to);
}

async function setCursor(client: Client, { height, hash, time }: Cursor): Promise<void> {
  await client.query("update custody.cursor set height = $1, hash = $2, time = $3 where chain = 'nem'", [
    height,
    hash,
    time,
  ]);
}

/** Whether every block up to a time (Unix seconds) is read and booked, with its confirmations. */
export async function hasReadUntil(client: Client, time: number): Promise<boolean> {
  return (await readCursor(client)).time > time;
}
