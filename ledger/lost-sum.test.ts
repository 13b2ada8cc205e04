/** Whoever changes no sum must not write one: it would be the sum of a moment ago. Found by `kuramori chaos`, seed 3. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verify } from './index.ts';
import { deposited, held, settled, voided } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

test('holds, voids, deposits and payments at once, of many customers', async () => {
  const { custody } = database;
  await Promise.all(Array.from({ length: 8 }, (_, n) => deposited(custody, `d${n}`, `c${n}`, 1_000n)));
  await Promise.all(
    Array.from({ length: 400 }, async (_, n) => {
      const customer = `c${n % 8}`;
      if (n % 4 === 0) return deposited(custody, `more${n}`, customer, 5n);
      await held(custody, `h${n}`, customer, 2n);
      return n % 4 === 1 ? settled(custody, `h${n}`) : voided(custody, `h${n}`);
    }),
  );
  expect(await verify(database.prover)).toMatchObject({ kind: 'verified' });
});
