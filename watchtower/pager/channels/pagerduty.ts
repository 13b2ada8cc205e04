/** PagerDuty, and whoever else takes its Events API v2: one alert for each opening of a page, by its dedup_key. */
import type { Way } from './channel.ts';
import { postJson } from './post.ts';

const actions = { call: 'trigger', acknowledged: 'acknowledge', resolved: 'resolve' } as const;
/** Events API v2: payload.summary may have 1024 characters. */
const longestSummary = 1_024;

export function pagerduty(url: string, routingKey: string): Way {
  return {
    // It wakes somebody whatever the severity says, so it is not told what only informs.
    carries: { notes: false, updates: true },
    async send({ what, page, topic, summary, text, link, round, opening, opened }) {
      // An alert that was acknowledged calls nobody again, so each opening of a page is one of its own.
      const event = (action: keyof typeof actions, of: number) => ({
        routing_key: routingKey,
        event_action: actions[action],
        dedup_key: `kuramori-${page}-${of}`,
      });
      if (what !== 'call') return postJson(url, event(what, opening));
      if (opening > 1) await postJson(url, event('resolved', opening - 1));
      return postJson(url, {
        ...event('call', opening),
        client: 'Kuramori',
        payload: {
          summary: summary.slice(0, longestSummary),
          source: 'kuramori-pager',
          severity: 'critical',
          timestamp: new Date(opened).toISOString(),
          class: topic,
          custom_details: { text, round },
        },
        links: link === null ? [] : [{ href: link, text: 'Answer this page' }],
      });
    },
  };
}
