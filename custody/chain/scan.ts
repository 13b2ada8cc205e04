/** Scan: reads agreed blocks in order, deep enough, and books each once. Where it stopped, it goes on. */
import type { SeenBlock } from '@kuramori/chains/nem/node';
import { inTransaction, type Client } from '@kuramori/ledger';
import { log, reasonOf } from '@kuramori/program';
import { arrivalsIn } from '../deposits/arrival.ts';
import { agreedBlocks, commonHeight, type Agreed, type Complaint } from './blocks.ts';
import { lockCursor, moveCursor, openCursor, sameCursor, type Cursor } from './cursor.ts';
import { bookArrivals } from '../deposit.ts';
import type { House } from '../house.ts';
import type { MessageKey } from '../deposits/message-key.ts';
import { notify } from '../notice.ts';
import { bookAllOutgoing, spentFrom } from './outgoing.ts';
import { openPanel, type Panel } from './panel.ts';
import { settleOrphans, stepBack } from './rewrite.ts';

export { hasReadUntil } from './cursor.ts';

export interface ScanState {
  /** The newest booked block. */
  readonly height: number;
  /** The newest block that is deep enough; null before a round was finished. */
  readonly target: number | null;
  /** Why nothing is booked at the moment; null while all is well. */
  readonly stopped: string | null;
  /** What is wrong with single nodes, while the others go on. */
  readonly complaints: readonly Complaint[];
}

export interface Scan extends AsyncDisposable {
  readonly state: () => ScanState;
}

export function startScan(house: House): Scan {
  let state: ScanState = { height: 0, target: null, stopped: null, complaints: [] };
  const over = new AbortController();
  const panel = openPanel(house.nodes);
  const life = (async () => {
    while (!over.signal.aborted) {
      // The database may be away, or a block be against the books: nothing is skipped, it is tried again.
      const found = await round(house, panel, over.signal).catch((cause: unknown) => ({
        ...state,
        stopped: reasonOf(cause),
      }));
      if (found.stopped !== null && found.stopped !== state.stopped) {
        log('scan stopped', { why: found.stopped, height: found.height });
      }
      await tellOfLiars(house, state, found).catch((cause: unknown) =>
        log('a notice was not written', { why: reasonOf(cause) }),
      );
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

/** A node that says something else than the others is shown until somebody has looked, also when it is honest again. */
async function tellOfLiars(house: House, before: ScanState, now: ScanState): Promise<void> {
  for (const { node, lies, why } of now.complaints) {
    if (!lies || before.complaints.some((one) => one.lies && one.node === node)) continue;
    const what = `${node} ${why}: look at it, or take it out of custody's nodes`;
    await notify(house.pool, { key: `node:${node}`, severity: 'warning', what, at: house.clock.now() });
  }
}

/** Books up to the newest block that has its confirmations. */
export async function round(
  house: House,
  panel: Panel = openPanel(house.nodes),
  over?: AbortSignal,
): Promise<ScanState> {
  let cursor = await openCursor(house.pool, house.scanFrom);
  const complaints = new Map<string, Complaint>();
  const heard = <T extends { readonly complaints: readonly Complaint[] }>(found: T): T => {
    // The gravest of each node: having lied is not made good by being slow as well.
    for (const one of found.complaints)
      if (complaints.get(one.node)?.lies !== true) complaints.set(one.node, one);
    return found;
  };
  const state = (target: number | null, stopped: string | null): ScanState => ({
    height: cursor.height,
    target,
    stopped,
    complaints: [...complaints.values()],
  });

  const tip = heard(await commonHeight(panel));
  if (tip.kind === 'stopped') return state(null, tip.why);
  const target = tip.height - house.confirmations + 1;
  const key = await readyKey(house, panel);
  if (key.kind === 'stopped') return state(target, key.why);
  // The newest booked block is looked at again each time, so that a rewrite is seen also before a block comes after it.
  let again = cursor.hash !== null && tip.height >= cursor.height;
  while (cursor.height < target || again) {
    if (over?.aborted === true) break;
    const from = cursor.height - (again ? 1 : 0);
    const agreed: Agreed = heard(await agreedBlocks(panel, from, Math.max(cursor.height, target)));
    if (agreed.kind === 'stopped') return state(target, agreed.why);
    const [first] = agreed.blocks;
    if (!first) break;
    const follows = again ? first.hash === cursor.hash : first.previous === (cursor.hash ?? first.previous);
    if (!follows) {
      const back = await stepBack(house, panel, cursor);
      if (back.kind === 'stopped') return state(target, back.why);
      cursor = back.cursor;
      again = false;
      continue;
    }
    const blocks = agreed.blocks.filter(({ height }) => height > cursor.height && height <= target);
    again = false;
    if (blocks.length === 0) continue;
    cursor = await inTransaction(house.pool, (client) => bookAfter(house, client, cursor, blocks, key.key));
  }
  const unsettled = cursor.height < target ? null : await settleOrphans(house, panel, cursor, tip.height);
  return state(target, unsettled);
}

/** The key that reads messages, or none where there is none that may be used. */
async function readyKey(
  { messageKey, pool, clock }: House,
  panel: Panel,
): Promise<
  | { readonly kind: 'key'; readonly key: MessageKey | null }
  | { readonly kind: 'stopped'; readonly why: string }
> {
  if (messageKey === null) return { kind: 'key', key: null };
  const usable = await messageKey.usable(panel, clock.now());
  if (usable.kind === 'usable') return { kind: 'key', key: messageKey };
  if (usable.kind === 'unknown') return { kind: 'stopped', why: usable.why };
  await notify(pool, { key: 'message-key', severity: 'grave', what: usable.why, at: clock.now() });
  return { kind: 'key', key: null };
}

async function bookAfter(
  house: House,
  client: Client,
  from: Cursor,
  blocks: readonly SeenBlock[],
  key: MessageKey | null,
): Promise<Cursor> {
  const cursor = await lockCursor(client);
  // Another scan was here: what it booked is booked, and we go on from there.
  if (!sameCursor(cursor, from)) return cursor;
  await bookArrivals(
    house,
    client,
    blocks.flatMap((block) => arrivalsIn(house, block, key)),
  );
  const spent = blocks.flatMap(({ transactions, height }) =>
    transactions.flatMap((seen) => {
      const wallet = spentFrom(house, seen);
      return wallet ? { seen, wallet, height } : [];
    }),
  );
  await bookAllOutgoing(house, client, spent);
  for (const block of blocks) {
    for (const { hash, signer, why } of block.unread)
      log('unread transaction', { height: block.height, hash, signer, why });
  }
  return moveCursor(
    client,
    blocks.map(({ height, hash, time }) => ({
      height,
      hash,
      time,
    })),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
