/** The pager's journal, as far as a report needs it: who was called, by what, and when they answered. */
import { PageLine } from '@kuramori/core';
import { jsonLines } from './read.ts';

export interface PageStep {
  /** Milliseconds of Unix time. */
  readonly at: number;
  readonly event: 'opened' | 'delivered' | 'escalated' | 'acknowledged' | 'resolved';
  readonly page: string;
  readonly person?: string;
  readonly channel?: string;
}

export interface Pages {
  readonly steps: readonly PageStep[];
  /** Lines about something else, or of none of a pager's kinds. */
  readonly leftOut: number;
  readonly torn: boolean;
}

export function readPages(file: string, text: string): Pages {
  const { lines, torn } = jsonLines(file, text);
  const read = lines.map(({ value }) => {
    const line = PageLine.safeParse(value);
    return line.success ? stepsOf(line.data) : [];
  });
  return {
    steps: read.flat().toSorted((a, b) => a.at - b.at),
    leftOut: read.filter((steps) => steps.length === 0).length,
    torn,
  };
}

function stepsOf({ at, said }: PageLine): readonly PageStep[] {
  switch (said.kind) {
    case 'opened':
    case 'resolved':
      return [{ at, event: said.kind, page: said.page }];
    case 'called':
      return said.why === 'escalated'
        ? said.people.map((person) => ({ at, event: 'escalated', page: said.page, person }))
        : [];
    case 'delivered':
      // What no channel took has reached nobody.
      return said.accepted && said.what === 'call'
        ? [{ at, event: 'delivered', page: said.page, person: said.person, channel: said.channel }]
        : [];
    case 'acknowledged':
      return [{ at, event: 'acknowledged', page: said.page, person: said.by }];
    case 'started':
    case 'told':
    case 'joined':
    case 'over':
    case 'reopened':
    case 'review':
    case 'reviewed':
      break;
  }
  return [];
}
