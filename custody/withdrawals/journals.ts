/**
 * Journals: what the signers themselves remember. Our own database can be yesterday's. It says how far each journal was
 * read; what stands after that is what it may have forgotten, and it is learned again before anything else is believed.
 */
import { call, type Where } from '@kuramori/chains/http';
import {
  beforeFirst,
  bytesDigest,
  entryHash,
  signerRoutes,
  watchtowerRoutes,
  verifyEntry,
  type SignedEntry,
} from '@kuramori/core';
import { inTransaction, row, rows, type Client } from '@kuramori/ledger';
import { jsonText, log, reasonOf } from '@kuramori/program';
import { z } from 'zod';
import { everyBranch } from '../branch.ts';
import type { House } from '../house.ts';
import { everOnline, onlineOf } from './acting.ts';
import { stopToldLate } from '../services/told-late.ts';
import { relearn } from './relearn.ts';
import { integer } from './row.ts';

interface Remembered {
  /** The digest of each plan that a signer recorded for the intent, one a signer and plan. */
  readonly plans: readonly { readonly signer: string; readonly plan: string }[];
  /** Signers that could not be asked; each may have recorded something. */
  readonly silent: readonly string[];
}

export interface JournalRead {
  readonly signer: string;
  /** The newest entry that is read. */
  readonly seq: number;
  /** How many it holds, by its own word; null where it could not be asked. */
  readonly of: number | null;
  /** Why it is not read to its end. */
  readonly why: string | null;
}

export interface JournalsState {
  /** Whether every payment that could have been signed is known here. */
  readonly read: boolean;
  readonly journals: readonly JournalRead[];
  /** Payments in the journals that this database does not know yet. */
  readonly forgotten: number;
}

export interface Journals {
  readonly state: () => JournalsState;
  /** Reads what is new, and learns what was forgotten. */
  readonly read: (house: House) => Promise<JournalsState>;
  /** What they remember of an intent, now. */
  readonly of: (house: House, intent: string) => Promise<Remembered>;
}

export function openJournals(): Journals {
  let state: JournalsState = { read: false, journals: [], forgotten: 0 };
  const read = async (house: House): Promise<JournalsState> => {
    const resting = await atRest(house);
    const journals = await Promise.all(
      Array.from(house.signers)
        .filter(([signer]) => !resting.has(signer))
        .map(([signer, at]) => readOne(house, signer, at)),
    );
    await relearn(house);
    const forgotten = await countForgotten(house.pool);
    state = { read: isRead(house, journals) && forgotten === 0, journals, forgotten };
    return state;
  };
  return {
    state: () => state,
    read,
    async of(house, intent) {
      const { journals } = await read(house);
      const plans = await rows(
        house.pool,
        z.object({ signer: z.string(), plan: z.string() }),
        'select distinct signer, plan from custody.recorded where intent = $1',
        [intent],
      );
      return { plans, silent: journals.flatMap(({ signer, why }) => (why === null ? [] : signer)) };
    },
  };
}

/** Of no wallet as many are silent as the chain asks for: what fewer have recorded, nobody could pay. */
function isRead(house: House, journals: readonly JournalRead[]): boolean {
  const silent = new Set(journals.flatMap(({ signer, why }) => (why === null ? [] : signer)));
  return everyBranch(house).every(
    ({ hot }) => everOnline(hot).filter(({ signer }) => silent.has(signer)).length < hot.threshold,
  );
}

/**
 * Signers who hold no key of a wallet that is in use, and whose journals have nothing that we have not read, by the word of as many
 * watchtowers as must agree: spares, and those of wallets that were given up, may be switched off.
 */
async function atRest(house: House): Promise<ReadonlySet<string>> {
  const acting = new Set(house.branches.flatMap(({ hot }) => onlineOf(hot)).map(({ signer }) => signer));
  const others = everyBranch(house)
    .flatMap(({ hot }) => everOnline(hot))
    .filter(({ signer }) => !acting.has(signer));
  if (others.length === 0) return new Set();
  const told = await Promise.all(
    house.watchtowers.map(({ at }) => house.lines.ask(at, watchtowerRoutes.status, {})),
  );
  const { quorum } = house.policy.watchtowers;
  const resting = await Promise.all(
    [...new Set(others.map(({ signer }) => signer))].map(async (id) => {
      const { seq: read } = await cursorOf(house.pool, id);
      const agreeing = told.filter(
        (one) =>
          one.kind === 'status' && one.signers.some(({ signer, seq }) => signer === id && seq === read),
      );
      return agreeing.length >= quorum ? [id] : [];
    }),
  );
  return new Set(resting.flat());
}

