/** GraphSense TagPacks: YAML with tags, whose head says what is common to all. https://github.com/graphsense/graphsense-tagpack-tool */
import { parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { TracerError } from '../error.ts';
import type { Tag } from '../tag.ts';
import { Address } from './fields.ts';

const Said = {
  label: z.string().optional(),
  category: z.string().optional(),
  confidence: z.string().optional(),
  source: z.string().optional(),
};
/** By hand, with blanks around it at times. */
const Written = z.coerce
  .string()
  .transform((address) => address.trim())
  .pipe(Address);
const TagPack = z.object({
  ...Said,
  title: z.string(),
  tags: z.array(z.object({ ...Said, address: Written })).min(1),
});

/** Where in the text a path begins, or what of it is there. */
function beginning(document: Document.Parsed, path: readonly PropertyKey[]): number {
  const node = document.getIn(path, true) as { range?: readonly number[] } | undefined;
  return node?.range?.[0] ?? (path.length === 0 ? 0 : beginning(document, path.slice(0, -1)));
}

export function readTagPack(file: string, text: string): readonly Tag[] {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new TracerError(`${file}: is not YAML: ${error.message}`, { cause: error });
  const read = TagPack.safeParse(document.toJS());
  if (!read.success) {
    const issue = read.error.issues[0];
    const line = text.slice(0, beginning(document, issue?.path ?? [])).split('\n').length;
    throw new TracerError(`${file}: line ${line}: ${issue?.path.join('.')}: ${issue?.message}`, {
      cause: read.error,
    });
  }
  const { title, tags, ...head } = read.data;
  return tags.map((tag) => ({
    address: tag.address,
    label: tag.label ?? head.label ?? title,
    category: tag.category ?? head.category ?? 'unknown',
    confidence: tag.confidence ?? head.confidence ?? 'unknown',
    source: tag.source ?? head.source ?? file,
  }));
}
