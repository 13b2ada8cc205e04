/** Instance: one of the custodies that work on a database. What a dead one has locked is freed, and nothing of a living one. */
import { rows, type Client as Queryable } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { Client, type Pool } from 'pg';
import { z } from 'zod';

export interface Instance extends AsyncDisposable {
  readonly number: number;
  /** Says under which names this one's workers lock jobs. */
  readonly nameWorkers: (names: readonly string[]) => Promise<void>;
  /** Frees the jobs of those that are dead. */
  readonly bury: () => Promise<void>;
}

/** One lock space for all of them; the number is the instance's own. */
const space = "hashtext('kuramori custody')";

const Numbered = z.object({ number: z.int() });

/** Joins those who work here. Its lock is held as long as its connection lives: by Postgres, so no crash leaves it behind. */
export async function openInstance(connectionString: string, pool: Pool): Promise<Instance> {
  const client = new Client({ connectionString });
  await client.connect();
  let over = false;
  client.on('error', (cause) => {
    // Without it others count us dead and do our work; what is half done is done again after the restart.
    if (!over) throw new Error('the connection that shows this custody to be alive is lost', { cause });
  });
  // Locked before anybody can see the row, so that nobody takes the newborn for dead.
  await client.query('begin');
  const { rows: made } = await client.query('insert into custody.instance default values returning number');
  const { number } = Numbered.parse(made[0]);
  await client.query(`select pg_advisory_lock(${space}, $1)`, [number]);
  await client.query('commit');
  return {
    number,
    nameWorkers: async (names) => {
      await pool.query('update custody.instance set workers = $2 where number = $1', [number, names]);
    },
    bury: () => bury(pool, number),
    async [Symbol.asyncDispose]() {
      over = true;
      await client.end();
    },
  };
}

/**
 * Dead is whose lock can be had: its connection is gone, so it has stopped or is about to. Should it still be in the
 * middle of a step, the step is done twice, which does no harm.
 */
async function bury(pool: Pool, self: number): Promise<void> {
  const client = await pool.connect();
  try {
    const others = await rows(
      client as Queryable,
      Numbered,
      'select number from custody.instance where not ended and number <> $1 order by number',
      [self],
    );
    for (const { number } of others) await buryOne(client, number);
    // What a dead one's last query still locked after it was buried; and, after a minute, what is locked under a name that
    // nobody gave here: whoever does that died before it could, or is just starting.
    await client.query(
      `select graphile_worker.force_unlock_workers(array(
         select distinct j.locked_by from graphile_worker.jobs j left join custody.instance i on j.locked_by = any(i.workers)
           where j.locked_by is not null and (i.ended or (i.number is null and j.locked_at < now() - interval '60 seconds'))))`,
    );
  } finally {
    client.release();
  }
}

async function buryOne(client: Queryable, number: number): Promise<void> {
  await client.query('begin');
  try {
    const { rows: locked } = await client.query(`select pg_try_advisory_xact_lock(${space}, $1) as mine`, [
      number,
    ]);
    if (z.object({ mine: z.boolean() }).parse(locked[0]).mine) {
      await client.query('update custody.instance set ended = true where number = $1', [number]);
      log('a custody is dead', { instance: number });
    }
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw cause;
  }
}
