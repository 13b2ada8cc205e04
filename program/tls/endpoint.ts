/** Endpoints as configurations name them: a process is on this machine, by its Unix socket, or on another host, by TLS. */
import { z } from 'zod';

const file = z.string().min(1);
const host = z.string().min(1);
const port = z.int().min(1).max(65_535);
const certificates = z.array(file).min(1).max(32);

/** Exactly one of two ways; each is optional only so that the error can name what is wrong inside the one that is given. */
function oneOf<Tls>(
  given: { readonly socket?: string | undefined; readonly tls?: Tls | undefined },
  context: z.RefinementCtx,
): { readonly socket: string } | { readonly tls: Tls } {
  const { socket, tls } = given;
  if (socket !== undefined && tls === undefined) return { socket };
  if (tls !== undefined && socket === undefined) return { tls };
  context.addIssue({
    code: 'custom',
    message: "give one of 'socket' (this machine) and 'tls' (another host)",
  });
  return z.NEVER;
}

/** Where a process is asked. `certificates`: what it may present; two while one replaces the other. */
export const Endpoint = z
  .strictObject({
    socket: file.optional(),
    tls: z.strictObject({ host, port, certificates }).optional(),
  })
  .transform(oneOf);
export type Endpoint = z.output<typeof Endpoint>;

/** Where a process listens. `callers`: the certificates of those who may ask, all others get nothing. */
export const Listen = z
  .strictObject({
    socket: file.optional(),
    tls: z.strictObject({ host, port, callers: certificates }).optional(),
  })
  .transform(oneOf);
export type Listen = z.output<typeof Listen>;
