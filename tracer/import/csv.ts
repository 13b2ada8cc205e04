/** CSV by RFC 4180, strictly: a quote that is not closed, or a line of other length than its heading, is an error and not a guess. */
import type { z } from 'zod';
import { at, TracerError } from '../error.ts';

interface Line {
  /** Where it begins in the file. */
  readonly line: number;
  readonly fields: readonly string[];
}

function linesOf(file: string, text: string): readonly Line[] {
  const lines: Line[] = [];
  let [fields, field, line, begun]: [string[], string, number, number] = [[], '', 1, 1];
  let quoted = false;
  const end = () => {
    fields.push(field);
    if (fields.length > 1 || field !== '') lines.push({ line: begun, fields });
    [fields, field] = [[], ''];
  };
  for (let place = 0; place < text.length; place += 1) {
    const sign = text.charAt(place);
    if (sign === '\n') line += 1;
    if (quoted) {
      if (sign !== '"') field += sign;
      else if (text.charAt(place + 1) === '"') {
        field += '"';
        place += 1;
      } else {
        quoted = false;
        // RFC 4180 §2: after the closing quote comes the end of the field.
        if (!/^(?:,|\r?\n|$)/.test(text.slice(place + 1, place + 3)))
          throw new TracerError(
            `${file}: line ${line}: text stands behind a closing quote: double it or quote all`,
          );
      }
    } else if (sign === '"') {
      if (field !== '')
        throw new TracerError(`${file}: line ${line}: a quote stands inside a field: quote the whole field`);
      quoted = true;
    } else if (sign === ',') {
      fields.push(field);
      field = '';
    } else if (sign === '\n') {
      end();
      begun = line;
    } else if (sign !== '\r' || text.charAt(place + 1) !== '\n') field += sign;
  }
  if (quoted) throw new TracerError(`${file}: line ${begun}: a quote is never closed`);
  end();
  return lines;
}

/** Each line as the schema reads it. Columns that the schema does not name are an error in it alone. */
export function readCsv<T>(
  file: string,
  text: string,
  schema: z.ZodType<T>,
): readonly { readonly line: number; readonly row: T }[] {
  const [heading, ...rest] = linesOf(file, text.startsWith('\uFEFF') ? text.slice(1) : text);
  if (!heading) throw new TracerError(`${file}: is empty: its first line must name the columns`);
  return rest.map(({ line, fields }) => {
    if (fields.length !== heading.fields.length)
      throw new TracerError(
        `${file}: line ${line}: has ${fields.length} fields, and the heading ${heading.fields.length}`,
      );
    const read = schema.safeParse(
      Object.fromEntries(heading.fields.map((name, column) => [name, fields[column]])),
    );
    if (read.success) return { line, row: read.data };
    const issue = read.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    throw at(file, line, field === '' ? 'columns' : field, issue?.message ?? 'cannot be read', read.error);
  });
}
