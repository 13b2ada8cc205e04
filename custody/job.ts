/** Job: a withdrawal's next step, enqueued in the transaction that makes it necessary. */
import { log } from '@kuramori/program';
import type { Runner } from 'graphile-worker';
import { z } from 'zod';
import type { House } from './house.ts';
import { queueLogger, run } from './queue.ts';
import { advance } from './withdrawal.ts';

const Payload = z.strictObject({ id: z.string() });

/** Works on the queue until it is disposed of. Nobody else may work on this database meanwhile: see `only`. */
export async function startJobs(house: House): Promise<AsyncDisposable> {
  const { pool, pollMs } = house;
  // A process that was killed left its jobs locked; we are the only one, so what is locked is nobody's.
  await pool.query(`
    select graphile_worker.force_unlock_workers(array(
      select distinct locked_by from graphile_worker.jobs where locked_by is not null))`);
  await pool.query(`
    select graphile_worker.add_job('withdrawal', json_build_object('id', id), job_key => 'withdrawal:' || id, max_attempts => 1000)
      from custody.withdrawal where state not in ('settled', 'refused', 'expired', 'disputed')`);
  const runner: Runner = await run({
    pgPool: pool,
    concurrency: 4,
    pollInterval: pollMs,
    noHandleSignals: true,
    parsedCronItems: [],
    logger: queueLogger,
    taskList: { withdrawal: (payload) => advance(house, Payload.parse(payload).id) },
  });
  let stopping = false;
  void runner.promise.finally(() => {
    // A queue that ends by itself would leave everything accepted undone, without a word.
    if (!stopping) throw new Error('the job queue stopped by itself');
  });
  return {
    async [Symbol.asyncDispose]() {
      stopping = true;
      await runner.stop();
      log('queue stopped');
    },
  };
}
