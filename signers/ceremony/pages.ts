/** Pages: what is printed of shares. A share's page lies beside its text and holds that share alone; the list of all is public, and lies elsewhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Misconfigured, writeNew } from '@kuramori/program';
import type { Keys } from '../keystore.ts';
import { htmlOf, printed, safeSheet, shareSheet, type PaperSize, type Sheet } from '../paper/index.ts';
import type { Language } from '../seed/sentence.ts';
import type { What } from '../step/step.ts';
import type { Paper, Sharing } from './share.ts';

export interface Printing {
  /** Absent: the shares have no pages, and the list is A4. */
  readonly paper?: PaperSize | undefined;
  /** The folder of the list of envelopes; absent: there is none. */
  readonly safe?: string | undefined;
}

interface Page {
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface Pages {
  /** Of each share, in their order: its own medium's. */
  readonly own: readonly (readonly Page[])[];
  /** The list of envelopes, for where all of them are known. */
  readonly list: readonly Page[];
  /** For the transcript, before a word leaves. */
  readonly what: What;
}

export function pagesOf(
  { paper, safe, sharePassphrase, groups, groupThreshold }: Sharing,
  papers: readonly Paper[],
  { chainKey, on, language }: Pick<Keys, 'chainKey' | 'on'> & { readonly language: Language },
  layout: string,
): Pages {
  const key = { ...on, chainKey, language, passphrase: sharePassphrase !== undefined };
  const each = groups.map(({ threshold, count }) => `${count}枚中${threshold}枚`).join('、');
  const inJapanese =
    groups.length === 1 ? each : `${groups.length}グループ中${groupThreshold}グループ：${each}`;
  const both = (file: string, sheet: Sheet): readonly Page[] => [
    { file: `${file}.pdf`, bytes: printed(sheet, paper ?? 'a4') },
    { file: `${file}.html`, bytes: htmlOf(sheet, paper ?? 'a4') },
  ];
  const own = papers.map(({ file, share, text }) =>
    paper === undefined ? [] : both(file.replace(/\.txt$/, ''), shareSheet(share, text, key)),
  );
  const list = safe === undefined ? null : join(safe, `envelopes-${papers[0]?.share.id}`);
  const shares = papers.map(({ share }) => share);
  return {
    own,
    list: list === null ? [] : both(list, safeSheet(shares, { en: layout, ja: inJapanese }, key)),
    what: [
      ...(paper === undefined
        ? []
        : [{ name: 'pages', value: `PDF and HTML of each share, beside it (${paper})` }]),
      ...(list === null ? [] : [{ name: 'list of envelopes', value: `${list}.pdf` }]),
    ],
  };
}

/** Each is on its medium, and reads as it was written. */
export function writePages(pages: readonly Page[]): void {
  for (const { file, bytes } of pages) {
    writeNew(file, bytes);
    const read = readFileSync(file);
    const same = Buffer.compare(read, bytes) === 0;
    read.fill(0);
    if (!same)
      throw new Misconfigured(
        `${file}: reads otherwise than it was written: destroy the medium, and share anew`,
      );
  }
}

/** What of them is in memory. */
export function wipePages({ own, list }: Pages): void {
  for (const { bytes } of [...own.flat(), ...list]) bytes.fill(0);
}

/** What people must know of how a share gets onto paper. */
export const byHand =
  'copy each file onto paper by hand, read it aloud from the paper, then destroy the medium: what stood on flash memory cannot be wiped';
export const byPrinter =
  'print each page alone with its holder, on a printer without network and without a disk; compare the words with the file, then destroy the medium, and the printer or its memory: both remember';
