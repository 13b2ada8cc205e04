/** What must hold when all is quiet again: nothing paid twice, nothing lost, the books right and the chain's. */
import { nemNode } from '@kuramori/chains/nem/node';
import { memoOf } from '@kuramori/chains/nem/codec';
import { XEM } from '@kuramori/core';
import { houseBalances, verify } from '@kuramori/ledger';
import { Client } from 'pg';
import { z } from 'zod';
import { must } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import { nodeUrls } from '../house/rooms.ts';
import type { Exchange } from './exchange.ts';

export interface Counted {
  readonly withdrawals: number;
  readonly paid: number;
  readonly returned: number;
  readonly deposits: number;
  readonly transfers: number;
  readonly sweeps: number;
  /** Why those that were returned were. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface Checked {
  readonly counted: Counted;
  /** One sentence for each thing that does not hold. */
  readonly findings: readonly string[];
}

/** The states in which the money is where it belongs. */
const ends = ['final', 'returned', 'refused'];

const State = z.object({
  id: z.string(),
  reason: z.string(),
  state: z.string(),
  amount: z.string(),
  why: z.string().nullable(),
});

/** Whether a withdrawal or a sweep is still on its way, and not for people to look at. */
export async function isUnfinished(databaseUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      'select from custody.withdrawal where not state = any($1) limit 1',
      [[...ends, 'disputed']],
    );
    return rowCount !== 0;
  } finally {
    await client.end();
  }
}

/** Reads the chain block by block from the first node, and the database as its administrator. */
export async function check(
  house: House,
  databaseUrl: string,
  exchange: Pick<Exchange, 'accepted' | 'deposited'>,
): Promise<Checked> {
  const findings: string[] = [];
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const chain = await readChain(house);
    const states = new Map(
      (await client.query('select id, reason, state, amount::text, why from custody.withdrawal')).rows
        .map((row) => State.parse(row))
        .map((one) => [one.id, one]),
    );
    let [paid, returned] = [0, 0];
    const reasons: Record<string, number> = {};
    for (const { id, memo } of exchange.accepted) {
      const state = states.get(id)?.state ?? 'forgotten';
      const times = chain.paid.get(memo) ?? 0;
      if (state === 'final') paid += 1;
      if (state === 'returned' || state === 'refused') {
        returned += 1;
        const why = (states.get(id)?.why ?? '').replaceAll(/[0-9a-f]{16,}|[0-9]{4,}/g, '…');
        reasons[why] = (reasons[why] ?? 0) + 1;
      }
      const expected = state === 'final' ? 1 : state === 'returned' || state === 'refused' ? 0 : null;
      if (expected === null) findings.push(`withdrawal ${memo} is ${state}, and nothing moves it any more`);
      else if (times !== expected)
        findings.push(`withdrawal ${memo} is ${state}, and was paid ${times} times`);
    }
    for (const [memo, times] of chain.paid) if (times > 1) findings.push(`${memo} was paid ${times} times`);

    const sweeps = [...states.values()].filter(({ reason }) => reason === 'sweep');
    const moved = sweeps.filter(({ state }) => state === 'final').map(({ amount }) => amount);
    for (const { id, state } of sweeps)
      if (!ends.includes(state)) findings.push(`sweep ${id} is ${state}, and nothing moves it any more`);
    if (moved.toSorted().join() !== chain.swept.toSorted().join())
      findings.push(`sweeps of ${moved.join()} are final, and the chain has ${chain.swept.join()}`);

    const credited = new Map<string, number>();
    const rows = await client.query<{ transaction: string; state: string }>(
      'select transaction, state from custody.deposit',
    );
    for (const { transaction, state } of rows.rows)
      if (state === 'credited') credited.set(transaction, (credited.get(transaction) ?? 0) + 1);
    let deposits = 0;
    for (const { hash, customer } of exchange.deposited) {
      // What a restarted node forgot before a block had it never was.
      const expected = chain.came.has(hash) ? 1 : 0;
      deposits += expected;
      const times = credited.get(hash) ?? 0;
      if (times !== expected)
        findings.push(
          `deposit ${hash} of ${customer} is ${expected === 1 ? '' : 'not '}on the chain, and credited ${times} times`,
        );
    }

    const verified = await verify(client);
    if (verified.kind === 'refuted')
      findings.push(...verified.findings.map((finding) => `books: ${finding}`));
    const books = await houseBalances(client);
    const [node] = house.nodes;
    for (const role of ['hot', 'cold'] as const) {
      const booked = books.find(({ kind, asset }) => kind === role && asset === XEM)?.balance ?? 0n;
      const held = must(await node.account(house.deed[role].address)).balance;
      if (booked !== held)
        findings.push(`books say that the ${role} wallet holds ${booked}, the chain says ${held}`);
    }

    const jobs = await client.query<{ count: string }>(
      "select count(*) from graphile_worker.jobs where attempts > 0 and last_error is not null and locked_at is null and run_at < now() - interval '1 minute'",
    );
    if (jobs.rows[0]?.count !== '0')
      findings.push(`${jobs.rows[0]?.count} jobs have failed and wait for nothing`);
    return {
      counted: {
        withdrawals: exchange.accepted.length,
        paid,
        returned,
        deposits,
        reasons,
        sweeps: moved.length,
        transfers: verified.kind === 'verified' ? verified.transfers : 0,
      },
      findings,
    };
  } finally {
    await client.end();
  }
}

interface Chain {
  /** Memo → how many payments of the hot account carry it. */
  readonly paid: ReadonlyMap<string, number>;
  /** Hashes of what came to the hot account. */
  readonly came: ReadonlySet<string>;
  /** What was moved from the hot account to the cold one, payment by payment. */
  readonly swept: readonly string[];
}

async function readChain({ deed }: House): Promise<Chain> {
  const node = nemNode(nodeUrls(deed)[0] ?? '', 'testnet');
  const paid = new Map<string, number>();
  const came = new Set<string>();
  const swept: string[] = [];
  for (let height = 1; ;) {
    const blocks = must(await node.blocksAfter(height));
    if (blocks.length === 0) return { paid, came, swept };
    for (const block of blocks) {
      height = block.height;
      for (const { hash, transaction } of block.transactions) {
        if (transaction.kind === 'transfer' && transaction.recipient === deed.hot.address) came.add(hash);
        if (transaction.kind !== 'multisig' || transaction.inner.kind !== 'transfer') continue;
        if (transaction.inner.recipient === deed.cold.address) {
          swept.push(transaction.inner.amount.toString());
          continue;
        }
        const memo = memoOf(transaction.inner) ?? '';
        paid.set(memo, (paid.get(memo) ?? 0) + 1);
      }
    }
  }
}
