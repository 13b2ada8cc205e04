/** A fast path that is off by a unit: the columns beside the exact engine, on any history, with amounts about 2^53 and beyond 2^64. */
import { assert, bigInt, constantFrom, oneof, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleNames, type State } from '../index.ts';
import type { Chain } from '../rules/rule.ts';
import { anyMovements, move, shop, smallCase, traced } from '../testing/moves.ts';
import { columnsOf, openLoader } from './columns.ts';
import { share } from './share.ts';
import { applyBulk } from './state.ts';
import { traceColumns } from './trace.ts';

const most = BigInt(Number.MAX_SAFE_INTEGER);

/** A chain's lots with neighbours that are alike made one: where the engine cuts its queue in two says nothing. */
function joined(...chains: readonly (Chain | null)[]): readonly bigint[] {
  const row: bigint[] = [];
  for (const chain of chains)
    for (let at = chain; at; at = at.next) {
      const lot = at.lot.taint > 0n ? -at.lot.units : at.lot.units;
      const last = row.at(-1);
      if (last !== undefined && last < 0n === lot < 0n) row.splice(-1, 1, last + lot);
      else row.push(lot);
    }
  return row;
}

function turned(chain: Chain | null): Chain | null {
  let back: Chain | null = null;
  for (let at = chain; at; at = at.next) back = { lot: at.lot, next: back };
  return back;
}

/** All that a state says. Rows in order: each asset may be followed by itself. */
const said = (state: State) => {
  const sorted = (map: ReadonlyMap<number, bigint>) => [...map].toSorted(([a], [b]) => a - b);
  return {
    row: state.row,
    holdings: state.holdings.map(({ units, taint, touched, out, in: newest }) => ({
      units,
      taint,
      touched,
      lots: joined(out, turned(newest)),
    })),
    flows: state.flows,
    sums: state.sums,
    unseenSpends: state.unseenSpends,
    presumed: state.presumed,
    reachedBy: state.reachedBy,
    carried: sorted(state.carried),
    arrived: sorted(state.arrived),
  };
};

const amounts = constantFrom(12n, 1_000n, 10n ** 12n, most / 8n, most, 2n ** 54n, 2n ** 66n);

describe.each(ruleNames)('%s', (rule) => {
  it('by columns is what it is by the exact engine', () => {
    assert(
      property(
        amounts.chain((size) => anyMovements(size, 25)),
        constantFrom('asset' as const, 'value' as const),
        (movements, measure) => {
          const of = smallCase(movements, { tags: [shop], measure });
          expect(said(applyBulk(of, rule))).toEqual(said(traced(of, rule)));
        },
      ),
      { numRuns: 250 },
    );
  });

  it('leaves to the exact engine the asset whose balance passes 2^53 - 1, and no other', () => {
    const rows = [
      move(1, 'thief', 'ann', most),
      move(2, 'thief', 'bob', 7n, { asset: 'token' }),
      move(3, 'bob', 'ann', 1n),
      move(4, 'ann', 'cas', most),
      move(5, 'bob', 'cas', 3n, { asset: 'token' }),
    ];
    const of = smallCase(rows);
    const { slotKind } = traceColumns(columnsOf(of), rule);
    expect([...slotKind].map((kind) => kind === 3)).toEqual(
      of.table.slotAsset.map((asset) => of.table.assets[asset] === 'coin'),
    );
    expect(said(applyBulk(of, rule))).toEqual(said(traced(of, rule)));
  });
});

it('the fast path is taken, and not the exact one for everything: amounts up to 2^53 - 1 stay in the columns', () => {
  const { slotKind } = traceColumns(columnsOf(smallCase([move(1, 'thief', 'ann', most)])), 'haircut');
  expect([...slotKind]).toEqual([1, 0]);
});

it('a haircut in doubles is the floor of the exact quotient, for products of any size', () => {
  const amount = oneof(
    bigInt({ min: 1n, max: 100n }),
    bigInt({ min: 1n, max: most }),
    bigInt({ min: most - 1_000n, max: most }),
    bigInt({ min: 2n ** 26n - 3n, max: 2n ** 26n + 3n }),
  );
  assert(
    property(tuple(amount, amount, amount), (three) => {
      const [taint = 0n, units = 0n, all = 1n] = three.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      for (const [a, b] of [
        [taint, units],
        [units, taint],
        [all - taint, units],
        [all - taint, all - 1n],
      ] as const)
        expect(BigInt(share(Number(a), Number(b), Number(all)))).toBe((a * b) / all);
    }),
    { numRuns: 5_000 },
  );
});

it.each(ruleNames)('%s: what a loader was told movement by movement is what a case gives', (rule) => {
  assert(
    property(anyMovements(1_000n, 20), (movements) => {
      const of = smallCase(movements, { tags: [shop] });
      const { table } = of;
      const loader = openLoader(new Set(['thief']), new Set(['shop', '(fees)']), 3);
      const columns = columnsOf(of);
      for (let row = 0; row < table.rows; row += 1)
        loader.add({
          block: table.block[row] ?? 0,
          index: row,
          from: table.accounts[table.from[row] ?? 0] ?? '',
          to: table.accounts[table.to[row] ?? 0] ?? '',
          asset: table.assets[table.asset[row] ?? 0] ?? '',
          units: BigInt(columns.units[row] ?? 0),
        });
      const loaded = loader.done();
      expect([...loaded.block]).toEqual([...table.block]);
      expect(loaded.accounts).toEqual(table.accounts);
      expect([...traceColumns(loaded, rule).carried]).toEqual([...traceColumns(columns, rule).carried]);
    }),
    { numRuns: 50 },
  );
});

it('a loader names the asset that its columns do not hold', () => {
  const loader = openLoader(new Set(['thief']), new Set(), 1);
  loader.add({ block: 1, index: 0, from: 'thief', to: 'ann', asset: 'wei', units: most + 1n });
  expect(() => loader.done()).toThrow('units of wei: beyond 2^53 - 1 in one movement: load these as a case');
});
