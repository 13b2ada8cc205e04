/** Export: a trace as one document, from which alone each of its figures can be added up again. */
import { createHash } from 'node:crypto';
import { canonicalText, type Plain } from '@kuramori/core';
import { z } from 'zod';
import { resultOf } from './result.ts';
import { ruleNames } from './rules/rule.ts';
import type { State } from './state.ts';
import { cell, unitsAt } from './table.ts';

const Digits = z.string().regex(/^(?:0|[1-9][0-9]{0,99})$/, 'must be a whole number as a decimal string');
/** Of poison alone may `added` be below 0: what it has made is not conserved. */
const Signed = z.string().regex(/^(?:0|-?[1-9][0-9]{0,99})$/, 'must be a whole number as a decimal string');
const Text = z.string().max(1_000);
const Count = z.int().nonnegative();

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal');

const TagText = z.strictObject({
  address: Text,
  label: Text,
  category: Text,
  confidence: Text,
  source: Text,
});

const MovementText = z.strictObject({
  block: Count,
  index: Count.nullable(),
  time: Count,
  tx: Text,
  from: Text,
  to: Text,
  asset: Text,
  units: Digits,
  kind: z.enum(['transfer', 'fee']),
  /** Taint that left with it, and that arrived by it. They differ on the two sides of an exchange. */
  left: Digits,
  arrived: Digits,
});

const SumsText = z.strictObject({
  asset: Text,
  stolen: Digits,
  gotByExchange: Digits,
  givenByExchange: Digits,
  risen: Digits,
  held: Digits,
  ended: Digits,
});

const PlaceText = z.strictObject({
  account: Text,
  asset: Text,
  kind: z.enum(['source', 'account', 'service', 'presumed']),
  received: Digits,
  added: Signed,
  passed: Digits,
  held: Digits,
  reachedBy: Text.nullable(),
});

export const Exported = z.strictObject({
  format: z.literal('kuramori-trace/1'),
  name: Text,
  measure: z.enum(['asset', 'value']),
  rule: z.enum(ruleNames),
  setting: z.strictObject({ exchanges: z.boolean(), presumeAfter: Count.nullable(), risePercent: Count }),
  notes: z.array(Text),
  sources: z.array(Text),
  services: z.array(TagText),
  movements: z.array(MovementText),
  sums: z.array(SumsText),
  places: z.array(PlaceText),
  /** SHA-256 over the canonical text of what was given: the same whatever the rule. */
  data: Sha256,
  /** SHA-256 over the canonical text of all the rest. */
  seal: Sha256,
});
export type Exported = z.infer<typeof Exported>;

/** A movement as the case has it, without our figures. */
export function movementOf({
  block,
  index,
  time,
  tx,
  from,
  to,
  asset,
  units,
  kind,
}: Exported['movements'][number]) {
  return { block, index, time, tx, from, to, asset, units, kind };
}

/** What a trace starts from. */
export function dataHash({
  name,
  measure,
  sources,
  services,
  movements,
}: Omit<Exported, 'data' | 'seal'>): string {
  const given = movements.map(movementOf);
  const text = canonicalText({ name, measure, sources, services, movements: given } satisfies Plain);
  return createHash('sha256').update(text).digest('hex');
}

/** Not against forgers, who can write another: against damage, and what somebody changed by mistake. */
export function sealOf(document: Exported): string {
  return createHash('sha256')
    .update(canonicalText({ ...document, seal: undefined }))
    .digest('hex');
}

export function exportOf(state: State): Exported {
  const { table, name, measure, sources, services, notes } = state.of;
  const { sums, places } = resultOf(state);
  const called = (list: readonly string[], column: Uint32Array, row: number) => list[cell(column, row)] ?? '';
  const text = (value: bigint | undefined) => String(value ?? 0n);
  const movements: Exported['movements'] = Array.from({ length: table.rows }, (_, row) => {
    const index = cell(table.index, row);
    return {
      block: cell(table.block, row),
      index: index === 0 ? null : index - 1,
      time: cell(table.time, row),
      tx: called(table.txs, table.tx, row),
      from: called(table.accounts, table.from, row),
      to: called(table.accounts, table.to, row),
      asset: called(table.assets, table.asset, row),
      units: text(unitsAt(table, row)),
      kind: cell(table.fee, row) === 1 ? 'fee' : 'transfer',
      left: text(state.carried.get(row)),
      arrived: text(state.arrived.get(row)),
    };
  });
  const written = {
    format: 'kuramori-trace/1' as const,
    name,
    measure,
    rule: state.rule.name,
    setting: { ...state.setting, risePercent: Number(state.setting.risePercent) },
    notes: [...notes],
    sources: [...sources].map((account) => table.accounts[account] ?? '').toSorted(),
    services: [...services.values()].toSorted((a, b) => (a.address < b.address ? -1 : 1)),
    movements,
    sums: sums.map(({ asset, stolen, gotByExchange, givenByExchange, risen, held, ended }) => ({
      asset,
      stolen: text(stolen),
      gotByExchange: text(gotByExchange),
      givenByExchange: text(givenByExchange),
      risen: text(risen),
      held: text(held),
      ended: text(ended),
    })),
    places: places.map(({ account, asset, kind, received, added, passed, held, reachedBy }) => ({
      account,
      asset,
      kind,
      received: text(received),
      added: text(added),
      passed: text(passed),
      held: text(held),
      reachedBy,
    })),
  };
  const whole = { ...written, data: dataHash(written), seal: '' };
  return { ...whole, seal: sealOf(whole) };
}
