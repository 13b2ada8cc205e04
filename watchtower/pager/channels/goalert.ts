/** GoAlert's generic API: one alert a page, by its dedup key. It knows no answer but closing. */
import type { Way } from './channel.ts';
import { post } from './post.ts';

/** Its limits. */
const [longestSummary, longestDetails] = [1_024, 6_144];

export function goalert(url: string, token: string): Way {
  return {
    carries: { notes: false, updates: true },
    send({ what, page, summary, text }) {
      const fields = new URLSearchParams({
        // In the body, so that it stands in no access log.
        token,
        summary: summary.slice(0, longestSummary),
        details: text.slice(0, longestDetails),
        dedup: `kuramori-${page}`,
        ...(what === 'call' ? {} : { action: 'close' }),
      });
      return post(url, fields.toString(), { 'content-type': 'application/x-www-form-urlencoded' });
    },
  };
}
