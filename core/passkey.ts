/**
 * Passkey (WebAuthn): what a person's authenticator signed in a browser, held against what the policy pins. By nobody's library:
 * co-signers, watchtowers and vaults each read it themselves. It shows that its person was there and meant this digest to be
 * signed; not what the page had shown them.
 */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { Hex } from './key.ts';
import { text } from './text.ts';

/** Who approves: by their Ed25519 key, which then approves as well; or by a name, where they have passkeys alone. */
export const Person = z
  .string()
  // Names are so short that no key with a digit lost is one.
  .regex(
    /^(?:[0-9a-f]{64}|[a-z0-9][a-z0-9-]{0,39})$/,
    'must be an Ed25519 public key as 64 lower-case hex digits, or the name of somebody in passkeys.people',
  );

export const Passkey = z.strictObject({
  /** The credential's id, of 16 to 1,023 bytes (WebAuthn L3 §4). */
  id: Hex.min(32).max(2046),
  /** A point of P-256, uncompressed: 04, x, y. */
  publicKey: z
    .string()
    .regex(/^04[0-9a-f]{128}$/, 'must be a public key of P-256, uncompressed, as 130 lower-case hex digits'),
  /** Whether its maker may copy it to other devices. Absent: it stays in one, and an assertion that says otherwise is refused. */
  synced: z.literal(true).optional(),
});
export type Passkey = z.infer<typeof Passkey>;

/** People's passkeys, and the pages that may ask for them. */
export const Passkeys = z.strictObject({
  /** The domain that they are bound to. */
  rpId: text(1, 253),
  /** The pages whose browsers may ask, exactly as browsers write them: https://console.example.com. */
  origins: z.array(text(1, 300)).min(1).max(8),
  people: z
    .array(z.strictObject({ person: Person, passkeys: z.array(Passkey).min(1).max(8) }))
    .min(1)
    .max(64),
});
export type Passkeys = z.infer<typeof Passkeys>;

/** As the browser gave it, each byte as it was signed. */
export const Assertion = z.strictObject({
  /** The credential's id. */
  credential: Hex.min(32).max(2046),
  /** No extensions are asked for, so it has 37 bytes (§6.1). */
  authenticatorData: z.string().regex(/^[0-9a-f]{74}$/, 'must be 37 bytes as lower-case hex: no extensions'),
  clientDataJSON: Hex.min(2).max(2048),
  /** ECDSA's, as DER (§6.5.5). */
  signature: Hex.min(16).max(144),
});
export type Assertion = z.infer<typeof Assertion>;

export type AssertionFlaw =
  | 'passkey-unknown'
  | 'client-data-malformed'
  | 'not-an-assertion'
  | 'another-challenge'
  | 'another-origin'
  | 'cross-origin'
  | 'another-domain'
  | 'nobody-present'
  | 'nobody-verified'
  | 'backup-flags'
  | 'attested-data'
  | 'signature-malformed'
  | 'signature';

/** §5.8.1. Browsers may add members, and do. */
const ClientData = z.looseObject({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
});
type ClientData = z.infer<typeof ClientData>;

/** §6.1 */
const flag = {
  present: 0x01,
  verified: 0x04,
  mayBeCopied: 0x08,
  isCopied: 0x10,
  attested: 0x40,
  extended: 0x80,
};

/**
 * What is wrong with a person's assertion over a digest; undefined where it is good. The counter is not looked at: each of us
 * would have to have seen every use of the passkey in order, a vault sees few, and synced ones count nothing. What a copied
 * authenticator signs anew is as good as the real one's; what was signed once is good for its one intent alone.
 */
export function flawOfAssertion(
  { rpId, origins, people }: Passkeys,
  person: string,
  digest: string,
  assertion: Assertion,
): AssertionFlaw | undefined {
  const passkey = people
    .find((one) => one.person === person)
    ?.passkeys.find(({ id }) => id === assertion.credential);
  if (!passkey) return 'passkey-unknown';
  const clientBytes = Buffer.from(assertion.clientDataJSON, 'hex');
  const client = clientDataIn(clientBytes);
  if (!client) return 'client-data-malformed';
  if (client.type !== 'webauthn.get') return 'not-an-assertion';
  if (client.challenge !== Buffer.from(digest, 'hex').toString('base64url')) return 'another-challenge';
  if (!origins.includes(client.origin)) return 'another-origin';
  if (client.crossOrigin === true || 'topOrigin' in client) return 'cross-origin';
  const data = Buffer.from(assertion.authenticatorData, 'hex');
  if (!data.subarray(0, 32).equals(sha256(Buffer.from(rpId)))) return 'another-domain';
  const flags = data.readUInt8(32);
  if ((flags & flag.present) === 0) return 'nobody-present';
  if ((flags & flag.verified) === 0) return 'nobody-verified';
  // Whether it may be copied never changes (§6.1.3), and what may not be is not.
  const mayBeCopied = (flags & flag.mayBeCopied) !== 0;
  if (mayBeCopied !== (passkey.synced === true) || (!mayBeCopied && (flags & flag.isCopied) !== 0))
    return 'backup-flags';
  if ((flags & (flag.attested | flag.extended)) !== 0) return 'attested-data';
  const signature = rawOf(Buffer.from(assertion.signature, 'hex'));
  if (!signature) return 'signature-malformed';
  const key = pointOf(passkey.publicKey);
  const signed = Buffer.concat([data, sha256(clientBytes)]);
  const isGood = key !== null && verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
  return isGood ? undefined : 'signature';
}

/** Null where it is not written as browsers must (§5.8.1.1): one way to write it, so no member stands there twice. */
function clientDataIn(bytes: Buffer): ClientData | null {
  try {
    const json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(json);
    return JSON.stringify(value) === json ? (ClientData.safeParse(value).data ?? null) : null;
  } catch {
    return null;
  }
}

/**
 * r and s of a DER signature that is written in the one right way, or null (X.690 §8.3.2, §10.1). Of s and −s both are good:
 * authenticators make either. So nothing counts signatures; people are counted.
 */
function rawOf(der: Buffer): Buffer | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  const parts: Buffer[] = [];
  let at = 2;
  while (at < der.length) {
    const length = der[at + 1] ?? 0;
    const integer = der.subarray(at + 2, at + 2 + length);
    const [first = 0x80, second = 0] = integer;
    if (der[at] !== 0x02 || integer.length !== length || first >= 0x80) return null;
    if (first === 0 && second < 0x80) return null;
    const digits = first === 0 ? integer.subarray(1) : integer;
    if (digits.length > 32) return null;
    parts.push(Buffer.alloc(32 - digits.length), digits);
    at += 2 + length;
  }
  return parts.length === 4 ? Buffer.concat(parts) : null;
}

// RFC 5480: the fixed DER in front of an uncompressed point of P-256.
const spki = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');
const points = new Map<string, KeyObject | null>();

/** Null where it is no point of the curve. */
function pointOf(publicKey: string): KeyObject | null {
  const known = points.get(publicKey);
  if (known !== undefined) return known;
  const point = parsed(publicKey);
  // Only pinned keys come here, so the map stays as small as the policy.
  points.set(publicKey, point);
  return point;
}

function parsed(publicKey: string): KeyObject | null {
  try {
    const key = Buffer.concat([spki, Buffer.from(publicKey, 'hex')]);
    return createPublicKey({ key, format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

export function isPoint(publicKey: string): boolean {
  return pointOf(publicKey) !== null;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
