/**
 * Sender: numbers events as they come, and sends each webhook its own, in a loop of its own, so that a slow or dead
 * receiver is in nobody's way but its own.
 */
import { log, reasonOf } from '@kuramori/program';
import type { House } from '../house.ts';
import { claimDue, keepOutcome, type Due } from './delivery.ts';
import { number } from './feed.ts';
import { send } from './send.ts';
import type { Webhook } from './webhook.ts';
import { pause } from '../pause.ts';

/** How many attempts of one webhook are under way at once. */
const atOnce = 16;
/** How long a webhook that refuses everything is left alone at most. ms */
const longestRest = 30_000;

type Told = Pick<House, 'pool' | 'clock' | 'pollMs' | 'webhooks'>;

export function startSender(house: Told): AsyncDisposable {
  const over = new AbortController();
  const ids = house.webhooks.map(({ id }) => id);
  const lives = [
    forever(over.signal, house.pollMs, 'numbering events', async () => {
      while ((await number(house.pool, ids, house.clock.now())) > 0 && !over.signal.aborted);
      return 0;
    }),
    ...house.webhooks.map((webhook) =>
      forever(
        over.signal,
        house.pollMs,
        `webhook ${webhook.id}`,
        restingAfterFailure(house, webhook, over.signal),
      ),
    ),
  ];
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await Promise.all(lives);
    },
  };
}

/** A receiver that is down with a hundred thousand objects waiting is asked with one of them at a time, ever more seldom. */
function restingAfterFailure(house: Told, webhook: Webhook, over: AbortSignal): () => Promise<number> {
  let failures = 0;
  return async () => {
    const { accepted, refused } = await sendDue(house, webhook, over, failures > 0 ? 1 : atOnce);
    if (accepted > 0) failures = 0;
    else if (refused > 0) failures += 1;
    return accepted > 0 ? -1 : Math.min(longestRest, failures && house.pollMs * 2 ** Math.min(failures, 20));
  };
}

/** Sends what is due, and waits for every answer. */
export async function sendDue(
  house: Told,
  webhook: Webhook,
  over: AbortSignal,
  limit: number = atOnce,
): Promise<{ readonly accepted: number; readonly refused: number }> {
  const due = await claimDue(house.pool, webhook.id, house.clock.now(), limit);
  const outcomes = await Promise.all(due.map((one) => attempt(house, webhook, one, over)));
  const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
  return { accepted, refused: outcomes.length - accepted };
}

async function attempt(
  house: Told,
  webhook: Webhook,
  due: Due,
  over: AbortSignal,
): Promise<'accepted' | 'due' | 'parked'> {
  const outcome = await send(webhook, due, house.clock.now(), over);
  const state = await keepOutcome(house.pool, webhook.id, due, outcome, house.clock.now());
  if (state !== 'accepted')
    log(state === 'parked' ? 'webhook given up: replay it' : 'webhook not accepted', {
      webhook: webhook.id,
      event: due.number,
      tries: due.tries,
      answer: outcome.answer,
    });
  return state;
}

/** Works until it is over. `work` says how long to rest beyond the usual, ms; below 0: not at all. */
async function forever(
  over: AbortSignal,
  pollMs: number,
  what: string,
  work: () => Promise<number>,
): Promise<void> {
  while (!over.aborted) {
    // The database may be away: what is open stays open, and is looked at again.
    const rest = await work().catch((cause: unknown) => {
      log(`${what} stopped`, { why: reasonOf(cause) });
      return 0;
    });
    if (rest >= 0) await pause(pollMs + rest, over);
  }
}
