import type { Client } from '@kuramori/ledger';

/** A withdrawal's next step, in the caller's transaction, after `ms`. Replaces one that has not begun. */
export function enqueue(client: Client, id: string, ms = 0): Promise<void> {
  return enqueueAll(client, [{ id, ms }]);
}

/** The next steps of several. */
export async function enqueueAll(
  client: Client,
  jobs: readonly { readonly id: string; readonly ms: number }[],
): Promise<void> {
  // Named twice it is looked at once, and soon.
  const soonest = new Map<string, number>();
  for (const { id, ms } of jobs) soonest.set(id, Math.min(ms, soonest.get(id) ?? ms));
  if (soonest.size === 0) return;
  // In one order, so that two that call for the same ones do not wait for each other.
  const ids = [...soonest.keys()].sort();
  await client.query(
    `select count(*) from graphile_worker.add_jobs(array(
       select row('withdrawal', json_build_object('id', id), null, now() + ms * interval '1 millisecond', 1000,
           'withdrawal:' || id, 0, null)::graphile_worker.job_spec
         from unnest($1::text[], $2::float8[]) as job (id, ms)))`,
    [ids, ids.map((id) => soonest.get(id))],
  );
}
