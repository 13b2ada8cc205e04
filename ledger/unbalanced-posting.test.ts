/** Debits and credits are equal for each asset, whoever writes. */
import { XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verify } from './index.ts';
import { deposited } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await deposited(database.custody, 'd', 'alice', 100n);
});
afterAll(() => database[Symbol.asyncDispose]());

const debit = (amount: unknown, asset: string = XEM) => ({ kind: 'hot', owner: 'hot', asset, amount });
const credit = (amount: unknown, asset: string = XEM) => ({
  kind: 'customer',
  owner: 'alice',
  asset,
  amount,
});

test.each([
  ['unequal', [debit('100'), credit('-99')], 'does not balance'],
  ['one leg', [debit('100')], 'fewer than two legs'],
  ['no legs', [], 'fewer than two legs'],
  ['two assets', [debit('100'), credit('-100', 'nem:other')], 'does not balance'],
  ['a fraction', [debit('1.5'), credit('-1.5')], '1.5 is not a whole amount'],
  ['not a number', [debit('NaN'), credit('NaN')], 'NaN is not a whole amount'],
  ['infinite', [debit('Infinity'), credit('-Infinity')], 'Infinity is not a whole amount'],
  ['nothing', [debit('0'), credit('0')], '0 is not a whole amount'],
  ['no amount', [debit(null), credit(null)], 'null is not a whole amount'],
  ['too long', [debit('9'.repeat(79)), credit(`-${'9'.repeat(79)}`)], 'is not a whole amount'],
  ['too much', [debit('9'.repeat(78)), credit(`-${'9'.repeat(78)}`)], 'numeric field overflow'],
  ['one account twice', [debit('5'), debit('5'), credit('-10')], 'names hot hot twice'],
  ['the wrong way round', [debit('-5'), credit('5')], 'does not touch'],
])('refuses %s', async (_name, legs, message) => {
  const posted = database.custody.query("select ledger.post('x', 'deposit', 'x', $1)", [
    JSON.stringify(legs),
  ]);
  await expect(posted).rejects.toThrow(message);
});

test('the functions refuse what is no whole amount', async () => {
  for (const amount of ['1.5', '-1', 'NaN', 'Infinity', '1e80']) {
    const held = database.custody.query("select ledger.hold('h', 'customer', 'alice', 'nem:xem', $1, 0)", [
      amount,
    ]);
    await expect(held).rejects.toThrow('units_check');
  }
});

// The owner of the tables writes past the functions: the tables themselves must refuse.
async function asOwner(...sql: string[]) {
  const client = await database.admin.connect();
  try {
    await client.query('begin');
    for (const statement of sql) await client.query(statement);
    await client.query('commit');
  } finally {
    await client.query('rollback');
    client.release();
  }
}

const transfer =
  "insert into ledger.transfer (id, kind, about, body, legs) values ('x', 'deposit', 'x', sha256(''), 2)";
const entry = (amount: number, account: string) =>
  `(${amount}, 'x', (select id from ledger.account where kind = '${account}'), 'nem:xem', 0, 77)`;
const into = 'insert into ledger.entry (amount, transfer, account, asset, balance, version) values';

test('the tables refuse an unbalanced transfer, half of one, and one with a tail', async () => {
  await expect(asOwner(transfer, `${into} ${entry(5, 'hot')}, ${entry(-4, 'customer')}`)).rejects.toThrow(
    'does not balance',
  );
  await expect(asOwner(transfer, `${into} ${entry(5, 'hot')}`)).rejects.toThrow('does not balance');
  const tail = [
    transfer.replace("'x', 'deposit'", "'y', 'deposit'").replace(', 2)', ', 3)'),
    `${into} ${entry(5, 'hot')}, ${entry(-5, 'customer')}`.replaceAll("'x'", "'y'"),
  ];
  await expect(asOwner(...tail)).rejects.toThrow('transfer y is not written whole');
  expect(await verify(database.prover)).toMatchObject({ kind: 'verified' });
});

const guarded = (sql: string) => asOwner("set local session_replication_role = 'replica'", sql);

test('verify sees what a superuser does with the guards taken off', async () => {
  await guarded("update ledger.entry set amount = amount + 1 where amount > 0 and transfer = 'd'");
  const found = await verify(database.prover);
  expect(found).toMatchObject({ kind: 'refuted' });
  const findings = found.kind === 'refuted' ? found.findings : [];
  expect(findings).toContain('transfer d does not balance in nem:xem');
  expect(findings).toContain('account hot hot nem:xem: balance 100, entries add up to 101');
  await guarded("update ledger.entry set amount = amount - 1 where amount > 0 and transfer = 'd'");
  await guarded("update ledger.account set balance = 1000000 where kind = 'customer'");
  expect(await verify(database.prover)).toMatchObject({ kind: 'refuted' });
  await guarded("update ledger.account set balance = 100, held = 3 where kind = 'customer'");
  expect(await verify(database.prover)).toMatchObject({ kind: 'refuted' });
});