async function readOne(house: House, signer: string, at: Where): Promise<JournalRead> {
  for (;;) {
    const { seq } = await cursorOf(house.pool, signer);
    const status = await call(at, signerRoutes.status, {});
    const not = (why: string, of: number | null): JournalRead => ({ signer, seq, of, why });
    if (status.kind !== 'status')
      return not(`is silent: ${status.kind === 'refused' ? status.why : status.detail}`, null);
    // Until the watchtowers have shown it the newest one that they hold, its journal may be yesterday's too.
    if (!status.open) return not('waits for its watchtowers', status.seq);
    if (seq > status.seq) return not(`holds ${status.seq} entries, of which we have read ${seq}`, status.seq);
    if (seq === status.seq) return { signer, seq, of: status.seq, why: null };
    const answer = await call(at, signerRoutes.journal, { from: seq + 1 });
    if (answer.kind !== 'entries' || answer.entries.length === 0)
      return not('does not give its entries', status.seq);
    try {
      await inTransaction(house.pool, (client) => keep(house, client, signer, answer.entries));
    } catch (cause) {
      if (!(cause instanceof NotItsJournal)) throw cause;
      log('journal refused', { signer, why: cause.message });
      return not(reasonOf(cause), status.seq);
    }
  }
}

class NotItsJournal extends Error {
  override readonly name = 'NotItsJournal';
}

const Cursor = z.object({ seq: integer, head: z.string() });

async function cursorOf(client: Client, signer: string): Promise<z.infer<typeof Cursor>> {
  const [found] = await rows(client, Cursor, 'select seq, head from custody.journal where signer = $1', [
    signer,
  ]);
  return found ?? { seq: 0, head: beforeFirst };
}

/** Entries that follow what is read, each signed by its signer and chained to the one before. */
async function keep(
  house: House,
  client: Client,
  signer: string,
  entries: readonly SignedEntry[],
): Promise<void> {
  await client.query(
    'insert into custody.journal (signer, seq, head) values ($1, 0, $2) on conflict do nothing',
    [signer, beforeFirst],
  );
  const cursor = await row(
    client,
    Cursor,
    'select seq, head from custody.journal where signer = $1 for update',
    [signer],
  );
  let { seq, head } = cursor;
  const read: SignedEntry[] = [];
  for (const record of entries) {
    const { entry } = record;
    // Another custody on this database may have read them meanwhile.
    if (entry.seq <= seq) continue;
    if (entry.seq !== seq + 1 || entry.prev !== head || entry.signer !== signer)
      throw new NotItsJournal(`entry ${entry.seq} does not follow entry ${seq} as it was read here`);
    if (!verifyEntry(house.policy, record))
      throw new NotItsJournal(`entry ${entry.seq} is not signed by ${signer}`);
    [seq, head] = [entry.seq, entryHash(entry)];
    read.push(record);
  }
  await note(house, client, read);
  await stopToldLate(house, client, read);
  await client.query('update custody.journal set seq = $2, head = $3 where signer = $1', [signer, seq, head]);
}

async function note(house: House, client: Client, records: readonly SignedEntry[]): Promise<void> {
  const noted = records.flatMap((record) => {
    const { signer, seq, body, at } = record.entry;
    if (body.kind !== 'payment' || !everyBranch(house).some(({ hot }) => hot.id === body.wallet)) return [];
    const plan = bytesDigest(body.plan);
    return body.intents.map(({ intent }) => ({ signer, seq, at, intent: intent.id, plan, record }));
  });
  if (noted.length === 0) return;
  const intents = noted.map(({ intent }) => intent);
  const plans = noted.map(({ plan }) => plan);
  await client.query(
    `insert into custody.recorded (signer, seq, intent, plan)
       select * from unnest($1::text[], $2::int[], $3::text[], $4::text[]) on conflict do nothing`,
    [noted.map(({ signer }) => signer), noted.map(({ seq }) => seq), intents, plans],
  );
  // A plan of ours is committed before any signer hears of it.
  await client.query(
    `insert into custody.forgotten (intent, plan, record, at)
       select intent, plan, record, at from unnest($1::text[], $2::text[], $3::jsonb[], $4::bigint[]) n (intent, plan, record, at)
         where not exists (select from custody.plan p where p.withdrawal = n.intent and p.digest = n.plan)
       on conflict do nothing`,
    [intents, plans, noted.map(({ record }) => jsonText(record)), noted.map(({ at }) => at)],
  );
}

async function countForgotten(client: Client): Promise<number> {
  const { count } = await row(
    client,
    z.object({ count: integer }),
    'select count(*) as count from custody.forgotten where learned_at is null',
  );
  return count;
}
