/** What the HSM's process is asked over its socket. */
import { z } from 'zod';
import { Hash, Hex, Refusal } from '@kuramori/core';

const label = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be up to 64 of a-z, 0-9 and -');
const bytes = Hex.max(8192);

function route<Asked extends z.ZodType, Answered extends z.ZodType>(
  path: string,
  asked: Asked,
  answered: Answered,
) {
  return { path, asked, answered: z.union([answered, Refusal]) } as const;
}

export const hsmRoutes = {
  wrap: route(
    '/v1/wrap',
    z.strictObject({ label, bytes, context: bytes }),
    z.strictObject({ kind: z.literal('wrapped'), wrapped: Hex }),
  ),
  unwrap: route(
    '/v1/unwrap',
    z.strictObject({ label, wrapped: bytes, context: bytes }),
    z.strictObject({ kind: z.literal('unwrapped'), bytes: Hex }),
  ),
  publicKey: route(
    '/v1/public-key',
    z.strictObject({ label }),
    z.strictObject({ kind: z.literal('key'), publicKey: Hex.length(130) }),
  ),
  sign: route(
    '/v1/sign',
    z.strictObject({ label, digest: Hash }),
    z.strictObject({ kind: z.literal('signed'), signature: Hex.length(128) }),
  ),
} as const;
