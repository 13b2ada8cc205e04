/** A pager: hears, calls people, calls the next ones, and again, until somebody answers. All that it knows is what its journal says. */
import {
  mostLinesAtOnce,
  PageLine,
  reviewDigest,
  type Page,
  type pagerRoutes,
  type PagerStatus,
  type Refusal,
  type Said,
} from '@kuramori/core';
import type { Clock, CodeWatch } from '@kuramori/program';
import type { z } from 'zod';
import type { Channel } from './channels/channel.ts';
import { due, nobodyIsReached, type Rules } from './decide.ts';
import { openDeliveries } from './deliver.ts';
import type { Events } from './events.ts';
import { openEar } from './hear.ts';
import type { PagesFile } from './journal.ts';
import type { Links } from './link.ts';
import { nextWeekly, onCall } from './schedule.ts';
import { emptyState, shown, take, type Known, type State } from './state.ts';

export interface PagerParts {
  readonly rules: Rules;
  readonly events: Events;
  /** By name, in the configuration's order. */
  readonly people: ReadonlyMap<string, readonly Channel[]>;
  /** Who may tell something, each with its own secret; `field` is where the configuration says so. */
  readonly towers: readonly { readonly name: string; readonly secret: string; readonly field: string }[];
  readonly links: Links;
  readonly file: PagesFile;
  readonly clock: Clock;
  /** Its own code. */
  readonly code?: Pick<CodeWatch, 'state'>;
}

type Answers = { readonly kind: 'done' } | Refusal;
type ReviewAnswer = Exclude<z.output<(typeof pagerRoutes.review)['answered']>, Refusal>;

export interface Pager {
  readonly state: State;
  readonly record: (...said: readonly Said[]) => void;
  readonly ear: ReturnType<typeof openEar>;
  readonly page: (id: string) => Known | undefined;
  /** Does all that is due. */
  readonly round: () => void;
  /** Settles once no message is on its way. */
  readonly settled: () => Promise<void>;
  readonly answer: (page: string, by: string, how: 'command' | 'link') => Answers;
  readonly routes: {
    readonly status: () => PagerStatus;
    readonly pages: (asked: { all: boolean }) => { kind: 'pages'; pages: Page[] };
    readonly acknowledge: (asked: { page: string; by: string }) => Answers;
    readonly review: (asked: { from: number | null }) => ReviewAnswer;
    readonly reviewed: (asked: { digest: string; by: string }) => Answers;
  };
}

/** As often as something can become due because something else did. */
const mostSteps = 100;

export function openPager({ rules, events, people, towers, links, file, clock, code }: PagerParts): Pager {
  const state = emptyState();
  for (const line of file.lines) take(state, line);
  let looked = clock.now();

  const record = (...said: readonly Said[]) => recordAt(clock.now(), said);

  function recordAt(at: number, said: readonly Said[]): void {
    const lines = said.map((one, index) => PageLine.parse({ n: state.n + 1 + index, at, said: one }));
    for (const line of lines) take(state, line);
    file.append(lines);
  }

  const ear = openEar({ towers, events, state, record, waiting: file.waiting, now: clock.now });
  const deliveries = openDeliveries({ people, state, record, now: clock.now, linkOf: links.of });
  record({ kind: 'started' });

  function round(): void {
    file.settle();
    looked = clock.now();
    for (let step = 0; step < mostSteps; step += 1) {
      const said = due(rules, state, looked);
      if (said.length === 0) break;
      // By the time that it was decided at: a clock that steps back meanwhile would have it decided again.
      recordAt(looked, said);
    }
    deliveries.round();
  }

  function answer(id: string, by: string, how: 'command' | 'link'): Answers {
    const page = state.pages.get(id);
    if (!page || page.needs === 'nothing') return refused('unknown-page', `there is no page ${id} to answer`);
    if (!people.has(by)) return refused('unknown-person', `${by} is not among the people of this pager`);
    const last = page.answers.at(-1);
    if (page.state !== 'open') {
      if (last?.by === by) return { kind: 'done' };
      return refused('answered', `${last?.by ?? 'somebody'} has answered it already`);
    }
    record({ kind: 'acknowledged', page: id, by, how });
    round();
    return { kind: 'done' };
  }

  /** The lines of the review that is due, and what signs them off. */
  function toRead(): { readonly texts: readonly string[]; readonly digest: string } | null {
    if (!state.review) return null;
    const texts = file.texts(state.review.from, state.review.to);
    return { texts, digest: reviewDigest(texts) };
  }

  return {
    state,
    record,
    ear,
    page: (id) => state.pages.get(id),
    round,
    settled: deliveries.settled,
    answer,
    routes: {
      status: () => ({
        kind: 'status',
        at: clock.now(),
        looked,
        onCall: onCall(rules, clock.now()),
        open: state.pages
          .values()
          .filter((page) => page.state === 'open' && page.needs === 'answer')
          .toArray().length,
        nobody: nobodyIsReached(rules, state, clock.now()),
        unwritten: file.waiting(),
        reviewDue: state.review?.due ?? null,
        code: code?.state() ?? null,
      }),
      pages: ({ all }) => ({
        kind: 'pages',
        pages: state.pages
          .values()
          .filter((page) => all || (page.state !== 'resolved' && page.needs === 'answer'))
          .map(shown)
          .toArray(),
      }),
      acknowledge: ({ page, by }) => answer(page, by, 'command'),
      review({ from }) {
        const list = toRead();
        const next = nextWeekly(rules.zone, rules.review, clock.now());
        if (!list || !state.review) return { kind: 'review', review: null, next };
        const start = Math.max(0, (from ?? 0) - state.review.from);
        const lines = list.texts
          .slice(start, start + mostLinesAtOnce)
          .map((text) => PageLine.parse(JSON.parse(text)));
        return { kind: 'review', review: { ...state.review, digest: list.digest, lines }, next };
      },
      reviewed({ digest, by }) {
        const list = toRead();
        if (!list || !state.review) return refused('no-review', 'no review is due');
        if (!people.has(by)) return refused('unknown-person', `${by} is not among the people of this pager`);
        if (digest !== list.digest)
          return refused(
            'another-list',
            'this digest is not of the list that is due: print it again (kuramori page review), and read what has come since',
          );
        const { from, to } = state.review;
        record({ kind: 'reviewed', by, from, to, digest });
        round();
        return { kind: 'done' };
      },
    },
  };
}

function refused(why: string, detail: string): Refusal {
  return { kind: 'refused', why, detail };
}
