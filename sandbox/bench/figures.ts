/** What a benchmark says: figures beside a baseline of the same run, on a named machine. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { ChainName } from '@kuramori/core';
import { markdownTable } from '../markdown.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is measured against; null for a figure that only stands beside another. */
  readonly baseline: string | null;
  readonly baselineValue: number | null;
  readonly ratio: number | null;
  /** A ratio; where there is no baseline, the value itself, in its unit. */
  readonly goal: number | null;
  readonly met: boolean | null;
}

/** Of one chain: how many milliseconds a thief has. */
export interface ChainFigures {
  readonly chain: ChainName;
  readonly trials: number;
  readonly alarm: Percentiles;
  readonly refusing: Percentiles;
  readonly sent: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

export interface Bench {
  readonly bench: string;
  readonly machine: string;
  /** Each chain that it was run on. */
  readonly chains?: readonly ChainFigures[];
  readonly figures: readonly Figure[];
}

export function machine(): string {
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${gib} GiB, Node ${process.versions.node}`;
}

export function beside(
  name: string,
  value: number,
  unit: string,
  baseline: string,
  baselineValue: number,
  goal: number | null,
): Figure {
  const ratio = round(value / baselineValue);
  return {
    name,
    value: round(value),
    unit,
    baseline,
    baselineValue: round(baselineValue),
    ratio,
    goal,
    met: goal === null ? null : ratio >= goal,
  };
}

export function alone(name: string, value: number, unit: string): Figure {
  return {
    name,
    value: round(value),
    unit,
    baseline: null,
    baselineValue: null,
    ratio: null,
    goal: null,
    met: null,
  };
}

/** The value below which a share of all lie; 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** For people: a Markdown table. */
export function figuresTable({ machine: on, figures }: Bench): string {
  const head = ['figure', 'value', 'baseline', 'its value', 'ratio', 'goal', 'met'];
  const lines = figures.map(({ name, value, unit, baseline, baselineValue, ratio, goal, met }) => [
    name,
    `${value.toLocaleString('en')} ${unit}`,
    baseline ?? '',
    baselineValue === null ? '' : `${baselineValue.toLocaleString('en')} ${unit}`,
    ratio === null ? '' : `${ratio} ×`,
    goal === null ? '' : baseline === null ? `${goal.toLocaleString('en')} ${unit}` : `${goal} ×`,
    met === null ? '' : met ? 'yes' : 'no',
  ]);
  return [markdownTable(head, lines), '', on].join('\n');
}
