/** Channel: one way to reach one person, opened with its secrets, so that a wrong one is found at the start. */
import { readSecret } from '@kuramori/program';
import type { ChannelConfig, MailConfig } from '../config.ts';
import type { Message } from '../message.ts';
import { goalert } from './goalert.ts';
import { logged } from './log.ts';
import { mail, openMail } from './mail.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { webhook } from './webhook.ts';

export interface Outcome {
  readonly accepted: boolean;
  /** What the other side said, or why it said nothing. */
  readonly answer: string;
}

export interface Channel {
  /** The kind, and a number where a person has several of it. */
  readonly name: string;
  /** What it carries: pages that need an answer always; and else what only informs, that somebody answered, that it is over. */
  readonly carries: { readonly notes: boolean; readonly updates: boolean };
  /** Never throws. `at`: milliseconds of Unix time. */
  readonly send: (message: Message, at: number) => Promise<Outcome>;
}

/** What a channel of a kind is, without its name. */
export type Way = Omit<Channel, 'name'>;

/** `field`: where the configuration says so. Throws a Misconfigured that names file or field. */
export function openChannels(
  configured: readonly ChannelConfig[],
  server: MailConfig | undefined,
  field: string,
): readonly Channel[] {
  return configured.map((one, index) => {
    const before = configured.slice(0, index).filter(({ kind }) => kind === one.kind).length;
    const name = before === 0 ? one.kind : `${one.kind}-${before + 1}`;
    return { name, ...open(one, server, `${field}.${index}`) };
  });
}

function open(one: ChannelConfig, server: MailConfig | undefined, field: string): Way {
  switch (one.kind) {
    case 'webhook':
      return webhook(one.url, readSecret(one.secretFile), `${field}.secretFile`);
    case 'mail':
      if (!server) throw new Error('no mail server: mustFit looks for it');
      return mail(openMail(server), server.from, one.to);
    case 'slack':
      return slack(readSecret(one.urlFile), `${field}.urlFile`);
    case 'pagerduty':
      return pagerduty(one.url, readSecret(one.routingKeyFile));
    case 'goalert':
      return goalert(one.url, readSecret(one.tokenFile));
    case 'log':
      return logged;
    default:
      return one satisfies never;
  }
}
