/** A webhook is believed only where custody has signed it, just now, with a secret that counts. */
import { describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { readWebhook } from './index.ts';

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const [mine, old, thief] = [secretOf(1), secretOf(2), secretOf(3)];
const now = Date.UTC(2026, 0, 26, 0, 2);
const body = JSON.stringify({
  number: 7,
  kind: 'withdrawal',
  type: 'withdrawal.settled',
  object: 'withdrawal:1',
  timestamp: new Date(now).toISOString(),
  data: { id: '1', state: 'settled' },
});

const sent = (secrets: readonly string[], at = now, text = body, id = 'evt_1') => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at / 1000)),
  'webhook-signature': secrets.map((one) => new Webhook(one).sign(id, new Date(at), text)).join(' '),
});
const read = (headers: Record<string, string>, text = body, secrets: readonly string[] = [mine], at = now) =>
  readWebhook(secrets, (name) => headers[name], text, at);

it('one of custody’s', () => {
  expect(read(sent([mine]))).toEqual({ kind: 'event', id: 'evt_1', event: JSON.parse(body) as unknown });
});

it('the vector of Standard Webhooks’ own test suite', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const text = '{"test": 2432232314}';
  expect(read(headers, text, [secret], 1_614_265_330_000)).toMatchObject({ kind: 'event' });
});

describe('forged', () => {
  const good = sent([mine]);
  const cases: readonly (readonly [string, Record<string, string>, string, string])[] = [
    ['by somebody without the secret', sent([thief]), body, 'webhook-signature'],
    ['with another body', good, body.replace('settled', 'expired'), 'webhook-signature'],
    ['with another id', { ...good, 'webhook-id': 'evt_2' }, body, 'webhook-signature'],
    [
      'with another time',
      { ...good, 'webhook-timestamp': String(now / 1000 + 1) },
      body,
      'webhook-signature',
    ],
    ['without a signature', { ...good, 'webhook-signature': '' }, body, 'webhook-signature'],
    [
      'with a signature of another version',
      { ...good, 'webhook-signature': (good['webhook-signature'] ?? '').replace('v1,', 'v2,') },
      body,
      'webhook-signature',
    ],
    ['with an empty signature', { ...good, 'webhook-signature': 'v1,' }, body, 'webhook-signature'],
    ['without an id', { ...good, 'webhook-id': '' }, body, 'webhook-id'],
    ['without a time', { ...good, 'webhook-timestamp': '' }, body, 'webhook-timestamp'],
    ['with a time that is none', { ...good, 'webhook-timestamp': '1e9' }, body, 'webhook-timestamp'],
  ];
  it.each(cases)('%s', (_what, headers, text, field) => {
    expect(read(headers, text)).toMatchObject({ kind: 'refused', field });
  });
});

describe('sent again by whoever has recorded it', () => {
  it.each([301, 3_600, 86_400])('%d s later', (seconds) => {
    expect(read(sent([mine]), body, [mine], now + seconds * 1000)).toMatchObject({
      kind: 'refused',
      field: 'webhook-timestamp',
    });
  });

  it('or kept from the future', () => {
    expect(read(sent([mine], now + 301_000))).toMatchObject({ kind: 'refused', field: 'webhook-timestamp' });
    expect(read(sent([mine], now + 299_000))).toMatchObject({ kind: 'event' });
  });
});

describe('while secrets are changed over', () => {
  it('custody signs with both, the receiver has either or both', () => {
    for (const secrets of [[mine], [old], [mine, old], [old, mine]])
      expect(read(sent([old, mine]), body, secrets)).toMatchObject({ kind: 'event' });
  });

  it('a secret that is out counts no more', () => {
    expect(read(sent([old]), body, [mine])).toMatchObject({ kind: 'refused' });
  });
});
