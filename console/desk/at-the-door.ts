import type { Client } from '@kuramori/ledger';

/** One after another: until the transaction is over nobody else comes, goes or is let in. */
export async function atTheDoor(client: Client): Promise<void> {
  await client.query('update desk.door set opened_at = clock_timestamp()');
}

/** Whether somebody living has this name already; of two nobody could tell who looked. */
export async function isTaken(client: Client, name: string): Promise<boolean> {
  const found = await client.query(
    'select from desk.person where lower(name) = lower($1) and removed_at is null',
    [name],
  );
  return found.rowCount !== 0;
}
