/** Whoever administers Postgres writes past the postings: the watchtower, which reads no book, says so within seconds. */
import { chmodSync, mkdtempSync, readFileSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignedTotals, watchtowerRoutes, type WatchtowerStatus } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { bringOwnFunds, clientOf, deposit, done, withdraw, type Day } from './day.ts';
import { until } from './house/chain.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { whereOf } from './house/rooms.ts';

const xem = 1_000_000n;
let folder: string;
let house: House;
let day: Day;
let admin: Client;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-triggers-'));
  chmodSync(folder, 0o711);
  // The wallets hold something before the first block that is read: by the policy's word it is in the books.
  const opening = { hot: 3n * xem, cold: 2n * xem };
  house = await openHouse(
    { ...servingHouse(join(folder, 'house')), ...opening, ephemeral: true },
    { step: () => {} },
  );
  day = { house, now: Date.now, pass: () => Promise.resolve() };
  admin = new Client({ connectionString: house.databaseUrl ?? '' });
  await admin.connect();
}, 120_000);
afterAll(async () => {
  await admin?.end();
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function books(): Promise<WatchtowerStatus['books']> {
  const status = await call(whereOf(house.plan, 'watchtower'), watchtowerRoutes.status, {});
  if (status.kind !== 'status') throw new Error(JSON.stringify(status));
  return status.books;
}

function incidents(): Record<string, unknown>[] {
  const file = join(house.plan.folder, 'watchtower', 'incident.jsonl');
  const text = existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : '';
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** With every trigger and constraint out of the way. */
async function tamper(change: string): Promise<number> {
  await admin.query('set session_replication_role = replica');
  await admin.query(change);
  return performance.now();
}

async function told(event: string, fields: object): Promise<void> {
  await until(`${event} to be told`, async () => {
    const found = incidents().filter((one) => one['event'] === event);
    try {
      expect(found).toContainEqual(expect.objectContaining(fields));
      return true;
    } catch {
      return undefined;
    }
  });
}

/** Compared at a block that came after now, with nothing found. */
async function inOrder(): Promise<void> {
  const compared = (await books()).chains[0]?.compared;
  let last: unknown;
  await until(
    () => `the books to be compared and in order: ${JSON.stringify(last)}`,
    async () => {
      const now = await books();
      last = now;
      return now.findings.length === 0 && (now.chains[0]?.compared ?? 0) > (compared ?? 0) + 1
        ? true
        : undefined;
    },
  );
}

describe('books of a house that serves', () => {
  it('are compared with the chain block by block, while coins come and go', async () => {
    await inOrder();
    await bringOwnFunds(day, 500_000n * xem);
    await deposit(day, 'alice', 1_000n * xem);
    await withdraw(day, 'alice', 100n * xem, 2n * xem);
    await inOrder();
    expect(incidents()).toEqual([]);
    const shown = done(await clientOf(day).call('showTotals', {})).body;
    expect(SignedTotals.parse(shown).totals.assets).toMatchObject([{ claims: 899_600_000n, due: 0n }]);
  }, 60_000);

  it.each([
    [
      'a wallet’s balance, up',
      "balance + 1 where kind = 'hot'",
      'books and chain apart',
      { difference: '1' },
    ],
    [
      'a customer’s balance, down',
      "balance - 1 where kind = 'customer' and owner = 'alice'",
      'books do not balance',
      { difference: '1' },
    ],
  ])(
    '%s, by one unit: told within seconds, and over when it is put back',
    async (_what, change, event, fields) => {
      const began = await tamper(`update ledger.account set balance = ${change}`);
      await told(event, fields);
      expect(performance.now() - began).toBeLessThan(15_000);
      await tamper(
        `update ledger.account set balance = ${change.replace(/[+-]/, (sign) => (sign === '+' ? '-' : '+'))}`,
      );
      await inOrder();
    },
    60_000,
  );

  it('a wrong unit on both sides, as at Bithumb, with a payment made up to explain it', async () => {
    const more = 620_000n * xem;
    await tamper(`
      update ledger.account set balance = balance + ${more} where kind = 'hot';
      update ledger.account set balance = balance + ${more} where kind = 'customer' and owner = 'alice';
      insert into custody.outgoing (transaction, wallet, kind, recipient, asset, units, fee, height, what, withdrawal, at)
        select repeat('ab', 32), wallet, 'withdrawal', null, asset, ${more}, 0, (select height from custody.cursor), 'transfer', id, 0
          from custody.withdrawal limit 1;
      update custody.withdrawal set state = 'confirmed'`);
    await told('claims above holdings', {});
    const status = await call(whereOf(house.plan, 'watchtower'), watchtowerRoutes.status, {});
    expect(status).toMatchObject({ frozen: null });
  }, 60_000);
});
