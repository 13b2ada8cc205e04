/** Secrets of Standard Webhooks: whsec_ and 24 to 64 bytes in base64. */
import { Misconfigured } from '@kuramori/program';
import { Webhook } from 'standardwebhooks';

const secretForm = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** Throws a Misconfigured that names the field, and never the secret. */
export function signerOf(secret: string, field: string): Webhook {
  const bytes = Buffer.from(secretForm.exec(secret)?.[1] ?? '', 'base64').length;
  if (bytes < 24 || bytes > 64)
    throw new Misconfigured(`${field}: must hold whsec_ and 24 to 64 bytes in base64`);
  return new Webhook(secret);
}
