/** Each format as files: their names and their text. */
import { jsonText } from '@kuramori/program';
import { addressCsv, addressList } from './addresses.ts';
import { written, type Document } from './document.ts';
import { notices } from './notices.ts';
import type { IncidentRecord } from './record.ts';
import { regulator } from './regulator.ts';
import { timeline } from './timeline.ts';
import type { Lang } from './words.ts';

export const formats = ['timeline', 'json', 'regulator', 'notices'] as const;
export type Format = (typeof formats)[number];

export interface Exported {
  readonly name: string;
  readonly text: string;
}

export function exported(
  record: IncidentRecord,
  format: Format,
  languages: readonly Lang[],
): readonly Exported[] {
  const files = (document: Document) =>
    languages.map((lang) => ({
      name: `${document.name}.${lang}.md`,
      text: written(document, record, lang),
    }));
  switch (format) {
    case 'timeline':
      return files(timeline);
    case 'regulator':
      return files(regulator);
    case 'json':
      return [{ name: 'incident.json', text: `${jsonText(record)}\n` }];
    case 'notices':
      return [
        ...notices.flatMap(files),
        { name: 'addresses.csv', text: addressCsv(record) },
        { name: 'addresses.json', text: `${jsonText(addressList(record))}\n` },
      ];
    default:
      return format satisfies never;
  }
}
