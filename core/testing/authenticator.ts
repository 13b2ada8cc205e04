/** Authenticator: a passkey of P-256 in software, and the browser in front of it; each part of what they say can be another. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { approvalDigest, type Approval, type Assertion, type Intent, type Passkey } from '../index.ts';

/** n of P-256 (SEC 2 §2.4.2). */
export const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export const rpId = 'console.example.com';
export const origin = `https://${rpId}`;

export interface Bent {
  /** 64 hex digits. */
  readonly digest?: string;
  readonly client?: Readonly<Record<string, unknown>>;
  /** Another text than the browser would write. */
  readonly json?: (json: string) => string | Buffer;
  readonly rpId?: string;
  readonly flags?: number;
  readonly counter?: number;
}

export interface Authenticator {
  readonly passkey: Passkey;
  readonly assert: (digest: string, bent?: Bent) => Assertion;
  readonly approve: (person: string, intent: Intent, bent?: Bent) => Approval;
}

/** Present and verified. */
const usual = 0x05;

/** Always the same one by a name. */
export function authenticatorNamed(name: string): Authenticator {
  // SEC 1 §C.4, without the public key: node works it out.
  const secret = createHash('sha256').update(`test passkey ${name}`).digest();
  const der = Buffer.concat([
    Buffer.from('30310201010420', 'hex'),
    secret,
    Buffer.from('a00a06082a8648ce3d030107', 'hex'),
  ]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'sec1' });
  const publicKey = createPublicKey(key)
    .export({ format: 'der', type: 'spki' })
    .subarray(-65)
    .toString('hex');
  const id = createHash('sha256').update(`test credential ${name}`).digest('hex');

  function assert(digest: string, bent: Bent = {}): Assertion {
    const client = {
      type: 'webauthn.get',
      challenge: Buffer.from(bent.digest ?? digest, 'hex').toString('base64url'),
      origin,
      crossOrigin: false,
      ...bent.client,
    };
    const written = JSON.stringify(client);
    const bytes = bent.json?.(written) ?? written;
    const clientData = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    const data = Buffer.alloc(37, sha256(bent.rpId ?? rpId));
    data.writeUInt8(bent.flags ?? usual, 32);
    data.writeUInt32BE(bent.counter ?? 0, 33);
    return {
      credential: id,
      authenticatorData: data.toString('hex'),
      clientDataJSON: clientData.toString('hex'),
      signature: sign('sha256', Buffer.concat([data, sha256(clientData)]), key).toString('hex'),
    };
  }

  return {
    passkey: { id, publicKey },
    assert,
    approve: (person, intent, bent) => ({ person, assertion: assert(approvalDigest(intent), bent) }),
  };
}

/** The same signature with −s for s: as good, and other bytes. */
export function otherS(signature: string): string {
  const [r, s] = integersOf(signature);
  return derOf(r, order - s);
}

export function integersOf(signature: string): readonly [r: bigint, s: bigint] {
  const der = Buffer.from(signature, 'hex');
  const end = 4 + (der[3] ?? 0);
  const number = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
  return [number(der.subarray(4, end)), number(der.subarray(end + 2))];
}

export function derOf(r: bigint, s: bigint): string {
  const body = Buffer.concat([integer(r), integer(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('hex');
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
