/** Whatever is asked in whatever order: the books balance, and claims stay within holdings. */
import { XEM } from '@kuramori/core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  claim,
  customerBalances,
  deposit,
  hold,
  inTransaction,
  loss,
  move,
  networkFee,
  settle,
  totals,
  verify,
  voidHold,
} from './index.ts';
import type { Answer, Client } from './index.ts';
import { hot, rewarded } from './testing/books.ts';
import { testDatabase, type TestDatabase } from './testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const customer = fc.constantFrom('a', 'b', 'c');
/** Small amounts meet and collide; a large one stands for a unit error. */
const units = fc.oneof(fc.bigInt(1n, 50n), fc.constant(10n ** 60n));
const small = fc.bigInt(0n, 5n);
const id = fc.integer({ min: 0, max: 12 }).map(String);

const step = fc.oneof(
  fc.record({ do: fc.constant('deposit' as const), id, customer, units: fc.bigInt(1n, 50n) }),
  fc.record({ do: fc.constant('unclaimed' as const), id, units: fc.bigInt(1n, 50n) }),
  fc.record({ do: fc.constant('claim' as const), id, customer, units }),
  fc.record({ do: fc.constant('own' as const), id, units }),
  fc.record({ do: fc.constant('hold' as const), id, customer, units, small }),
  fc.record({ do: fc.constant('settle' as const), id, small, charged: small }),
  fc.record({ do: fc.constant('void' as const), id }),
  fc.record({ do: fc.constant('move' as const), id, units, small }),
  fc.record({ do: fc.constant('fee' as const), id, small }),
  fc.record({ do: fc.constant('loss' as const), id, units }),
  fc.record({ do: fc.constant('adjust' as const), id, customer, units }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const cold = { kind: 'cold', wallet: 'cold' } as const;
const owner = (name: string) => ({ kind: 'customer', customer: name }) as const;

async function run(client: Client, of: string, what: Step): Promise<string> {
  if (what.do === 'adjust') {
    const key = `${of}:adjust:${what.id}`;
    return (await rewarded(database, key, what.customer, what.units).catch(() => 'refused')) ?? '';
  }
  return (await posting(client, of, what)).kind;
}

function posting(client: Client, of: string, what: Exclude<Step, { do: 'adjust' }>): Promise<Answer> {
  const key = `${of}:${what.do}:${what.id}`;
  const booking = { id: key, about: key, asset: XEM };
  switch (what.do) {
    case 'deposit':
      return deposit(client, { ...booking, units: what.units, into: hot, of: owner(what.customer) });
    case 'unclaimed':
      return deposit(client, { ...booking, units: what.units, into: hot, of: { kind: 'unclaimed' } });
    case 'claim':
      return claim(client, { ...booking, deposit: what.id, units: what.units, by: owner(what.customer) });
    case 'own':
      return claim(client, { ...booking, deposit: what.id, units: what.units, by: { kind: 'own-funds' } });
    case 'hold': {
      const { customer: name, units: amount, small: feeCap } = what;
      return hold(client, { ...booking, id: `${of}:${what.id}`, of: owner(name), amount, feeCap });
    }
    case 'settle':
      return settle(client, {
        hold: `${of}:${what.id}`,
        id: key,
        wallet: 'hot',
        fee: what.small,
        charged: what.charged,
      });
    case 'void':
      return voidHold(client, `${of}:${what.id}`, 'test');
    case 'move':
      return move(client, { ...booking, units: what.units, fee: what.small, from: hot, to: cold });
    case 'fee':
      return networkFee(client, { ...booking, units: what.small + 1n, from: hot });
    case 'loss':
      return loss(client, { ...booking, units: what.units, from: hot });
    default:
      return what satisfies never;
  }
}

test('random sequences', { timeout: 120_000 }, async () => {
  let sequence = 0;
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      sequence += 1;
      for (const what of steps) {
        const before = await totals(database.custody, XEM);
        const kind = await inTransaction(database.custody, (client) => run(client, `s${sequence}`, what));
        const after = await totals(database.custody, XEM);
        if (kind === 'posted') accepted += 1;
        else expect(after).toEqual(before);
        // Only coins that leave may open a gap; nothing that raises claims does.
        const excess = after.claims - after.holdings;
        if (after.claims > before.claims && excess > 0n)
          expect(excess).toBeLessThanOrEqual(before.claims - before.holdings);
        if (what.do !== 'loss' && what.do !== 'fee' && what.do !== 'settle' && what.do !== 'move') {
          expect(excess <= 0n || excess <= before.claims - before.holdings).toBe(true);
        }
      }
      for (const name of ['a', 'b', 'c']) {
        for (const { available, held } of await customerBalances(database.custody, name)) {
          expect(available >= 0n && held >= 0n).toBe(true);
        }
      }
      const verified = await verify(database.prover);
      const findings = verified.kind === 'refuted' ? verified.findings : [];
      // A loss beyond own funds is shown as what it is; nothing else may be found.
      expect(findings.filter((finding) => !finding.startsWith('claims on '))).toEqual([]);
    }),
    { numRuns: 40 },
  );
  expect(accepted).toBeGreaterThan(100);
});
