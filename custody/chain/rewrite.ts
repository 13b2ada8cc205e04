/**
 * Rewrite: the chain took back blocks that were booked. First the last common block is found and everything above it is
 * marked, in one transaction; then the new chain is booked, and what it has again is only moved; what it has not is taken
 * out of the books. Each step is committed with its state, so a crash between them loses nothing.
 */
import type { Asset } from '@kuramori/core';
import { inTransaction, post, reversalOf, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { agreedBlocks } from './blocks.ts';
import { keptBlocks, lockCursor, sameCursor, setCursorBack, type Cursor } from './cursor.ts';
import { holdCustomers } from '../customer.ts';
import { bookingId, Deposit, depositColumns } from '../deposits/row.ts';
import { keepsBooks, walletsOf, type Branch } from '../branch.ts';
import { notify } from '../notice.ts';
import { findPayment, homeOf, Outgoing, outgoingColumns } from './outgoing.ts';
import type { Panel } from './panel.ts';
import { booked, holdingOf, unbookSpend } from './spend.ts';
import { refillGone } from '../treasury/refill-row.ts';
import { vanishedPayment } from '../withdrawals/vanished-payment.ts';

/** Why a customer waits while it is not known yet whether their deposit comes again. Ends by itself. */
export const passingHold =
  'a block with a deposit of theirs was taken off the chain: it is looked for in the new one';

export type SteppedBack =
  | { readonly kind: 'back'; readonly cursor: Cursor }
  | { readonly kind: 'stopped'; readonly why: string };

/** Back to the last block that the chain still has. What was booked above is marked, and its customers wait. */
export async function stepBack(house: Branch, panel: Panel, from: Cursor): Promise<SteppedBack> {
  const common = await commonBlock(house, panel, from);
  if (typeof common === 'string') {
    const key = `rewrite:${from.height}:${from.hash}`;
    await notify(house.pool, { key, severity: 'grave', what: common, at: house.clock.now() });
    return { kind: 'stopped', why: common };
  }
  if ('waits' in common) return { kind: 'stopped', why: common.waits };
  const cursor = await inTransaction(house.pool, (client) => markAbove(house, client, from, common));
  return { kind: 'back', cursor };
}

/** A text says why an operator is needed; `waits`, that the nodes do not agree yet. */
async function commonBlock(
  house: Branch,
  panel: Panel,
  from: Cursor,
): Promise<Cursor | { readonly waits: string } | string> {
  // One more: the block that stays where all of them are rewritten.
  const lowest = Math.max(house.scanFrom, from.height - house.chain.deepest - 1);
  const kept = new Map(
    (await keptBlocks(house.pool, house.hot.chain, lowest)).map((block) => [block.height, block]),
  );
  const atOnce = Math.min(...house.chain.nodes.map(({ blocksAtOnce }) => blocksAtOnce));
  for (let top = from.height; top > lowest; top -= atOnce) {
    const agreed = await agreedBlocks(house.chain, panel, Math.max(lowest, top - atOnce));
    if (agreed.kind === 'stopped') return { waits: agreed.why };
    for (const { height, hash } of agreed.blocks.toReversed()) {
      const ours = kept.get(height);
      if (ours?.hash === hash) return ours;
    }
  }
  // The block that the wallets were made in was never booked, so nothing says that it is another one.
  if (lowest === house.scanFrom) return { height: lowest, hash: null, time: 0 };
  return `the chain was rewritten deeper than ${house.chain.deepest} blocks, which ${house.hot.chain} does not do by itself: none of the blocks ${lowest + 1} to ${from.height} is the one that was booked. Nothing is booked any more. Find out which chain your nodes follow; if it is the right one, an operator must compare the books with it before anything goes on`;
}

async function markAbove(house: Branch, client: Client, from: Cursor, to: Cursor): Promise<Cursor> {
  const cursor = await lockCursor(client, house.hot.chain);
  if (!sameCursor(cursor, from)) return cursor;
  const ours = walletsOf(house).map(({ id }) => id);
  const deposits = await rows(
    client,
    z.object({ state: z.string(), customer: z.string().nullable() }),
    `update custody.deposit set orphaned = true
       where height > $1 and wallet = any($2) and state <> 'reversed' returning state, customer`,
    [to.height, ours],
  );
  const spends = await client.query(
    'update custody.outgoing set orphaned = true where height > $1 and wallet = any($2) and not gone',
    [to.height, ours],
  );
  const customers = deposits.flatMap(({ customer }) => customer ?? []);
  await holdCustomers(client, customers, passingHold, passingHold);
  await house.chain.takeBack(house, client, to.height);
  await setCursorBack(client, house.hot.chain, to);
  const what = `the chain was rewritten from block ${to.height + 1} on, ${from.height - to.height} booked blocks deep: ${deposits.length} deposits and ${spends.rowCount ?? 0} spends are looked for in the new blocks`;
  const key = `rewrite:${from.height}:${from.hash}`;
  await notify(client, { key, severity: 'grave', what, at: house.clock.now() });
  return to;
}

/**
 * Once the new chain is booked as deep as it may be: what is marked still, and not in its newest blocks up to the tip
 * either, is taken out of the books. A text says why that is not known yet.
 */
export async function settleOrphans(
  house: Branch,
  panel: Panel,
  at: Cursor,
  tip: number,
): Promise<string | null> {
  if (!(await anyOrphans(house))) return null;
  const coming = new Set<string>();
  for (let height = at.height; height < tip;) {
    const agreed = await agreedBlocks(house.chain, panel, height);
    if (agreed.kind === 'stopped') return agreed.why;
    // What was not read yet says nothing about what is lost.
    if (agreed.blocks.length === 0) return null;
    for (const seen of agreed.blocks.flatMap(({ transactions }) => transactions))
      for (const name of house.chain.names(seen)) coming.add(name);
    height += agreed.blocks.length;
  }
  await inTransaction(house.pool, async (client) => {
    if (!sameCursor(await lockCursor(client, house.hot.chain), at)) return;
    await reverseDeposits(house, client, coming);
    await forgetSpends(house, client, coming);
    // Whose deposits are all found again need not wait any more.
    await client.query(
      `update custody.customer c set held_why = null where held_why = $1
         and not exists (select from custody.deposit d where d.customer = c.id and d.orphaned)`,
      [passingHold],
    );
  });
  return null;
}

async function anyOrphans(house: Branch): Promise<boolean> {
  const found = await house.pool.query(
    `select where exists (select from custody.deposit where orphaned and wallet = any($2))
       or exists (select from custody.outgoing where orphaned and wallet = any($2))
       or exists (select from custody.customer where held_why = $1)`,
    [passingHold, walletsOf(house).map(({ id }) => id)],
  );
  return found.rowCount === 1;
}

async function reverseDeposits(house: Branch, client: Client, coming: ReadonlySet<string>): Promise<void> {
  const orphaned = await rows(
    client,
    Deposit,
    `select ${depositColumns} from custody.deposit where orphaned and wallet = any($1) order by seq for update`,
    [walletsOf(house).map(({ id }) => id)],
  );
  const lost = orphaned.filter(({ transaction }) => !coming.has(transaction));
  const leaving = lost.filter(({ state }) => state === 'returning');
  for (const { id, units } of leaving) {
    // Whether the payment back is made is still open: until then nobody knows whose loss it is.
    const what = `deposit ${id} of ${units} is no longer in the chain, and is being paid back: stop the payment if it can be stopped`;
    await notify(client, { key: `returning:${id}`, severity: 'grave', what, at: house.clock.now() });
  }
  const reversed = lost.filter(({ state }) => state !== 'returning');
  const inBooks = reversed.filter(({ asset }) => keepsBooks(house, asset));
  const answers = await post(
    client,
    inBooks.map((one) => reversalFor(house, one)),
  );
  for (const [index, answer] of answers.entries()) {
    booked(answer);
    const one = inBooks[index];
    if (one) await tell(house, client, one, answer.kind === 'posted' ? answer.short : 0n);
  }
  await client.query("update custody.deposit set state = 'reversed', orphaned = false where id = any($1)", [
    reversed.map(({ id }) => id),
  ]);
}

function reversalFor(house: Branch, deposit: Deposit) {
  const { transaction, wallet, asset, state, customer, units } = deposit;
  const from = house.policy.wallets.find(({ id }) => id === wallet);
  if (!from) throw new Error(`deposit ${deposit.id}: the policy names no wallet ${wallet} any more`);
  // What was paid back already is nobody's claim any more: the house gave it away.
  const given = state === 'own-funds' || state === 'returned';
  const of =
    customer !== null
      ? ({ kind: 'customer', customer } as const)
      : ({ kind: given ? 'own-funds' : 'unclaimed' } as const);
  return reversalOf({
    id: `reverse:${bookingId(deposit)}`,
    about: transaction,
    asset: asset as Asset,
    units,
    from: holdingOf(from),
    of,
  });
}

/** The customer is held, and the operator told. */
async function tell(house: Branch, client: Client, deposit: Deposit, short: bigint): Promise<void> {
  const { id, units, customer, state, booking } = deposit;
  if (state === 'dust') return;
  const owes = short > 0n ? `, of which ${short} were spent and are due` : '';
  const whose = customer === null ? state : `credited to ${customer}`;
  const what = `deposit ${id} of ${units}, ${whose}, was in a block that the chain took back, and is in no other: it is reversed${owes}`;
  const key = `reversed:${id}:${booking}`;
  await notify(client, { key, severity: 'grave', what, at: house.clock.now() });
  if (customer !== null)
    await holdCustomers(client, [customer], `deposit ${id} was reversed${owes}`, passingHold);
}

async function forgetSpends(house: Branch, client: Client, coming: ReadonlySet<string>): Promise<void> {
  const orphaned = await rows(
    client,
    Outgoing,
    `select ${outgoingColumns} from custody.outgoing where orphaned and wallet = any($1) order by height for update`,
    [walletsOf(house).map(({ id }) => id)],
  );
  for (const spend of orphaned) {
    const { transaction, wallet: id, recipient, withdrawal, kind, units } = spend;
    if (coming.has(transaction)) continue;
    await client.query('update custody.outgoing set orphaned = false, gone = true where transaction = $1', [
      transaction,
    ]);
    if (withdrawal !== null) {
      // Another wrapper of the same payment may be in the new chain.
      const other = await findPayment(client, withdrawal);
      await vanishedPayment(house, client, spend, withdrawal, other);
    }
    if (kind === 'withdrawal') continue;
    await refillGone(client, transaction);
    const wallet = house.policy.wallets.find((one) => one.id === id);
    if (!wallet) throw new Error(`spend ${transaction}: the policy names no wallet ${id} any more`);
    await unbookSpend(client, spend, wallet, homeOf(house, recipient));
    const what = `a ${kind} of ${units} from ${id}, ${transaction}, was in a block that the chain took back, and is in no other: its coins are in the books again`;
    await notify(client, { key: `gone:${transaction}`, severity: 'warning', what, at: house.clock.now() });
  }
}
