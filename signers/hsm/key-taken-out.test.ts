/** Keys that are made in the HSM stay there; their signatures verify, have the lower s, and their nonces are tested. */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hsmRoutes } from './routes.ts';
import { call } from '@kuramori/chains/http';
import { lowS, signLow, type KeyService } from '../key-service.ts';
import { hasSoftHsm, library, softHsm, type SoftHsm } from '../testing/softhsm.ts';
import { askHsm } from './ask.ts';
import { desk, testNonces } from './desk.ts';
import type { Token } from './token.ts';

const { Fn } = secp256k1.Point;
const digestOf = (text: string) => createHash('sha256').update(text).digest();

describe.skipIf(!hasSoftHsm())('a key in SoftHSM (Debian: softhsm2)', () => {
  let hsm: SoftHsm;
  let child: ChildProcess;
  let ready: Record<string, unknown>;
  let publicKey: Uint8Array;
  beforeAll(async () => {
    hsm = softHsm();
    hsm.make('wrapping', 'wrap-1');
    publicKey = Uint8Array.fromHex(String(hsm.make('secp256k1', 'hot-1')['publicKey']));
    ({ child, ready } = await hsm.start());
  });
  afterAll(() => {
    child?.kill();
    hsm?.[Symbol.dispose]();
  });

  it('signs what others verify, with the lower s', async () => {
    const service = askHsm(hsm.socket);
    expect(publicKey).toHaveLength(65);
    expect(await service.publicKey('hot-1')).toEqual(publicKey);
    let high = 0;
    for (let count = 0; count < 40; count += 1) {
      const digest = randomBytes(32);
      const raw = await service.sign('hot-1', digest);
      if (secp256k1.Signature.fromBytes(raw).hasHighS()) high += 1;
      const low = await signLow(service, 'hot-1', digest);
      expect(secp256k1.verify(low, digest, publicKey, { prehash: false, lowS: true })).toBe(true);
      expect(secp256k1.verify(low, randomBytes(32), publicKey, { prehash: false })).toBe(false);
    }
    // The HSM's own are high half of the time, so there was something to lower: never in 40 tries once in 10^12.
    expect(high).toBeGreaterThan(0);
  });

  it('is never replaced, and one that is not there is named', async () => {
    expect(() => hsm.make('secp256k1', 'hot-1')).toThrow(/has a key hot-1 already, and it is never replaced/);
    expect(() => hsm.make('wrapping', 'wrap-1')).toThrow(/has a key wrap-1 already/);
    await expect(askHsm(hsm.socket).sign('hot-2', randomBytes(32))).rejects.toThrow(/holds no key hot-2/);
  });

  it('is not given out to another program that is logged in, and never could be', () => {
    // By another program than ours, with the PIN.
    const script = join(hsm.folder, 'take.ts');
    writeFileSync(
      script,
      `
      import { openLibrary, attributes, fixed, mechanism, ulong, ulongOf, wanted } from ${JSON.stringify(join(import.meta.dirname, 'cryptoki.ts'))};
      const call = openLibrary(${JSON.stringify(library)});
      const answer = (what) => { try { what(); return 'given'; } catch (cause) { return '0x' + cause.code.toString(16); } };
      call('C_Initialize', null);
      const slots = fixed(80), count = ulong(10n);
      call('C_GetSlotList', 1, slots, count);
      const session = ulong();
      call('C_OpenSession', ulongOf(slots), 6n, null, null, session);
      const pin = fixed(Buffer.from(${JSON.stringify(hsm.pin)}));
      call('C_Login', ulongOf(session), 1n, pin, pin.length);
      const find = (kind, label) => {
        call('C_FindObjectsInit', ulongOf(session), attributes([[0n, ulong(kind)], [3n, Buffer.from(label)]]), 2);
        const [handle, found] = [ulong(), ulong()];
        call('C_FindObjects', ulongOf(session), handle, 1, found);
        call('C_FindObjectsFinal', ulongOf(session));
        return ulongOf(handle);
      };
      const read = (object, type) => call('C_GetAttributeValue', ulongOf(session), object, wanted(type, fixed(64)), 1);
      const [hot, wrap] = [find(3n, 'hot-1'), find(4n, 'wrap-1')];
      const bit = (object, type) => { const into = fixed(1); call('C_GetAttributeValue', ulongOf(session), object, wanted(type, into), 1); return into[0]; };
      console.log(JSON.stringify({
        values: [answer(() => read(hot, 0x11n)), answer(() => read(wrap, 0x11n))],
        sensitive: [bit(hot, 0x103n), bit(wrap, 0x103n), bit(hot, 0x165n), bit(wrap, 0x165n)],
        extractable: [bit(hot, 0x162n), bit(wrap, 0x162n)],
        everExtractable: [1 - bit(hot, 0x164n), 1 - bit(wrap, 0x164n)],
        label: answer(() => read(hot, 0x03n)),
      }));
      `,
    );
    const taken = spawnSync(process.execPath, [script], {
      env: { ...process.env, ...hsm.environment, NODE_NO_WARNINGS: '1' },
      encoding: 'utf8',
    });
    expect(taken.stderr).toBe('');
    expect(JSON.parse(taken.stdout)).toEqual({
      // CKR_ATTRIBUTE_SENSITIVE
      values: ['0x11', '0x11'],
      sensitive: [1, 1, 1, 1],
      extractable: [0, 0],
      everExtractable: [0, 0],
      label: 'given',
    });
  });

  it('its nonces were tested at the start, by a key that was thrown away', () => {
    expect(ready).toMatchObject({ nonces: 'good' });
  });

  it('the process gives no other answer than its routes, and a wrong PIN starts nothing', async () => {
    const asked = { label: 'hot-1', digest: 'zz' };
    expect(await call({ socket: hsm.socket }, hsmRoutes.sign, asked)).toMatchObject({
      kind: 'refused',
      why: 'malformed',
    });
    using other = softHsm();
    writeFileSync(join(other.folder, 'pin'), '9999\n', { mode: 0o600 });
    await expect(other.start()).rejects.toThrow(/the PIN is wrong/);
    chmodSync(join(other.folder, 'pin'), 0o644);
    await expect(other.start()).rejects.toThrow(/others may read this secret/);
  });
});

