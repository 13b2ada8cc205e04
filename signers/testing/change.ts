/** Change: a valid message with one thing about it changed, in every way that matters for what stands there. */
import { createHash } from 'node:crypto';
import { partOfBit, type Layout } from './layout.ts';

/** A message as it comes over a socket or out of a file. */
export type Wire = null | boolean | number | string | readonly Wire[] | { readonly [name: string]: Wire };

/** What stands in a field, whatever message it is in. */
export type Shape =
  | {
      readonly is: 'hex';
      /** Null where any length is well-formed. */
      readonly bytes: number | null;
      readonly orNone?: true;
      readonly layout?: Layout;
      /** Every so manieth bit; absent: each. */
      readonly every?: number;
    }
  | { readonly is: 'units' }
  | { readonly is: 'text'; readonly least: number; readonly most: number; readonly form?: true }
  | { readonly is: 'one of'; readonly options: readonly string[] }
  | { readonly is: 'whole'; readonly least: number; readonly most?: number }
  | { readonly is: 'list'; readonly least: number; readonly most: number }
  | { readonly is: 'object'; readonly orNull?: true }
  /** Of a file that is signed as a whole: whether the schema refuses it or the signature does not matter. */
  | { readonly is: 'anything' };

export interface Change {
  /** Where, without the numbers of lists: `facts.fact.at`. */
  readonly field: string;
  /** The path itself. */
  readonly path: string;
  readonly change: string;
  /** The schema must refuse it, and name the field. */
  readonly malformed: boolean;
  /** Changed, and then signed again by whoever signed it before. */
  readonly signedAgain: boolean;
  readonly message: () => Wire;
}

type Value = readonly [change: string, malformed: boolean, value: Wire | undefined];

/** What a field is changed into; `undefined` is a field that is not there. */
function* valuesOf(value: Wire, shape: Shape): Generator<Value> {
  if (shape.is === 'anything') return yield* anythingBut(value);
  yield ['missing', true, undefined];
  yield ['null', !(shape.is === 'object' && shape.orNull === true), null];
  yield ['true', true, true];
  switch (shape.is) {
    case 'hex':
      return yield* hexesOf(value as string, shape);
    case 'units':
      return yield* unitsOf(value as string);
    case 'text':
      return yield* textsOf(value as string, shape);
    case 'one of':
      for (const option of shape.options) if (option !== value) yield [option, false, option];
      yield ['an unknown word', true, 'word'];
      return yield ['empty', true, ''];
    case 'whole':
      return yield* wholesOf(value as number, shape);
    case 'list':
      return yield* listsOf(value as readonly Wire[], shape);
    case 'object':
      yield ['a list', true, []];
      return yield ['one member more', true, { ...(value as Record<string, Wire>), more: 1 }];
    default:
      return shape satisfies never;
  }
}

function* anythingBut(value: Wire): Generator<Value> {
  const whole = { is: 'whole', least: 0 } as const;
  yield ['missing', false, undefined];
  if (value !== null) yield ['null', false, null];
  if (typeof value === 'string') yield* textsOf(value, { is: 'text', least: 1, most: 256 });
  else if (typeof value === 'number') yield* wholesOf(value, whole);
  else if (Array.isArray(value)) yield* listsOf(value as readonly Wire[], { is: 'list', least: 0, most: 1 });
  else if (value !== null) yield ['one member more', false, { ...(value as Record<string, Wire>), more: 1 }];
}

function* hexesOf(value: string, shape: Shape & { is: 'hex' }): Generator<Value> {
  const { bytes, layout, orNone = false, every = 1 } = shape;
  const length = value.length / 2;
  for (let bit = 0; bit < length * 8; bit += every)
    yield [`${layout ? `${partOfBit(layout, bit)} ` : ''}bit ${bit}`, false, flipped(value, bit)];
  const digest = createHash('shake256', { outputLength: length }).update(value).digest('hex');
  yield ['another', false, digest];
  yield ['zero', false, '00'.repeat(length)];
  yield ['the most', false, 'ff'.repeat(length)];
  yield ['longer', bytes !== null, `${value}00`];
  yield ['shorter', bytes !== null, value.slice(0, -2)];
  yield ['half a byte shorter', true, value.slice(0, -1)];
  yield ['empty', !orNone, ''];
  yield ['in capitals', true, `${value.slice(0, -2)}AB`];
  yield ['no hex', true, `${value.slice(0, -1)}g`];
}

export function flipped(hex: string, bit: number): string {
  const bytes = Uint8Array.fromHex(hex);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toHex();
}

