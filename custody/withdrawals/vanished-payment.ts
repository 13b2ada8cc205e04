/** A withdrawal's payment that was booked, and that the chain has no longer. */
import type { Client } from '@kuramori/ledger';
import { row } from '@kuramori/ledger';
import { z } from 'zod';
import { enqueue } from '../jobs/enqueue.ts';
import type { House } from '../house.ts';
import { notify } from '../notice.ts';
import type { Outgoing } from '../chain/outgoing.ts';

/**
 * Where the withdrawal is not final yet, its own story looks again: the payment counts as not seen, and the same bytes
 * are announced once more. Where it is final, the story has ended and is not touched here: the customer's account and the
 * wallet's holding have fallen together, which is careful and not wrong, and the same bytes are announced until a block
 * has them again (announce-again.ts). Runs in the transaction that finds it gone.
 */
export async function vanishedPayment(
  house: House,
  client: Client,
  { transaction, units, kind }: Outgoing,
  withdrawal: string,
  /** The payment by another wrapper, where the new chain has one. */
  other: Outgoing | undefined,
): Promise<void> {
  const { state, valid_until: until } = await row(
    client,
    z.object({ state: z.string(), valid_until: z.union([z.number(), z.string(), z.null()]) }),
    `select w.state, (select p.valid_until from custody.plan p where p.withdrawal = w.id and p.transaction = $2) as valid_until
       from custody.withdrawal w where w.id = $1`,
    [withdrawal, transaction],
  );
  if (state !== 'final') return enqueue(client, withdrawal);
  // A sweep's coins are in the books as hot again, and are swept anew.
  if (other !== undefined || kind === 'move') return undefined;
  const what = `withdrawal ${withdrawal} is final, and its payment ${transaction} of ${units} is no longer in the chain: the customer's account is debited and the coins are still ours. The same signed bytes are announced again ${until === null ? 'until a block has them, or another transaction has spent the same' : `until ${until} (Unix seconds)`}; never pay by another transaction before that`;
  await notify(client, { key: `vanished:${withdrawal}`, severity: 'grave', what, at: house.clock.now() });
}