/** A token that signs with the nonces it is told to. */
function tokenWith(nonce: (count: number) => bigint): Pick<Token, 'signAndTell' | 'sign'> {
  const secret = digestOf('secret');
  const d = Fn.create(BigInt(`0x${secret.toString('hex')}`));
  let count = 0;
  const sign = (_label: string, digest: Uint8Array) => {
    const k = Fn.create(nonce((count += 1)));
    const r = Fn.create(secp256k1.Point.BASE.multiply(k).toAffine().x);
    const z = Fn.create(BigInt(`0x${digest.toHex()}`));
    return new secp256k1.Signature(r, Fn.mul(Fn.inv(k), Fn.add(z, Fn.mul(r, d)))).toBytes();
  };
  return {
    sign,
    signAndTell: (digests) => ({
      secret: Buffer.from(secret),
      signatures: digests.map((one) => sign('', one)),
    }),
  };
}
const random = () => BigInt(`0x${randomBytes(32).toHex()}`);

describe('an HSM whose nonces are bad (Minerva, TPM-FAIL, EUCLEAK are of this kind)', () => {
  it.each([
    ['constant', () => 7n, /signatures 1 and 2 of different messages have one nonce/],
    ['without their top bit', () => random() >> 1n, /bit 255 of the nonces is set in 0 of 64/],
    ['without their four top bits', () => random() >> 4n, /bit 255 of the nonces is set in 0 of 64/],
    ['always even', () => random() & ~1n, /bit 0 of the nonces is set in 0 of 64/],
  ])('is named: %s', (_name, nonce, line) => {
    expect(() => testNonces(tokenWith(nonce))).toThrow(line);
  });

  it('and a good one is not accused', () => {
    for (let count = 0; count < 5; count += 1) expect(testNonces(tokenWith(random))).toBe('good');
    expect(testNonces({ signAndTell: () => null })).toBe('untold');
  });

  it('is stopped at the first nonce that comes twice, also with a key that nobody can read', () => {
    const answers = desk({ ...tokenWith((count) => BigInt(count === 3 ? 1 : count)) } as Token);
    const digest = (text: string) => digestOf(text).toString('hex');
    expect(answers.sign({ label: 'a', digest: digest('1') })).toMatchObject({ kind: 'signed' });
    expect(answers.sign({ label: 'a', digest: digest('2') })).toMatchObject({ kind: 'signed' });
    expect(() => answers.sign({ label: 'a', digest: digest('3') })).toThrow(/one nonce for two digests/);
  });
});

describe('a service that signs something else', () => {
  const secret = digestOf('service');
  const service = (digest: (asked: Uint8Array) => Uint8Array): KeyService => ({
    kind: 'hsm',
    wrap: (_label, bytes) => Promise.resolve(bytes),
    unwrap: (_label, bytes) => Promise.resolve(bytes),
    publicKey: () => Promise.resolve(secp256k1.getPublicKey(secret, false)),
    sign: (_label, asked) =>
      Promise.resolve(secp256k1.sign(digest(asked), secret, { prehash: false, lowS: false })),
  });

  it('has its signature kept back', async () => {
    const digest = digestOf('asked');
    expect(
      await signLow(
        service((asked) => asked),
        'k',
        digest,
      ),
    ).toHaveLength(64);
    await expect(
      signLow(
        service(() => digestOf('other')),
        'k',
        digest,
      ),
    ).rejects.toThrow(/does not verify: it is kept back/);
    await expect(
      signLow(
        service((asked) => asked),
        'k',
        new Uint8Array(31),
      ),
    ).rejects.toThrow(/32 bytes/);
  });

  it('the lower s is the same signature, and low already stays', () => {
    const digest = digestOf('low');
    const low = secp256k1.sign(digest, secret, { prehash: false, lowS: true });
    const { r, s } = secp256k1.Signature.fromBytes(low);
    const high = new secp256k1.Signature(r, Fn.neg(s)).toBytes();
    expect(lowS(high)).toEqual(low);
    expect(lowS(low)).toEqual(low);
  });
});
