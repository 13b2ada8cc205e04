/** A tracer that accuses of more than was stolen: taint that no theft put there, or that vanishes on the way. */
import { assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyBlock, bare, investigator, openState, resultOf, ruleNames, ruleOf } from './index.ts';
import { anyMovements, shop, smallCase, traced } from './testing/moves.ts';

const settings = [bare, investigator, { ...investigator, presumeAfter: 2 }] as const;

describe.each(ruleNames)('%s', (name) => {
  it('keeps every sum, whatever moves', () => {
    assert(
      property(
        anyMovements(10n ** 30n, 20),
        constantFrom(...settings),
        constantFrom('asset' as const, 'value' as const),
        (movements, setting, measure) => {
          const state = traced(smallCase(movements, { tags: [shop], measure }), name, setting);
          const { places, sums } = resultOf(state);
          for (const { held, received, passed, added, kind } of places) {
            expect(held >= 0n && received >= 0n && passed >= 0n).toBe(true);
            if (kind === 'account' || kind === 'source') expect(held).toBe(received + added - passed);
          }
          for (const { units, taint } of state.holdings) expect(taint >= 0n && taint <= units).toBe(true);
          for (const { asset, stolen, risen, gotByExchange, givenByExchange, held, ended } of sums) {
            const lies = places
              .filter((place) => place.asset === asset)
              .reduce((sum, place) => sum + place.held, 0n);
            expect(held).toBe(lies);
            if (name !== 'poison')
              expect(stolen + risen + gotByExchange).toBe(held + ended + givenByExchange);
            if (measure === 'asset') expect(risen).toBe(0n);
          }
        },
      ),
    );
  });

  it('accuses nobody where nothing was stolen', () => {
    assert(
      property(anyMovements(1_000n), (movements) => {
        const state = traced(smallCase(movements, { sources: [] }), name, investigator);
        expect(resultOf(state).places).toEqual([]);
      }),
    );
  });
});

it('stops where a figure contradicts another: planted', () => {
  const state = openState(smallCase([]), ruleOf('fifo'), bare);
  const of = smallCase([
    {
      block: 1,
      index: 0,
      time: 1,
      tx: 'a',
      from: 'thief',
      to: 'ann',
      asset: 'coin',
      units: 5n,
      kind: 'transfer',
    },
  ]);
  const spoilt = { ...openState(of, ruleOf('fifo'), bare), row: 0 };
  const [sums] = spoilt.sums;
  if (sums) sums.ended = 1n;
  expect(applyBlock(state)).toBe(false);
  expect(() => applyBlock(spoilt)).toThrow('under fifo the taint of coin is not conserved');
});
