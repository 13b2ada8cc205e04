/** A request as it is signed and sent: the one form that custody, co-signers and watchtowers read. */
import { signRequest, type SignedRequest, type SigningKey } from '@kuramori/core';

export interface Signer {
  readonly keyId: string;
  readonly key: SigningKey;
}

/** How long a request may travel, in seconds. Custody takes at most 300. */
const lifetime = 120;

export interface ToSign {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Without the `?`. */
  readonly query?: string;
  /** The body's exact text; '' for none. */
  readonly body: string;
  readonly idempotencyKey: string;
  /** ms of Unix time. */
  readonly at: number;
}

export function signedRequest(
  { keyId, key }: Signer,
  { method, path, query = '', body, idempotencyKey, at }: ToSign,
): SignedRequest {
  const created = Math.floor(at / 1000);
  const expires = created + lifetime;
  return signRequest(key, { method, path, query, body, idempotencyKey, created, expires, keyId });
}
