/** A trace for people: where the money is, most first, and how the sums come about. */
import { formatAmount, type Asset } from '@kuramori/core';
import type { Exported, Step } from '@kuramori/tracer';

type Place = Exported['places'][number];

export function traceTable({ name, rule, places, sums, services, data }: Exported): string {
  const labels = new Map(services.map(({ address, label, category }) => [address, `${label} (${category})`]));
  const lies = (place: Place) =>
    BigInt(place.kind === 'account' || place.kind === 'source' ? place.held : place.received);
  const rows = places
    .filter((place) => lies(place) > 0n)
    .toSorted((a, b) => (a.asset < b.asset ? -1 : a.asset > b.asset ? 1 : lies(b) > lies(a) ? 1 : -1))
    .map((place) => [
      place.account,
      place.kind,
      labels.get(place.account) ?? '',
      written(lies(place), place.asset),
      place.asset,
    ]);
  const stolen = sums
    .filter((sum) => [sum.stolen, sum.held, sum.ended, sum.gotByExchange].some((units) => units !== '0'))
    .map((sum) => [
      sum.asset,
      ...[sum.stolen, sum.gotByExchange, sum.risen, sum.givenByExchange, sum.ended, sum.held].map((units) =>
        written(BigInt(units), sum.asset),
      ),
    ]);
  return [
    `${name} by ${rule}: where the money is`,
    ...aligned([['account', 'kind', 'called', 'tainted', 'asset'], ...rows]),
    '',
    'how it comes about: stolen + got in exchange + risen = given in exchange + ended + held',
    ...aligned([['asset', 'stolen', 'got', 'risen', 'given', 'ended', 'held'], ...stolen]),
    '',
    `data ${data}`,
  ].join('\n');
}

/** A way, step by step. */
export function pathTable(path: readonly Step[]): string {
  const rows = path.map(({ block, tx, from, to, units, left, arrived, asset }) => [
    String(block),
    tx,
    from,
    to,
    ...[units, left, arrived].map((one) => written(BigInt(one), asset)),
    asset,
  ]);
  return aligned([
    ['block', 'transaction', 'from', 'to', 'units', 'taint', 'arrived', 'asset'],
    ...rows,
  ]).join('\n');
}

/** Coins and dollars as people write them; of tokens whole units. */
function written(units: bigint, asset: string): string {
  if (asset === 'usd') return `${units / 100n}.${String(units % 100n).padStart(2, '0')}`;
  return asset === 'ethereum:eth' ? formatAmount(units, asset as Asset) : String(units);
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  return rows.map((row) =>
    row
      .map((field, column) => field.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
