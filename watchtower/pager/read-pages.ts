/** Reads a pager's journal from elsewhere: who was told of what, by which way, and when somebody answered. */
import { readFileSync } from 'node:fs';
import type { Page, PageLine } from '@kuramori/core';
import { readLine } from './journal.ts';
import { emptyState, shown, take } from './state.ts';

export interface Pages {
  /** Every page that ever was, the oldest first. */
  readonly pages: readonly Page[];
  /** All that stands there, in its order. */
  readonly lines: readonly PageLine[];
}

/** A torn last line, of a pager that is writing just now, is left out. Throws Misconfigured where another is damaged. */
export function readPages(file: string): Pages {
  const texts = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const lines = texts.map((text, index) => readLine(file, text, index));
  const state = emptyState();
  const all = new Map<string, Page>();
  for (const line of lines) {
    take(state, line);
    const page = 'page' in line.said ? state.pages.get(line.said.page) : undefined;
    // The state forgets the oldest of those that are resolved.
    if (page) all.set(page.id, shown(page));
  }
  return { pages: [...all.values()], lines };
}
