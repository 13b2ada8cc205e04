/**
 * `kuramori bench ledger`: transfers a second through the batching writer, beside (a) one plpgsql call a transfer with the
 * same guarantees and (b) pgbench's simple-update script, all through `pg`, on one server with fsync, turn by turn.
 */
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XEM } from '@kuramori/core';
import {
  custodyRole,
  depositOf,
  migrate,
  openWriter,
  post,
  tradeOf,
  verify,
  type Operation,
} from '@kuramori/ledger';
import { Client, Pool } from 'pg';
import { freePort, startPostgres } from '../postgres/server.ts';
import { alone, beside, machine, percentile, type Bench, type Figure } from './figures.ts';

export interface LedgerBenchOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly clients: number;
  readonly say: (line: string) => void;
}

/** One client's next transaction; the milliseconds are measured around it. */
type Once = (client: number) => Promise<void>;

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** In the order of their turns. `lean` is (a) without the day's median: a weaker guarantee, shown beside, without a goal. */
const contendersInTurn = ['writer', 'call', 'lean', 'pgbench'] as const;
type Contender = (typeof contendersInTurn)[number];

const password = 'bench-password-for-one-run';
/** pgbench's scale 1. */
const pgbenchAccounts = 100_000;

export async function benchLedger({ seconds, rounds, clients, say }: LedgerBenchOptions): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-bench-'));
  try {
    await using postgres = await startPostgres({
      folder: join(folder, 'postgres'),
      port: await freePort(),
      fsync: true,
      ephemeral: true,
    });
    const figures: Figure[] = [];
    for (const accounts of [10, 10_000]) {
      say(`${accounts} accounts: a database, ${accounts} customers`);
      const name = `bench_${accounts}`;
      const admin = await prepare(postgres.url, name, accounts);
      try {
        figures.push(...(await compare(admin, accounts, { seconds, rounds, clients, say })));
      } finally {
        await admin.end();
      }
    }
    return { bench: 'ledger', machine: machine(), figures };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function prepare(url: string, name: string, accounts: number): Promise<Pool> {
  const server = new Client({ connectionString: url });
  await server.connect();
  await server.query(`create database ${name}`);
  await server.end();
  const adminUrl = new URL(url);
  adminUrl.pathname = `/${name}`;
  await migrate(adminUrl.href, { custody: password, prover: password });
  const admin = new Pool({ connectionString: adminUrl.href, max: 80 });
  // The server is stopped by us; whoever waits for an answer is told by the query itself.
  admin.on('error', () => undefined);
  await admin.query(readFileSync(new URL('one-call.sql', import.meta.url), 'utf8'));
  await admin.query(`
    create table pgbench_accounts (aid int primary key, bid int, abalance int, filler char(84)) with (fillfactor = 100);
    create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
    insert into pgbench_accounts select aid, 1, 0, '' from generate_series(1, ${pgbenchAccounts}) aid`);
  const into = { kind: 'hot', wallet: 'hot' } as const;
  const all = Array.from({ length: accounts }, (_, n) => customer(n)).map((one) =>
    depositOf({
      id: one,
      about: one,
      asset: XEM,
      units: 1_000_000_000_000n,
      into,
      of: { kind: 'customer', customer: one },
    }),
  );
  await post(admin, all);
  // pgbench does the same before it measures.
  await admin.query('vacuum analyze');
  return admin;
}

const customer = (n: number) => `customer-${n}`;

async function compare(
  admin: Pool,
  accounts: number,
  { seconds, rounds, clients, say }: LedgerBenchOptions,
): Promise<readonly Figure[]> {
  const custodyUrl = new URL(String(admin.options.connectionString));
  custodyUrl.username = custodyRole;
  custodyUrl.password = password;
  const pool = new Pool({ connectionString: custodyUrl.href, max: 2 });
  const writer = openWriter(pool);
  const connections = await Promise.all(Array.from({ length: clients }, () => admin.connect()));
  let count = 0;
  const next = (): { id: string; from: string; to: string; units: bigint } => {
    count += 1;
    const from = randomInt(accounts);
    const to = (from + 1 + randomInt(accounts - 1)) % accounts;
    return {
      id: `t:${count}`,
      from: customer(from),
      to: customer(to),
      units: BigInt(1 + randomInt(100_000)),
    };
  };
  const oneCall = async (client: number, median: boolean) => {
    const { id, from, to, units } = next();
    const statement = { name: 'call', text: 'select bench.transfer($1, $2, $3, $4, $5, $6)' };
    await connections[client]?.query({ ...statement, values: [id, from, to, XEM, units.toString(), median] });
  };
  const contenders: Readonly<Record<Contender, Once>> = {
    async writer() {
      const answer = await writer.post(tradeOfNext(next()));
      if (answer.kind !== 'posted') throw new Error(`not posted: ${JSON.stringify(answer)}`);
    },
    call: (client) => oneCall(client, true),
    lean: (client) => oneCall(client, false),
    async pgbench(client) {
      const connection = connections[client];
      const aid = 1 + randomInt(pgbenchAccounts);
      const delta = randomInt(-5000, 5001);
      await connection?.query('begin');
      await connection?.query({
        name: 'update',
        text: 'update pgbench_accounts set abalance = abalance + $1 where aid = $2',
        values: [delta, aid],
      });
      await connection?.query({
        name: 'select',
        text: 'select abalance from pgbench_accounts where aid = $1',
        values: [aid],
      });
      await connection?.query({
        name: 'insert',
        text: 'insert into pgbench_history (tid, bid, aid, delta, mtime) values ($1, 1, $2, $3, current_timestamp)',
        values: [1 + randomInt(10), aid, delta],
      });
      await connection?.query('end');
    },
  };
  const results: Record<Contender, Measured[]> = { writer: [], call: [], lean: [], pgbench: [] };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const name of contendersInTurn) {
        // The first round warms caches and plans, and is not counted.
        const measured = await measure(contenders[name], clients, round === 0 ? 1 : seconds);
        say(
          `${accounts} accounts, ${round === 0 ? 'warming' : `round ${round}`}: ${name} ${Math.round(measured.perSecond)} a second`,
        );
        if (round > 0) results[name].push(measured);
      }
    }
    const verified = await verify(admin);
    if (verified.kind !== 'verified')
      throw new Error(`the books are wrong afterwards: ${verified.findings.slice(0, 3).join('; ')}`);
  } finally {
    for (const connection of connections) connection.release();
    await writer[Symbol.asyncDispose]();
    await pool.end();
  }
  const of = (name: Contender, what: keyof Measured) =>
    percentile(
      results[name].map((one) => one[what]),
      0.5,
    );
  const title = `${accounts.toLocaleString('en')} accounts`;
  return [
    beside(
      `transfers, ${title}`,
      of('writer', 'perSecond'),
      '/s',
      '(a) one plpgsql call a transfer',
      of('call', 'perSecond'),
      3,
    ),
    beside(
      `transfers, ${title}`,
      of('writer', 'perSecond'),
      '/s',
      '(b) pgbench simple-update through pg',
      of('pgbench', 'perSecond'),
      1.5,
    ),
    alone(`(a) without the day's median, ${title}`, of('lean', 'perSecond'), '/s'),
    ...(['p50', 'p99'] as const).flatMap((share) => [
      alone(`${share}, ${title}, writer`, of('writer', share), 'ms'),
      alone(`${share}, ${title}, (a)`, of('call', share), 'ms'),
      alone(`${share}, ${title}, (b)`, of('pgbench', share), 'ms'),
    ]),
  ];
}

function tradeOfNext({
  id,
  from,
  to,
  units,
}: {
  id: string;
  from: string;
  to: string;
  units: bigint;
}): Operation {
  return tradeOf({
    id,
    about: id,
    legs: [
      { customer: from, asset: XEM, units: -units },
      { customer: to, asset: XEM, units },
    ],
  });
}

async function measure(once: Once, clients: number, seconds: number): Promise<Measured> {
  const times: number[] = [];
  const began = performance.now();
  const over = began + seconds * 1000;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let now = performance.now(); now < over;) {
        await once(client);
        const after = performance.now();
        times.push(after - now);
        now = after;
      }
    }),
  );
  const perSecond = (times.length * 1000) / (performance.now() - began);
  return { perSecond, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}
