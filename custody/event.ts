/**
 * Event: something of the exchange's changed. Written in the transaction that changes it, so that it is told if and only
 * if it is so. Whoever changes a thing emits its event while it holds the thing's row: then its events have one order.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from '@kuramori/ledger';
import { jsonText } from '@kuramori/program';
// Types alone: the states stand in files that emit.
import type { EventData, EventKind } from './event-data.ts';

/** In the caller's transaction. `told`: the thing as it is now. `at`: ms of Unix time. */
export async function emit<K extends EventKind>(
  client: Client,
  kind: K,
  told: EventData[K],
  at: number,
): Promise<void> {
  await client.query(
    'insert into custody.event (id, kind, state, object, data, at) values ($1, $2, $3, $4, $5, $6)',
    [
      // Standard Webhooks' webhook-id: one event, one id, however often it is sent.
      `evt_${randomUUID()}`,
      kind,
      told.state,
      told.id,
      jsonText(told),
      at,
    ],
  );
}
