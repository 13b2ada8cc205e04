/** `kuramori drill coincheck | burn`: the theft of January 2018, and keys used to burn, against running processes, row by row. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from '../lock.ts';
import { burnRows, rows, type RowPlan } from './rows.ts';
import { runRow, type Row } from './run-row.ts';
import { readTheft } from './theft.ts';
import { drillJson, drillTable } from './table.ts';

const drills = { coincheck: rows, burn: burnRows } as const;

export interface DrillOptions {
  readonly drill: keyof typeof drills;
  /** Where the houses of the rows are built. */
  readonly folder: string;
  readonly json: boolean;
  /** Only rows of this attack, or this one row as `attack/defence+defence`. */
  readonly only: string | null;
  readonly say: (line: string) => void;
}

export function rowName({ attack, defences }: RowPlan): string {
  return `${attack}/${defences.join('+') || 'none'}`;
}

/** Runs the drill and gives back what goes to standard output, or what is wrong with `--only`. */
export async function drillRows({
  drill,
  folder,
  json,
  only,
  say,
}: DrillOptions): Promise<
  { readonly kind: 'done'; readonly text: string } | { readonly kind: 'refused'; readonly why: string }
> {
  const all = drills[drill];
  const chosen = all.filter((row) => only === null || row.attack === only || rowName(row) === only);
  if (chosen.length === 0)
    return {
      kind: 'refused',
      why: `--only ${only}: there is no such row. There are: ${all.map(rowName).join(', ')}`,
    };
  const theft = readTheft();
  const done: Row[] = [];
  const began = Date.now();
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  // A second drill would pull the first one's houses down.
  const release = takeLock(folder, 'wait until it is done, or stop it first');
  try {
    for (const [index, row] of chosen.entries()) {
      const name = rowName(row);
      const step = (text: string) =>
        say(
          `${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${index + 1}/${chosen.length} ${name}: ${text}`,
        );
      const result = await runRow(row, theft, { folder: join(folder, name.replace('/', '-')), step });
      step(result.verdict);
      done.push(result);
    }
  } finally {
    release();
  }
  return {
    kind: 'done',
    text: json ? drillJson(drill, theft.total, done) : drillTable(theft.total, done),
  };
}
