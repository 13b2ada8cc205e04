/** A statement shows every entry, each with the balance after it, and as it was at any time; a missing one shows. */
import { XEM } from '@kuramori/core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { balanceAsOf, statement, totalsAsOf, verify, type StatementEntry } from './index.ts';
import { deposited, held, settled } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

const alice = { kind: 'customer', owner: 'alice', asset: XEM } as const;
let database: TestDatabase;
let all: readonly StatementEntry[];
beforeAll(async () => {
  database = await testDatabase();
  for (let n = 0; n < 40; n += 1) {
    await deposited(database.custody, `d${n}`, n % 3 === 0 ? 'bob' : 'alice', BigInt(n + 1));
    if (n % 5 === 4) {
      await held(database.custody, `w${n}`, 'alice', 2n);
      await settled(database.custody, `w${n}`);
    }
  }
  all = (await statement(database.prover, alice, { limit: 1000 })).entries;
});
afterAll(() => database[Symbol.asyncDispose]());

test('versions have no gap, and each balance is the one before with the amount', () => {
  expect(all.length).toBeGreaterThan(30);
  let balance = 0n;
  for (const [index, entry] of all.entries()) {
    balance += entry.amount;
    expect(entry).toMatchObject({ version: index + 1, balance });
  }
});

test('pages put together are the whole, whatever their size', async () => {
  for (const limit of [1, 7, 1000]) {
    const pages: StatementEntry[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page = await statement(database.prover, alice, { after, limit });
      expect(page.opening).toBe(pages.at(-1)?.balance ?? 0n);
      pages.push(...page.entries);
      expect(page.closing).toBe(pages.at(-1)?.balance);
      after = page.next;
    }
    expect(pages).toEqual(all);
  }
  for (const limit of [0, 1001, 1.5, -1])
    await expect(statement(database.prover, alice, { limit })).rejects.toThrow(
      'limit: must be a whole number',
    );
});

test('as of any moment, and between any two: opening and entries add up to closing', async () => {
  const first = all[0]?.at.getTime() ?? 0;
  const last = all.at(-1)?.at.getTime() ?? 0;
  const moment = fc.integer({ min: first - 5, max: last + 5 }).map((ms) => new Date(ms));
  await fc.assert(
    fc.asyncProperty(moment, moment, async (one, other) => {
      const [from, to] = one <= other ? [one, other] : [other, one];
      const before = (at: Date) => all.findLast((entry) => entry.at < at)?.balance ?? 0n;
      expect(await balanceAsOf(database.prover, alice, from)).toBe(before(from));
      const between = await statement(database.prover, alice, { from, to, limit: 1000 });
      expect(between).toMatchObject({ opening: before(from), closing: before(to), next: null });
      const totals = await totalsAsOf(database.prover, XEM, to);
      const sum = (kind: string) => totals.find((total) => total.kind === kind)?.balance ?? 0n;
      // Nothing was lost and nothing given, so at every moment what is held is what is owed.
      expect(sum('hot')).toBe(sum('customer'));
    }),
    { numRuns: 60 },
  );
});

test('of an account that is not there', async () => {
  const nobody = { ...alice, owner: 'nobody' };
  expect(await statement(database.prover, nobody)).toEqual({
    opening: 0n,
    entries: [],
    closing: 0n,
    next: null,
  });
  expect(await balanceAsOf(database.prover, nobody, new Date())).toBe(0n);
});

test('an entry that somebody takes out is found', async () => {
  const client = await database.admin.connect();
  await client.query('begin');
  await client.query("set local session_replication_role = 'replica'");
  await client.query(
    "delete from ledger.entry where version = 5 and account = (select id from ledger.account where owner = 'alice')",
  );
  const found = await verify(client);
  await client.query('rollback');
  client.release();
  expect(found).toMatchObject({ kind: 'refuted' });
  expect(
    found.kind === 'refuted' && found.findings.some((one) => one.includes('customer alice nem:xem: version')),
  ).toBe(true);
});
