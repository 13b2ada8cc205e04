/** One attempt: the event as a signed POST, whatever the receiver does with it. */
import type { Due } from './delivery.ts';
import { toldOf } from './feed.ts';
import type { Webhook } from './webhook.ts';

export interface Outcome {
  readonly accepted: boolean;
  /** The status, or why there was none. */
  readonly answer: string;
}

/**
 * Accepted is 2xx and nothing else: a redirect is not followed, since it would lead to where no configuration did; 410 is
 * tried again like any other, since one wrong answer must not lose events. The body is never read. `at`: ms of Unix time.
 */
export async function send(webhook: Webhook, due: Due, at: number, over: AbortSignal): Promise<Outcome> {
  const payload = JSON.stringify(toldOf(due));
  const when = new Date(at);
  try {
    const answer = await fetch(webhook.url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'kuramori-webhooks/1',
        'webhook-id': due.id,
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': webhook.sign(due.id, when, payload),
      },
      body: payload,
      signal: AbortSignal.any([over, AbortSignal.timeout(webhook.answerWithinMs)]),
    });
    await answer.body?.cancel();
    return { accepted: answer.ok, answer: String(answer.status) };
  } catch (cause) {
    return { accepted: false, answer: reasonFor(cause, webhook) };
  }
}

function reasonFor(cause: unknown, { answerWithinMs }: Webhook): string {
  const { name, message, cause: inner } = cause as Error;
  if (name === 'TimeoutError') return `no answer within ${answerWithinMs} ms`;
  return inner instanceof Error ? inner.message : message;
}
