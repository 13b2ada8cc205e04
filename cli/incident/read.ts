/** Files of lines of JSON: each line by its number. A last line that a crash cut off is left out, and that is said. */
import { Misconfigured } from '@kuramori/program';
import { readLine, type Line } from './line.ts';

export interface Numbered<T> {
  readonly number: number;
  readonly value: T;
}

/** One watchtower's file, as it is called in a report. */
export interface Source {
  readonly name: string;
  readonly lines: readonly Numbered<Line>[];
  /** The last line was cut off: something happened that is not in this file. */
  readonly torn: boolean;
}

/** `file` is for errors only. */
export function readSource(name: string, file: string, text: string): Source {
  const { lines, torn } = jsonLines(file, text);
  return {
    name,
    torn,
    lines: lines.map(({ number, value }) => {
      const line = readLine(value);
      if (line.kind === 'wrong')
        throw new Misconfigured(
          `${file}: line ${number}: ${line.why}: it is not as a watchtower writes it. Keep the file as it is; give a copy without this line, and say so in the report`,
        );
      return { number, value: line };
    }),
  };
}

export function jsonLines(
  file: string,
  text: string,
): { readonly lines: readonly Numbered<unknown>[]; readonly torn: boolean } {
  const rows = text.split('\n');
  // What follows the last line's end: nothing, or what was being written when the machine stopped.
  const last = rows.length - 1;
  let torn = false;
  const lines = rows.flatMap((row, index) => {
    if (row.trim() === '') return [];
    try {
      return [{ number: index + 1, value: JSON.parse(row) as unknown }];
    } catch (cause) {
      if (index !== last)
        throw new Misconfigured(
          `${file}: line ${index + 1}: is not JSON (${(cause as Error).message}): keep the file as it is; give a copy without this line, and say so in the report`,
          { cause },
        );
      torn = true;
      return [];
    }
  });
  return { lines, torn };
}
