/** The incident: what happened when, written by itself from the first second, and told to webhooks. */
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { IncidentEvent } from '@kuramori/core';
import { addText, jsonText, log, Misconfigured, reasonOf } from '@kuramori/program';

export interface Incident {
  /** Adds one line to the timeline and sends it on. Times: this machine's wall clock and the chain's, in ms. */
  readonly note: (event: IncidentEvent, fields?: { readonly [key: string]: unknown }) => void;
  /** Writes what a full disk did not take before. */
  readonly settle: () => void;
}

export interface WebhookConfig {
  readonly url: string;
  /** As Standard Webhooks writes it: `whsec_` and base64. */
  readonly secret: string;
}

/** How often a call is repeated until somebody answers with 2xx, and how long between: for a quarter of an hour, so that a receiver can be restarted. */
const tries = 20;
const [firstPauseMs, longestPauseMs] = [2_000, 60_000];
/** Calls of one webhook that are under way; a flood of more stands in the file. */
const mostUnderWay = 1_000;
/** Lines that wait for room on the disk; of more the oldest go, which stand in the log. */
const mostWaiting = 1_000;

/** Throws Misconfigured for a secret that is none, now and not at the first alarm. Each webhook is told by itself: none waits for another. */
export function openIncident(
  file: string,
  webhooks: readonly WebhookConfig[],
  chainTime: () => number,
): Incident {
  const tellers = webhooks.map((webhook, index) => openTeller(webhook.url, signerOf(webhook, index)));
  let waiting: readonly string[] = [];
  let said = '';

  function settle(): void {
    if (waiting.length === 0) return;
    try {
      addText(file, waiting.join(''));
      waiting = [];
      said = '';
    } catch (cause) {
      // What is written about an alarm must never be in the way of what is done about it.
      const why = reasonOf(cause);
      if (why !== said) log('the incident is not on the disk, and waits for room', { file, why });
      said = why;
    }
  }

  return {
    settle,
    note(event, fields = {}) {
      const line = { at: Date.now(), chainTime: chainTime(), event, ...fields };
      const text = lineText(line);
      log(event, fields);
      for (const teller of tellers) teller(text);
      waiting = [...waiting, `${text}\n`].slice(-mostWaiting);
      settle();
    },
  };
}

/**
 * What breaks a line for some reader, or turns the direction of writing around it, stands as its escape: JSON says the
 * same, and nobody who chose a message can have one line shown as two, or backwards.
 */
export function lineText(value: object): string {
  return jsonText(value).replaceAll(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function signerOf({ secret }: WebhookConfig, index: number): Webhook {
  try {
    const signer = new Webhook(secret);
    signer.sign('msg', new Date(0), '');
    return signer;
  } catch (cause) {
    throw new Misconfigured(`webhooks.${index}.secretFile: must hold whsec_ and the secret in base64`, {
      cause,
    });
  }
}

function openTeller(url: string, signer: Webhook): (payload: string) => void {
  let underWay = 0;
  return (payload) => {
    if (underWay >= mostUnderWay) return log('webhook has too much to tell', { url });
    underWay += 1;
    void tell(url, signer, payload).finally(() => (underWay -= 1));
  };
}

async function tell(url: string, signer: Webhook, payload: string): Promise<void> {
  const id = `msg_${randomUUID()}`;
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const at = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': signer.sign(id, at, payload),
    };
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body: payload,
        signal: AbortSignal.timeout(5_000),
      });
      await answer.body?.cancel();
      if (answer.ok) return;
      log('webhook refused', { url, status: answer.status, attempt });
    } catch (cause) {
      log('webhook unreachable', { url, why: (cause as Error).message, attempt });
    }
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
    await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
  }
  log('webhook given up: nobody was told', { url, id });
}
