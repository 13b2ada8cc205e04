import { z } from 'zod';
import { Misconfigured, readSecretBytes } from '@kuramori/program';
import { HsmFailed, openLibrary } from './cryptoki.ts';
import { openToken, type Token } from './token.ts';

const file = z.string().min(1);

export const Config = z.strictObject({
  socket: file,
  /** The vendor's PKCS#11 library. */
  library: file,
  /** What that library reads from its environment, as SOFTHSM2_CONF. */
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).default({}),
  /** The token's label. */
  token: z.string().min(1).max(32),
  /** A file of one line, the user's PIN. */
  pin: file,
});

/** Loads the library and logs in. Throws Misconfigured. */
export function openConfigured({ library, environment, token, pin }: z.infer<typeof Config>): Token {
  Object.assign(process.env, environment);
  const secret = readSecretBytes(pin);
  try {
    return openToken(openLibrary(library), token, secret);
  } catch (cause) {
    if (cause instanceof HsmFailed) throw new Misconfigured(`${token}: ${cause.message}`, { cause });
    throw cause;
  } finally {
    secret.fill(0);
  }
}
