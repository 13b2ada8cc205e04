import { isHex } from './hex.ts';
import { Unreadable } from './reader.ts';

export type JsonFlaw =
  | 'not-an-object'
  | 'not-a-list'
  | 'not-a-string'
  | 'not-hex'
  | 'missing'
  | 'unknown-key'
  | 'not-a-safe-integer';

/** An object's values by key, after a check that it has exactly these keys. */
export type Fields = (key: string) => unknown;

// Each of these throws Unreadable; `fromNisJson` turns that into a value.

export function objectOf(value: unknown, keys: readonly string[], field: string): Fields {
  const entries = entriesOf(value, field);
  const missing = keys.find((key) => !entries.has(key));
  if (missing !== undefined) throw new Unreadable('missing', join(field, missing));
  const unknown = [...entries.keys()].find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Unreadable('unknown-key', join(field, unknown));
  return (key) => entries.get(key);
}

/** An object's own entries. NIS writes `{}` where an object is not there. */
export function entriesOf(value: unknown, field: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Unreadable('not-an-object', field === '' ? 'transaction' : field);
  }
  return new Map(Object.entries(value));
}

export function listOf(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Unreadable('not-a-list', field);
  return value;
}

export function stringOf(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new Unreadable('not-a-string', field);
  return value;
}

/** Lower-case hex, as NIS writes it, of so many bytes. */
export function hexOf(value: unknown, field: string, bytes?: number): string {
  const text = stringOf(value, field);
  if (!isHex(text, bytes)) throw new Unreadable('not-hex', field);
  return text;
}

/** A number that JSON.parse can not have rounded, within the bounds. */
export function integerOf(value: unknown, field: string, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new Unreadable('not-a-safe-integer', field);
  const number = value as number;
  if (number < least || number > most) throw new Unreadable('not-a-safe-integer', field);
  return number;
}

export function amountOf(value: unknown, field: string): bigint {
  return BigInt(integerOf(value, field, 0, Number.MAX_SAFE_INTEGER));
}

export function join(field: string, key: string): string {
  return field === '' ? key : `${field}.${key}`;
}
