/** Job: a withdrawal's next step, enqueued in the transaction that makes it necessary. */
import { EventEmitter } from 'node:events';
import { inTransaction, rows } from '@kuramori/ledger';
import { log, reasonOf } from '@kuramori/program';
import type { Runner, WorkerEvents } from 'graphile-worker';
import { z } from 'zod';
import { enqueue, enqueueAll } from './enqueue.ts';
import { everyBranch } from '../branch.ts';
import type { House } from '../house.ts';
import type { Instance } from './instance.ts';
import { announceVanished } from '../withdrawals/announce-again.ts';
import { callLate, giveTurns } from '../withdrawals/line.ts';
import { queueLogger, run } from './queue.ts';
import { advance } from '../withdrawal.ts';
import { tooLate } from '../withdrawals/give-up.ts';

const Payload = z.strictObject({ id: z.string() });

/** Withdrawals whose steps are taken at the same time; each waits for others most of its time. */
const concurrency = 128;
/** How much slower than the queue the house is tended: dead custodies, turns, journals. */
const tendTimes = 10;

/** Works on the queue until it is disposed of, beside other custodies on the same database. */
export async function startJobs(house: House, instance: Instance): Promise<AsyncDisposable> {
  const { pool, pollMs } = house;
  await instance.bury();
  await adopt(pool);
  // The queue locks jobs under the name of the pool, or of a worker in it.
  const names: string[] = [];
  const events = new EventEmitter() as WorkerEvents;
  events.on('pool:create', ({ workerPool }) => names.push(workerPool.id));
  events.on('worker:create', ({ worker }) => names.push(worker.workerId));
  let stopping = false;
  const runner: Runner = await run({
    pgPool: pool,
    concurrency,
    pollInterval: pollMs,
    // Jobs are fetched many at a time, and ended one by one: the queue tries that again where the database is away, and
    // gives up at once where several are ended together.
    preset: { worker: { localQueue: { size: 2 * concurrency } } },
    noHandleSignals: true,
    parsedCronItems: [],
    logger: queueLogger,
    events,
    taskList: { withdrawal: (payload) => goOn(house, Payload.parse(payload).id, () => stopping) },
  });
  await instance.nameWorkers(names);
  void runner.promise.finally(() => {
    // A queue that ends by itself would leave everything accepted undone, without a word.
    if (!stopping) throw new Error('the job queue stopped by itself');
  });
  const tending = repeat(
    () => tend(house, instance),
    pollMs * tendTimes,
    () => stopping,
  );
  return {
    async [Symbol.asyncDispose]() {
      stopping = true;
      await runner.stop();
      await tending;
      log('queue stopped');
    },
  };
}

/** How much slower than the queue a step comes again that failed for no reason of its own. */
const faultTimes = 10;

/**
 * Steps, until its story rests. A step that fails inside comes again soon: the queue's own pauses would grow to hours, and
 * a payment would wait so long.
 */
async function goOn(house: House, id: string, stopping: () => boolean): Promise<void> {
  try {
    while ((await advance(house, id)) === 'on') if (stopping()) return await enqueue(house.pool, id);
  } catch (cause) {
    log('step failed', { id, why: reasonOf(cause), stack: cause instanceof Error ? cause.stack : undefined });
    await enqueue(house.pool, id, house.pollMs * faultTimes);
  }
}

/**
 * What is open has a job; where one is lost, it is there again. A job that is called once more while somebody works on it
 * has no key and is not tried again: should that one die, nobody else would know of the withdrawal. Who waits for a turn or
 * for people is called.
 */
export async function adopt(pool: House['pool']): Promise<void> {
  const orphans = await rows(
    pool,
    z.object({ id: z.string() }),
    `select id from custody.withdrawal w
       where open
         and not (turn_at is null and (queued_at is not null or state = 'awaiting-approval'))
         and not exists (select from graphile_worker.jobs j where j.key = 'withdrawal:' || w.id)
       order by arrival limit 1000`,
  );
  await enqueueAll(
    pool,
    orphans.map(({ id }) => ({ id, ms: 0 })),
  );
}

/** What no job calls for: done by every custody, and no harm twice. */
async function tend(house: House, instance: Instance): Promise<void> {
  await instance.bury();
  await adopt(house.pool);
  await house.journals.read(house);
  await announceVanished(house);
  for (const branch of everyBranch(house))
    await inTransaction(house.pool, async (client) => {
      await giveTurns(branch, client);
      await callLate(branch, client, Math.floor(house.clock.now() / 1000) + tooLate);
    });
}

async function repeat(what: () => Promise<void>, ms: number, over: () => boolean): Promise<void> {
  let said = '';
  while (!over()) {
    try {
      await what();
      said = '';
    } catch (cause) {
      // The database may be away; it is tried again.
      if (reasonOf(cause) !== said) log('the house cannot be tended', { why: reasonOf(cause) });
      said = reasonOf(cause);
    }
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
