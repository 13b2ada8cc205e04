/** Scan: reads agreed blocks in order, deep enough, and books each once. Where it stopped, it goes on. */
import { unixMsOf } from '@kuramori/chains/nem/codec';
import type { SeenBlock } from '@kuramori/chains/nem/node';
import { inTransaction, row, rows, type Client } from '@kuramori/ledger';
import { log, reasonOf } from '@kuramori/program';
import { z } from 'zod';
import { agreedBlocks, commonHeight } from './blocks.ts';
import { bookBlock } from './deposit.ts';
import type { House } from './house.ts';

const integer = z.union([z.number(), z.string()]).transform(Number).pipe(z.int());
const Cursor = z.object({ height: integer, hash: z.string().nullable(), time: integer });
type Cursor = z.infer<typeof Cursor>;

export interface ScanState {
  /** The newest booked block. */
  readonly height: number;
  /** The newest block that is deep enough; null before a round was finished. */
  readonly target: number | null;
  /** Why nothing is booked at the moment; null while all is well. */
  readonly stopped: string | null;
}

export interface Scan extends AsyncDisposable {
  readonly state: () => ScanState;
}

export function startScan(house: House): Scan {
  let state: ScanState = { height: 0, target: null, stopped: null };
  const over = new AbortController();
  const life = (async () => {
    while (!over.signal.aborted) {
      // The database may be away, or a block be against the books: nothing is skipped, it is tried again.
      const found = await round(house, over.signal).catch((cause: unknown) => ({
        ...state,
        stopped: reasonOf(cause),
      }));
      if (found.stopped !== null && found.stopped !== state.stopped) {
        log('scan stopped', { why: found.stopped, height: found.height });
      }
      state = found;
      await pause(house.pollMs);
    }
  })();
  return {
    state: () => state,
    async [Symbol.asyncDispose]() {
      over.abort();
      await life;
    },
  };
}

/** Books up to the newest block that has its confirmations. */
export async function round(house: House, over?: AbortSignal): Promise<ScanState> {
  let cursor = await openCursor(house);
  const tip = await commonHeight(house.nodes);
  if ('why' in tip) return { height: cursor.height, target: null, stopped: tip.why };
  const target = tip.height - house.confirmations + 1;
  while (cursor.height < target) {
    if (over?.aborted === true) break;
    const agreed = await agreedBlocks(house.nodes, cursor.height);
    if (agreed.kind === 'stopped') return { height: cursor.height, target, stopped: agreed.why };
    const blocks = agreed.blocks.filter(({ height }) => height <= target);
    const [first] = blocks;
    if (!first) break;
    if (cursor.hash !== null && first.previous !== cursor.hash) {
      const why = `the chain was rewritten deeper than ${house.confirmations} blocks: block ${cursor.height} is not the one that was booked; an operator must compare the books`;
      return { height: cursor.height, target, stopped: why };
    }
    cursor = await inTransaction(house.pool, (client) => bookAfter(house, client, cursor, blocks));
  }
  return { height: cursor.height, target, stopped: null };
}

async function bookAfter(
  house: House,
  client: Client,
  from: Cursor,
  blocks: readonly SeenBlock[],
): Promise<Cursor> {
  const cursor = await row(
    client,
    Cursor,
    "select height, hash, time from custody.cursor where chain = 'nem' for update",
  );
  // Another scan was here: what it booked is booked, and we go on from there.
  if (cursor.height !== from.height) return cursor;
  let at = cursor;
  for (const block of blocks) {
    await bookBlock(house, client, block);
    for (const { hash, signer, why } of block.unread)
      log('unread transaction', { height: block.height, hash, signer, why });
    at = { height: block.height, hash: block.hash, time: Math.floor(unixMsOf(block.timeStamp) / 1000) };
  }
  await client.query("update custody.cursor set height = $1, hash = $2, time = $3 where chain = 'nem'", [
    at.height,
    at.hash,
    at.time,
  ]);
  return at;
}

async function openCursor(house: House): Promise<Cursor> {
  await house.pool.query(
    "insert into custody.cursor (chain, height, time) values ('nem', $1, 0) on conflict do nothing",
    [house.scanFrom],
  );
  return readCursor(house.pool);
}

async function readCursor(client: Client): Promise<Cursor> {
  const [cursor] = await rows(
    client,
    Cursor,
    "select height, hash, time from custody.cursor where chain = 'nem'",
  );
  return cursor ?? { height: 0, hash: null, time: 0 };
}

/** Whether every block up to a time (Unix seconds) is read and booked, with its confirmations. */
export async function hasReadUntil(client: Client, time: number): Promise<boolean> {
  return (await readCursor(client)).time > time;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
