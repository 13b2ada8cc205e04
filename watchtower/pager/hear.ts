/** Hears what watchtowers tell: only what one has signed just now, each once, and several of them of one thing on one page. */
import { timingSafeEqual } from 'node:crypto';
import type { Said } from '@kuramori/core';
import { z } from 'zod';
import { signerOf } from './secret.ts';
import { newPageId } from './decide.ts';
import { endedBy, handlingOf, type Events } from './events.ts';
import { heardKey, pageOf, type State } from './state.ts';

export type Heard =
  | { readonly kind: 'heard' }
  /** Taken, and not on the disk: to be told again. */
  | { readonly kind: 'unwritten' }
  | { readonly kind: 'refused'; readonly status: 400 | 401 | 429; readonly why: string };

interface Parts {
  readonly towers: readonly { readonly name: string; readonly secret: string; readonly field: string }[];
  readonly events: Events;
  readonly state: State;
  readonly record: (...said: readonly Said[]) => void;
  readonly waiting: () => number;
  readonly now: () => number;
}

/** How old or new a post may be, in seconds: who recorded one cannot send it again later. */
const tolerance = 300;
/** What one watchtower may tell in a minute; beyond it its page is open long since, and it tells the rest later. */
const mostInMinute = 120;
/** Beyond so many lines that the disk does not take nothing is taken on but what is due. */
const mostWaiting = 10_000;

/** As watchtower/incident.ts writes it; the other fields are each event's own. */
const Line = z.looseObject({
  at: z.number(),
  event: z.string().min(1),
});

export interface Post {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

/** Throws a Misconfigured that names the field of a secret that is none. */
export function openEar({ towers, events, state, record, waiting, now }: Parts) {
  const signers = new Map(towers.map(({ name, secret, field }) => [name, signerOf(secret, field)]));
  const minutes = new Map<string, { began: number; count: number }>();

  function tooMany(tower: string): boolean {
    const at = now();
    let minute = minutes.get(tower);
    if (!minute || at < minute.began || at - minute.began >= 60_000)
      minutes.set(tower, (minute = { began: at, count: 0 }));
    minute.count += 1;
    return minute.count > mostInMinute;
  }

  return {
    knows: (tower: string) => signers.has(tower),
    hear(tower: string, { id, timestamp, signature, body }: Post): Heard {
      const signer = signers.get(tower);
      if (!signer || !/^[\w.-]{1,128}$/.test(id) || !/^[0-9]{1,12}$/.test(timestamp))
        return refused(401, 'webhook-id and webhook-timestamp must be there');
      const expected = signer.sign(id, new Date(Number(timestamp) * 1000), body);
      if (!signature.split(' ').some((one) => same(one, expected)))
        return refused(401, `webhook-signature: is not ${tower}’s over this id, time and body`);
      // Only now is the time worth looking at: it is part of what is signed.
      const away = Math.abs(now() / 1000 - Number(timestamp));
      if (away > tolerance)
        return refused(
          401,
          `webhook-timestamp: is ${Math.round(away)} s away from this clock, of at most ${tolerance}`,
        );
      const done = (): Heard => (waiting() === 0 ? { kind: 'heard' } : { kind: 'unwritten' });
      if (state.heard.has(heardKey(tower, id))) return done();
      const read = Line.safeParse(parse(body));
      if (!read.success) return refused(400, 'the body must be an event with its time');
      if (tooMany(tower) || waiting() > mostWaiting) return refused(429, 'too much at once: tell it later');
      record(...takenIn(state, events, tower, id, read.data));
      return done();
    },
  };
}

function takenIn(
  state: State,
  events: Events,
  tower: string,
  id: string,
  line: z.infer<typeof Line>,
): readonly Said[] {
  const { at: _at, chainTime: _chainTime, event: name, ...fields } = line;
  const event = name.slice(0, 200).toWellFormed();
  const handling = handlingOf(events, event, tower);
  const told: Said = {
    kind: 'told',
    tower,
    id,
    event,
    does: handling.does,
    fields: JSON.stringify(fields).slice(0, 2_000).toWellFormed(),
  };
  const what = `${tower}: ${event}\n${describe(fields)}`.trim();
  switch (handling.does) {
    case 'page':
      return [told, raised(state, handling.topic, tower, what, handling.lasts)];
    case 'notify': {
      const known = pageOf(state, event);
      if (known) return [told, { kind: 'joined', page: known.id, source: tower, what }];
      const opened = { topic: event, needs: 'nothing', what, source: tower, lasts: true } as const;
      return [told, { kind: 'opened', page: newPageId(), ...opened }];
    }
    case 'end': {
      const topic = endedBy(event, fields);
      const page = topic === null ? undefined : pageOf(state, topic);
      // For whom it is over; a watchtower that still says otherwise keeps the page.
      const ends = page?.sources.get(tower)?.over === false;
      return page && ends ? [told, { kind: 'over', page: page.id, source: tower }] : [told];
    }
    case 'ignore':
      return [told];
    default:
      return handling satisfies never;
  }
}

/** On the topic's page if there is one, on a new one else. */
export function raised(state: State, topic: string, source: string, what: string, lasts: boolean): Said {
  const known = pageOf(state, topic);
  if (known) return { kind: 'joined', page: known.id, source, what };
  return { kind: 'opened', page: newPageId(), topic, needs: 'answer', what, source, lasts };
}

/** A line a field; words that came from outside are cut, and stay on their line. */
function describe(fields: { readonly [name: string]: unknown }): string {
  const lines = Object.entries(fields)
    .slice(0, 12)
    .map(([name, value]) => {
      const words = typeof value === 'string' ? value : JSON.stringify(value);
      return `${name.slice(0, 40)}: ${words.slice(0, 100)}`
        .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
        .toWellFormed();
    });
  return lines.join('\n');
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function refused(status: 400 | 401 | 429, why: string): Heard {
  return { kind: 'refused', status, why };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // the schema then says what was expected
  }
}
