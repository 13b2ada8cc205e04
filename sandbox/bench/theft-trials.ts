/** Trials: one theft each, in a house that is set back to before it; and what they come to, chain by chain. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainName } from '@kuramori/core';
import { incidentLines } from '../drill/stage.ts';
import { until } from '../house/chain.ts';
import { servingSigners } from '../house/deed.ts';
import type { House } from '../house/house.ts';
import { alone, percentile, type ChainFigures, type Figure } from './figures.ts';

export interface TrialOptions {
  readonly trials: number;
  readonly towers: 1 | 3;
  readonly say: (line: string) => void;
}

/** Milliseconds from the node's answer to the thief. */
export interface Trial {
  readonly alarm: number;
  readonly refusing: number;
  readonly sent: number;
}

/** `began`: wall clock, ms. */
export async function timed(house: House, began: number): Promise<Trial> {
  const signers = servingSigners(house.deed).length;
  return until(
    'the coins to be sent home',
    async () => {
      const lines = incidentLines(house);
      const alarm = lines.find(({ event }) => event === 'alarm: frozen')?.at;
      const sent = lines.find(({ event }) => event === 'evacuation sent')?.at;
      const frozen = new Map<string | undefined, number>();
      for (const { event, signer, at } of lines)
        if (event === 'signer frozen' && !frozen.has(signer)) frozen.set(signer, at);
      if (alarm === undefined || sent === undefined || frozen.size < signers) return undefined;
      return { alarm: alarm - began, refusing: Math.max(...frozen.values()) - began, sent: sent - began };
    },
    30_000,
  );
}

export const stop = (house: House, parts: readonly string[]) =>
  Promise.all(parts.map((name) => house.kill(name)));

/** Keeps the folders of the parts as they were before the first theft, and puts them back. */
export function keep({ plan: { folder } }: House, parts: readonly string[], when: 'before' | 'after'): void {
  const kept = join(folder, 'kept');
  for (const name of parts) {
    const [own, copy] = [join(folder, name), join(kept, name)];
    if (when === 'before') {
      rmSync(copy, { recursive: true, force: true });
      execFileSync('mkdir', ['-p', kept]);
      execFileSync('cp', ['-a', own, copy]);
    } else {
      rmSync(own, { recursive: true, force: true });
      execFileSync('cp', ['-a', copy, own]);
    }
  }
}

const told = {
  alarm: 'accepted by the node to alarm',
  refusing: 'to every co-signer refusing',
  sent: 'to the evacuation sent',
} as const;
const measures = ['alarm', 'refusing', 'sent'] as const;

/** Goals are times here, not ratios: they are what a thief gets. */
export function figuresOf(chain: ChainName, trials: readonly Trial[], goals: Trial): readonly Figure[] {
  const figures = measures.flatMap((measure) => {
    const values = trials.map((one) => one[measure]);
    const goal = goals[measure];
    return ([0.5, 0.99] as const).map((share): Figure => {
      const value = percentile(values, share);
      return {
        ...alone(`${chain}: ${told[measure]}, p${share * 100}`, value, 'ms'),
        goal,
        met: value <= goal,
      };
    });
  });
  return [...figures, alone(`${chain}: trials`, trials.length, '')];
}

export function chainOf(chain: ChainName, trials: readonly Trial[]): ChainFigures {
  const of = (measure: keyof Trial) => {
    const values = trials.map((one) => one[measure]);
    return { p50: percentile(values, 0.5), p99: percentile(values, 0.99) };
  };
  return {
    chain,
    trials: trials.length,
    alarm: of('alarm'),
    refusing: of('refusing'),
    sent: of('sent'),
  };
}
