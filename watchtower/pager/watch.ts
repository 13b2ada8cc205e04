/** Watches the watchtowers: one that is silent, sees nothing, is not open, or has frozen without a word, is a page. */
import { watchtowerRoutes, type Said } from '@kuramori/core';
import { call, type Where } from '@kuramori/chains/http';
import { frozenTopic } from './events.ts';
import { raised } from './hear.ts';
import { pageOf, type State } from './state.ts';

interface Parts {
  readonly towers: readonly { readonly name: string; readonly at: Where }[];
  readonly state: State;
  readonly record: (...said: readonly Said[]) => void;
  readonly now: () => number;
  readonly silenceMs: number;
}

interface Condition {
  readonly topic: string;
  readonly source: string;
  readonly holds: boolean;
  readonly what: string;
}

/** An answer is awaited for so long at most. Milliseconds. */
const answerWithinMs = 3_000;

export interface Watch {
  /** Asks each of them once. */
  readonly ask: () => Promise<void>;
}

export function openWatch({ towers, state, record, now, silenceMs }: Parts): Watch {
  /** By topic and source: since when it is as it is now. */
  const since = new Map<string, { readonly holds: boolean; readonly at: number }>();

  function weigh({ topic, source, holds, what }: Condition): void {
    const key = `${topic} ${source}`;
    const at = now();
    const before = since.get(key);
    // A clock that went back begins anew.
    const begun = before && before.holds === holds && before.at <= at ? before : { holds, at };
    since.set(key, begun);
    if (at - begun.at < silenceMs) return;
    const page = pageOf(state, topic);
    const said = page?.sources.get(source);
    if (holds && said?.over !== false) record(raised(state, topic, source, what, true));
    if (!holds && page && said?.over === false) record({ kind: 'over', page: page.id, source });
  }

  return {
    async ask() {
      await Promise.all(
        towers.map(async ({ name, at }) => {
          const bounds = { timeoutMs: answerWithinMs, maxBytes: 4 * 1024 * 1024 };
          const status = await call(at, watchtowerRoutes.status, {}, bounds);
          const own = (condition: string, holds: boolean, why: string) =>
            weigh({
              topic: `${name} is ${condition}`,
              source: 'the pager',
              holds,
              what: `${name} is ${condition}: ${why.slice(0, 500).toWellFormed()}`,
            });
          if (status.kind !== 'status') {
            // Of the rest nothing is known: it stays as it was.
            return own('silent', true, status.detail);
          }
          own('silent', false, '');
          for (const { chain, blind } of status.chains) own(`blind on ${chain}`, blind !== null, blind ?? '');
          own(
            'not open',
            !status.open,
            'it holds less than the other watchtowers do, and countersigns nothing',
          );
          // Its own word of it may have got lost.
          weigh({
            topic: frozenTopic,
            source: name,
            holds: status.frozen !== null,
            what: `${name} has frozen: ${status.frozen?.freeze.why ?? ''}`,
          });
        }),
      );
    },
  };
}
