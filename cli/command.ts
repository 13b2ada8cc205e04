/** Command: what the commands of `kuramori` have in common. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ParseArgsConfig } from 'node:util';
import { visible } from '@kuramori/program';

export interface Command {
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Returns the exit code. */
  readonly run: (
    options: { readonly [name: string]: string | boolean | readonly string[] | undefined },
    rest: readonly string[],
  ) => Promise<number>;
}

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Progress and refusals, to standard error. Both may quote others' files, whose control signs stand as escapes. */
export const say = (line: string) => void process.stderr.write(`${visible(line)}\n`);
/** Results, to standard output. */
export const print = (text: string) => void process.stdout.write(`${visible(text)}\n`);
export const text = (value: string | boolean | readonly string[] | undefined) =>
  typeof value === 'string' ? value : null;

/** A call that is wrong: said, and exit code 2. */
export function refuse(why: string): number {
  say(`kuramori: ${why}`);
  return 2;
}

/** A whole number within bounds, or the sentence that says what it must be. */
export function wholeNumber(
  name: string,
  value: string | boolean | readonly string[] | undefined,
  usual: number,
  least: number,
  most: number,
): number | string {
  if (value === undefined) return usual;
  const number = Number(value);
  return Number.isInteger(number) && number >= least && number <= most
    ? number
    : `--${name}: must be a whole number from ${least} to ${most}, not '${String(value)}'`;
}

/** A column of names beside what is said of each. */
export function listing(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, what]) => `${name.padEnd(width)}  ${what}`).join('\n');
}
