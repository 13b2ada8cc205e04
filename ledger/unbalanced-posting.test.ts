/** Debits and credits are equal for each asset, whoever writes. */
import { XEM } from '@kuramori/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { depositOf, openWriter, post, verify, type Operation } from './index.ts';
import { deposited, hot } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await deposited(database.custody, 'd', 'alice', 100n);
});
afterAll(() => database[Symbol.asyncDispose]());

const leg = (kind: string, owner: string, amount: unknown, asset: string = XEM) => ({
  kind,
  owner,
  asset,
  amount,
});
const debit = (amount: unknown, asset?: string) => leg('hot', 'hot', amount, asset);
const credit = (amount: unknown, asset?: string) => leg('customer', 'alice', amount, asset);
type Given = ReturnType<typeof leg>;

/** As the function is called by whoever has custody's password, past everything that TypeScript checks. */
function called(
  kind: string,
  legs: readonly Given[],
  ids: readonly string[] = ['x'],
  hold: string | null = null,
) {
  const all = ids.flatMap(() => legs);
  const sql = 'select outcome from ledger.post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)';
  return database.custody.query<{ outcome: string }>(sql, [
    ids,
    ids.map(() => kind),
    ids.map(() => 'x'),
    ids.map(() => legs.length),
    ids.map(() => 0),
    ids.map(() => null),
    ids.map(() => false),
    all.map((one) => one.kind),
    all.map(({ owner }) => owner),
    all.map(({ asset }) => asset),
    all.map(({ amount }) => amount),
    all.map(() => hold),
  ]);
}

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
  ['a name that is none', [leg('hot', 'ho t', '5'), credit('-5')], 'owner_check'],
])('refuses %s', async (_name, legs, message) => {
  await expect(called('deposit', legs)).rejects.toThrow(message);
});

test('refuses one id twice at once, a hold that is used at once, and a payment out of no hold', async () => {
  const good = [debit('5'), credit('-5')];
  await expect(called('deposit', good, ['x', 'x'])).rejects.toThrow('x is asked for twice at once');
  await expect(called('hold', [credit('5')], ['x'], 'x')).rejects.toThrow('is held and used at once');
  const paid = [credit('5'), debit('-5')];
  await expect(called('withdrawal', paid)).rejects.toThrow('takes from customer without a hold');
  await expect(called('deposit', good, ['x'], 'h')).rejects.toThrow('takes from no hold');
  await expect(called('hold', [debit('5')])).rejects.toThrow('only of a customer or of what is unclaimed');
});

test('a hold of what is no whole amount is refused', async () => {
  for (const amount of ['1.5', '-1', 'NaN', 'Infinity', '1e80', '0']) {
    await expect(called('hold', [credit(amount)]), amount).rejects.toThrow(
      /not a whole amount|only of a customer/,
    );
  }
});

test('one malformed call among many ends all of them, and the writer tells it from the others', async () => {
  const before = await verify(database.prover);
  const good = (id: string) =>
    depositOf({
      id,
      about: id,
      asset: XEM,
      units: 1n,
      into: hot,
      of: { kind: 'customer', customer: 'alice' },
    });
  const broken: Operation = { id: 'broken', kind: 'deposit', about: 'b', legs: good('b').legs.slice(1) };
  await expect(post(database.custody, [good('a'), broken, good('c')])).rejects.toThrow('fewer than two legs');
  expect(await verify(database.prover)).toEqual(before);
  await using writer = openWriter(database.custody);
  const outcomes = await Promise.allSettled(
    [...Array.from({ length: 20 }, (_, n) => good(`g${n}`)), broken, good('last')].map(writer.post),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(21);
  expect(outcomes[20]).toMatchObject({ status: 'rejected', reason: { name: 'LedgerError' } });
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
  "insert into ledger.transfer (seq, id, kind, about, body, legs, at) values (1000000, 'x', 'deposit', 'x', sha256(''), 2, now())";
const entry = (amount: number, account: string) =>
  `(${amount}, 1000000, (select id from ledger.account where kind = '${account}' and owner <> 'bob' order by id limit 1), 0, 77)`;
const into = 'insert into ledger.entry (amount, transfer, account, balance, version) values';

test('the tables refuse an unbalanced transfer, half of one, and one with a tail', async () => {
  await expect(asOwner(transfer, `${into} ${entry(5, 'hot')}, ${entry(-4, 'customer')}`)).rejects.toThrow(
    'does not balance',
  );
  await expect(asOwner(transfer, `${into} ${entry(5, 'hot')}`)).rejects.toThrow('does not balance');
  const tail = [
    transfer.replace("'x', 'deposit'", "'y', 'deposit'").replace(', 2, ', ', 3, '),
    `${into} ${entry(5, 'hot')}, ${entry(-5, 'customer')}`,
  ];
  await expect(asOwner(...tail)).rejects.toThrow('transfer y is not written whole');
  await expect(asOwner(`${into} ${entry(5, 'hot')}, ${entry(-5, 'customer')}`)).rejects.toThrow(
    'transfer 1000000 is not written whole',
  );
  const nobody = [transfer, `${into} (5, 1000000, 999999, 5, 1), (-5, 1000000, 999999, 0, 2)`];
  await expect(asOwner(...nobody)).rejects.toThrow('does not balance');
  expect(await verify(database.prover)).toMatchObject({ kind: 'verified' });
});

const guarded = (sql: string) => asOwner("set local session_replication_role = 'replica'", sql);

test('verify sees what a superuser does with the guards taken off', async () => {
  await guarded(
    "update ledger.entry set amount = amount + 1 where amount > 0 and transfer = (select seq from ledger.transfer where id = 'd')",
  );
  const found = await verify(database.prover);
  expect(found).toMatchObject({ kind: 'refuted' });
  const findings = found.kind === 'refuted' ? found.findings : [];
  expect(findings).toContain('transfer d does not balance in nem:xem');
  expect(findings).toContain('account hot hot nem:xem: balance 121, entries add up to 122');
  await guarded(
    "update ledger.entry set amount = amount - 1 where amount > 0 and transfer = (select seq from ledger.transfer where id = 'd')",
  );
  await guarded("update ledger.account set balance = 1000000 where kind = 'customer'");
  expect(await verify(database.prover)).toMatchObject({ kind: 'refuted' });
  await guarded("update ledger.account set balance = 121, held = 3 where kind = 'customer'");
  expect(await verify(database.prover)).toMatchObject({ kind: 'refuted' });
});