function* unitsOf(value: string): Generator<Value> {
  const units = BigInt(value);
  yield ['one more', false, String(units + 1n)];
  if (units > 0n) yield ['one less', false, String(units - 1n)];
  if (units > 0n) yield ['zero', false, '0'];
  yield ['the most', false, '9'.repeat(78)];
  for (const [name, text] of [
    ['beyond the most', '9'.repeat(79)],
    ['negative', '-1'],
    ['a fraction', `${value}.5`],
    ['a leading zero', `0${value}`],
    ['a sign', `+${value}`],
    ['a power', '1e9'],
    ['hexadecimal', '0x10'],
    ['white space', ` ${value}`],
    ['empty', ''],
  ] as const)
    yield [name, true, text];
  yield ['a number', true, Number(value)];
}

function* textsOf(value: string, { least, most, form }: Shape & { is: 'text' }): Generator<Value> {
  if (value !== '') yield ['another last letter', false, value.slice(0, -1) + other(value.at(-1) ?? '')];
  if (/^[a-z0-9]./i.test(value))
    yield ['another first letter', false, other(value[0] ?? '') + value.slice(1)];
  if (value.length > least + 1) yield ['shorter', false, value.slice(0, -1)];
  yield ['longer', false, `${value}x`];
  if (value !== '') yield ['empty', least > 0, ''];
  yield ['too long', true, 'x'.repeat(most + 1)];
  yield ['a lone surrogate', true, `${value}\ud800`];
  if (form) yield ['a letter that is none', true, `${value}"`];
  yield ['a number', true, 1];
}

/** Another letter or digit, which every pattern takes. */
function other(letter: string): string {
  return letter === '2' ? '3' : '2';
}

function* wholesOf(value: number, { least, most }: Shape & { is: 'whole' }): Generator<Value> {
  const max = most ?? Number.MAX_SAFE_INTEGER;
  yield ['one more', false, value + 1];
  if (value - 1 >= least) yield ['one less', false, value - 1];
  if (value !== 0) yield ['zero', least > 0, 0];
  yield ['the most', false, max];
  yield ['beyond the most', true, max + 1];
  yield ['negative', true, -1];
  yield ['a fraction', true, value + 0.5];
  yield ['a text', true, String(value)];
}

function* listsOf(value: readonly Wire[], { least, most }: Shape & { is: 'list' }): Generator<Value> {
  yield ['an object', true, {}];
  if (value.length > 0) {
    yield ['empty', least > 0, []];
    yield ['the first twice', false, [...value.slice(0, 1), ...value]];
    yield ['too many', true, Array.from({ length: most + 1 }, () => value[0] as Wire)];
  }
  if (value.length > 1) yield ['without the last', false, value.slice(0, -1)];
  if (value.length > 1) yield ['turned round', false, value.toReversed()];
}

/** Each field of a message, in each way that its shape knows; the whole message is a field as well. */
export function* changesOf(message: Wire, shapeAt: (path: string) => Shape, from = ''): Generator<Change> {
  for (const [path, value] of fieldsOf(at(message, from), from)) {
    if (path === '') continue;
    const field = fieldOf(path);
    for (const [change, malformed, changed] of valuesOf(value, shapeAt(path))) {
      // Every bit of the first of several alike is enough: a signature takes a while to verify.
      if (changed === value || (change.includes('bit ') && /\.[1-9]/.test(path))) continue;
      yield {
        field,
        path,
        change,
        malformed,
        signedAgain: false,
        message: () => put(message, path, changed),
      };
    }
  }
}

function* fieldsOf(value: Wire, path: string): Generator<readonly [path: string, value: Wire]> {
  yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value))
    yield* fieldsOf(inner, path === '' ? name : `${path}.${name}`);
}

/** Without the numbers of lists. */
export function fieldOf(path: string): string {
  return path.replaceAll(/\.[0-9]+(?=\.|$)/g, '');
}

export function at(message: Wire, path: string): Wire {
  return path === ''
    ? message
    : path.split('.').reduce<Wire>((value, name) => (value as Record<string, Wire>)[name] as Wire, message);
}

export function put(message: Wire, path: string, value: Wire | undefined): Wire {
  const [name = '', ...rest] = path.split('.');
  const inner =
    rest.length === 0 ? value : put((message as Record<string, Wire>)[name] as Wire, rest.join('.'), value);
  if (Array.isArray(message)) {
    const list = message.with(Number(name), inner) as readonly Wire[];
    return inner === undefined ? list.toSpliced(Number(name), 1, null) : list;
  }
  const { [name]: _before, ...others } = message as Record<string, Wire>;
  return inner === undefined ? others : { ...others, [name]: inner };
}
