/** A formula that is wrong by a unit in one case of a million: each rule beside another way to say it, unit by unit or in exact fractions. */
import { array, assert, bigInt, boolean, constantFrom, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import type { RuleName, State } from './index.ts';
import { anyMovements, heldBy, people, smallCase, traced } from './testing/moves.ts';

type Of = State['of'];

/** The movements as the case has put them in order. */
function* steps({ table }: Of) {
  for (let row = 0; row < table.rows; row += 1) {
    const [from, to] = [
      table.accounts[table.from[row] ?? -1] ?? '',
      table.accounts[table.to[row] ?? -1] ?? '',
    ];
    const asset = table.assets[table.asset[row] ?? -1] ?? '';
    if (from !== to) yield { row, from, to, asset, units: Number(table.low[row] ?? 0n) };
  }
}

const ends = (account: string) => account === '(fees)';
const compare = (
  state: State,
  held: ReadonlyMap<string, readonly boolean[]>,
  carried: ReadonlyMap<number, number>,
) => {
  for (const account of people)
    for (const asset of ['coin', 'token']) {
      if (account === 'thief') continue;
      const units = held.get(`${account} ${asset}`) ?? [];
      expect(heldBy(state, account, asset)).toEqual({
        units: BigInt(units.length),
        taint: BigInt(units.filter(Boolean).length),
      });
    }
  for (const [row, taint] of carried) expect(state.carried.get(row) ?? 0n).toBe(BigInt(taint));
};

/** Which of a row of units leave: the oracle knows each by itself, tainted or not. */
type Pick = (units: boolean[], count: number) => boolean[];
const picks: Readonly<Partial<Record<RuleName, Pick>>> = {
  fifo: (units, count) => units.splice(0, count),
  lifo: (units, count) => Array.from({ length: count }, () => units.pop() ?? false),
  'tainted-first': (units, count) => units.sort((a, b) => Number(b) - Number(a)).splice(0, count),
  'clean-first': (units, count) => units.sort((a, b) => Number(a) - Number(b)).splice(0, count),
};

it.each(Object.entries(picks))('%s moves the same units as one who moves them one by one', (name, pick) => {
  assert(
    property(anyMovements(12n, 30), (movements) => {
      const of = smallCase(movements);
      const [held, carried] = [new Map<string, boolean[]>(), new Map<number, number>()];
      for (const { row, from, to, asset, units } of steps(of)) {
        const own = held.get(`${from} ${asset}`) ?? [];
        held.set(`${from} ${asset}`, own);
        // Money from before the case is the oldest, and clean.
        while (from !== 'thief' && own.length < units) own.unshift(false);
        const left = from === 'thief' ? Array.from({ length: units }, () => true) : pick(own, units);
        carried.set(row, left.filter(Boolean).length);
        if (!ends(to)) held.set(`${to} ${asset}`, [...(held.get(`${to} ${asset}`) ?? []), ...left]);
      }
      compare(traced(of, name as RuleName), held, carried);
    }),
    { numRuns: 150 },
  );
});

it('clean-first is the lowest balance since: what is tainted is never more than any balance after it came', () => {
  assert(
    property(
      bigInt({ min: 1n, max: 1_000n }),
      bigInt({ min: 1n, max: 1_000n }),
      array(bigInt({ min: -300n, max: 300n }), { maxLength: 20 }),
      (clean, taint, changes) => {
        let [balance, lowest] = [clean + taint, taint];
        const movements = [
          { from: 'bob', to: 'ann', units: clean },
          { from: 'thief', to: 'ann', units: taint },
        ];
        for (const change of changes) {
          movements.push(
            change < 0n
              ? { from: 'ann', to: 'cas', units: -change }
              : { from: 'bob', to: 'ann', units: change },
          );
          balance = balance + change < 0n ? 0n : balance + change;
          if (balance < lowest) lowest = balance;
        }
        const rows = movements.map((one, at) => ({
          ...one,
          block: at + 1,
          index: 0,
          time: at,
          tx: `tx-${at}`,
          asset: 'coin',
          kind: 'transfer' as const,
        }));
        expect(heldBy(traced(smallCase(rows), 'clean-first'), 'ann').taint).toBe(lowest);
      },
    ),
  );
});

/** A fraction of big numbers, in lowest terms. */
type Fraction = readonly [bigint, bigint];
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
const fraction = (over: bigint, under: bigint): Fraction => {
  const by = gcd(over < 0n ? -over : over, under) || 1n;
  return [over / by, under / by];
};
const plus = ([a, b]: Fraction, [c, d]: Fraction): Fraction => fraction(a * d + c * b, b * d);
const times = ([a, b]: Fraction, [c, d]: Fraction): Fraction => fraction(a * c, b * d);
const none: Fraction = [0n, 1n];

it('haircut is the exact fraction, less at most a unit for each spend that was floored', () => {
  assert(
    property(anyMovements(10n ** 6n, 20), (movements) => {
      const of = smallCase(movements);
      const held = new Map<string, { units: bigint; taint: Fraction }>();
      const at = (name: string) => held.get(name) ?? { units: 0n, taint: none };
      for (const { from, to, asset, units: count } of steps(of)) {
        const units = BigInt(count);
        const own = at(`${from} ${asset}`);
        let left: Fraction = [units, 1n];
        if (from !== 'thief') {
          const all = own.units < units ? units : own.units;
          left = all === 0n ? none : times(own.taint, fraction(units, all));
          held.set(`${from} ${asset}`, {
            units: all - units,
            taint: plus(own.taint, times(left, [-1n, 1n])),
          });
        }
        const other = at(`${to} ${asset}`);
        held.set(`${to} ${asset}`, { units: other.units + units, taint: plus(other.taint, left) });
      }
      const state = traced(of, 'haircut');
      const floors = BigInt(of.table.rows);
      for (const account of people.filter((one) => one !== 'thief'))
        for (const asset of ['coin', 'token']) {
          const { units, taint } = heldBy(state, account, asset);
          const [over, under] = at(`${account} ${asset}`).taint;
          expect(units).toBe(at(`${account} ${asset}`).units);
          const off = taint * under - over;
          expect((off < 0n ? -off : off) <= floors * under).toBe(true);
        }
    }),
  );
});

it('poison is who can be reached along time, and all that they send', () => {
  assert(
    property(anyMovements(100n, 20), (movements) => {
      const of = smallCase(movements);
      const reached = new Set<string>();
      const carried = new Map<number, bigint>();
      for (const { row, from, to, asset, units } of steps(of)) {
        if (units === 0 || (from !== 'thief' && !reached.has(`${from} ${asset}`))) continue;
        carried.set(row, BigInt(units));
        reached.add(`${to} ${asset}`);
      }
      expect(traced(of, 'poison').carried).toEqual(carried);
    }),
  );
});

it('what arrives between two spends may arrive in any order, where a rule knows amounts alone', () => {
  assert(
    property(
      array(record({ dirty: boolean(), units: bigInt({ min: 1n, max: 999n }) }), {
        maxLength: 8,
      }),
      bigInt({ min: 1n, max: 2_000n }),
      constantFrom<RuleName>('poison', 'haircut', 'tainted-first', 'clean-first'),
      (gifts, spend, name) => {
        const run = (order: typeof gifts) => {
          const rows = [
            ...order.map(({ dirty, units }) => ({ from: dirty ? 'thief' : 'bob', to: 'ann', units })),
            { from: 'ann', to: 'cas', units: spend },
          ].map((one, at) => ({
            ...one,
            block: at + 1,
            index: 0,
            time: at,
            tx: `tx-${at}`,
            asset: 'coin',
            kind: 'transfer' as const,
          }));
          const state = traced(smallCase(rows), name);
          return [heldBy(state, 'ann'), heldBy(state, 'cas')];
        };
        expect(run(gifts.toReversed())).toEqual(run(gifts));
      },
    ),
  );
});
