/** The exchange, as custody's caller: its own key, and the client that exchanges have. */
import { randomUUID } from 'node:crypto';
import { openClient, signedRequest, type Client } from '@kuramori/client';
import { jsonText } from '@kuramori/program';
import type { SignedRequest, SigningKey } from '@kuramori/core';

export const exchangeKeyId = 'exchange-1-key-1';

/** The exchange's client. `now`: ms of Unix time by the house's clock. */
export function exchangeClient(url: string, key: SigningKey, now: () => number, tries = 4): Client {
  return openClient({ url, keyId: exchangeKeyId, key, now, tries });
}

/** A signed request that is not sent: what a thief would copy, or forge with a key of his own. `at`: ms of Unix time. */
export function exchangeRequest(key: SigningKey, path: string, body: object, at: number): SignedRequest {
  const signer = { keyId: exchangeKeyId, key };
  return signedRequest(signer, {
    method: 'POST',
    path,
    body: jsonText(body),
    idempotencyKey: randomUUID(),
    at,
  });
}
