/** The pager's words: what stands in its journal, and what it answers to people and watchtowers. Times: milliseconds of Unix time. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Code } from './code.ts';
import { Hash } from './key.ts';
import { Name, text } from './text.ts';
import { Done, route } from './wire.ts';

export const PageId = z.string().regex(/^p-[0-9a-f]{8}$/, 'must be the id of a page, as p-1a2b3c4d');
const Time = z.int().nonnegative();
/** What is wrong, as a page is called by it: the name of an event, or what the pager saw by itself. */
const Topic = text(1, 200);
/** Who says that something is wrong: a watchtower's name, or what the pager calls it. */
const Source = text(1, 200);
/** Of a person's channels, which: the kind, and a number where there are several of the kind. */
const ChannelName = text(1, 40);
const Update = z.enum(['call', 'acknowledged', 'resolved']);

/** What one line says beside its number and time. */
export const Said = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('started') }),
  z.strictObject({
    kind: z.literal('told'),
    tower: Name,
    /** The webhook-id: the same one again is nothing new. */
    id: text(1, 128),
    event: text(1, 200),
    does: z.enum(['page', 'notify', 'ignore', 'end']),
    /** The event's fields as JSON, cut where it is long. */
    fields: text(0, 2_000),
  }),
  z.strictObject({
    kind: z.literal('opened'),
    page: PageId,
    topic: Topic,
    /** Whether somebody must answer it, or it is only told. */
    needs: z.enum(['answer', 'nothing']),
    what: text(1, 2_000),
    /** Null where it is nobody's word: a test page. */
    source: Source.nullable(),
    /** Whether somebody will say that it is over; else it is once it was answered and nothing came for a while. */
    lasts: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('joined'),
    page: PageId,
    source: Source,
    what: text(1, 2_000),
  }),
  z.strictObject({ kind: z.literal('over'), page: PageId, source: Source }),
  z.strictObject({
    kind: z.literal('called'),
    page: PageId,
    round: z.int().positive(),
    level: z.int().nonnegative(),
    people: z.array(Name).min(1),
    why: z.enum(['opened', 'escalated', 'nobody reached', 'repeated', 'opened again']),
  }),
  z.strictObject({
    kind: z.literal('delivered'),
    page: PageId,
    round: z.int().positive(),
    person: Name,
    channel: ChannelName,
    what: Update,
    accepted: z.boolean(),
    /** What the other side said, or why it said nothing. */
    answer: text(0, 300),
  }),
  z.strictObject({
    kind: z.literal('acknowledged'),
    page: PageId,
    by: Name,
    how: z.enum(['command', 'link']),
  }),
  z.strictObject({ kind: z.literal('reopened'), page: PageId }),
  z.strictObject({ kind: z.literal('resolved'), page: PageId }),
  /** Somebody must read the lines from one number to another, both included. */
  z.strictObject({ kind: z.literal('review'), from: z.int().positive(), to: z.int().positive() }),
  z.strictObject({
    kind: z.literal('reviewed'),
    by: Name,
    from: z.int().positive(),
    to: z.int().positive(),
    digest: Hash,
  }),
]);
export type Said = z.infer<typeof Said>;

/** A line of pages.jsonl. Numbers count from 1 without a gap: after a full disk they tell what is written already. */
export const PageLine = z.strictObject({ n: z.int().positive(), at: Time, said: Said });
export type PageLine = z.infer<typeof PageLine>;

/** A page as people see it. */
export const Page = z.strictObject({
  id: PageId,
  topic: Topic,
  what: z.string(),
  needs: z.enum(['answer', 'nothing']),
  state: z.enum(['open', 'acknowledged', 'resolved']),
  opened: Time,
  sources: z.array(z.strictObject({ source: Source, since: Time, over: z.boolean() })),
  /** Each call to people, and who of them was reached by it: whom some channel took a message for. */
  calls: z.array(
    z.strictObject({
      at: Time,
      round: z.int().positive(),
      level: z.int().nonnegative(),
      why: z.string(),
      people: z.array(Name),
      reached: z.array(Name),
    }),
  ),
  answers: z.array(z.strictObject({ by: Name, at: Time, how: z.enum(['command', 'link']) })),
  resolved: Time.nullable(),
});
export type Page = z.infer<typeof Page>;

export const PagerStatus = z.strictObject({
  kind: z.literal('status'),
  at: Time,
  /** When it last looked at what is due: one that answers and does nothing is as good as silent. */
  looked: Time,
  onCall: Name,
  /** Pages that wait for an answer. */
  open: z.int().nonnegative(),
  /** Why a page reaches nobody, or is answered by nobody; null where all is well. */
  nobody: z.string().nullable(),
  /** Lines that its disk did not take yet. */
  unwritten: z.int().nonnegative(),
  /** When the oldest review became due that nobody has done; null where none is. */
  reviewDue: Time.nullable(),
  /** Null until it is measured. */
  code: Code.nullable(),
});
export type PagerStatus = z.infer<typeof PagerStatus>;

/** As many lines as one answer carries. */
export const mostLinesAtOnce = 1_000;

export const pagerRoutes = {
  /** By watchtowers, every few seconds. */
  status: route('/v1/status', z.strictObject({}), PagerStatus),
  pages: route(
    '/v1/pages',
    z.strictObject({ all: z.boolean() }),
    z.strictObject({ kind: z.literal('pages'), pages: z.array(Page) }),
  ),
  acknowledge: route('/v1/acknowledge', z.strictObject({ page: PageId, by: Name }), Done),
  /** The list that is due to be read, from one of its lines on. */
  review: route(
    '/v1/review',
    z.strictObject({ from: z.int().positive().nullable() }),
    z.strictObject({
      kind: z.literal('review'),
      /** Null where none is due. */
      review: z
        .strictObject({
          due: Time,
          from: z.int().positive(),
          to: z.int().positive(),
          digest: Hash,
          lines: z.array(PageLine).max(mostLinesAtOnce),
        })
        .nullable(),
      /** When the next one becomes due. */
      next: Time,
    }),
  ),
  reviewed: route('/v1/reviewed', z.strictObject({ digest: Hash, by: Name }), Done),
} as const;

/** What whoever signs off a review has had before them. `lines`: each as it stands in the file, without its line break. */
export function reviewDigest(lines: readonly string[]): string {
  const hash = createHash('sha256').update('kuramori page review\n');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}
