/** What is wrong with certificates, keys and endpoints is told before anything listens: which file, which field, what to do. */
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import { certificates, hasOpenssl, type Certificates, type Files } from '../testing/openssl.ts';
import { logged } from '../testing/tls.ts';
import { Endpoint, Listen } from './endpoint.ts';
import { openHosts } from './hosts.ts';
import { IdentityFiles, readIdentity } from './identity.ts';

const day = 86_400_000;

describe.skipIf(!hasOpenssl())('certificates and keys (made by openssl, Debian: openssl)', () => {
  let made: Certificates;
  let good: Files;
  beforeAll(() => {
    made = certificates();
    good = made.make('good');
  });
  afterAll(() => made[Symbol.dispose]());

  const at = (name: string) => join(made.folder, name);
  const write = (name: string, text: string, mode = 0o600) => {
    writeFileSync(at(name), text);
    chmodSync(at(name), mode);
    return at(name);
  };
  const text = (file: string) => readFileSync(file, 'utf8');

  it.each<[string, () => Partial<Files>, RegExp]>([
    ['no certificate', () => ({ certificate: at('none.pem') }), /none\.pem: is not there/],
    [
      'no PEM',
      () => ({ certificate: write('a.pem', 'x') }),
      /a\.pem: must hold one certificate in PEM, and holds none/,
    ],
    [
      'a damaged one',
      () => ({ certificate: write('b.pem', text(good.certificate).replace(/\n..../, '\nAAAA')) }),
      /b\.pem: is no certificate in PEM/,
    ],
    [
      'two in one file',
      () => ({ certificate: write('c.pem', text(good.certificate).repeat(2)) }),
      /c\.pem: must hold one certificate in PEM, and holds 2/,
    ],
    [
      'the key beside it',
      () => ({ certificate: write('d.pem', text(good.certificate) + text(good.key)) }),
      /d\.pem: holds a private key: keep that in a file of its own/,
    ],
    [
      'an RSA key',
      () => made.make('rsa', { '-newkey': 'rsa:2048' }),
      /rsa\.pem: its key must be Ed25519 or P-256, and is rsa \(docs\/hosts\.md\)/,
    ],
    [
      'one that has expired',
      () => made.during('late', Date.now() - 2 * day, Date.now() - day),
      /late\.pem expired at 20/,
    ],
    [
      'one that does not count yet',
      () => made.during('early', Date.now() + day, Date.now() + 2 * day),
      /early\.pem counts only from 20.*: wait, or set this machine's clock/,
    ],
    ['no key', () => ({ key: at('none.key') }), /none\.key: is not there/],
    [
      'a key that others may read',
      () => ({ key: write('e.key', text(good.key), 0o640) }),
      /e\.key: others may read this secret \(mode 640\): chmod 600 it/,
    ],
    [
      'no key in the file',
      () => ({ key: write('f.key', 'x') }),
      /f\.key: must hold one private key in PEM, without a passphrase/,
    ],
    [
      'another one’s key',
      () => ({ key: made.make('other').key }),
      /other\.key: is not the key of .*good\.pem/,
    ],
  ])('%s', (_what, change, message) => {
    expect(() => readIdentity({ ...good, ...change() })).toThrow(message);
  });

  it('a pinned one that has expired stops nobody’s start: it is told, and refused when it comes', async () => {
    const late = made.during('old-caller', Date.now() - 2 * day, Date.now() - day);
    const soon = made.during('soon', Date.now() - day, Date.now() + 20 * day);
    const callers = [late.certificate, soon.certificate];
    const lines = await logged(async () => {
      openHosts('config.json', good).listening({ tls: { host: '127.0.0.1', port: 1, callers } });
      await Promise.resolve();
    });
    expect(lines).toMatchObject([
      { event: 'certificate', file: good.certificate },
      { event: 'certificate does not count', why: expect.stringMatching(/expired at/) as unknown },
      { event: expect.stringMatching(/ends soon: make another/) as unknown, file: soon.certificate },
    ]);
  });

  it('one that ends soon is told again each day, the others are not', () => {
    const soon = made.during('ends', Date.now() - day, Date.now() + 20 * day);
    vi.useFakeTimers();
    try {
      const told: string[] = [];
      const hosts = openHosts('config.json', good, ({ file }) => told.push(file));
      hosts.listening({ tls: { host: '127.0.0.1', port: 1, callers: [soon.certificate] } });
      expect(told).toEqual([good.certificate, soon.certificate]);
      vi.advanceTimersByTime(2 * day);
      expect(told.slice(2)).toEqual([soon.certificate, soon.certificate]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('an endpoint by TLS without an identity', () => {
    const tls = { host: '127.0.0.1', port: 1, certificates: [good.certificate] };
    expect(() => openHosts('config.json', undefined).at({ tls }, 'signers.1.at')).toThrow(
      /^config\.json: identity: is needed, since signers\.1\.at says tls: give this process's certificate and key/,
    );
  });

  it.each<[string, object, RegExp]>([
    [
      'neither way',
      { at: {} },
      /config\.json: at: give one of 'socket' \(this machine\) and 'tls' \(another host\)/,
    ],
    [
      'both ways',
      { at: { socket: '/x', tls: { host: 'a', port: 1, certificates: ['a.pem'] } } },
      /config\.json: at: give one of/,
    ],
    [
      'nothing pinned',
      { at: { tls: { host: 'a', port: 1, certificates: [] } } },
      /config\.json: at\.tls\.certificates:/,
    ],
    ['no port', { at: { tls: { host: 'a', certificates: ['a.pem'] } } }, /config\.json: at\.tls\.port:/],
    [
      'a member more',
      { at: { tls: { host: 'a', port: 1, certificates: ['a'], ca: 'b' } } },
      /config\.json: at\.tls: .*"ca"/,
    ],
    [
      'no callers',
      { listen: { tls: { host: 'a', port: 1, callers: [] } } },
      /config\.json: listen\.tls\.callers:/,
    ],
    [
      'a key in the open',
      { identity: { certificate: 'a.pem', key: 'a.key', passphrase: 'x' } },
      /config\.json: identity: .*"passphrase"/,
    ],
  ])('in a configuration, %s', (_what, config, message) => {
    write('config.json', JSON.stringify(config));
    const schema = z.strictObject({
      at: Endpoint.optional(),
      listen: Listen.optional(),
      identity: IdentityFiles.optional(),
    });
    expect(() => readConfig(at('config.json'), schema)).toThrow(message);
  });

  it('the files as they are pass', () => {
    copyFileSync(good.certificate, at('copy.pem'));
    expect(readIdentity({ certificate: at('copy.pem'), key: good.key }).certificate.fingerprint).toMatch(
      /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/,
    );
  });
});
