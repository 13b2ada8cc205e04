/** Coins as outputs: which of a transaction's outputs carries what was stolen, and what the fee takes with it. */
import { array, assert, boolean, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyUtxo,
  openUtxo,
  ruleNames,
  ruleOf,
  stealOutput,
  type RuleName,
  type UtxoTransaction,
} from './index.ts';

const spend = (inputs: readonly (readonly [string, bigint])[], outputs: readonly bigint[], id = 'tx') =>
  ({
    id,
    inputs: inputs.map(([output, units]) => ({ output, units })),
    outputs: outputs.map((units, at) => ({ units, address: `to-${at}` })),
  }) satisfies UtxoTransaction;

/** Inputs of 3 clean, 5 stolen, 4 clean; outputs of 4, 6, 1; a fee of 1. */
const mixed = spend(
  [
    ['a:0', 3n],
    ['b:0', 5n],
    ['c:0', 4n],
  ],
  [4n, 6n, 1n],
);
const then: Readonly<Record<RuleName, readonly bigint[]>> = {
  poison: [4n, 6n, 1n, 1n],
  haircut: [1n, 3n, 0n, 1n],
  fifo: [1n, 4n, 0n, 0n],
  lifo: [0n, 5n, 0n, 0n],
  'tainted-first': [4n, 1n, 0n, 0n],
  'clean-first': [0n, 3n, 1n, 1n],
};

describe.each(ruleNames)('%s', (name) => {
  it('gives the outputs in order what is theirs, and the fee the rest', () => {
    const state = openUtxo(ruleOf(name));
    stealOutput(state, 'b:0', 5n);
    const { taint, fee, feeTaint } = applyUtxo(state, mixed);
    expect([...taint, feeTaint]).toEqual(then[name]);
    expect(fee).toBe(1n);
  });

  it('takes transactions back to what was', () => {
    const state = openUtxo(ruleOf(name));
    stealOutput(state, 'b:0', 5n);
    const before = new Map(state.unspent);
    const first = applyUtxo(state, mixed);
    const second = applyUtxo(state, spend([['tx:1', 6n]], [2n, 4n], 'next'));
    second.undo();
    first.undo();
    expect(state.unspent).toEqual(before);
  });
});

it('TIHO: taint in, highest out', () => {
  const state = openUtxo(ruleOf('tainted-first'));
  stealOutput(state, 'b:0', 5n);
  const { taint, feeTaint } = applyUtxo(state, mixed, 'largest-first');
  expect([...taint, feeTaint]).toEqual([0n, 5n, 0n, 0n]);
});

it('FIFO is one row of satoshis, cut where the outputs say', () => {
  const coins = array(record({ units: integer({ min: 1, max: 9 }), dirty: boolean() }), {
    minLength: 1,
    maxLength: 6,
  });
  assert(
    property(coins, array(integer({ min: 0, max: 9 }), { maxLength: 6 }), (inputs, wanted) => {
      const row = inputs.flatMap(({ units, dirty }) => Array.from({ length: units }, () => dirty));
      let left = row.length;
      const outputs = wanted.map((units) => {
        const paid = Math.min(units, left);
        left -= paid;
        return paid;
      });
      const state = openUtxo(ruleOf('fifo'));
      for (const [at, { units, dirty }] of inputs.entries())
        if (dirty) stealOutput(state, `in-${at}:0`, BigInt(units));
      const made = spend(
        inputs.map(({ units }, at) => [`in-${at}:0`, BigInt(units)] as const),
        outputs.map(BigInt),
      );
      const { taint, feeTaint } = applyUtxo(state, made);
      const cut = [...outputs.map((units) => row.splice(0, units)), row];
      expect([...taint, feeTaint]).toEqual(cut.map((units) => BigInt(units.filter(Boolean).length)));
    }),
  );
});

it('a transaction that pays more than it brings stops the trace', () => {
  expect(() => applyUtxo(openUtxo(ruleOf('fifo')), spend([['a:0', 3n]], [4n]))).toThrow(
    'pays more than its inputs',
  );
});
