/** What takes two people: one proposes, another approves, each with a login of their own (sql/0003-two-people.sql). */
import { Units } from '@kuramori/core';
import { DatabaseError } from 'pg';
import { z } from 'zod';
import { refusals, type Answer } from './answer.ts';
import { LedgerError, row, rows, type Client } from './database.ts';

/** A leg in a proposal's file: one of `debit` and `credit`, in the asset's smallest unit. */
const ProposedLeg = z
  .strictObject({
    kind: z.enum(['customer', 'own-funds', 'fees', 'receivable']),
    owner: z.string().default(''),
    asset: z.string().min(1),
    debit: Units.optional(),
    credit: Units.optional(),
  })
  .refine(
    ({ debit, credit }) => (debit === undefined) !== (credit === undefined),
    'must have one of debit and credit',
  );

export const Proposal = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(['adjustment', 'write-off', 'trade']),
  about: z.string().min(1),
  /** For whoever approves it, and for the auditor. */
  why: z.string().min(10, 'must say why, in 10 characters at least').max(2000),
  legs: z.array(ProposedLeg).min(2),
});
export type Proposal = z.output<typeof Proposal>;

const OpenProposal = z.object({
  id: z.string(),
  kind: z.string(),
  about: z.string(),
  why: z.string(),
  legs: z.array(z.object({ kind: z.string(), owner: z.string(), asset: z.string(), amount: z.string() })),
  proposed_by: z.string(),
  at: z.date(),
  digest: z.string(),
});
export type OpenProposal = z.output<typeof OpenProposal>;

/** Writes it down. Nothing is posted. Throws a LedgerError that says what is wrong with it. */
export async function propose(client: Client, { id, kind, about, why, legs }: Proposal): Promise<void> {
  const written = legs.map(({ kind: account, owner, asset, debit, credit = 0n }) => ({
    kind: account,
    owner,
    asset,
    amount: debit === undefined ? `-${credit}` : `${debit}`,
  }));
  await refusable(
    client.query('select ledger.propose($1, $2, $3, $4, $5)', [
      id,
      kind,
      about,
      why,
      JSON.stringify(written),
    ]),
  );
}

export function openProposals(client: Client): Promise<readonly OpenProposal[]> {
  return rows(client, OpenProposal, 'select * from ledger.open_proposal order by at');
}

/** Posts it, as the digest of what the approver was shown says. Throws a LedgerError where this person may not. */
export async function approve(client: Client, id: string, digest: string): Promise<Answer> {
  const Row = z.object({ outcome: z.enum(['posted', 'repeated', ...refusals]), detail: z.string() });
  const asked = row(client, Row, 'select outcome, detail from ledger.approve($1, $2)', [id, digest]);
  const { outcome, detail } = await refusable(asked);
  if (outcome === 'posted') return { kind: 'posted', id, short: 0n };
  return outcome === 'repeated' ? { kind: 'repeated', id } : { kind: 'refused', why: outcome, detail };
}

/** What the database refuses in a sentence of ours is passed on as it is. */
async function refusable<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    if (cause instanceof DatabaseError) throw new LedgerError(cause.message, { cause });
    throw cause;
  }
}
