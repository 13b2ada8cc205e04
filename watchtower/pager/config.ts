/** The pager's configuration: people and how each is reached, who is on call when, who comes next, and what pages. */
import { z } from 'zod';
import { incidentEvents, Name } from '@kuramori/core';
import { ClockConfig, Endpoint, IdentityFiles, Listen, Misconfigured } from '@kuramori/program';
import { mustPage } from './events.ts';

const file = z.string().min(1);
const minutes = z
  .number()
  .min(1 / 600)
  .max(7 * 1440);
/** Messages name what happened in the house: they leave this machine encrypted, or not at all. */
const outside = z.url().refine((url) => {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}, 'must be https; http is for 127.0.0.1');
const TimeOfDay = z.string().regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, "must be a time of day, as '09:00'");
export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
const Weekday = z.enum(weekdays);

const Channel = z.discriminatedUnion('kind', [
  /** Signed by Standard Webhooks. */
  z.strictObject({ kind: z.literal('webhook'), url: outside, secretFile: file }),
  z.strictObject({ kind: z.literal('mail'), to: z.email() }),
  /** An incoming webhook as Slack has them, and Mattermost and others; its URL is a secret. */
  z.strictObject({ kind: z.literal('slack'), urlFile: file }),
  /** Events API v2. */
  z.strictObject({
    kind: z.literal('pagerduty'),
    routingKeyFile: file,
    url: outside.default('https://events.pagerduty.com/v2/enqueue'),
  }),
  /** The generic API of a GoAlert service. */
  z.strictObject({ kind: z.literal('goalert'), url: outside, tokenFile: file }),
  /** The pager's own log: for a sandbox. */
  z.strictObject({ kind: z.literal('log') }),
]);
export type ChannelConfig = z.infer<typeof Channel>;

const Mail = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** `none` is for a server of this machine, at 127.0.0.1. */
  tls: z.enum(['implicit', 'starttls', 'none']),
  from: z.email(),
  login: z.strictObject({ user: z.string().min(1), passwordFile: file }).optional(),
});
export type MailConfig = z.infer<typeof Mail>;

export const PagerConfig = z.strictObject({
  /** Who this process is towards other hosts; needed where anything here is by TLS. */
  identity: IdentityFiles.optional(),
  network: z.enum(['mainnet', 'testnet', 'devnet']),
  clock: ClockConfig,
  /** Where people's commands and the watchtowers' questions come in. */
  listen: Listen,
  http: z.strictObject({
    /** Where the watchtowers' events and people's answers come in. What the world reaches of it is a proxy's to say. */
    host: z.enum(['127.0.0.1', '::1']).default('127.0.0.1'),
    port: z.int().min(0).max(65_535),
    /** What the links of messages begin with. */
    links: outside,
  }),
  /** The pager's journal. */
  pages: file,
  /** At least 32 letters that nobody guesses: what the links are made from. */
  linkSecretFile: file,
  watchtowers: z.array(z.strictObject({ name: Name, at: Endpoint, secretFile: file })).min(1),
  watch: z
    .strictObject({
      everySeconds: z.number().min(0.05).max(60).default(5),
      /** How long one may be silent, blind, closed or frozen before that is a page. */
      silenceSeconds: z.number().min(0.1).max(3_600).default(30),
    })
    .prefault({}),
  /** Hours from UTC of every time of day below; the same all year. */
  zone: z.string().regex(/^[+-](?:0[0-9]|1[0-4]):[0-5][0-9]$/, "must be an offset from UTC, as '+09:00'"),
  people: z.array(z.strictObject({ name: Name, channels: z.array(Channel).min(1).max(8) })).min(1),
  mail: Mail.optional(),
  schedule: z.strictObject({
    /** By the end of this day the first of the rotation has taken over. */
    first: z.iso.date(),
    handovers: z.array(z.strictObject({ weekday: Weekday, at: TimeOfDay })).min(1),
    rotation: z.array(Name).min(1),
  }),
  escalation: z
    .array(z.strictObject({ afterMinutes: minutes.or(z.literal(0)), who: z.array(Name).min(1) }))
    .min(1),
  /** A page is repeated so often until somebody answers. */
  repeatMinutes: minutes.default(5),
  /** One that was answered opens again after so long, where the incident goes on. */
  reopenMinutes: minutes.default(30),
  /** One that was answered, and of which nobody will say that it is over, is over after so many quiet hours. */
  quietHours: z
    .number()
    .min(1 / 600)
    .max(720)
    .default(24),
  /** After so long without a channel that took its message, the next level is called. */
  unreachedSeconds: z.number().min(0.1).max(3_600).default(60),
  /** What other than usual is done about an event. */
  events: z.partialRecord(z.enum(incidentEvents), z.enum(['page', 'notify', 'ignore'])).default({}),
  /** A page that means nothing, every day: somebody must answer it too. */
  test: z.strictObject({ at: TimeOfDay }),
  /** Somebody reads the journal, every week. */
  review: z.strictObject({
    weekday: Weekday,
    at: TimeOfDay,
    withinDays: z
      .number()
      .min(1 / 86_400)
      .max(30),
  }),
});
export type PagerConfig = z.infer<typeof PagerConfig>;

/** The name in an escalation of whoever the schedule says. */
export const onCallName = 'on-call';

/** What no schema can say. Throws a Misconfigured that names file and field. */
export function mustFit(path: string, config: PagerConfig): void {
  const wrong = (field: string, why: string): never => {
    throw new Misconfigured(`${path}: ${field}: ${why}`);
  };
  const names = config.people.map(({ name }) => name);
  const twice = (all: readonly string[]) => all.find((one, index) => all.indexOf(one) !== index);
  const person = twice(names);
  if (person !== undefined) wrong('people', `${person} stands twice: give each a name of their own`);
  if (names.includes(onCallName))
    wrong('people', `nobody can be called ${onCallName}: it means whose turn it is`);
  const tower = twice(config.watchtowers.map(({ name }) => name));
  if (tower !== undefined) wrong('watchtowers', `${tower} stands twice: give each a name of its own`);
  const unknown = config.schedule.rotation.find((name) => !names.includes(name));
  if (unknown !== undefined) wrong('schedule.rotation', `${unknown} is not among the people`);
  let last = -1;
  for (const [index, { afterMinutes, who }] of config.escalation.entries()) {
    const field = `escalation.${index}`;
    if (index === 0 && afterMinutes !== 0)
      wrong(`${field}.afterMinutes`, 'must be 0: somebody is called at once');
    if (afterMinutes <= last) wrong(`${field}.afterMinutes`, `must be more than the ${last} before it`);
    last = afterMinutes;
    const stranger = who.find((name) => name !== onCallName && !names.includes(name));
    if (stranger !== undefined)
      wrong(`${field}.who`, `${stranger} is neither among the people nor '${onCallName}'`);
  }
  for (const event of mustPage)
    if ((config.events[event] ?? 'page') !== 'page')
      wrong(`events.${event}`, 'must page: nobody would be told that the house was attacked');
  const mails = config.people.find(({ channels }) => channels.some(({ kind }) => kind === 'mail'));
  if (mails && !config.mail)
    wrong('mail', `says no server, and ${mails.name} is to get mail: give host, port, tls and from`);
  if (config.mail?.tls === 'none' && !isLoopback(config.mail.host))
    wrong('mail.tls', "must be 'implicit' or 'starttls': unencrypted mail is for a server at 127.0.0.1");
}

export function isLoopback(host: string): boolean {
  return ['127.0.0.1', '[::1]', '::1', 'localhost'].includes(host);
}
