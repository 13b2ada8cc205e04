import type { Client } from '@kuramori/ledger';

/** A withdrawal's next step, in the caller's transaction, after `ms`. Replaces one that has not begun. */
export async function enqueue(client: Client, id: string, ms = 0): Promise<void> {
  await client.query(
    `select graphile_worker.add_job('withdrawal', json_build_object('id', $1::text),
       run_at => now() + $2 * interval '1 millisecond', job_key => 'withdrawal:' || $1, max_attempts => 1000)`,
    [id, ms],
  );
}
