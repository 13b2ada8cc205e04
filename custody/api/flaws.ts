/** Flaws: what is wrong with a value, field by field, in words that say what to do; an unknown name with the nearest known one. */
import { z } from 'zod';
import { malformedIn, type Flaw, type Reply } from './problem.ts';

/** More of them help nobody, and a body of 64 KiB can have thousands. */
const most = 20;
/** Names longer than this are nobody's mistyped one. */
const longestName = 64;

export type ReadBy<S extends z.ZodType> =
  | { readonly kind: 'read'; readonly value: z.output<S> }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** Reads by a schema. `whole` names the value where no field of it is meant. */
export function readBy<S extends z.ZodType>(schema: S, value: unknown, whole: string): ReadBy<S> {
  const read = schema.safeParse(value);
  if (read.success) return { kind: 'read', value: read.data };
  const [first, ...others] = read.error.issues
    .flatMap((issue) => flawsOf(issue, schema, value, whole))
    .slice(0, most);
  return {
    kind: 'refused',
    reply: malformedIn([first ?? { field: whole, detail: 'is malformed' }, ...others]),
  };
}

function flawsOf(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown, whole: string): readonly Flaw[] {
  const path = issue.path.map(String);
  const field = path.join('.') || whole;
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(schema, path);
    return issue.keys.slice(0, most).map((name) => ({
      field: [...path, name.slice(0, longestName)].join('.'),
      detail: `is no field here: ${adviceFor(name, known)}`,
    }));
  }
  if (issue.code === 'invalid_type') {
    const missing = valueAt(value, issue.path) === undefined;
    return [{ field, detail: `${missing ? 'is missing: ' : ''}must be of type ${issue.expected}` }];
  }
  return [{ field, detail: issue.message.replace(/^Invalid option: expected/, 'must be') }];
}

function adviceFor(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((one) => ({ one, distance: distance(name.slice(0, longestName + 1), one) }))
    .filter(({ one, distance: far }) => far <= Math.max(2, one.length / 3))
    .sort((a, b) => a.distance - b.distance);
  if (nearest) return `did you mean ${nearest.one}?`;
  return known.length === 0 ? 'there is none' : `there is ${known.join(', ')}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** The names of the object that a path leads to. */
function namesAt(schema: z.core.$ZodType, path: readonly string[]): readonly string[] {
  const inner = unwrapped(schema);
  const [first, ...rest] = path;
  if (inner instanceof z.ZodObject) {
    if (first === undefined) return Object.keys(inner.shape);
    const member = (inner.shape as Record<string, z.core.$ZodType | undefined>)[first];
    return member ? namesAt(member, rest) : [];
  }
  if (inner instanceof z.ZodUnion)
    return [...new Set(inner.options.flatMap((option) => namesAt(option, path)))];
  return inner instanceof z.ZodArray ? namesAt(inner.element, rest) : [];
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return unwrapped(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrapped(schema.in) : schema;
}

/** How many letters must be changed, added, left out or exchanged with their neighbour (optimal string alignment). */
export function distance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1]?.toLowerCase() === b[column - 1]?.toLowerCase() ? 0 : 1;
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      line[column] = Math.min(
        (last[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + same,
        swapped && row > 1 && column > 1 ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, line];
  }
  return last[b.length] ?? 0;
}
