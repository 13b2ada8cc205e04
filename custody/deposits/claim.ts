/** A held deposit finds its owner: a customer, or the house itself. The exchange says so by a signed request, and why. */
import type { Asset, SignedRequest } from '@kuramori/core';
import { claim as bookClaim, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { CustomerId, findCustomer } from '../customer.ts';
import { bookingId, lockDeposit, moveDeposit, type Deposit } from './row.ts';
import { keepsBooks } from '../branch.ts';
import type { House } from '../house.ts';
import { booked } from '../chain/spend.ts';
import { malformed, problem, unprocessable, type Reply } from '../api/problem.ts';

const DepositId = z
  .string()
  .regex(/^[0-9a-f]{64}:[0-9]{1,5}$/, 'must be the id of a deposit, as GET /v1/deposits shows it');

export const ClaimBody = z.strictObject({
  deposit: DepositId,
  /** Whose it is; null for the house's own funds. */
  customer: CustomerId.nullable(),
  /** For whoever reads it in a year: a ticket's number, what the customer said. */
  why: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .refine(isKeepable, 'must be text, without U+0000 and lone surrogates'),
});
export type ClaimBody = z.infer<typeof ClaimBody>;

/** The body of POST /v1/house/own-funds. */
export const OwnFundsBody = z.strictObject({ deposit: DepositId });

function isKeepable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** In the transaction that answers the request, so once; with its record for the auditors. */
export async function claim(
  house: House,
  client: Client,
  { keyId, idempotencyKey }: Pick<SignedRequest, 'keyId' | 'idempotencyKey'>,
  { deposit: id, customer, why }: ClaimBody,
): Promise<Reply> {
  const found = await lockDeposit(client, id);
  if (!found) {
    const detail = `deposit: none is called ${id}`;
    return problem({ status: 404, code: 'unknown-deposit', field: 'deposit', detail });
  }
  const flaw = flawOf(house, found);
  if (flaw) return flaw;
  if (customer !== null && (await findCustomer(client, customer)) === undefined)
    return unprocessable('unknown-customer', 'customer', 'is not known here: POST /v1/customers first');
  booked(
    await bookClaim(client, {
      id: `claim:${bookingId(found)}`,
      deposit: bookingId(found),
      asset: found.asset as Asset,
      units: found.units,
      by: customer === null ? { kind: 'own-funds' } : { kind: 'customer', customer },
    }),
  );
  const state = customer === null ? 'own-funds' : 'credited';
  await moveDeposit(client, found, state, customer);
  await client.query(
    `insert into custody.claim (deposit, booking, customer, key_id, idempotency_key, why, at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, found.booking, customer, keyId, idempotencyKey, why, house.clock.now()],
  );
  return {
    status: 200,
    body: { deposit: id, state, customer, asset: found.asset, units: found.units.toString() },
  };
}

function flawOf(house: House, { state, orphaned, asset }: Deposit): Reply | undefined {
  const not = (why: string) => unprocessable('not-held', 'deposit', why);
  if (state !== 'held' && state !== 'dust') return not(`is ${state}, and only a held one can be claimed`);
  if (!house.branches.some((branch) => keepsBooks(branch, asset)))
    return malformed('deposit', `is of ${asset}, which this house does not keep books on`);
  if (orphaned)
    return not('is in a block that was taken off the chain: claim it when it is found in another');
  return undefined;
}
