/** What signers gave for a plan: records with their countersignatures, then signatures, kept before anybody hears of them. */
import { Countersignature } from '@kuramori/core';
import { rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { Witnessed } from './signing.ts';
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

export async function keepWitnessed(
  client: Client,
  id: string,
  plan: number,
  parts: readonly Witnessed[],
): Promise<void> {
  for (const [part, { signer, key, share, entry, countersignatures }] of parts.entries()) {
    await client.query(
      `insert into custody.signature (withdrawal, plan, part, signer, key, share, entry, countersignatures)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, plan, part, signer, key, share, entry, JSON.stringify(countersignatures)],
    );
  }
}

/** One signature a part, in the order of the parts. */
export async function keepSignatures(
  client: Client,
  id: string,
  plan: number,
  signatures: readonly string[],
): Promise<void> {
  for (const [part, signature] of signatures.entries()) {
    await client.query(
      'update custody.signature set signature = $4 where withdrawal = $1 and plan = $2 and part = $3',
      [id, plan, part, signature],
    );
  }
}
