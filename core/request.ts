/** The exchange's signed request: RFC 9421 HTTP Message Signatures over the parts that carry meaning, in one fixed form. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { text } from './text.ts';
import { signText, verifyText, SignatureHex, type SigningKey } from './key.ts';

/** What travels from custody to signers and watchtowers, so that each verifies the request by itself. */
export const SignedRequest = z.strictObject({
  method: z.enum(['GET', 'POST']),
  /** No escapes, no empty and no dot segments: one path has one spelling, so what is verified is what is routed. */
  path: z
    .string()
    .regex(
      /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.:-]{1,200}){1,8}$/,
      'must be at most 8 segments of letters, digits or _ . : -, none of them . or ..',
    ),
  /** What stands behind the `?`, as it is sent; '' for none. */
  query: z
    .string()
    .regex(/^[A-Za-z0-9_.~:=&%+*-]{0,2000}$/, 'must be percent-encoded, and at most 2000 characters'),
  /** The exact body bytes as text; its SHA-256 is in the signature. */
  body: text(0, 65_536),
  idempotencyKey: z.string().regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'must be 1 to 128 letters, digits or _ . : -'),
  /** Unix seconds, of at most 12 digits as in the header, so that a day later is a safe integer too. */
  created: z.int().min(0).max(999_999_999_999),
  expires: z.int().min(0).max(999_999_999_999),
  keyId: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits or _ . -'),
  signature: SignatureHex,
});
export type SignedRequest = z.infer<typeof SignedRequest>;

export type UnsignedRequest = Omit<SignedRequest, 'signature'>;

/** RFC 9530: the digest of the body as a structured field. */
export function contentDigest(body: string): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

function signatureParameters(request: UnsignedRequest): string {
  return (
    '("@method" "@path" "@query" "content-digest" "idempotency-key")' +
    `;created=${request.created};expires=${request.expires};keyid="${request.keyId}";alg="ed25519"`
  );
}

/** RFC 9421 §2.5: the lines that are signed. */
export function signatureBase(request: UnsignedRequest): string {
  return [
    `"@method": ${request.method}`,
    `"@path": ${request.path}`,
    // RFC 9421 §2.2.7: with the leading `?`, which stands alone where there is no query.
    `"@query": ?${request.query}`,
    `"content-digest": ${contentDigest(request.body)}`,
    `"idempotency-key": ${request.idempotencyKey}`,
    `"@signature-params": ${signatureParameters(request)}`,
  ].join('\n');
}

export function signRequest(key: SigningKey, request: UnsignedRequest): SignedRequest {
  return { ...request, signature: signText(key, 'request', signatureBase(request)) };
}

export function verifyRequest(publicKey: string, request: SignedRequest): boolean {
  return verifyText(publicKey, 'request', signatureBase(request), request.signature);
}

/** The headers that carry a signed request (RFC 9421 §4). */
export function requestHeaders(request: SignedRequest): Record<string, string> {
  return {
    'content-digest': contentDigest(request.body),
    'idempotency-key': request.idempotencyKey,
    'signature-input': `sig=${signatureParameters(request)}`,
    signature: `sig=:${Buffer.from(request.signature, 'hex').toString('base64')}:`,
  };
}

const inputForm =
  /^sig=\("@method" "@path" "@query" "content-digest" "idempotency-key"\);created=([0-9]{1,12});expires=([0-9]{1,12});keyid="([A-Za-z0-9_.-]{1,64})";alg="ed25519"$/;
const signatureForm = /^sig=:([A-Za-z0-9+/]{86}==):$/;

export type ReadRequest =
  | { readonly kind: 'request'; readonly request: SignedRequest }
  | { readonly kind: 'refused'; readonly field: string; readonly why: string };

/** Reads a request from its headers. Only the one fixed form is taken, so nothing depends on how a list is parsed. */
export function readRequest(
  method: string,
  path: string,
  query: string,
  header: (name: string) => string | undefined,
  body: string,
): ReadRequest {
  const refused = (field: string, why: string): ReadRequest => ({ kind: 'refused', field, why });
  const input = inputForm.exec(header('signature-input') ?? '');
  if (!input) {
    return refused(
      'signature-input',
      'must be sig=("@method" "@path" "@query" "content-digest" "idempotency-key");created=…;expires=…;keyid="…";alg="ed25519"',
    );
  }
  const signature = signatureForm.exec(header('signature') ?? '');
  if (!signature) return refused('signature', 'must be sig=:<64 bytes in base64>:');
  if (header('content-digest') !== contentDigest(body)) {
    return refused('content-digest', 'is not the SHA-256 of the body as received: send sha-256=:<base64>:');
  }
  const read = SignedRequest.safeParse({
    method,
    path,
    query,
    body,
    idempotencyKey: header('idempotency-key') ?? '',
    created: Number(input[1]),
    expires: Number(input[2]),
    keyId: input[3],
    signature: Buffer.from(signature[1] ?? '', 'base64').toString('hex'),
  });
  if (read.success) return { kind: 'request', request: read.data };
  const issue = read.error.issues[0];
  return refused(
    String(issue?.path[0] ?? 'request').replace('idempotencyKey', 'idempotency-key'),
    issue?.message ?? 'is malformed',
  );
}
