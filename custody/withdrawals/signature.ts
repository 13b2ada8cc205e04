/** What signers gave for a plan: records with their countersignatures, kept before a signature is asked for. */
import { Countersignature } from '@kuramori/core';
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { integer } from './row.ts';

const Part = z.object({
  part: integer,
  signer: z.string(),
  key: z.string(),
  share: z.string(),
  entry: z.string(),
  countersignatures: z.array(Countersignature),
});

/** The records with their countersignatures, in the order of announcing. */
export function witnessedParts(client: Client, id: string, plan: number): Promise<z.output<typeof Part>[]> {
  return rows(
    client,
    Part,
    `select part, signer, key, share, entry, countersignatures from custody.signature
       where withdrawal = $1 and plan = $2 order by part`,
    [id, plan],
  );
}

/** Numbers of the withdrawal's plans of which every signature is kept here. */
export async function signedPlans(client: Client, id: string): Promise<ReadonlySet<number>> {
  const found = await rows(
    client,
    z.object({ plan: integer }),
    'select plan from custody.signature where withdrawal = $1 group by plan having bool_and(signature is not null)',
    [id],
  );
  return new Set(found.map(({ plan }) => plan));
}
