/** To a receiver of one's own, signed as Standard Webhooks says. */
import { signerOf } from '../secret.ts';
import type { Way } from './channel.ts';
import { post } from './post.ts';

export function webhook(url: string, secret: string, field: string): Way {
  const signer = signerOf(secret, field);
  return {
    carries: { notes: true, updates: true },
    send(message, at) {
      const { what, page, topic, needsAnswer, summary, text, link, id, round, opened, by } = message;
      const type = { call: 'page.called', acknowledged: 'page.acknowledged', resolved: 'page.resolved' }[
        what
      ];
      const data = {
        page,
        topic,
        needsAnswer,
        summary,
        text,
        link,
        round,
        opened: new Date(opened).toISOString(),
        by,
      };
      const when = new Date(at);
      const payload = JSON.stringify({ type, timestamp: when.toISOString(), data });
      return post(url, payload, {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at / 1000)),
        'webhook-signature': signer.sign(id, when, payload),
      });
    },
  };
}
