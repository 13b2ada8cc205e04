/** Whoever is not pinned gets a handshake and nothing else: no question of theirs is read, and the log says what they showed. */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificates, hasOpenssl, type Certificates, type Files } from '../testing/openssl.ts';
import { askOver, logged, serveTls, type Served } from '../testing/tls.ts';
import { readCertificate } from './certificate.ts';

const hour = 3_600_000;

describe.skipIf(!hasOpenssl())('at the door of a process (certificates by openssl, Debian: openssl)', () => {
  let made: Certificates;
  let served: Served;
  const known: Record<string, Files> = {};
  const strangers: Record<string, Files | undefined> = {};

  beforeAll(async () => {
    made = certificates();
    known['a pinned caller'] = made.make('custody');
    known['a pinned caller with a key on P-256'] = made.make('p256', {
      '-newkey': 'ec',
      '-pkeyopt': 'ec_paramgen_curve:P-256',
    });
    // What `openssl req -x509` makes where nobody says otherwise.
    const authority = made.make('authority', { '-addext': 'basicConstraints=critical,CA:TRUE' });
    known['a pinned caller that is an authority'] = authority;
    const late = made.during('late', Date.now() - 2 * hour, Date.now() - 1_000);
    const early = made.during('early', Date.now() + hour, Date.now() + 2 * hour);
    served = await serveTls(made.make('signer-1'), [...Object.values(known), late, early]);
    strangers['no certificate'] = undefined;
    strangers['a certificate that nobody pinned'] = made.make('thief');
    strangers['one of the same name'] = made.make('again', { '-subj': '/CN=custody' });
    strangers['one that a pinned certificate has signed'] = made.issue('issued', authority);
    strangers['a pinned one that has expired'] = late;
    strangers['a pinned one that does not count yet'] = early;
  });
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
    made[Symbol.dispose]();
  });

  it.each(['a pinned caller', 'a pinned caller with a key on P-256', 'a pinned caller that is an authority'])(
    '%s is answered',
    async (name) => {
      expect(await askOver(served.port, name, { files: known[name] })).toBe(200);
      expect(served.heard).toContain(name);
    },
  );

  it.each([
    ['no certificate', /not pinned/],
    ['a certificate that nobody pinned', /not pinned/],
    ['one of the same name', /not pinned/],
    ['one that a pinned certificate has signed', /not pinned/],
    ['a pinned one that has expired', /late\.pem expired at/],
    ['a pinned one that does not count yet', /early\.pem counts only from/],
  ])('%s: nothing is read, and one line tells what was presented', async (name, why) => {
    const files = strangers[name];
    let answer: unknown;
    const lines = await logged(async () => {
      answer = await askOver(served.port, name, { files });
    });
    expect(answer).toBe('ECONNRESET');
    expect(served.heard).not.toContain(name);
    const presented = files ? readCertificate(files.certificate).fingerprint : 'none';
    const from = expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown;
    expect(lines).toMatchObject([
      { event: 'caller refused', from, presented, why: expect.stringMatching(why) as unknown },
    ]);
  });

  it('a stranger that asks nothing is not kept either', async () => {
    const { certificate, key } = strangers['a certificate that nobody pinned'] as Files;
    const files = { cert: readFileSync(certificate), key: readFileSync(key) };
    const idle = connect({ host: '127.0.0.1', port: served.port, rejectUnauthorized: false, ...files });
    idle.on('error', () => {});
    const closed = new Promise((resolve) => idle.on('close', () => resolve('closed')));
    const late = new Promise((resolve) => setTimeout(() => resolve('open'), 2_000));
    expect(await Promise.race([closed, late])).toBe('closed');
    idle.destroy();
  });

  it('TLS 1.2, with a pinned certificate', async () => {
    const files = known['a pinned caller'];
    expect(await askOver(served.port, 'old', { files, version: 'TLSv1.2' })).toBe('EPROTO');
    expect(served.heard).not.toContain('old');
  });

  it('plain HTTP', async () => {
    const answer = await new Promise((resolve) => {
      const asked = httpRequest({ port: served.port, path: '/v1/echo', method: 'POST' }, () =>
        resolve('answered'),
      );
      asked.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
      asked.end('{"text":"plain"}');
    });
    expect(answer).toBe('ECONNRESET');
    expect(served.heard).not.toContain('plain');
  });

  it('a session of before, in which nobody presents a certificate, is not taken up', async () => {
    const { certificate, key } = known['a pinned caller'] as Files;
    const own = { cert: readFileSync(certificate), key: readFileSync(key) };
    const to = { host: '127.0.0.1', port: served.port, rejectUnauthorized: false, ...own };
    const session = await new Promise<Buffer>((resolve) => {
      const first = connect(to, () => first.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n'));
      first.on('session', (ticket: Buffer) => {
        resolve(ticket);
        first.destroy();
      });
      first.on('close', () => resolve(Buffer.alloc(0)));
      first.setTimeout(1_000, () => first.destroy());
    });
    if (session.length > 0) {
      const { cert: _cert, key: _key, ...nobody } = to;
      const reused = await new Promise((resolve) => {
        const second = connect({ ...nobody, session }, () => {
          resolve(second.isSessionReused());
          second.destroy();
        });
        second.on('error', () => resolve(false));
      });
      expect(reused).toBe(false);
    }
    expect(await askOver(served.port, 'resumed', { session })).toBe('ECONNRESET');
    expect(served.heard).not.toContain('resumed');
  });

  it('a connection does not outlive the certificate that opened it', async () => {
    const end = Date.now() + 3_000;
    const short = made.during('short', Date.now() - hour, end);
    await using other = await serveTls(made.make('signer-3'), [short]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await askOver(other.port, 'before', { files: short, agent })).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, end + 1_100 - Date.now()));
    expect(await askOver(other.port, 'after', { files: short, agent })).toBe('ECONNRESET');
    expect(other.heard).toEqual(['before']);
    agent.destroy();
  }, 10_000);

  it('many strangers write no more than ten lines a minute, and the next says how many more there were', async () => {
    await using other = await serveTls(made.make('signer-2'), Object.values(known));
    const lines = await logged(async () => {
      for (let count = 0; count < 25; count += 1) await askOver(other.port, 'again');
    });
    expect(lines.filter(({ event }) => event === 'caller refused').length).toBe(10);
  });
});

describe.skipIf(!hasOpenssl())('a certificate that is replaced', () => {
  it('both count while both are pinned; the old one is refused once it is dropped', async () => {
    using made = certificates();
    const [own, old, next] = [made.make('signer-1'), made.make('custody'), made.make('custody-next')];
    {
      await using during = await serveTls(own, [old, next]);
      expect(await askOver(during.port, 'old', { files: old })).toBe(200);
      expect(await askOver(during.port, 'next', { files: next })).toBe(200);
    }
    await using after = await serveTls(own, [next]);
    expect(await askOver(after.port, 'old', { files: old })).toBe('ECONNRESET');
    expect(await askOver(after.port, 'next', { files: next })).toBe(200);
    expect(after.heard).toEqual(['next']);
  });
});
