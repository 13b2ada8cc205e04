/** A drill row for a test: a house in a folder of its own, changed as the test says. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAmount, XEM } from '@kuramori/core';
import { runRow, type Row, type RowOptions } from './run-row.ts';
import type { RowPlan } from './rows.ts';
import { readTheft, type Theft } from './theft.ts';

export const theft = readTheft();
/** The probe and the first two great transfers: enough to meet every limit, and quick. */
export const short: Theft = { ...theft, transfers: theft.transfers.slice(0, 3) };
export const xem = (text: string) => parseAmount(text, XEM);
export const minute = 60_000;

export async function row(
  plan: RowPlan,
  change: NonNullable<RowOptions['change']> = {},
  what = theft,
): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-drill-'));
  // As a folder of the project usually lies: where root runs this, each room can then have its own user.
  chmodSync(folder, 0o711);
  try {
    return await runRow(plan, what, { folder, step: () => {}, change });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
