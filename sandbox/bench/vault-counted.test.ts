import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from 'vitest';
import { benchVault } from './vault.ts';

describe('a short run at a vault’s bytes', () => {
  it('signs and computes again once an input and once a modification: its baseline is no smaller than its work', () => {
    const counts: Record<string, number> = {};
    const count = (what: unknown) => void (counts[String(what)] = (counts[String(what)] ?? 0) + 1);
    subscribe('kuramori:signature', count);
    const { figures } = benchVault({ rounds: 1, inputs: 3, modifications: 5, say: () => {} });
    unsubscribe('kuramori:signature', count);
    // Two rounds with the one that warms up, each verified by the benchmark; of NEM as many bare ones.
    expect(counts).toEqual({
      'bitcoin sign': 6,
      'bitcoin check': 6,
      'bitcoin verify': 6,
      'nem sign': 20,
      'nem check': 10,
      'nem verify': 10,
    });
    const ratios = figures.flatMap(({ ratio }) => (ratio === null ? [] : [ratio]));
    expect(ratios).toHaveLength(2);
    for (const ratio of ratios) expect(ratio).toBeGreaterThan(0);
    expect(figures.find(({ unit }) => unit === 'inputs')?.value).toBeLessThan(200);
  });
});
