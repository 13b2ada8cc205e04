/** A list of sanctioned addresses of one asset: a JSON array of them. */
import { z } from 'zod';
import { TracerError } from '../error.ts';
import type { Tag } from '../tag.ts';
import { Address } from './fields.ts';

const List = z.array(Address);

export function readSanctions(file: string, text: string): readonly Tag[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TracerError(`${file}: is not JSON: ${(cause as Error).message}`, { cause });
  }
  const read = List.safeParse(json);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new TracerError(`${file}: entry ${Number(issue?.path[0] ?? -1) + 1}: ${issue?.message}`, {
      cause: read.error,
    });
  }
  return read.data.map((address) => ({
    address,
    label: 'OFAC SDN',
    category: 'sanctioned',
    confidence: 'authority_data',
    source: file,
  }));
}
