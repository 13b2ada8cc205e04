/** Whoever answers in the place of the pinned one is told nothing: not one byte of a question leaves before it has shown who it is. */
import { readFileSync } from 'node:fs';
import { createServer as createPlain } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { connect, createServer, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openHosts, serveRoutes } from '../program/index.ts';
import { certificates, hasOpenssl, type Certificates, type Files } from '../program/testing/openssl.ts';
import { routes, serveTls } from '../program/testing/tls.ts';
import { readCertificate } from '../program/tls/certificate.ts';
import { call, type Where } from './http.ts';

const hour = 3_600_000;
const fingerprint = ({ certificate }: Files) => readCertificate(certificate).fingerprint;

describe.skipIf(!hasOpenssl())(
  'what a caller reaches by TLS (certificates by openssl, Debian: openssl)',
  () => {
    let made: Certificates;
    let own: Files;
    let right: Files;
    const open: Server[] = [];

    beforeAll(() => {
      made = certificates();
      own = made.make('custody');
      right = made.make('signer-1', { '-addext': 'basicConstraints=critical,CA:TRUE' });
    });
    afterEach(() => {
      for (const server of open.splice(0)) server.close();
    });
    afterAll(() => made[Symbol.dispose]());

    const where = (port: number, pinned: readonly Files[], as = own): Where => {
      const tls = { host: '127.0.0.1', port, certificates: pinned.map(({ certificate }) => certificate) };
      return openHosts('config.json', as).at({ tls }, 'signers.0.at');
    };

    async function listen(server: Server): Promise<number> {
      open.push(server);
      await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
      return (server.address() as AddressInfo).port;
    }

    /** Takes any caller, and keeps what it is told. */
    async function middle(
      as: Files,
      options: TlsOptions = {},
    ): Promise<{ port: number; heard: () => string }> {
      let heard = '';
      const files = { cert: readFileSync(as.certificate), key: readFileSync(as.key) };
      const server = createServer(
        { ...files, requestCert: true, rejectUnauthorized: false, ...options },
        (socket) => {
          socket.on('error', () => {});
          socket.on('data', (chunk: Buffer) => {
            heard += chunk.toString();
            socket.write('HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{"text":"false"}');
          });
        },
      );
      return { port: await listen(server), heard: () => heard };
    }

    const ask = (at: Where, text = 'secret') => call(at, routes.echo, { text });
    /** Longer than it takes what was written to arrive. */
    const later = () => new Promise((resolve) => setTimeout(resolve, 100));

    it('the pinned one is asked, over one connection that is kept', async () => {
      await using served = await serveTls(right, [own]);
      const at = where(served.port, [right]);
      for (const text of ['one', 'two']) expect(await ask(at, text)).toEqual({ text });
      expect(served.heard).toEqual(['one', 'two']);
    });

    it.each([
      ['another certificate', () => made.make('thief')],
      ['one of the same name', () => made.make('same', { '-subj': '/CN=signer-1' })],
      ['one that the pinned certificate has signed', () => made.issue('issued', right)],
    ])('%s: told nothing, and both fingerprints are in the error', async (_name, make) => {
      const thief = make();
      const { port, heard } = await middle(thief);
      const answer = await ask(where(port, [right]));
      expect(answer).toMatchObject({ kind: 'unreachable' });
      const { detail } = answer as { detail: string };
      expect(detail).toContain(
        `127.0.0.1:${port}: it presents another certificate than is pinned for it: ${fingerprint(thief)}; expected: ${fingerprint(right)} (${right.certificate})`,
      );
      expect(detail).toMatch(/ask its keeper for the fingerprint by another way/);
      await later();
      expect(heard()).toBe('');
    });

    it('the same where more is asked at once than there are connections', async () => {
      const { port, heard } = await middle(made.make('thief-of-many'));
      const at = where(port, [right]);
      const answers = await Promise.all(Array.from({ length: 100 }, () => ask(at)));
      expect(answers.every((answer) => 'kind' in answer)).toBe(true);
      await later();
      expect(heard()).toBe('');
    });

    it('the pinned one after its end', async () => {
      const late = made.during('late', Date.now() - 2 * hour, Date.now() - 1_000);
      const { port, heard } = await middle(late);
      expect(await ask(where(port, [late]))).toMatchObject({
        detail: expect.stringMatching(
          /presents what is pinned for it, but .*late\.pem expired at/,
        ) as unknown,
      });
      await later();
      expect(heard()).toBe('');
    });

    it('the pinned one at its end, over a connection from before it', async () => {
      const end = Date.now() + 3_000;
      const short = made.during('short-server', Date.now() - hour, end);
      await using served = await serveTls(short, [own]);
      const at = where(served.port, [short]);
      expect(await ask(at, 'before')).toEqual({ text: 'before' });
      await new Promise((resolve) => setTimeout(resolve, end + 1_100 - Date.now()));
      expect(await ask(at, 'after')).toMatchObject({
        detail: expect.stringMatching(/but .*short-server\.pem expired at/) as unknown,
      });
      expect(served.heard).toEqual(['before']);
    }, 10_000);

    it('our own after its end: nobody is asked', async () => {
      const short = made.during('short', Date.now() - hour, Date.now() + 2_000);
      const { port, heard } = await middle(right);
      const at = where(port, [right], short);
      await new Promise((resolve) => setTimeout(resolve, 3_100));
      expect(await ask(at)).toMatchObject({
        detail: expect.stringMatching(/short\.pem expired at .*: make another/) as unknown,
      });
      expect(heard()).toBe('');
    });

    it('the pinned one by TLS 1.2', async () => {
      const { port, heard } = await middle(right, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
      expect(await ask(where(port, [right]))).toMatchObject({ kind: 'unreachable' });
      await later();
      expect(heard()).toBe('');
    });

    it('one who lets sessions be resumed: each connection shows its certificate anew', async () => {
      let resumed = 0;
      let connections = 0;
      const files = { cert: readFileSync(right.certificate), key: readFileSync(right.key) };
      const server = createHttps(
        { ...files, requestCert: true, rejectUnauthorized: false },
        (_request, response) => {
          response.setHeader('connection', 'close');
          response.end('{"text":"x"}');
        },
      );
      server.on('secureConnection', (socket) => {
        connections += 1;
        if (socket.isSessionReused()) resumed += 1;
      });
      const at = where(await listen(server), [right]);
      for (let count = 0; count < 3; count += 1) expect(await ask(at)).toEqual({ text: 'x' });
      expect([connections, resumed]).toEqual([3, 0]);
    });

    it('plain HTTP where TLS should be', async () => {
      let asked = 0;
      const port = await listen(createPlain(() => (asked += 1)));
      expect(await ask(where(port, [right]))).toMatchObject({ kind: 'unreachable' });
      expect(asked).toBe(0);
    });

    it('one who accepts and never answers the handshake', async () => {
      const port = await listen(createTcp((socket) => void socket.on('error', () => {})));
      const tried = call(
        where(port, [right]),
        routes.echo,
        { text: 'x' },
        { timeoutMs: 300, maxBytes: 1_000 },
      );
      expect(await tried).toMatchObject({
        detail: expect.stringMatching(/no answer within 300 ms/) as unknown,
      });
    });

    it('one who does not pin us: the error says which certificate of ours to look for there', async () => {
      await using served = await serveTls(right, [made.make('somebody')]);
      expect(await ask(where(served.port, [right]))).toMatchObject({
        detail: expect.stringMatching(
          new RegExp(`hangs up .*does it pin our certificate ${fingerprint(own)} among its callers`),
        ) as unknown,
      });
      expect(served.heard).toEqual([]);
    });

    it('two are pinned while one replaces the other', async () => {
      const next = made.make('signer-1-next');
      await using served = await serveTls(next, [own]);
      expect(await ask(where(served.port, [right, next]))).toEqual({ text: 'secret' });
      expect(await ask(where(served.port, [right]))).toMatchObject({ kind: 'unreachable' });
    });

    it('two identities of one process never share a connection', async () => {
      await using served = await serveTls(right, [own]);
      const at = where(served.port, [right]);
      expect(await ask(at, 'ours')).toEqual({ text: 'ours' });
      expect(await ask(where(served.port, [right], made.make('stranger')), 'theirs')).toMatchObject({
        kind: 'unreachable',
      });
      expect(served.heard).toEqual(['ours']);
    });

    it('a caller by TLS at a Unix socket gets no handshake', async () => {
      const socket = join(made.folder, 'socket');
      const server = await serveRoutes({ socket }, routes, { echo: ({ text }) => ({ text }) });
      const code = await new Promise((resolve) => {
        const caller = connect({ path: socket, rejectUnauthorized: false }, () => resolve('a handshake'));
        caller.on('error', ({ code: name }: NodeJS.ErrnoException) => resolve(name));
      });
      expect(code).toMatch(/WRONG_VERSION_NUMBER|EPROTO|PACKET_LENGTH/);
      expect(await ask({ socket })).toEqual({ text: 'secret' });
      await server.close();
    });
  },
);
