/** Webhooks, read: only what custody has signed just now. Standard Webhooks. */
import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Event } from './operations.ts';

/** How old or new one may be, in seconds: who recorded one cannot send it again later. */
const tolerance = 300;

export type Told =
  | { readonly kind: 'event'; readonly id: string; readonly event: Event }
  | { readonly kind: 'refused'; readonly field: string; readonly why: string };

/**
 * Reads a webhook from its headers and its exact body. `secrets`: as the configuration has them (whsec_…), the old one
 * too while they are changed over. The same event can come twice: remember its id, or its number. `now`: ms of Unix time.
 */
export function readWebhook(
  secrets: readonly string[],
  header: (name: string) => string | undefined,
  body: string,
  now: number = Date.now(),
): Told {
  const id = header('webhook-id') ?? '';
  const at = header('webhook-timestamp') ?? '';
  const signatures = (header('webhook-signature') ?? '').split(' ').filter((one) => one.startsWith('v1,'));
  if (!/^[\w.-]{1,128}$/.test(id)) return refused('webhook-id', 'is missing or malformed');
  if (!/^[0-9]{1,12}$/.test(at)) return refused('webhook-timestamp', 'must be Unix seconds');
  const when = new Date(Number(at) * 1000);
  const signed = secrets.some((secret) => {
    const expected = new Webhook(secret).sign(id, when, body);
    return signatures.some((signature) => same(signature, expected));
  });
  if (!signed) return refused('webhook-signature', 'is not custody’s over this id, time and body');
  // Only now is the time worth looking at: it is part of what is signed.
  const away = Math.abs(now / 1000 - Number(at));
  if (away > tolerance)
    return refused(
      'webhook-timestamp',
      `is ${Math.round(away)} s away from this clock, of at most ${tolerance}`,
    );
  return { kind: 'event', id, event: JSON.parse(body) as Event };
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function refused(field: string, why: string): Told {
  return { kind: 'refused', field, why: `${field}: ${why}` };
}
