/** A pager for tests: its real door, journal and channels, real receivers, and a clock that the test moves. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import type { Page, Said } from '@kuramori/core';
import { readConfig } from '@kuramori/program';
import { openChannels } from '../channels/channel.ts';
import { mustFit, PagerConfig } from '../config.ts';
import { openDoor, type Door } from '../door.ts';
import { openEvents } from '../events.ts';
import { openPagesFile } from '../journal.ts';
import { openLinks, type Links } from '../link.ts';
import { openPager, type Pager } from '../pager.ts';
import { openReceiver, type Came, type Receiver } from './receiver.ts';

/** Monday 2026-01-05, 09:00 in Japan. */
export const begins = Date.parse('2026-01-05T00:00:00Z');
export const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const towers = ['tower-1', 'tower-2', 'tower-3'];

export interface Desk extends AsyncDisposable {
  readonly folder: string;
  readonly config: PagerConfig;
  readonly clock: { ms: number };
  readonly pager: () => Pager;
  readonly links: Links;
  readonly url: () => string;
  readonly receivers: { readonly [person in 'aiko' | 'ben' | 'chiyo']: Receiver };
  /** Who was called since the last time this was asked, in order. */
  readonly called: () => readonly string[];
  /** Moves the time, looking at what is due each second, or in larger steps. */
  readonly pass: (minutes: number, stepSeconds?: number) => Promise<void>;
  /** Tells an event as a watchtower does; gives the status. */
  readonly tell: (tower: string, event: string, fields?: object, id?: string) => Promise<number>;
  readonly pages: (all?: boolean) => readonly Page[];
  /** What stands in the journal, of some kind. */
  readonly said: <Kind extends Said['kind']>(kind: Kind) => readonly Extract<Said, { kind: Kind }>[];
  /** A new process on the same files, without a word from the old one. */
  readonly restart: () => Promise<void>;
}

export function writeSecrets(folder: string): void {
  const write = (name: string, text: string) =>
    writeFileSync(join(folder, name), `${text}\n`, { mode: 0o600 });
  for (const [index, tower] of towers.entries()) write(tower, secretOf(index + 1));
  write('hook', secretOf(9));
  write('link', 'ab'.repeat(32));
}

/** As an operator would write it; people are reached at these URLs. */
export function configOf(
  folder: string,
  urls: { readonly [person: string]: string },
  more: object = {},
): object {
  return {
    network: 'devnet',
    clock: { kind: 'system' },
    listen: { socket: join(folder, 'socket') },
    http: { port: 0, links: 'http://127.0.0.1:1' },
    pages: join(folder, 'pages.jsonl'),
    linkSecretFile: join(folder, 'link'),
    watchtowers: towers.map((name) => ({
      name,
      at: { socket: join(folder, `${name}.socket`) },
      secretFile: join(folder, name),
    })),
    zone: '+09:00',
    people: Object.entries(urls).map(([name, url]) => ({
      name,
      channels: [{ kind: 'webhook', url, secretFile: join(folder, 'hook') }],
    })),
    schedule: {
      first: '2026-01-05',
      handovers: [{ weekday: 'monday', at: '09:00' }],
      rotation: ['aiko', 'ben'],
    },
    escalation: [
      { afterMinutes: 0, who: ['on-call'] },
      { afterMinutes: 10, who: ['ben'] },
      { afterMinutes: 20, who: ['ben', 'chiyo'] },
    ],
    repeatMinutes: 5,
    test: { at: '08:00' },
    review: { weekday: 'wednesday', at: '10:00', withinDays: 2 },
    ...more,
  };
}

export async function openDesk(more: object = {}): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-pager-'));
  writeSecrets(folder);
  const receivers = { aiko: await openReceiver(), ben: await openReceiver(), chiyo: await openReceiver() };
  const urls = Object.fromEntries(Object.entries(receivers).map(([name, { url }]) => [name, url]));
  const path = join(folder, 'pager.json');
  writeFileSync(path, JSON.stringify(configOf(folder, urls, more)));
  const config = readConfig(path, PagerConfig);
  mustFit(path, config);
  const clock = { ms: begins };
  const links = openLinks('ab'.repeat(32), 'http://127.0.0.1:1', Object.keys(urls));
  let pager: Pager;
  let door: Door;

  async function start(): Promise<void> {
    pager = openPager({
      rules: config,
      events: openEvents(config.events),
      people: new Map(
        config.people.map(({ name, channels }, index) => [
          name,
          openChannels(channels, config.mail, `people.${index}.channels`),
        ]),
      ),
      towers: towers.map((name, index) => ({ name, secret: secretOf(index + 1), field: name })),
      links,
      file: openPagesFile(config.pages),
      clock: { now: () => clock.ms },
    });
    door = await openDoor({
      ...config.http,
      ear: pager.ear,
      links,
      page: pager.page,
      acknowledge: (page, by) => pager.answer(page, by, 'link'),
    });
  }
  await start();

  async function look(): Promise<void> {
    pager.round();
    await pager.settled();
  }
  let seen = 0;
  const order: { readonly who: string; readonly came: Came }[] = [];
  for (const [who, { came }] of Object.entries(receivers)) {
    const push = came.push.bind(came);
    came.push = (...all) => {
      for (const one of all) order.push({ who, came: one });
      return push(...all);
    };
  }

  return {
    folder,
    config,
    clock,
    pager: () => pager,
    links,
    url: () => `http://127.0.0.1:${door.port}`,
    receivers,
    called() {
      const fresh = order.slice(seen).filter(({ came }) => came.body.includes('"page.called"'));
      seen = order.length;
      return fresh.map(({ who }) => who);
    },
    async pass(minutes, stepSeconds = 15) {
      await look();
      const end = clock.ms + minutes * 60_000;
      while (clock.ms < end) {
        clock.ms = Math.min(end, clock.ms + stepSeconds * 1_000);
        await look();
      }
    },
    async tell(tower, event, fields = {}, id = `msg_${randomUUID()}`) {
      const body = JSON.stringify({ at: clock.ms, chainTime: clock.ms, event, ...fields });
      return post(
        `http://127.0.0.1:${door.port}/hook/${tower}`,
        body,
        id,
        clock.ms,
        towers.indexOf(tower) + 1,
      );
    },
    pages: (all = false) => pager.routes.pages({ all }).pages,
    said: (kind) =>
      readFileSync(config.pages, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { said: Said }).said)
        .filter((said) => said.kind === kind) as never,
    async restart() {
      await door.close();
      await start();
    },
    async [Symbol.asyncDispose]() {
      await door.close();
      for (const receiver of Object.values(receivers)) await receiver[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A signed post; `secret`: whose. */
export async function post(
  url: string,
  body: string,
  id: string,
  at: number,
  secret: number,
): Promise<number> {
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(secretOf(secret)).sign(id, new Date(at), body),
  };
  const answer = await fetch(url, { method: 'POST', headers, body });
  await answer.body?.cancel();
  return answer.status;
}
