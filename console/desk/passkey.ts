/**
 * Passkeys (WebAuthn), by SimpleWebAuthn: registered by whoever holds a code, shown at each login and again for each step
 * that changes who may look. The authenticator has verified its person each time, and holds the credential itself.
 */
import { createHash } from 'node:crypto';
import { inTransaction, row, rows, type Client } from '@kuramori/ledger';
import { log, reasonOf } from '@kuramori/program';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { z } from 'zod';
import { atTheDoor, isTaken } from './at-the-door.ts';
import { codeHash } from './code.ts';
import type { Desk } from './desk.ts';
import { refused, type Refusal } from './refused.ts';
import { RoleName } from './role.ts';

const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,20000}$/, 'must be base64url');
const id = z.string().regex(/^[A-Za-z0-9_-]{16,1400}$/, 'must be a credential’s id, as base64url');
const transports = z.array(z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'])).max(8);

/** As @simplewebauthn/browser sends them. What is in them the library reads, after this. */
export const Attestation = z.object({
  id,
  rawId: id,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: transports.optional(),
  }),
});
export const Assertion = z.object({
  id,
  rawId: id,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.optional(),
  }),
});
export type Assertion = z.output<typeof Assertion>;

const Invitation = z.object({ name: z.string(), role: RoleName, administrator: z.boolean() });

/** Always the same words: a stranger learns nothing of codes from them. */
const noCode = () =>
  refused(
    403,
    'bad-code',
    'code',
    'code: is none, or was used, or is too old: ask an administrator for another; the first one is printed when the desk starts',
  );
export const noPasskey = () =>
  refused(
    403,
    'bad-passkey',
    null,
    'the passkey was not accepted: use one that was registered here, with its PIN or fingerprint',
  );

export const nameTaken = (name: string) =>
  refused(
    409,
    'name-taken',
    'name',
    `name: ${name} is somebody already: remove them first, or choose another`,
  );

/** Whose passkey it is, in the authenticator's own words: of the invitation, which is one person's. */
function handleOf(hash: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update('kuramori person').update(hash).digest());
}

const invitedBy = 'select name, role, administrator from desk.invitation';
const open = `hash = $1 and used_at is null and ended_at is null and expires_at > clock_timestamp()
  and not exists (select from desk.person m where m.id = made_by and m.removed_at is not null)`;

/** What the browser's authenticator is asked for, by whoever has a code. */
export async function beginRegistration(desk: Desk, code: string): Promise<object | Refusal> {
  const hash = codeHash(code);
  const [invited] = await rows(desk.pool, Invitation, `${invitedBy} where ${open}`, [hash]);
  if (!invited) return noCode();
  return generateRegistrationOptions({
    rpName: 'Kuramori',
    rpID: desk.place.id,
    userName: invited.name,
    userDisplayName: invited.name,
    userID: handleOf(hash),
    challenge: Uint8Array.from(Buffer.from(desk.asked.ask(`register ${hash.toString('hex')}`), 'base64url')),
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** Uses the code up, and makes the person and their passkey: all or nothing. Gives the passkey's id. */
export async function finishRegistration(
  desk: Desk,
  code: string,
  response: z.output<typeof Attestation>,
): Promise<string | Refusal> {
  const hash = codeHash(code);
  const verified = await verifyRegistrationResponse({
    response: { ...response, clientExtensionResults: {} } as RegistrationResponseJSON,
    expectedChallenge: (challenge) => desk.asked.take(challenge, `register ${hash.toString('hex')}`),
    expectedOrigin: desk.place.origin,
    expectedRPID: desk.place.id,
    requireUserVerification: true,
  }).catch(told);
  if (verified?.verified !== true) return noPasskey();
  const { credential } = verified.registrationInfo;
  return inTransaction(desk.pool, async (client) => {
    await atTheDoor(client);
    // Before the code is used up: it stays good for another passkey, or once the name is free.
    const known = await client.query('select from desk.passkey where id = $1', [credential.id]);
    if (known.rowCount !== 0) return noPasskey();
    const [asked] = await rows(client, Invitation, `${invitedBy} where ${open}`, [hash]);
    if (asked && (await isTaken(client, asked.name))) return nameTaken(asked.name);
    const [invited] = await rows(
      client,
      Invitation,
      `update desk.invitation set used_at = clock_timestamp() where ${open} returning name, role, administrator`,
      [hash],
    );
    if (!invited) return noCode();
    const { person } = await row(
      client,
      z.object({ person: z.string() }),
      `insert into desk.person (name, role, administrator, handle) values ($1, $2, $3, $4) returning id::text as person`,
      [invited.name, invited.role, invited.administrator, Buffer.from(handleOf(hash))],
    );
    await client.query(
      `insert into desk.passkey (id, person, public_key, counter, transports, used_at)
         values ($1, $2, $3, $4, $5, clock_timestamp())`,
      [
        credential.id,
        person,
        Buffer.from(credential.publicKey),
        credential.counter,
        response.response.transports ?? [],
      ],
    );
    log('person registered', {
      name: invited.name,
      role: invited.role,
      administrator: invited.administrator,
    });
    return credential.id;
  });
}

/** Asks for a passkey, about something: `login`, or the one step that its answer allows. */
export function beginAssertion(desk: Desk, about: string): Promise<object> {
  return generateAuthenticationOptions({
    rpID: desk.place.id,
    challenge: Uint8Array.from(Buffer.from(desk.asked.ask(about), 'base64url')),
    userVerification: 'required',
  });
}

const Passkey = z.object({
  id: z.string(),
  public_key: z.instanceof(Buffer),
  counter: z.coerce.number().pipe(z.int()),
  transports: z.array(z.string()),
  handle: z.instanceof(Buffer),
});

/** The passkey that was shown, about this and nothing else. */
export async function finishAssertion(
  desk: Desk,
  client: Client,
  about: string,
  response: Assertion,
): Promise<string | Refusal> {
  const [known] = await rows(
    client,
    Passkey,
    `select k.id, k.public_key, k.counter, k.transports, p.handle from desk.passkey k join desk.person p on p.id = k.person
       where k.id = $1 and p.removed_at is null`,
    [response.id],
  );
  if (!known || known.handle.toString('base64url') !== (response.response.userHandle ?? ''))
    return noPasskey();
  const verified = await verifyAuthenticationResponse({
    response: { ...response, clientExtensionResults: {} } as AuthenticationResponseJSON,
    expectedChallenge: (challenge) => desk.asked.take(challenge, about),
    expectedOrigin: desk.place.origin,
    expectedRPID: desk.place.id,
    credential: {
      id: known.id,
      publicKey: new Uint8Array(known.public_key),
      counter: known.counter,
      transports: known.transports,
    },
    requireUserVerification: true,
  }).catch(told);
  if (verified?.verified !== true) return noPasskey();
  await client.query('update desk.passkey set counter = $2, used_at = clock_timestamp() where id = $1', [
    known.id,
    verified.authenticationInfo.newCounter,
  ]);
  return known.id;
}

/** Why it was not accepted is for our log: a stranger learns nothing from it. */
function told(cause: unknown): null {
  log('passkey not accepted', { why: reasonOf(cause) });
  return null;
}
