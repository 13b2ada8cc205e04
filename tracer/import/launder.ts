/** A case as edges with their value in dollars at the time: whence, where to, how much. */
import { z } from 'zod';
import { caseOf, type Case } from '../case.ts';
import { TracerError } from '../error.ts';
import type { Movement } from '../movement.ts';
import type { Tag } from '../tag.ts';
import { readCsv } from './csv.ts';
import { Address, Cents, Natural } from './fields.ts';

const Moment = z.string().transform((text, context) => {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})$/.exec(text);
  const time = match ? Date.parse(`${text.replace(' ', 'T')}Z`) : Number.NaN;
  if (!Number.isNaN(time) && time >= 0) return time / 1_000;
  context.addIssue(`must be a time of UTC as 2024-08-22 14:05:59, not '${text.slice(0, 40)}'`);
  return z.NEVER;
});

const Edge = z.object({
  Timestamp: Moment,
  Block: Natural,
  // Written like addresses, and as indifferent to capitals.
  Tx_hash: Address,
  From: Address,
  From_label: z.string(),
  To: Address,
  To_label: z.string(),
  Value_in_USD: Cents,
});

export const DOLLARS = 'usd';

/** One address a line. */
export function readAddresses(file: string, text: string): readonly string[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return [];
    const read = Address.safeParse(line.trim());
    if (!read.success) throw new TracerError(`${file}: line ${index + 1}: ${read.error.issues[0]?.message}`);
    return [read.data];
  });
}

export interface Text {
  readonly file: string;
  readonly text: string;
}

export function readLaunder(
  name: string,
  transfers: Text,
  sources: Text,
  terminals: Text,
  known: readonly Tag[] = [],
): Case {
  const edges = readCsv(transfers.file, transfers.text, Edge).map(({ row }) => row);
  const movements: readonly Movement[] = edges.map((row) => ({
    block: row.Block,
    index: null,
    time: row.Timestamp,
    tx: row.Tx_hash,
    from: row.From,
    to: row.To,
    asset: DOLLARS,
    units: row.Value_in_USD,
    kind: 'transfer',
  }));
  const called = new Map(edges.map(({ To, To_label }) => [To, To_label]));
  const tags: readonly Tag[] = readAddresses(terminals.file, terminals.text).map((address) => ({
    address,
    label: called.get(address) || 'terminal',
    category: 'terminal',
    confidence: 'unknown',
    source: terminals.file,
  }));
  const first = readAddresses(sources.file, sources.text);
  return caseOf({ name, measure: 'value', movements, sources: first, tags: [...known, ...tags], notes: [] });
}
