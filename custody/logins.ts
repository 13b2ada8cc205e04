/**
 * Logins at the database, looked through every few seconds: a person's at an odd hour, a service's from where it never came
 * from, an administrator's at any hour are notices. Who has taken custody can hide them: `kuramori ledger logins` needs no custody.
 */
import { inTransaction, loginsOf, proverRole, whyUnwatched, type Login } from '@kuramori/ledger';
import { localTime, log, nightOf, reasonOf, usualHours } from '@kuramori/program';
import { z } from 'zod';
import type { House } from './house.ts';
import { lasting, notify, type Severity } from './notice.ts';
import { pause } from './pause.ts';

export const LoginsConfig = z.strictObject({
  everySeconds: z.number().min(0.1).max(3_600).default(5),
  /** When people work. */
  hours: z.strictObject(usualHours).prefault({}),
  /** Logins that are nobody's surprise at any hour: a backup's, a monitor's. What is left out may be anything. */
  expected: z
    .array(
      z.strictObject({
        role: z.string().min(1).max(63),
        address: z.union([z.ipv4(), z.ipv6()]).optional(),
        application: z.string().max(63).optional(),
      }),
    )
    .max(64)
    .default([]),
});
export type LoginsConfig = z.infer<typeof LoginsConfig>;

type Told = Readonly<Pick<House, 'pool' | 'clock' | 'logins'>>;

/** What a custody that starts looks through, and what it does from then on; a session's login is seen a moment after its time. */
const [firstMinutes, laterMinutes] = [7 * 24 * 60, 60];

/** Keys of notices that were looked for before, so that each is asked for once. */
interface Looked {
  readonly known: Set<string>;
  minutes: number;
}

/** Looks again and again, until it is disposed of. What fails is said and tried again. */
export function startLogins(house: Told): AsyncDisposable {
  const over = new AbortController();
  const looked = freshLook();
  const life = (async () => {
    while (!over.signal.aborted) {
      await lookAtLogins(house, looked).catch((cause: unknown) =>
        log('logins not read', { why: reasonOf(cause) }),
      );
      await pause(house.logins.everySeconds * 1000, over.signal);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await life;
    },
  };
}

function freshLook(): Looked {
  return { known: new Set(), minutes: firstMinutes };
}

/** One look. */
export async function lookAtLogins({ pool, clock, logins }: Told, looked = freshLook()): Promise<void> {
  const { known } = looked;
  await inTransaction(pool, async (client) => {
    const at = clock.now();
    const { raise, end } = lasting(client, 'logins', at);
    const what = await whyUnwatched(client);
    if (what !== null) await raise({ key: 'unwatched', severity: 'warning', what });
    await end();
    if (what !== null) return;
    for (const login of await loginsOf(client, looked.minutes)) {
      const odd = oddnessOf(login, logins);
      if (!odd || known.has(odd.key)) continue;
      // Also where somebody has said that they know of it: one notice of each.
      const there = await client.query('select from custody.notice where key = $1', [odd.key]);
      if (there.rowCount === 0) await notify(client, { ...odd, at: login.at.getTime() });
      known.add(odd.key);
    }
    looked.minutes = laterMinutes;
  });
}

interface Odd {
  readonly key: string;
  readonly severity: z.infer<typeof Severity>;
  readonly what: string;
}

/** Undefined where nobody needs to hear of it. The key says how often it is told: once a night, an hour, or ever. */
function oddnessOf(login: Login, { hours, expected }: LoginsConfig): Odd | undefined {
  const { role, kind, address, application, at } = login;
  if (expected.some((one) => isLike(login, one))) return undefined;
  const from = `from ${address === '' ? 'this server itself' : address}`;
  const who = `${role} logged in at the database ${from} (${application === '' ? 'it does not say with what' : application})`;
  const when = localTime(hours.zone, at.getTime());
  if (kind === 'service')
    return login.first
      ? undefined
      : {
          key: `login:${role}:${address}:${application}`,
          severity: 'grave',
          what: `${who} at ${when}, as it never did before: where nobody has moved it, its password is stolen. Change it (docs/logins.md)`,
        };
  if (kind === 'administrator' || (kind === 'other' && role !== proverRole))
    return {
      key: `login:${role}:${address}:${at.toISOString().slice(0, 13)}`,
      severity: 'warning',
      what: `${who} at ${when}: it may change what the books say. Ask who it was`,
    };
  const night = nightOf(hours, at.getTime());
  if (night === null) return undefined;
  return {
    key: `login:${role}:${night}`,
    severity: 'warning',
    what: `${who} at ${when}, an odd hour. Ask that person, and not by the same machine`,
  };
}

function isLike(login: Login, one: LoginsConfig['expected'][number]): boolean {
  return (
    one.role === login.role &&
    (one.address ?? login.address) === login.address &&
    (one.application ?? login.application) === login.application
  );
}
