/** Scan: reads agreed blocks in order, deep enough, and books each once. Where it stopped, it goes on. */
import type { WatchedBlock } from '@kuramori/chains/watched';
import type { ChainName } from '@kuramori/core';
import { inTransaction, type Client } from '@kuramori/ledger';
import { log, reasonOf } from '@kuramori/program';
import { agreedBlocks, commonHeight, type Agreed, type Complaint } from './blocks.ts';
import { lockCursor, moveCursor, openCursor, sameCursor, type Cursor } from './cursor.ts';
import { bookArrivals } from '../deposit.ts';
import type { Branch } from '../branch.ts';
import type { House } from '../house.ts';
import type { Reader } from '../chains/chain.ts';
import { notify } from '../notice.ts';
import { bookAllOutgoing } from './outgoing.ts';
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

/** Each chain at its own pace: one whose nodes are silent does not hold up the others. */
export interface Scans extends AsyncDisposable {
  readonly states: () => ReadonlyMap<ChainName, ScanState>;
}

export function startScans({ branches }: House): Scans {
  const scans = new Map(branches.map((branch) => [branch.hot.chain, startScan(branch)]));
  return {
    states: () => new Map(Array.from(scans, ([chain, scan]) => [chain, scan.state()])),
    async [Symbol.asyncDispose]() {
      await Promise.all(scans.values().map((scan) => scan[Symbol.asyncDispose]()));
    },
  };
}

export function startScan(branch: Branch): Scan {
  let state: ScanState = { height: 0, target: null, stopped: null, complaints: [] };
  const over = new AbortController();
  const panel = openPanel(branch.chain.nodes);
  const life = (async () => {
    while (!over.signal.aborted) {
      // The database may be away, or a block be against the books: nothing is skipped, it is tried again.
      const found = await round(branch, panel, over.signal).catch((cause: unknown) => ({
        ...state,
        stopped: reasonOf(cause),
      }));
      if (found.stopped !== null && found.stopped !== state.stopped) {
        log('scan stopped', { chain: branch.hot.chain, why: found.stopped, height: found.height });
      }
      await tellOfLiars(branch, state, found).catch((cause: unknown) =>
        log('a notice was not written', { why: reasonOf(cause) }),
      );
      state = found;
      await pause(branch.pollMs);
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
async function tellOfLiars(branch: Branch, before: ScanState, now: ScanState): Promise<void> {
  for (const { node, lies, why } of now.complaints) {
    if (!lies || before.complaints.some((one) => one.lies && one.node === node)) continue;
    const what = `${node} ${why}: look at it, or take it out of custody's nodes`;
    await notify(branch.pool, { key: `node:${node}`, severity: 'warning', what, at: branch.clock.now() });
  }
}

/** Books up to the newest block that has its confirmations. */
export async function round(
  branch: Branch,
  panel: Panel = openPanel(branch.chain.nodes),
  over?: AbortSignal,
): Promise<ScanState> {
  let cursor = await openCursor(branch.pool, branch.hot.chain, branch.scanFrom);
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
  const target = tip.height - branch.confirmations + 1;
  const reader = await branch.chain.reader(branch);
  if (reader.kind === 'stopped') return state(target, reader.why);
  // The newest booked block is looked at again each time, so that a rewrite is seen also before a block comes after it.
  let again = cursor.hash !== null && tip.height >= cursor.height;
  while (cursor.height < target || again) {
    if (over?.aborted === true) break;
    const from = cursor.height - (again ? 1 : 0);
    const agreed: Agreed = heard(
      await agreedBlocks(branch.chain, panel, from, Math.max(cursor.height, target)),
    );
    if (agreed.kind === 'stopped') return state(target, agreed.why);
    const [first] = agreed.blocks;
    if (!first) break;
    const follows = again ? first.hash === cursor.hash : first.previous === (cursor.hash ?? first.previous);
    if (!follows) {
      const back = await stepBack(branch, panel, cursor);
      if (back.kind === 'stopped') return state(target, back.why);
      cursor = back.cursor;
      again = false;
      continue;
    }
    const blocks = agreed.blocks.filter(({ height }) => height > cursor.height && height <= target);
    again = false;
    if (blocks.length === 0) continue;
    cursor = await inTransaction(branch.pool, (client) => bookAfter(branch, client, cursor, blocks, reader));
  }
  const unsettled = cursor.height < target ? null : await settleOrphans(branch, panel, cursor, tip.height);
  return state(target, unsettled);
}

async function bookAfter(
  branch: Branch,
  client: Client,
  from: Cursor,
  blocks: readonly WatchedBlock<unknown>[],
  reader: Extract<Reader<unknown>, { kind: 'reads' }>,
): Promise<Cursor> {
  const cursor = await lockCursor(client, branch.hot.chain);
  // Another scan was here: what it booked is booked, and we go on from there.
  if (!sameCursor(cursor, from)) return cursor;
  await bookArrivals(branch, client, blocks.flatMap(reader.arrivals));
  await bookAllOutgoing(branch, client, blocks.flatMap(reader.spends));
  await branch.chain.keep(branch, client, blocks);
  for (const block of blocks) {
    for (const { hash, signer, why } of block.unread)
      log('unread transaction', { height: block.height, hash, signer, why });
  }
  return moveCursor(
    client,
    branch.hot.chain,
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
