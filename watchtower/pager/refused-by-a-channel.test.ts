/** Each channel, against a real server: what it sends, and that a refusal is a refusal, tried again by the same name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { openChannels, type Channel } from './channels/channel.ts';
import type { ChannelConfig, MailConfig } from './config.ts';
import type { Message } from './message.ts';
import { secretOf } from './testing/desk.ts';
import { openMailServer } from './testing/mail-server.ts';
import { jsonOf, openReceiver, type Came, type Receiver } from './testing/receiver.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-channels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let receiver: Receiver;
beforeEach(async () => void (receiver = await openReceiver()));
afterEach(() => receiver[Symbol.asyncDispose]());

const secret = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
};
const open = (config: ChannelConfig, server?: MailConfig): Channel => {
  const [channel] = openChannels([config], server, 'people.0.channels');
  if (!channel) throw new Error('one channel was configured');
  return channel;
};
const at = Date.parse('2026-01-05T00:00:00Z');
const message: Message = {
  what: 'call',
  page: 'p-00000001',
  topic: 'alarm: frozen',
  needsAnswer: true,
  summary: '[p-00000001] alarm: frozen',
  text: 'alarm: frozen\n\ntower-1: <!channel> & more\n\nAnswer here: http://127.0.0.1:1/a/p-00000001/token',
  link: 'http://127.0.0.1:1/a/p-00000001/token',
  id: 'msg_p-00000001_call_1_aiko_webhook',
  round: 1,
  opening: 1,
  opened: at,
  by: null,
};
const answered: Message = { ...message, what: 'acknowledged', needsAnswer: false, link: null, by: 'aiko' };
const over: Message = { ...answered, what: 'resolved' };
const came = (): Came => {
  const last = receiver.came.at(-1);
  if (!last) throw new Error('nothing came');
  return last;
};

describe('a webhook', () => {
  it('is signed by Standard Webhooks, over what it says', async () => {
    const url = receiver.url;
    const channel = open({ kind: 'webhook', url, secretFile: secret('hook', secretOf(9)) });
    expect(await channel.send(message, Date.now())).toEqual({ accepted: true, answer: 'status 200' });
    expect(jsonOf(came())).toMatchObject({
      type: 'page.called',
      data: { page: 'p-00000001', topic: 'alarm: frozen', link: message.link, round: 1 },
    });
    const headers = came().headers as Record<string, string>;
    expect(new Webhook(secretOf(9)).verify(came().body, headers)).toBeTruthy();
    expect(() => new Webhook(secretOf(8)).verify(came().body, headers)).toThrow();
    await channel.send(answered, Date.now());
    expect(jsonOf(came())).toMatchObject({ type: 'page.acknowledged', data: { by: 'aiko', link: null } });
  });
});

describe('a Slack-compatible webhook', () => {
  it('is a line of text in which nobody is called together', async () => {
    const channel = open({ kind: 'slack', urlFile: secret('slack', receiver.url) });
    expect((await channel.send(message, at)).accepted).toBe(true);
    const { text, ...rest } = jsonOf(came());
    expect(rest).toEqual({});
    expect(text).toContain('tower-1: &lt;!channel&gt; &amp; more');
  });
});

describe('PagerDuty', () => {
  it('gets one alert for each opening of a page, by its dedup_key: triggered, acknowledged, resolved', async () => {
    const channel = open({
      kind: 'pagerduty',
      routingKeyFile: secret('routing', 'R0'),
      url: receiver.url,
    });
    receiver.status = 202;
    expect((await channel.send(message, at)).accepted).toBe(true);
    expect(jsonOf(came())).toEqual({
      routing_key: 'R0',
      event_action: 'trigger',
      dedup_key: 'kuramori-p-00000001-1',
      client: 'Kuramori',
      payload: {
        summary: '[p-00000001] alarm: frozen',
        source: 'kuramori-pager',
        severity: 'critical',
        timestamp: '2026-01-05T00:00:00.000Z',
        class: 'alarm: frozen',
        custom_details: { text: message.text, round: 1 },
      },
      links: [{ href: message.link, text: 'Answer this page' }],
    });
    await channel.send(answered, at);
    expect(jsonOf(came())).toEqual({
      routing_key: 'R0',
      event_action: 'acknowledge',
      dedup_key: 'kuramori-p-00000001-1',
    });
    await channel.send(over, at);
    expect(jsonOf(came())['event_action']).toBe('resolve');
    // Opened again: the alert that was acknowledged would call nobody.
    await channel.send({ ...message, opening: 2 }, at);
    expect(
      receiver.came.slice(-2).map((one) => [jsonOf(one)['event_action'], jsonOf(one)['dedup_key']]),
    ).toEqual([
      ['resolve', 'kuramori-p-00000001-1'],
      ['trigger', 'kuramori-p-00000001-2'],
    ]);
  });
});

describe('GoAlert', () => {
  it('gets one alert a page, closed as soon as somebody has answered; the token stands in no URL', async () => {
    const channel = open({ kind: 'goalert', url: receiver.url, tokenFile: secret('token', 'T0') });
    expect((await channel.send(message, at)).accepted).toBe(true);
    expect(came().path).toBe('/in');
    expect(Object.fromEntries(new URLSearchParams(came().body))).toEqual({
      token: 'T0',
      summary: '[p-00000001] alarm: frozen',
      details: message.text,
      dedup: 'kuramori-p-00000001',
    });
    await channel.send(answered, at);
    expect(Object.fromEntries(new URLSearchParams(came().body))).toMatchObject({
      action: 'close',
      dedup: 'kuramori-p-00000001',
    });
  });
});

describe('e-mail', () => {
  const server = (port: number, more: Partial<MailConfig> = {}): MailConfig => ({
    host: '127.0.0.1',
    port,
    tls: 'none',
    from: 'pager@exchange.example',
    ...more,
  });

  it('arrives at a real server, by the same Message-ID at each try', async () => {
    await using mails = await openMailServer();
    const channel = open({ kind: 'mail', to: 'aiko@exchange.example' }, server(mails.port));
    expect(await channel.send(message, at)).toMatchObject({ accepted: true });
    await channel.send(message, at);
    expect(mails.taken.map(({ to }) => to)).toEqual([['aiko@exchange.example'], ['aiko@exchange.example']]);
    for (const { text } of mails.taken) {
      expect(text).toMatch(/^Subject: \[p-00000001\] alarm: frozen\r$/m);
      expect(text).toMatch(/^Message-ID: <msg_p-00000001_call_1_aiko_webhook@exchange\.example>\r$/m);
      expect(text).toContain('Answer here: http://127.0.0.1:1/a/p-00000001/token');
    }
  });

  it('logs in with a password out of a file; a wrong one, and a recipient that is refused, are refusals', async () => {
    await using mails = await openMailServer({ user: 'pager', password: 'right' });
    const sender = (password: string) =>
      open(
        { kind: 'mail', to: 'aiko@exchange.example' },
        server(mails.port, { login: { user: 'pager', passwordFile: secret('password', password) } }),
      );
    expect((await sender('right').send(message, at)).accepted).toBe(true);
    expect(mails.taken[0]?.user).toBe('pager');
    const wrong = await sender('wrong').send(message, at);
    expect(wrong.accepted).toBe(false);
    expect(wrong.answer).toMatch(/535/);
    mails.refuses = true;
    expect(await sender('right').send(message, at)).toMatchObject({
      accepted: false,
      answer: expect.stringMatching(/550/) as string,
    });
    expect(mails.taken.length).toBe(1);
  });

  it('goes nowhere unencrypted where the configuration asks for TLS and the server has none', async () => {
    await using mails = await openMailServer();
    const channel = open(
      { kind: 'mail', to: 'aiko@exchange.example' },
      server(mails.port, { tls: 'starttls' }),
    );
    expect((await channel.send(message, at)).accepted).toBe(false);
    expect(mails.taken).toEqual([]);
  });
});

describe('whatever a server answers but 2xx', () => {
  it.each([301, 302, 400, 401, 404, 429, 500, 503])(
    '%i is a refusal, and a redirect is not followed',
    async (status) => {
      receiver.status = status;
      const channel = open({ kind: 'slack', urlFile: secret('slack', receiver.url) });
      expect(await channel.send(message, at)).toEqual({ accepted: false, answer: `status ${status}` });
      expect(receiver.came.length).toBe(1);
    },
  );

  it('nobody there is a refusal, and its words hold no secret', async () => {
    const channel = open({ kind: 'slack', urlFile: secret('slack', 'http://127.0.0.1:9/services/SECRET') });
    const outcome = await channel.send(message, at);
    expect(outcome.accepted).toBe(false);
    expect(outcome.answer).not.toContain('SECRET');
  });
});
