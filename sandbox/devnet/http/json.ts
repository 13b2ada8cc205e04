import { javaOrder } from './java-order.ts';

/** What a reply may hold. Amounts are bigint and are written as digits, since a Java long has more than 53 bits. */
export type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | JavaDouble
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A number that is a double in NIS, and so never written without a point. */
export class JavaDouble {
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  /** As Double.toString writes it: from 0.001 to below 10,000,000 in full, else with an exponent. */
  toString(): string {
    const size = Math.abs(this.#value);
    const [digits = '', exponent] =
      size !== 0 && (size < 1e-3 || size >= 1e7)
        ? this.#value.toExponential().split('e')
        : [`${this.#value}`];
    const pointed = digits.includes('.') ? digits : `${digits}.0`;
    return exponent === undefined ? pointed : `${pointed}E${Number(exponent)}`;
  }
}

const orders = new Map<string, readonly string[]>();

/** JSON text with the fields in the order in which json-smart's JSONObject, a HashMap, writes them. */
export function jsonText(value: Json): string {
  if (value === null || typeof value !== 'object') {
    return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
  }
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  if (value instanceof JavaDouble) return value.toString();
  const fields = fieldOrder(Object.keys(value)).map(
    (key) => `${JSON.stringify(key)}:${jsonText(value[key] ?? null)}`,
  );
  return `{${fields.join(',')}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

// A block of 120 transactions has the same few shapes over and over.
function fieldOrder(keys: readonly string[]): readonly string[] {
  const shape = keys.join();
  const known = orders.get(shape);
  if (known !== undefined) return known;
  const order = javaOrder(keys);
  if (orders.size < 1_000) orders.set(shape, order);
  return order;
}
