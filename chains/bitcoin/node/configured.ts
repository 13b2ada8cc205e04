/** Configured: a node as whoever asks it is told of it. */
import { z } from 'zod';

export const ConfiguredNode = z.strictObject({
  /** Its RPC. */
  url: z.url({ protocol: /^http$/ }).refine((url) => new URL(url).username === '', {
    error: 'must be http://host:port: user and password stand in credentialsFile',
  }),
  /** A file of one line, user:password, as bitcoin.conf's rpcauth or the node's own cookie has them. */
  credentialsFile: z.string().min(1).optional(),
});

/** What such a line is sent as; undefined where it is none. */
export function authorizationOf(line: string): string | undefined {
  return /^[^:]+:.+$/.test(line) ? `Basic ${Buffer.from(line, 'utf8').toString('base64')}` : undefined;
}
