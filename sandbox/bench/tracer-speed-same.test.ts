/** A benchmark of two that do different work: both find the same of every transfer, or there are no figures. */
import { expect, it } from 'vitest';
import { ruleNames } from '@kuramori/tracer';
import { syntheticTransfers, thief } from './synthetic-transfers.ts';
import { benchTracerSpeed } from './tracer-speed.ts';

it('columns and plain Map agree on a small run, under every rule, and each goal has its figure', async () => {
  const bench = await benchTracerSpeed({ transfers: 3_000, seed: 7, say: () => undefined });
  if (typeof bench === 'string') throw new Error(bench);
  for (const rule of ruleNames) {
    const tainted = bench.figures.find(({ name }) => name === `${rule}: transfers that carry taint`);
    expect(tainted?.value).toBeGreaterThan(1);
  }
  const goals = bench.figures.filter(({ goal }) => goal !== null).map(({ name }) => name);
  expect(goals).toEqual([
    'poison: memory',
    'haircut: traced',
    'haircut: loaded, and traced once',
    'haircut: memory',
    'fifo: traced',
    'fifo: loaded, and traced once',
    'fifo: memory',
    'lifo: memory',
    'tainted-first: memory',
    'clean-first: memory',
  ]);
});

it('a seed gives the same transfers again, another seed others, and nobody spends more than they have', () => {
  const of = (seed: number) => [...syntheticTransfers(5_000, seed, 999)].flat();
  expect(of(3)).toEqual(of(3));
  expect(of(4)).not.toEqual(of(3));
  const held = new Map<string, bigint>();
  for (const { from, to, units } of of(3)) {
    if (from.startsWith('A')) {
      expect(held.get(from) ?? 0n).toBeGreaterThanOrEqual(units);
      held.set(from, (held.get(from) ?? 0n) - units);
    }
    held.set(to, (held.get(to) ?? 0n) + units);
  }
  expect(of(3).filter(({ from }) => from === thief).length).toBe(100);
});
