/** Deliveries: every message that a page owes to somebody, tried until a channel took it or the page wants it no more. */
import type { Said } from '@kuramori/core';
import { reach } from '@kuramori/program';
import type { Channel, Outcome } from './channels/channel.ts';
import { callsOf } from './decide.ts';
import { messageOf, type Message } from './message.ts';
import { deliveryKey, type Known, type State } from './state.ts';

interface Parts {
  /** By name; who left the configuration is reached no more. */
  readonly people: ReadonlyMap<string, readonly Channel[]>;
  readonly state: State;
  readonly record: (...said: readonly Said[]) => void;
  readonly now: () => number;
  /** Where a person answers a page. */
  readonly linkOf: (page: string, person: string) => string;
}

interface Owed {
  readonly page: Known;
  readonly what: Message['what'];
  readonly round: number;
  readonly person: string;
  readonly channel: Channel;
}

export interface Deliveries {
  /** Begins every attempt that is due; none waits for another. */
  readonly round: () => void;
  /** Settles once no attempt is under way. */
  readonly settled: () => Promise<void>;
}

const [firstPauseMs, longestPauseMs] = [5_000, 60_000];
/** How long others are told that somebody has answered, or that it is over. */
const updatesMs = 600_000;

export function openDeliveries({ people, state, record, now, linkOf }: Parts): Deliveries {
  const underWay = new Map<string, Promise<void>>();
  /** Attempts in a row that failed, and when the next one is due. */
  const failed = new Map<string, { readonly times: number; readonly next: number }>();

  async function attempt(key: string, { page, what, round, person, channel }: Owed): Promise<void> {
    const id = `msg_${page.id}_${what}_${round}_${person}_${channel.name}`;
    const message = messageOf(page, what, round, linkOf(page.id, person), id);
    reach('send', 'before');
    const outcome = await channel.send(message, now());
    reach('send', 'after');
    keep(key, { page, what, round, person, channel }, outcome);
  }

  function keep(
    key: string,
    { page, what, round, person, channel }: Owed,
    { accepted, answer }: Outcome,
  ): void {
    const times = (failed.get(key)?.times ?? 0) + 1;
    if (accepted) failed.delete(key);
    else
      failed.set(key, {
        times,
        next: now() + Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(times - 1, 10)),
      });
    const said = answer.slice(0, 300).toWellFormed();
    const of = { what, round, person, channel: channel.name };
    const before = page.delivered.get(deliveryKey(of));
    // The same refusal a hundred times is one line.
    if (before && before.accepted === accepted && before.answer === said) return;
    record({ kind: 'delivered', page: page.id, ...of, accepted, answer: said });
  }

  return {
    round() {
      const at = now();
      const all = state.pages
        .values()
        .flatMap((page) => owed(people, page, at))
        .toArray();
      const keys = new Set<string>();
      for (const one of all) {
        const key = `${one.page.id} ${deliveryKey({ ...one, channel: one.channel.name })}`;
        keys.add(key);
        const wait = (failed.get(key)?.next ?? 0) - at;
        // Longer than any pause: a clock that was set back.
        if (underWay.has(key) || (wait > 0 && wait <= longestPauseMs)) continue;
        underWay.set(
          key,
          attempt(key, one).finally(() => underWay.delete(key)),
        );
      }
      for (const key of failed.keys()) if (!keys.has(key) && !underWay.has(key)) failed.delete(key);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}

function owed(people: Parts['people'], page: Known, now: number): readonly Owed[] {
  const all = page.state === 'open' ? calls(people, page) : updates(people, page, now);
  return all.filter(({ what, round, person, channel }) => {
    const key = deliveryKey({ what, round, person, channel: channel.name });
    return page.delivered.get(key)?.accepted !== true;
  });
}

/** Of each person the newest call alone: an older one says nothing more. */
function calls(people: Parts['people'], page: Known): readonly Owed[] {
  const newest = new Map(
    callsOf(page).flatMap(({ round, people: called }) => called.map((person) => [person, round])),
  );
  return [...newest].flatMap(([person, round]) =>
    (people.get(person) ?? [])
      .filter(({ carries }) => page.needs === 'answer' || carries.notes)
      .map((channel) => ({ page, what: 'call' as const, round, person, channel })),
  );
}

/** To every channel that took a call of it, and can say more than calls. */
function updates(people: Parts['people'], page: Known, now: number): readonly Owed[] {
  const since = page.resolved ?? page.answers.at(-1)?.at ?? 0;
  if (page.needs === 'nothing' || page.state === 'open' || now - since > updatesMs) return [];
  const what = page.state;
  const round = page.calls.at(-1)?.round ?? 1;
  const took = [...page.delivered].filter(([key, { accepted }]) => accepted && key.startsWith('call '));
  const who = new Set(took.map(([key]) => key.split(' ').slice(2).join(' ')));
  return [...people].flatMap(([person, channels]) =>
    channels
      .filter(({ name, carries }) => carries.updates && who.has(`${person} ${name}`))
      .map((channel) => ({ page, what, round, person, channel })),
  );
}
