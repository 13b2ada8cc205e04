/** What is due: the pager's rules over what it knows and the time. It decides, and does nothing. */
import { randomBytes } from 'node:crypto';
import type { Said } from '@kuramori/core';
import { onCallName, type PagerConfig } from './config.ts';
import { lastDaily, lastWeekly, onCall } from './schedule.ts';
import { pageOf, testTopic, type Known, type State } from './state.ts';

export type Rules = Pick<
  PagerConfig,
  | 'zone'
  | 'schedule'
  | 'escalation'
  | 'repeatMinutes'
  | 'reopenMinutes'
  | 'quietHours'
  | 'unreachedSeconds'
  | 'test'
  | 'review'
>;

export const unansweredTestTopic = 'nobody answered the test page';
const unreadTopic = 'nobody has read the journal';
/** What only has to be told is given up after an hour. Milliseconds. */
const noteLasts = 3_600_000;
const minute = 60_000;

export const newPageId = () => `p-${randomBytes(4).toString('hex')}`;

/** What has become due. Empty once all of it stands in the state. */
export function due(rules: Rules, state: State, now: number): readonly Said[] {
  const daily = [...testDue(rules, state, now), ...reviewDue(rules, state, now)];
  return [...daily, ...state.pages.values().flatMap((page) => pageDue(rules, state, page, now))];
}

function testDue({ zone, test }: Rules, state: State, now: number): readonly Said[] {
  const last = lastDaily(zone, test.at, now);
  if (last <= state.tested || last < (state.began ?? now)) return [];
  const before = pageOf(state, testTopic);
  const what = 'A test: nothing is wrong. Answer it, so that we know that pages reach somebody who answers.';
  const fresh = openPage(testTopic, what, null, true);
  // One that nobody answered for a whole day says so by a page of its own.
  return before ? [{ kind: 'resolved', page: before.id }, fresh] : [fresh];
}

function reviewDue({ zone, review }: Rules, state: State, now: number): readonly Said[] {
  const last = lastWeekly(zone, review, now);
  const said: Said[] = [];
  if (last > state.reviewed && last >= (state.began ?? now) && state.n > state.read)
    said.push({ kind: 'review', from: state.read + 1, to: state.n });
  const late = state.review !== null && ago(now, state.review.due) >= review.withinDays * 86_400_000;
  const page = pageOf(state, unreadTopic);
  if (late && !page)
    said.push(
      openPage(
        unreadTopic,
        'The weekly review of what the pager did and the watchtowers told is due, and nobody has signed it off: kuramori page review',
        'the review',
        true,
      ),
    );
  if (!state.review && page?.sources.get('the review')?.over === false)
    said.push({ kind: 'over', page: page.id, source: 'the review' });
  return said;
}

export function openPage(topic: string, what: string, source: string | null, lasts: boolean): Said {
  return { kind: 'opened', page: newPageId(), topic, needs: 'answer', what, source, lasts };
}

function pageDue(rules: Rules, state: State, page: Known, now: number): readonly Said[] {
  if (page.state === 'resolved') return [];
  if (page.needs === 'nothing') return noteDue(rules, page, now);
  if (page.state === 'acknowledged') return answeredDue(rules, page, now);
  const call = callDue(rules, page, now);
  return [
    ...(call ? [call] : []),
    ...(page.topic === testTopic ? unansweredDue(rules, state, page, now) : []),
  ];
}

function noteDue(rules: Rules, page: Known, now: number): readonly Said[] {
  if (page.calls.length === 0) return [callOf(rules, page, 0, 'opened', now)];
  return ago(now, page.opened) >= noteLasts ? [{ kind: 'resolved', page: page.id }] : [];
}

function answeredDue(rules: Rules, page: Known, now: number): readonly Said[] {
  const answered = page.answers.at(-1)?.at ?? page.opened;
  const waited = ago(now, answered);
  if (page.news) return waited >= rules.reopenMinutes * minute ? [{ kind: 'reopened', page: page.id }] : [];
  const over = page.lasts
    ? page.sources.values().every((source) => source.over)
    : waited >= rules.quietHours * 60 * minute;
  return over ? [{ kind: 'resolved', page: page.id }] : [];
}

/** The calls since it was opened for the last time. */
export function callsOf(page: Known): Known['calls'] {
  return page.calls.slice(page.before);
}

/** How long ago it was. A clock that was set back hides that: then it counts as long enough for whatever waits for it. */
function ago(now: number, at: number): number {
  return at - now > minute ? Infinity : now - at;
}

function callDue(rules: Rules, page: Known, now: number): Said | null {
  const calls = callsOf(page);
  const last = calls.at(-1);
  if (!last) return callOf(rules, page, 0, page.calls.length === 0 ? 'opened' : 'opened again', now);
  const { escalation } = rules;
  const level = Math.max(...calls.map((call) => call.level));
  const next = escalation[level + 1];
  if (next && ago(now, page.since) >= next.afterMinutes * minute)
    return callOf(rules, page, level + 1, 'escalated', now);
  const unreached = ago(now, last.at) >= rules.unreachedSeconds * 1_000 && last.reached.size === 0;
  if (next && unreached) return callOf(rules, page, level + 1, 'nobody reached', now);
  return ago(now, last.at) >= rules.repeatMinutes * minute
    ? callOf(rules, page, level, 'repeated', now)
    : null;
}

/** A new level calls its own people; a repeated call all that were called before. */
function callOf(
  { zone, schedule, escalation }: Rules,
  page: Known,
  level: number,
  why: Extract<Said, { kind: 'called' }>['why'],
  now: number,
): Said {
  const levels = why === 'repeated' ? escalation.slice(0, level + 1) : escalation.slice(level, level + 1);
  const turn = onCall({ zone, schedule }, now);
  const people = new Set(levels.flatMap(({ who }) => who).map((name) => (name === onCallName ? turn : name)));
  const round = (page.calls.at(-1)?.round ?? 0) + 1;
  return { kind: 'called', page: page.id, round, level, people: [...people], why };
}

/** Everybody was called, and time to answer has passed. */
export function isUnanswered({ escalation, repeatMinutes }: Rules, page: Known, now: number): boolean {
  if (page.state !== 'open' || page.needs === 'nothing') return false;
  const all = callsOf(page).find(({ level }) => level === escalation.length - 1);
  return all !== undefined && ago(now, all.at) >= repeatMinutes * minute;
}

function unansweredDue(rules: Rules, state: State, page: Known, now: number): readonly Said[] {
  if (!isUnanswered(rules, page, now)) return [];
  const what = `Everybody was called, and nobody answered the test page ${page.id}: an alarm would not have been answered either.`;
  const told = pageOf(state, unansweredTestTopic);
  if (!told) return [openPage(unansweredTestTopic, what, page.id, false)];
  return told.sources.has(page.id) ? [] : [{ kind: 'joined', page: told.id, source: page.id, what }];
}

/** Why pages do no good now: a channel that takes none, or people who answer none. Null where all is well. */
export function nobodyIsReached(rules: Rules, state: State, now: number): string | null {
  for (const page of state.pages.values()) {
    if (page.state !== 'open' || page.needs === 'nothing') continue;
    const calls = callsOf(page);
    const [first] = calls;
    const unreached = calls.every(({ reached }) => reached.size === 0);
    if (first && unreached && ago(now, first.at) >= rules.unreachedSeconds * 1_000)
      return `no channel takes page ${page.id}: ${page.topic}`;
    if (isUnanswered(rules, page, now)) return `nobody answers page ${page.id}: ${page.topic}`;
  }
  return null;
}
