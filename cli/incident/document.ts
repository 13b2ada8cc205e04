/** A document: headings that exist in both languages, and under each what the record tells or a person must write. */
import type { IncidentRecord } from './record.ts';
import type { Both, Lang } from './words.ts';

export interface Section {
  readonly heading: Both;
  readonly body: (record: IncidentRecord, lang: Lang) => readonly string[];
}

export interface Document {
  readonly name: string;
  readonly title: Both;
  /** Who reads it, and what it is. */
  readonly opening: (record: IncidentRecord, lang: Lang) => readonly string[];
  readonly sections: readonly Section[];
}

export function written({ title, opening, sections }: Document, record: IncidentRecord, lang: Lang): string {
  const parts = [
    `# ${title[lang]}`,
    ...opening(record, lang),
    ...sections.flatMap(({ heading, body }) => [`## ${heading[lang]}`, ...body(record, lang)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

const draft: Both = {
  en: 'A draft, made from the watchtowers’ own lines. Nothing in it is anybody’s opinion; what people must write is marked 【TO BE WRITTEN】. Before it leaves the house, somebody reads every line.',
  ja: '監視プロセス自身の記録から作成した下書きである。推測は含まない。人が記入すべき箇所は【要記入】と示した。社外に出す前に必ず全文を確認すること。',
};

export function draftNote(lang: Lang): string {
  return `*${draft[lang]}*`;
}
