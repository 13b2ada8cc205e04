/** The desk's configuration. */
import { Misconfigured } from '@kuramori/program';
import { z } from 'zod';

export const DeskConfig = z.strictObject({
  /** Loopback: whoever comes from elsewhere comes through the TLS terminator that the origin names. */
  listen: z.strictObject({ host: z.enum(['127.0.0.1', '::1']), port: z.int().min(0).max(65_535) }),
  /** What people's browsers are told to open, and what passkeys are bound to: https://console.example.com. */
  origin: z.url({ protocol: /^https?$/ }),
  databaseUrlFile: z.string().min(1),
  /** The folder of the built pages, as the build prints it. */
  pages: z.string().min(1),
  sessions: z
    .strictObject({
      /** Unused for so long it is over; and after so many hours whatever it is used for. */
      idleMinutes: z.number().positive().max(240).default(30),
      hours: z.number().positive().max(24).default(10),
    })
    .prefault({}),
  /** How long a code that invites somebody may be used. */
  codeMinutes: z.number().positive().max(1_440).default(60),
  /** How often somebody at one address may knock: codes, and passkeys. */
  knocks: z
    .strictObject({ perMinute: z.number().positive().max(600), burst: z.int().positive().max(600) })
    .default({ perMinute: 20, burst: 20 }),
  /** How often the overview is read while somebody looks at it. ms */
  everyMs: z.int().min(100).max(60_000).default(1_000),
});
export type DeskConfig = z.infer<typeof DeskConfig>;

export interface Place {
  readonly origin: string;
  readonly host: string;
  /** The relying party's id: the origin's name without its port. */
  readonly id: string;
  readonly tls: boolean;
}

/** Throws a Misconfigured where passkeys, or the cookie, would not be safe there. */
export function placeOf({ origin }: Pick<DeskConfig, 'origin'>): Place {
  const url = new URL(origin);
  if (url.origin !== origin)
    throw new Misconfigured(`origin: must be scheme, name and port alone, as ${url.origin}`);
  const tls = url.protocol === 'https:';
  if (!tls && url.hostname !== 'localhost')
    throw new Misconfigured('origin: must be https; http is for http://localhost alone');
  if (/^[0-9.]+$|^\[/.test(url.hostname))
    throw new Misconfigured('origin: must have a name, since passkeys are bound to one and to no address');
  return { origin, host: url.host, id: url.hostname, tls };
}
