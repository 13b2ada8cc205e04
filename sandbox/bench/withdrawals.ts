/**
 * `kuramori bench withdrawals`: a real house, an exchange that asks without pause, and how long it takes from the moment
 * that custody has accepted a withdrawal until it is announced: a node has taken the wrapper and every cosignature of it.
 * Beside it the ceiling: the same cores doing nothing but the signatures, verifications and self-checks that were counted in the run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAmount, XEM } from '@kuramori/core';
import { Client } from 'pg';
import { check } from '../chaos/check.ts';
import { tellOnNem } from '../chaos/on/nem.ts';
import { bringOwnFunds } from '../day.ts';
import { pause } from '../house/chain.ts';
import { openHouse } from '../house/house.ts';
import { servingHouse, type PlanInput } from '../house/plan.ts';
import { basketOf, between, countAll, countOwn, type Counts } from './counted.ts';
import { measureCeiling } from './ceiling.ts';
import { alone, beside, machine, percentile, type Bench } from './figures.ts';
import { heightOf, processorOf, settled, stepsBetween, timesOf } from './observe.ts';
import { openRush } from './rush.ts';
import type { Basket } from './bare.ts';

export interface WithdrawalsBenchOptions {
  /** How long is measured, after a fifth of it to warm up. */
  readonly seconds: number;
  /** How many are accepted and not yet announced at a time: what keeps every part of the way busy. */
  readonly open: number;
  readonly say: (line: string) => void;
}

export interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Of all that were asked for, before, while and after it was measured. */
  readonly withdrawals: number;
  readonly blocks: number;
  readonly counts: Counts;
  readonly basket: Basket;
}

const xem = (text: string) => parseAmount(text, XEM);
const customers = 64;

/** No limit is met, nothing is paced; everything else is as in any house. */
function rushHouse(folder: string): PlanInput {
  return {
    ...servingHouse(folder),
    pager: false,
    rule: {
      perPayment: xem('1000'),
      rolling: { hours: 24, units: xem('1000000000') },
      firstSeen: { hours: 24, shareBps: 10_000 },
      feeCap: xem('5'),
    },
    // 120 counted transactions are 40 payments: on a public network a block a second would be the limit, and not we.
    load: { inFlight: 100_000, requestsPerSecond: 10_000, transactionsPerBlock: 3_000 },
    ephemeral: true,
  };
}

export async function benchWithdrawals({ seconds, open, say }: WithdrawalsBenchOptions): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-bench-'));
  try {
    const measured = await measureRush(folder, { seconds, open, say });
    say('the same signatures, verifications and self-checks, and nothing else');
    const ceiling = await measureCeiling(measured.basket, Math.max(2, seconds / 4));
    return {
      bench: 'withdrawals',
      machine: machine(),
      figures: [
        beside(
          'withdrawals, accepted to announced, sustained',
          measured.perSecond,
          '/s',
          'bare signatures, verifications and self-checks',
          ceiling,
          0.4,
        ),
        alone('p50, accepted to announced', measured.p50, 'ms'),
        alone('p99, accepted to announced', measured.p99, 'ms'),
        ...Object.entries(measured.basket).map(([name, count]) => alone(`${name}, a withdrawal`, count, '')),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds the house, lets the exchange rush, and checks afterwards that everything was paid once. */
export async function measureRush(
  folder: string,
  { seconds, open, say }: WithdrawalsBenchOptions,
): Promise<Measured> {
  const own = countOwn();
  await using house = await openHouse(rushHouse(join(folder, 'house')), { step: say });
  const day = { house, now: Date.now, pass: () => Promise.resolve() };
  await bringOwnFunds(day, xem('1000000'));
  const database = new Client({ connectionString: house.databaseUrl ?? '' });
  await database.connect();
  try {
    say(`${customers} customers bring in their coins`);
    const rush = await openRush(house, database, customers);
    const [begins, from] = [await countAll(house, own), await heightOf(house)];
    say(
      'accepted: custody has answered 201; announced: one node has taken the wrapper and every cosignature',
    );
    say(`the exchange asks, ${open} open at a time: ${seconds} s`);
    const over = new AbortController();
    const asking = rush.ask(open, over.signal);
    await pause((seconds * 1000) / 5);
    const [since, processor] = [Date.now(), await processorOf(await countAll(house, own), database)];
    await pause(seconds * 1000);
    const [till, processorAfter] = [Date.now(), await processorOf(await countAll(house, own), database)];
    over.abort();
    await asking;
    say('the exchange has enough: everything is let finish');
    await settled(database);
    const [counts, blocks] = [between(begins, await countAll(house, own)), (await heightOf(house)) - from];
    const { findings } = await check(house.databaseUrl ?? '', XEM, await tellOnNem(house), rush);
    if (findings.length > 0)
      throw new Error(`what was measured is not sound: ${findings.slice(0, 3).join('; ')}`);
    const ms = await timesOf(database, since, till);
    const perSecond = (ms.length * 1000) / (till - since);
    for (const [name, cpu] of processorAfter) {
      const spent = cpu - (processor.get(name) ?? 0);
      say(`${name.padEnd(11)} ${(spent / ms.length).toFixed(2).padStart(6)} ms of a core a withdrawal`);
    }
    for (const { state, ms: stood } of await stepsBetween(database, since, till))
      say(`to ${state}: ${stood} ms`);
    const withdrawals = rush.asked.length;
    return {
      perSecond,
      p50: percentile(ms, 0.5),
      p99: percentile(ms, 0.99),
      withdrawals,
      blocks,
      counts,
      basket: basketOf(counts, withdrawals, blocks),
    };
  } finally {
    await database.end();
  }
}
