/**
 * The batching writer: however many ask at once, one transaction at a time takes all that wait. While it is on its way to
 * the disk the next ones gather, so the more ask, the more share one trip.
 */
import { DatabaseError, type Pool } from 'pg';
import type { Answer } from './answer.ts';
import { inTransaction, LedgerError } from './database.ts';
import type { Operation } from './operation.ts';
import { mostAtOnce, namesOf, post } from './post.ts';

export interface Writer extends AsyncDisposable {
  /**
   * The operation's answer, once it is on the disk. Throws a LedgerError where the database cannot be asked or the call is
   * malformed; where that leaves open whether it was done, the same operation may be posted again, under the same id.
   */
  readonly post: (operation: Operation) => Promise<Answer>;
}

interface Waiting {
  readonly operation: Operation;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: unknown) => void;
}

/** What waits at most. Beyond it the caller is told to slow down, rather than memory to grow. */
const mostWaiting = 100_000;

/** Whether the database says that the call itself is wrong (SQLSTATE: data, constraint, rights), or that two got in each other's way. */
function isFault(cause: unknown): boolean {
  const code = cause instanceof DatabaseError ? (cause.code ?? '') : '';
  return /^(?:22|23|42|40)/.test(code);
}

export function openWriter(pool: Pool): Writer {
  let waiting: Waiting[] = [];
  let closed = false;
  let running: Promise<void> | null = null;

  /** Those that may share a statement, in order. Whatever comes after one that must wait and shares a name with it waits too. */
  function takeBatch(): readonly Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    const names = new Set<string>();
    for (const one of waiting) {
      const mine = namesOf(one.operation);
      const free = batch.length < mostAtOnce && !mine.some((name) => names.has(name));
      for (const name of mine) names.add(name);
      (free ? batch : left).push(one);
    }
    waiting = left;
    return batch;
  }

  async function work(): Promise<void> {
    // Whoever asked in this turn of the event loop goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await write(takeBatch());
    running = null;
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await inTransaction(pool, (client) =>
        post(
          client,
          batch.map(({ operation }) => operation),
        ),
      );
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index];
        if (answer) resolve(answer);
        else reject(new LedgerError('the database gave no answer'));
      }
    } catch (cause) {
      if (!isFault(cause) || batch.length === 1) {
        const failure = new LedgerError(`not known whether it was posted: ${(cause as Error).message}`, {
          cause,
        });
        for (const { reject } of batch)
          reject(isFault(cause) ? new LedgerError((cause as Error).message, { cause }) : failure);
        return;
      }
      // One malformed call must not take the others with it: in halves, until it is alone.
      const half = batch.length >> 1;
      await write(batch.slice(0, half));
      await write(batch.slice(half));
    }
  }

  return {
    post: (operation) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new LedgerError('the ledger is closing: ask again after the restart'));
        if (waiting.length >= mostWaiting)
          return reject(new LedgerError(`${mostWaiting} operations wait already: ask again later`));
        waiting.push({ operation, resolve, reject });
        running ??= work();
      }),
    async [Symbol.asyncDispose]() {
      closed = true;
      await running;
    },
  };
}
