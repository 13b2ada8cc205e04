/** Document: a file that people write (YAML, or JSON, which is YAML too), with the line of each of its fields. */
import { parseAmount, XEM, type Asset } from '@kuramori/core';
import { LineCounter, isNode, parseDocument } from 'yaml';

export interface Flaw {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Dotted, as `rules.0.perPayment`. */
  readonly field: string;
  readonly why: string;
}

export type Path = readonly PropertyKey[];

export interface Document {
  readonly value: unknown;
  /** A flaw at a field, at its line; at the nearest line above where the field itself is missing. */
  readonly flawAt: (path: Path, why: string) => Flaw;
}

export type ReadDocument =
  | { readonly kind: 'document'; readonly document: Document }
  | { readonly kind: 'refused'; readonly flaws: readonly Flaw[] };

/** More than any policy needs. Bytes. */
const mostBytes = 16 * 1024 * 1024;

/** Reads the text. What people write with a unit (`5_000 XEM`, `1_000_000 JPY`) is read as smallest units. */
export function readDocument(text: string): ReadDocument {
  const whole = (why: string) =>
    ({ kind: 'refused', flaws: [{ line: 1, column: 1, field: 'file', why }] }) as const;
  if (text.length > mostBytes) return whole(`is longer than ${mostBytes} bytes`);
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, version: '1.2', strict: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (parsed.errors.length > 0)
    return {
      kind: 'refused',
      flaws: parsed.errors.map(({ pos, message }) => {
        return { ...place(pos[0]), field: 'file', why: message.split('\n')[0] ?? 'is malformed' };
      }),
    };
  const flaws: Flaw[] = [];
  const flawAt = (path: Path, why: string): Flaw => {
    const field = path.map(String).join('.') || 'file';
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? parsed.contents : parsed.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return { ...place(node.range[0]), field, why };
    }
    return { line: 1, column: 1, field, why };
  };
  let value: unknown;
  try {
    value = withUnits(parsed.toJS({ maxAliasCount: 100 }), [], (path, why) => flaws.push(flawAt(path, why)));
  } catch (cause) {
    return whole((cause as Error).message);
  }
  return flaws.length > 0 ? { kind: 'refused', flaws } : { kind: 'document', document: { value, flawAt } };
}

const units: Readonly<Record<string, Asset | null>> = { XEM, JPY: null };
const amount = /^([0-9][0-9,_]*(?:\.[0-9]+)?) ?([A-Z]{3,5})$/;

function withUnits(value: unknown, path: Path, flaw: (path: Path, why: string) => void): unknown {
  if (Array.isArray(value)) return value.map((one, index) => withUnits(one, [...path, index], flaw));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, withUnits(one, [...path, name], flaw)]),
    );
  const [, digits, unit] = (typeof value === 'string' && amount.exec(value)) || [];
  if (digits === undefined || unit === undefined) return value;
  if (!Object.hasOwn(units, unit)) {
    flaw(path, `${unit} is no unit here: there are ${Object.keys(units).join(' and ')}`);
    return value;
  }
  const plain = digits.replaceAll(/[,_]/g, '');
  const asset = units[unit] ?? null;
  try {
    if (asset !== null) return parseAmount(plain, asset).toString();
    if (!plain.includes('.')) return BigInt(plain).toString();
    flaw(path, 'a yen has no decimal places');
  } catch (cause) {
    flaw(path, (cause as Error).message);
  }
  return value;
}
