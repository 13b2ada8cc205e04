/** Return: a held deposit goes back to whoever sent it, less the network's fees. The same story as a withdrawal's from then on. */
import { returnIntent, type ReturnBody, type SignedRequest } from '@kuramori/core';
import { hold, LedgerError, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import { lockDeposit, moveDeposit } from '../deposits/row.ts';
import { branchFor } from '../branch.ts';
import type { House } from '../house.ts';
import { malformed, problem, unprocessable, type Reply } from '../api/problem.ts';
import { refuseStopped } from '../services/board.ts';
import { accept, askedBefore, notReady, type Asked } from './request.ts';
import { checkPayment, noRule } from './check.ts';

export type CheckedReturn =
  | { readonly kind: 'sound'; readonly asked: Asked; readonly body: ReturnBody }
  | { readonly kind: 'refused'; readonly reply: Reply };

export function checkReturn(house: House, request: SignedRequest): CheckedReturn {
  const read = returnIntent(house.exchange.id, '', request);
  if (read.kind === 'refused') return { kind: 'refused', reply: malformed(read.field, read.why) };
  const { body } = read;
  const branch = branchFor(house, body.asset);
  if (!branch) return { kind: 'refused', reply: noRule() };
  const intent = { ...read.intent, wallet: branch.hot.id };
  const refused = checkPayment(branch, intent);
  if (refused) return { kind: 'refused', reply: refused };
  const asked: Asked = { intent, request, customer: null, deposit: body.deposit, priority: 'normal' };
  return { kind: 'sound', asked, body };
}

/** Taken where the deposit is held, its sender is the destination, and amount and fee cap together are all of it. */
export async function requestReturn(
  house: House,
  client: Client,
  asked: Asked,
  { deposit: id, attempt = 1 }: ReturnBody,
): Promise<Reply> {
  // First of all, so that of two requests at once the second finds what the first has made.
  const deposit = await lockDeposit(client, id);
  const again = await askedBefore(client, asked);
  if (again) return again;
  const late = notReady(house) ?? refuseStopped(house.board, asked.intent.asset, 'withdrawals');
  if (late) return late;
  if (!deposit) {
    const detail = `deposit: none is called ${id}`;
    return problem({ status: 404, code: 'unknown-deposit', field: 'deposit', detail });
  }
  if (deposit.state !== 'held')
    return unprocessable('not-held', 'deposit', `is ${deposit.state}, and only a held one can go back`);
  if (deposit.orphaned)
    return unprocessable(
      'orphaned',
      'deposit',
      'was in a block that the chain took back: wait until it is known again',
    );
  const { intent } = asked;
  // A token that nobody listed is in no books; of one that is, another's units would be other money.
  if (deposit.asset !== intent.asset)
    return malformed('deposit', `is of ${deposit.asset}, and not of ${intent.asset}`);
  if (deposit.sender === '')
    return unprocessable(
      'not-its-sender',
      'deposit',
      'came on a chain that names no sender: claim it for its customer, who can withdraw it',
    );
  if (intent.destination.address !== deposit.sender)
    return unprocessable('not-its-sender', 'destination.address', `must be the sender's, ${deposit.sender}`);
  if (intent.amount + intent.feeCap !== deposit.units)
    return unprocessable(
      'not-all-of-it',
      'amount',
      `and feeCap together must be the ${deposit.units} that came: the fees are taken from what goes back`,
    );
  const attempts = await attemptsOf(client, id);
  if (attempt !== attempts + 1)
    return unprocessable(
      'wrong-attempt',
      'attempt',
      `must be ${attempts + 1}: so many came to nothing before`,
    );
  const { amount, feeCap, asset } = intent;
  const held = await hold(client, { id: intent.id, of: { kind: 'unclaimed' }, asset, amount, feeCap });
  if (held.kind !== 'posted')
    throw new LedgerError(`deposit ${id} is held here, and not in the ledger: ${JSON.stringify(held)}`);
  await moveDeposit(client, deposit, 'returning');
  return accept(house, client, asked);
}

async function attemptsOf(client: Client, deposit: string): Promise<number> {
  const found = await rows(
    client,
    z.object({ id: z.string() }),
    'select id from custody.withdrawal where deposit = $1',
    [deposit],
  );
  return found.length;
}

/** How its deposit stands when a return has ended, in the transaction in which it ends. */
export async function endReturn(
  client: Client,
  deposit: string | null,
  as: 'returned' | 'held',
): Promise<void> {
  const found = deposit === null ? undefined : await lockDeposit(client, deposit);
  // One that the chain took back meanwhile is reversed, and stays so: there is nothing to hold again.
  if (found?.state === 'returning') await moveDeposit(client, found, as);
}
