/** An incoming webhook as Slack has them: a line of text to a channel. Mattermost, Rocket.Chat and others take the same. */
import { Misconfigured } from '@kuramori/program';
import { isLoopback } from '../config.ts';
import type { Way } from './channel.ts';
import { postJson } from './post.ts';

export function slack(url: string, field: string): Way {
  const parsed = URL.parse(url);
  const safe = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname));
  if (!safe) throw new Misconfigured(`${field}: must hold the https URL of an incoming webhook`);
  return {
    carries: { notes: true, updates: true },
    send: ({ text }) => postJson(url, { text: escaped(text) }),
  };
}

/** What stands between < and > Slack takes for a link or a mention: words of strangers must not call everybody. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
