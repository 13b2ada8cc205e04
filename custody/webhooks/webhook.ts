/** Webhook: where events are sent, as the configuration names it. No request can name another place. */
import { Misconfigured, readSecret } from '@kuramori/program';
import { Webhook as Signer } from 'standardwebhooks';
import { z } from 'zod';

export const WebhookConfig = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and -'),
  url: z.url({ protocol: /^https?$/ }),
  /**
   * Files of one line: whsec_ and base64, as Standard Webhooks writes it. With two of them every event is signed with
   * both, so that the receiver can change over in its own time.
   */
  secretFiles: z.array(z.string().min(1)).min(1).max(2),
  /** How long a receiver may take to answer. Well below the lease of an attempt: see delivery.ts. */
  answerWithinMs: z.int().min(10).max(20_000).default(10_000),
});
export type WebhookConfig = z.infer<typeof WebhookConfig>;

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly answerWithinMs: number;
  /** The header `webhook-signature`: one signature a secret. */
  readonly sign: (event: string, at: Date, payload: string) => string;
}

/** Standard Webhooks asks for 24 to 64 bytes. */
const secretForm = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** Throws a Misconfigured that names the field. */
export function openWebhooks(configured: readonly WebhookConfig[], devnet: boolean): readonly Webhook[] {
  const ids = configured.map(({ id }) => id);
  return configured.map(({ id, url, secretFiles, answerWithinMs }, index) => {
    const field = `webhooks.${index}`;
    if (ids.indexOf(id) !== index) throw new Misconfigured(`${field}.id: ${id} stands twice`);
    const { protocol, hostname, username, password } = new URL(url);
    if (protocol !== 'https:' && !(devnet && hostname === '127.0.0.1'))
      throw new Misconfigured(`${field}.url: must be https; http is for 127.0.0.1 on a devnet`);
    if (username !== '' || password !== '')
      throw new Misconfigured(`${field}.url: must hold no password: the signature says who sends`);
    const signers = secretFiles.map((file, which) => signerOf(file, `${field}.secretFiles.${which}`));
    return {
      id,
      url,
      answerWithinMs,
      sign: (event, at, payload) => signers.map((signer) => signer.sign(event, at, payload)).join(' '),
    };
  });
}

function signerOf(file: string, field: string): Signer {
  const secret = readSecret(file);
  const bytes = Buffer.from(secretForm.exec(secret)?.[1] ?? '', 'base64').length;
  if (bytes < 24 || bytes > 64)
    throw new Misconfigured(`${field}: must hold whsec_ and 24 to 64 bytes in base64`);
  return new Signer(secret);
}
