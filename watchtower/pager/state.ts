/** What the pager knows: its journal's lines, taken in one after the other, at the start and while it runs. */
import type { Page, PageLine, Said } from '@kuramori/core';

type Called = Extract<Said, { kind: 'called' }>;
type Delivered = Extract<Said, { kind: 'delivered' }>;

interface Call {
  readonly at: number;
  readonly round: number;
  readonly level: number;
  readonly why: Called['why'];
  readonly people: readonly string[];
  /** Whom some channel took a message of it for. */
  readonly reached: Set<string>;
}

/** A page that is not resolved, or was just now. */
export interface Known {
  readonly id: string;
  readonly topic: string;
  readonly what: string;
  readonly needs: 'answer' | 'nothing';
  readonly lasts: boolean;
  readonly opened: number;
  state: 'open' | 'acknowledged' | 'resolved';
  /** When it was opened, for the last time, and how many calls there were before. */
  since: number;
  before: number;
  /** Who says that something is wrong, since when, and whether they say that it is over. */
  readonly sources: Map<string, { since: number; over: boolean }>;
  /** The newest that was said of it. */
  newest: { what: string; at: number };
  /** Whether something was said since the last answer. */
  news: boolean;
  readonly calls: Call[];
  readonly answers: { readonly by: string; readonly at: number; readonly how: 'command' | 'link' }[];
  /** By deliveryKey: the newest outcome. */
  readonly delivered: Map<
    string,
    { readonly accepted: boolean; readonly answer: string; readonly at: number }
  >;
  resolved: number | null;
}

export interface Review {
  /** When the oldest of what it holds became due. */
  readonly due: number;
  readonly from: number;
  readonly to: number;
}

export interface State {
  /** When the pager first ran: what was due before that is nobody's. */
  began: number | null;
  /** Number of the newest line. */
  n: number;
  readonly pages: Map<string, Known>;
  /** What a watchtower told, by tower and webhook-id, and when. */
  readonly heard: Map<string, number>;
  tested: number;
  review: Review | null;
  /** When the newest review became due, done or not. */
  reviewed: number;
  /** Number of the newest line that somebody has read. */
  read: number;
}

export function emptyState(): State {
  return {
    began: null,
    n: 0,
    pages: new Map(),
    heard: new Map(),
    tested: 0,
    review: null,
    reviewed: 0,
    read: 0,
  };
}

export const testTopic = 'the daily test page';
/** Resolved pages that are still listed. */
const mostResolved = 100;
/** A watchtower tells the same thing again for some minutes, and its words count for five. Milliseconds. */
const heardFor = 2 * 3_600_000;

export const heardKey = (tower: string, id: string) => `${tower} ${id}`;

export function deliveryKey({
  what,
  round,
  person,
  channel,
}: Pick<Delivered, 'what' | 'round' | 'person' | 'channel'>): string {
  return `${what} ${round} ${person} ${channel}`;
}

/** Takes one line in. What is not known of a page that it names is no reason to stop: pages must go out. */
export function take(state: State, { n, at, said }: PageLine): void {
  state.n = n;
  state.began ??= at;
  const page = 'page' in said ? state.pages.get(said.page) : undefined;
  switch (said.kind) {
    case 'started':
      return;
    case 'told':
      state.heard.set(heardKey(said.tower, said.id), at);
      for (const [key, when] of state.heard) {
        if (at - when < heardFor) break;
        state.heard.delete(key);
      }
      return;
    case 'opened':
      if (said.topic === testTopic) state.tested = at;
      state.pages.set(said.page, opened(said, at));
      forgetResolved(state);
      return;
    case 'joined': {
      if (!page) return;
      const source = page.sources.get(said.source);
      page.sources.set(said.source, { since: source && !source.over ? source.since : at, over: false });
      page.newest = { what: said.what, at };
      page.news = true;
      return;
    }
    case 'over': {
      const source = page?.sources.get(said.source);
      if (source) source.over = true;
      return;
    }
    case 'called':
      page?.calls.push({
        at,
        round: said.round,
        level: said.level,
        why: said.why,
        people: said.people,
        reached: new Set(),
      });
      return;
    case 'delivered':
      page?.delivered.set(deliveryKey(said), { accepted: said.accepted, answer: said.answer, at });
      if (said.accepted && said.what === 'call') page?.calls[said.round - 1]?.reached.add(said.person);
      return;
    case 'acknowledged':
      if (!page) return;
      page.state = 'acknowledged';
      page.answers.push({ by: said.by, at, how: said.how });
      page.news = false;
      return;
    case 'reopened':
      if (!page) return;
      page.state = 'open';
      page.since = at;
      page.before = page.calls.length;
      return;
    case 'resolved':
      if (!page) return;
      page.state = 'resolved';
      page.resolved = at;
      return;
    case 'review':
      state.review = { due: state.review?.due ?? at, from: said.from, to: said.to };
      state.reviewed = at;
      return;
    case 'reviewed':
      state.read = said.to;
      state.review = null;
      return;
    default:
      return said satisfies never;
  }
}

function opened(said: Extract<Said, { kind: 'opened' }>, at: number): Known {
  const { page: id, topic, what, needs, lasts, source } = said;
  return {
    id,
    topic,
    what,
    needs,
    lasts,
    opened: at,
    state: 'open',
    since: at,
    before: 0,
    sources: new Map(source === null ? [] : [[source, { since: at, over: false }]]),
    newest: { what, at },
    news: false,
    calls: [],
    answers: [],
    delivered: new Map(),
    resolved: null,
  };
}

function forgetResolved(state: State): void {
  const resolved = state.pages
    .values()
    .filter((page) => page.state === 'resolved')
    .toArray();
  for (const page of resolved.slice(0, Math.max(0, resolved.length - mostResolved)))
    state.pages.delete(page.id);
}

/** The page of a topic that is not resolved; undefined where there is none. */
export function pageOf(state: State, topic: string): Known | undefined {
  return state.pages.values().find((page) => page.topic === topic && page.state !== 'resolved');
}

/** As people see it. */
export function shown(page: Known): Page {
  return {
    id: page.id,
    topic: page.topic,
    what: page.newest.what,
    needs: page.needs,
    state: page.state,
    opened: page.opened,
    sources: [...page.sources].map(([source, { since, over }]) => ({ source, since, over })),
    calls: page.calls.map((call) => ({
      ...call,
      people: [...call.people],
      reached: [...call.reached],
    })),
    answers: [...page.answers],
    resolved: page.resolved,
  };
}
