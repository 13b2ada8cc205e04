/** The drill's result, for people and for machines. */
import { formatAmount, XEM } from '@kuramori/core';
import { markdownTable } from '../markdown.ts';
import type { Row } from './run-row.ts';

declare global {
  interface JSON {
    /** ECMAScript 2027, not yet in TypeScript's library: a number written digit by digit. */
    rawJSON(text: string): unknown;
  }
}

/** One line of JSON; amounts as exact decimal numbers of XEM. */
export function drillJson(drill: string, total: bigint, rows: readonly Row[]): string {
  const raw = (units: bigint) => JSON.rawJSON(formatAmount(units, XEM));
  return JSON.stringify({
    drill,
    totalXem: raw(total),
    rows: rows.map((row) => ({
      attack: row.attack,
      defences: row.defences,
      stolenXem: raw(row.stolen),
      burntXem: raw(row.burnt),
      stolenShare: JSON.rawJSON(share(row.stolen, total)),
      transfersThrough: row.transfersThrough,
      firstAlarmMs: row.firstAlarmMs,
      signingStoppedMs: row.signingStoppedMs,
      evacuatedXem: raw(row.evacuated),
      verdict: row.verdict,
    })),
  });
}

/** The same as a Markdown table. */
export function drillTable(total: bigint, rows: readonly Row[]): string {
  const head = [
    'attack',
    'defences',
    'stolen XEM',
    'share',
    'burnt XEM',
    'transfers through',
    'first alarm',
    'all signers refuse',
    'evacuated XEM',
    'verdict',
  ];
  const lines = rows.map((row) => [
    row.attack,
    row.defences.join(' + ') || 'none',
    grouped(formatAmount(row.stolen, XEM)),
    `${percent(row.stolen, total)} %`,
    grouped(formatAmount(row.burnt, XEM)),
    String(row.transfersThrough),
    ms(row.firstAlarmMs),
    ms(row.signingStoppedMs),
    grouped(formatAmount(row.evacuated, XEM)),
    row.verdict,
  ]);
  return markdownTable(head, lines, new Set([2, 3, 4, 5, 6, 7, 8]));
}

function share(part: bigint, whole: bigint): string {
  const millionths = (part * 100_000_000n) / whole;
  return `${millionths / 100_000_000n}.${(millionths % 100_000_000n).toString().padStart(8, '0')}`.replace(
    /\.?0+$/,
    '',
  );
}

function percent(part: bigint, whole: bigint): string {
  const parts = (part * 1_000_000n) / whole;
  const text = `${parts / 10_000n}.${(parts % 10_000n).toString().padStart(4, '0')}`.replace(/\.?0+$/, '');
  return part > 0n && parts === 0n ? '< 0.0001' : text;
}

function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`);
}

function ms(value: number | null): string {
  return value === null ? '–' : `${value} ms`;
}
