/** A desk for tests: the real server over a real database, and a passkey that is made here. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { Pool } from 'pg';
import { expect } from 'vitest';
import { testHouse, type TestHouse } from '../../../custody/testing/house.ts';
import { api, type Api } from '../answer.ts';
import { openChallenges } from '../challenge.ts';
import { placeOf } from '../config.ts';
import type { Desk } from '../desk.ts';
import { openKnocks } from '../knock.ts';
import { openLive } from '../live.ts';
import { deskRole, migrateDesk } from '../migrate.ts';
import { readOverview } from '../overview.ts';
import { firstCode } from '../people.ts';

export const origin = 'https://console.example.com';
export const deskPassword = 'desk-for-tests-only';

/** Gives the desk's URL of a database that custody has. */
export async function withDesk(adminUrl: string): Promise<string> {
  await migrateDesk(adminUrl, deskPassword);
  const url = new URL(adminUrl);
  [url.username, url.password] = [deskRole, deskPassword];
  return url.href;
}

export interface TestDesk extends AsyncDisposable {
  readonly t: TestHouse;
  readonly desk: Desk;
  readonly pool: Pool;
  readonly app: Api;
  readonly code: string;
  readonly ask: (asked: Asked) => Promise<Told>;
  /** Logs in by a passkey; gives the cookie. */
  readonly login: (passkey: Passkey) => Promise<string>;
  /** Somebody with a role, logged in: their passkey, and their cookie. */
  readonly somebody: (role: string, administrator?: boolean) => Promise<Somebody>;
}

