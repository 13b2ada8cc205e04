/** A chain that takes blocks back: whoever was reached only in these was never reached. */
import { array, assert, boolean, constantFrom, property } from 'fast-check';
import { expect, it } from 'vitest';
import { applyBlock, investigator, openState, ruleNames, ruleOf, undoBlock, type State } from './index.ts';
import { anyMovements, shop, smallCase } from './testing/moves.ts';

/** All that a state says, and nothing of how it came there. */
const said = ({ row, holdings, flows, sums, unseenSpends, presumed, reachedBy, carried, arrived }: State) =>
  structuredClone({ row, holdings, flows, sums, unseenSpends, presumed, reachedBy, carried, arrived });

it.each(ruleNames)('%s: what was taken back has never been, and goes on as if it had not', (name) => {
  assert(
    property(
      anyMovements(1_000n, 20),
      array(boolean(), { maxLength: 30 }),
      constantFrom('asset' as const, 'value' as const),
      (movements, steps, measure) => {
        const setting = { ...investigator, presumeAfter: 1 };
        const state = openState(smallCase(movements, { tags: [shop], measure }), ruleOf(name), setting);
        const before = [said(state)];
        for (const forward of [...steps, ...Array.from({ length: 12 }, () => true)]) {
          if (forward) {
            if (applyBlock(state)) before.push(said(state));
          } else if (undoBlock(state)) before.pop();
          expect(said(state)).toEqual(before.at(-1));
        }
        const straight = openState(state.of, ruleOf(name), setting);
        while (applyBlock(straight));
        expect(said(state)).toEqual(said(straight));
        while (undoBlock(state));
        expect(said(state)).toEqual(before[0]);
      },
    ),
    { numRuns: 30 },
  );
});
