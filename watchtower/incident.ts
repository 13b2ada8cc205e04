/** The incident: what happened when, written by itself from the first second, and told to a webhook. */
import { appendFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { jsonText, log } from '@kuramori/program';

export interface Incident {
  /** Adds one line to the timeline and sends it on. Times: this machine's wall clock and the chain's, in ms. */
  readonly note: (event: string, fields?: { readonly [key: string]: unknown }) => void;
}

export interface WebhookConfig {
  readonly url: string;
  /** As Standard Webhooks writes it: `whsec_` and base64. */
  readonly secret: string;
}

/** How often a call is repeated until somebody answers with 2xx, and how long between. */
const tries = 10;
const pauseMs = 2_000;

export function openIncident(file: string, webhook: WebhookConfig | null, chainTime: () => number): Incident {
  return {
    note(event, fields = {}) {
      const line = { at: Date.now(), chainTime: chainTime(), event, ...fields };
      const text = jsonText(line);
      appendFileSync(file, `${text}\n`, { mode: 0o600 });
      log(event, fields);
      if (webhook) void tell(webhook, text);
    },
  };
}

async function tell({ url, secret }: WebhookConfig, payload: string): Promise<void> {
  const id = `msg_${randomUUID()}`;
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const at = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, payload),
    };
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body: payload,
        signal: AbortSignal.timeout(5_000),
      });
      if (answer.ok) return;
      log('webhook refused', { url, status: answer.status, attempt });
    } catch (cause) {
      log('webhook unreachable', { url, why: (cause as Error).message, attempt });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
  }
  log('webhook given up: nobody was told', { url, id });
}