export interface Asked {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly cookie?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Told {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** What the cookie is now, as a browser would send it; undefined where it was not set. */
  readonly cookie: string | undefined;
  readonly headers: Headers;
}

export interface Somebody {
  readonly passkey: Passkey;
  readonly cookie: string;
}

export async function testDesk(knocks = { perMinute: 600, burst: 600 }): Promise<TestDesk> {
  const t = await testHouse();
  const pool = new Pool({ connectionString: await withDesk(t.database.adminUrl), max: 4 });
  const running = () => performance.now();
  const desk: Desk = {
    place: placeOf({ origin }),
    pool,
    pages: new Map([['/index.html', { bytes: new Uint8Array(), type: 'text/html', immutable: false }]]),
    asked: openChallenges(running),
    knocks: openKnocks(knocks, running),
    live: openLive(() => readOverview(pool), 100),
    sessions: { idleMinutes: 30, hours: 10 },
    codeMinutes: 60,
  };
  const app = api(desk);
  const code = (await firstCode(desk)) ?? '';
  const ask = async ({ path, method = 'GET', body, cookie, headers = {} }: Asked): Promise<Told> => {
    const answer = await app.request(`${origin}${path}`, {
      method,
      headers: {
        host: new URL(origin).host,
        'sec-fetch-site': 'same-origin',
        ...(method === 'POST' ? { origin, 'content-type': 'application/json' } : {}),
        ...(cookie === undefined ? {} : { cookie }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: answer.status,
      body: ((await answer.json().catch(() => null)) ?? {}) as Record<string, unknown>,
      cookie: answer.headers.get('set-cookie')?.split(';')[0],
      headers: answer.headers,
    };
  };
  const register = async (invitation: string): Promise<Somebody> => {
    const begun = await ask({ path: '/api/register/begin', method: 'POST', body: { code: invitation } });
    expect(begun).toMatchObject({ status: 200 });
    const passkey = newPasskey((begun.body['user'] as { id: string }).id);
    const response = passkey.attest(String(begun.body['challenge']));
    const entered = await ask({
      path: '/api/register/finish',
      method: 'POST',
      body: { code: invitation, response },
    });
    expect(entered).toMatchObject({ status: 200 });
    return { passkey, cookie: entered.cookie ?? '' };
  };
  const login = async (passkey: Passkey): Promise<string> => {
    const { body } = await ask({ path: '/api/login/begin', method: 'POST', body: {} });
    const response = passkey.assert(String(body['challenge']));
    const told = await ask({ path: '/api/login/finish', method: 'POST', body: { response } });
    expect(told).toMatchObject({ status: 200 });
    return told.cookie ?? '';
  };
  let administrator: Somebody | undefined;
  const named = new Map<string, number>();
  return {
    t,
    desk,
    pool,
    app,
    code,
    ask,
    login,
    async somebody(role, alsoAdministrator = false) {
      administrator ??= await register(code);
      if (role === 'administrator') return administrator;
      // Names are one person's.
      const count = (named.get(role) ?? 0) + 1;
      named.set(role, count);
      const asked = {
        name: `the ${count === 1 ? '' : `${count}. `}${role}`,
        role,
        administrator: alsoAdministrator,
      };
      // Whatever a test has done to the administrator's session.
      const { passkey } = administrator;
      return register(await invite(ask, { passkey, cookie: await login(passkey) }, asked));
    },
    async [Symbol.asyncDispose]() {
      await desk.live[Symbol.asyncDispose]();
      await pool.end();
      await t[Symbol.asyncDispose]();
    },
  };
}

/** As an administrator's page does it. */
async function invite(ask: TestDesk['ask'], by: Somebody, asked: object): Promise<string> {
  const { cookie, passkey } = by;
  const begun = await ask({ path: '/api/invite/begin', method: 'POST', body: asked, cookie });
  const response = passkey.assert(String(begun.body['challenge']));
  const done = await ask({
    path: '/api/invite/finish',
    method: 'POST',
    body: { ...asked, response },
    cookie,
  });
  expect(done).toMatchObject({ status: 200 });
  return String(done.body['code']);
}

export interface Passkey {
  readonly id: string;
  readonly attest: (challenge: string, more?: Lies) => object;
  readonly assert: (challenge: string, more?: Lies) => object;
}

/** What a thief's page or authenticator says otherwise. */
export interface Lies {
  readonly origin?: string;
  readonly verified?: boolean;
}

/** An authenticator in a few lines (WebAuthn §6): an ES256 key, and flags as it is told. */
export function newPasskey(handle: string): Passkey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const raw = randomBytes(32);
  const id = raw.toString('base64url');
  let counter = 0;
  // UP 0x01, UV 0x04, attested data 0x40.
  const data = (verified: boolean, attested: Buffer | null) => {
    const head = Buffer.alloc(37);
    createHash('sha256').update(new URL(origin).hostname).digest().copy(head);
    head[32] = 0x01 | (verified ? 0x04 : 0) | (attested ? 0x40 : 0);
    head.writeUInt32BE((counter += 1), 33);
    return attested ? Buffer.concat([head, attested]) : head;
  };
  const client = (type: string, challenge: string, from: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: from, crossOrigin: false }));
  const common = { id, rawId: id, type: 'public-key' } as const;
  return {
    id,
    attest(challenge, { origin: from = origin, verified = true } = {}) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(raw.length);
      const authData = data(verified, Buffer.concat([Buffer.alloc(16), length, raw, cose(publicKey)]));
      // {fmt: "none", attStmt: {}, authData: bytes} (RFC 8949 §3).
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3, 0x63]),
        Buffer.from('fmt'),
        Buffer.from([0x64]),
        Buffer.from('none'),
        Buffer.from([0x67]),
        Buffer.from('attStmt'),
        Buffer.from([0xa0, 0x68]),
        Buffer.from('authData'),
        Buffer.from([0x58, authData.length]),
        authData,
      ]);
      const response = {
        clientDataJSON: client('webauthn.create', challenge, from).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal'],
      };
      return { ...common, response };
    },
    assert(challenge, { origin: from = origin, verified = true } = {}) {
      const authenticatorData = data(verified, null);
      const clientData = client('webauthn.get', challenge, from);
      const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientData).digest()]);
      const response = {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: sign('sha256', signed, privateKey).toString('base64url'),
        userHandle: handle,
      };
      return { ...common, response };
    },
  };
}

/** The key as COSE has it (RFC 9053 §7.1.1): EC2, ES256, P-256. */
function cose(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' }) as { x?: string; y?: string };
  const part = (text: string) => Buffer.concat([Buffer.from([0x58, 32]), Buffer.from(text, 'base64url')]);
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
    part(x),
    Buffer.from([0x22]),
    part(y),
  ]);
}
