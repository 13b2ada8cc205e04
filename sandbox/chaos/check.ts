/**
 * What must hold when all is quiet again: nothing paid twice, nothing lost, the books right and the chain's. What was promised is the
 * exchange's own memory, what happened is the chain's; custody's tables are only held against both.
 */
import { houseBalances, verify, type Client as Database } from '@kuramori/ledger';
import type { Asset } from '@kuramori/core';
import { Client } from 'pg';
import { z } from 'zod';
import type { Exchange } from './exchange.ts';
import type { Told } from './on/ground.ts';

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
  amount: z.string().transform(BigInt),
  why: z.string().nullable(),
});

const Seen = z.object({ transaction: z.string(), state: z.string() });

/** What custody wrote down of one asset. */
export interface Written {
  readonly payments: readonly z.output<typeof State>[];
  readonly deposits: readonly z.output<typeof Seen>[];
  /** What the books say is hot, and what is cold. */
  readonly booked: { readonly hot: bigint; readonly cold: bigint };
}

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

/** Reads the database as its administrator. */
export async function check(
  databaseUrl: string,
  asset: Asset,
  told: Told,
  exchange: Pick<Exchange, 'asked' | 'deposited'>,
): Promise<Checked> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const held = compare(told, await readWritten(client, asset), exchange);
    const findings = [...held.findings];
    const verified = await verify(client);
    if (verified.kind === 'refuted')
      findings.push(...verified.findings.map((finding) => `books: ${finding}`));
    const jobs = await client.query<{ count: string }>(
      "select count(*) from graphile_worker.jobs where attempts > 0 and last_error is not null and locked_at is null and run_at < now() - interval '1 minute'",
    );
    if (jobs.rows[0]?.count !== '0')
      findings.push(`${jobs.rows[0]?.count} jobs have failed and wait for nothing`);
    const transfers = verified.kind === 'verified' ? verified.transfers : 0;
    return { counted: { ...held.counted, transfers }, findings };
  } finally {
    await client.end();
  }
}

async function readWritten(client: Database, asset: Asset): Promise<Written> {
  const read = async <S extends z.ZodType>(schema: S, sql: string): Promise<z.output<S>[]> =>
    (await client.query(sql, [asset])).rows.map((one) => schema.parse(one));
  const books = (await houseBalances(client)).filter((one) => one.asset === asset);
  const sum = (role: string) =>
    books.reduce((total, { kind, balance }) => (kind === role ? total + balance : total), 0n);
  return {
    payments: await read(
      State,
      'select id, reason, state, amount::text, why from custody.withdrawal where asset = $1',
    ),
    deposits: await read(Seen, 'select transaction, state from custody.deposit where asset = $1'),
    booked: { hot: sum('hot'), cold: sum('cold') },
  };
}

/** Pure: the chain, custody's tables and the exchange's memory against each other. */
export function compare(
  told: Told,
  { payments, deposits, booked }: Written,
  { asked, deposited }: Pick<Exchange, 'asked' | 'deposited'>,
): { readonly counted: Omit<Counted, 'transfers'>; readonly findings: readonly string[] } {
  const findings: string[] = [...told.unexplained];
  const states = new Map(payments.map((one) => [one.id, one]));
  const reasons: Record<string, number> = {};
  let [paid, returned] = [0, 0];
  const accepted = asked.flatMap((one) => (one.id === null ? [] : { ...one, id: one.id }));
  for (const { id, mark } of accepted) {
    const { state, why } = states.get(id) ?? { state: 'forgotten', why: null };
    const times = told.paid.get(mark)?.length ?? 0;
    if (state === 'final') paid += 1;
    const back = state === 'returned' || state === 'refused';
    if (back) {
      returned += 1;
      const reason = (why ?? '').replaceAll(/[0-9a-f]{16,}|[0-9]{4,}/g, '…');
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    const expected = state === 'final' ? 1 : back ? 0 : null;
    if (expected === null) findings.push(`withdrawal ${mark} is ${state}, and nothing moves it any more`);
    else if (times !== expected) findings.push(`withdrawal ${mark} is ${state}, and was paid ${times} times`);
  }
  findings.push(...strangePayments(told, asked));

  const sweeps = payments.filter(({ reason }) => reason === 'sweep');
  const moved = sweeps.filter(({ state }) => state === 'final').map(({ amount }) => amount);
  for (const { id, state } of sweeps)
    if (!ends.includes(state)) findings.push(`sweep ${id} is ${state}, and nothing moves it any more`);
  if (sorted(moved) !== sorted(told.swept))
    findings.push(`sweeps of ${moved.join()} are final, and the chain has ${told.swept.join()}`);

  const credited = new Map<string, number>();
  for (const { transaction, state } of deposits)
    if (state === 'credited') credited.set(transaction, (credited.get(transaction) ?? 0) + 1);
  for (const transaction of credited.keys())
    if (!told.came.has(transaction)) findings.push(`deposit ${transaction} is credited, and no block has it`);
  let came = 0;
  for (const { hash, customer } of deposited) {
    // What a restarted node forgot before a block had it never was.
    const expected = told.came.has(hash) ? 1 : 0;
    came += expected;
    const times = credited.get(hash) ?? 0;
    if (times !== expected)
      findings.push(
        `deposit ${hash} of ${customer} is ${expected === 1 ? '' : 'not '}on the chain, and credited ${times} times`,
      );
  }
  for (const role of ['hot', 'cold'] as const)
    if (booked[role] !== told.held[role])
      findings.push(
        `books say that the ${role} wallet holds ${booked[role]}, the chain says ${told.held[role]}`,
      );
  return {
    counted: {
      withdrawals: accepted.length,
      paid,
      returned,
      deposits: came,
      reasons,
      sweeps: moved.length,
    },
    findings,
  };
}

/** Payments that nobody asked for, that were made more than once, or of another amount; whether custody's answer was heard or not. */
function strangePayments({ paid }: Told, asked: Exchange['asked']): readonly string[] {
  const wanted = new Map(asked.map((one) => [one.mark, one]));
  return [...paid].flatMap(([mark, payments]) => {
    const units = wanted.get(mark)?.units;
    if (units === undefined) return [`${payments.join()} left for ${mark}, which nobody asked for`];
    return [
      ...(payments.length > 1 ? [`${mark} was paid ${payments.length} times`] : []),
      ...(payments.some((one) => one !== units)
        ? [`${mark} asked for ${units}, and was paid ${payments.join()}`]
        : []),
      ...(wanted.get(mark)?.answer === 'refused' ? [`${mark} was refused, and was paid all the same`] : []),
    ];
  });
}

const sorted = (units: readonly bigint[]): string =>
  units.toSorted((one, other) => (one < other ? -1 : 1)).join();
