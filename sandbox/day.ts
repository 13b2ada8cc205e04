/** A small day of an exchange, told through custody's API: a customer deposits, and withdraws. */
import { randomBytes } from 'node:crypto';
import { withdrawalPath, XEM, Units, type SignedRequest } from '@kuramori/core';
import { encryptMessage, type Address, type PublicKey } from '@kuramori/chains/nem/codec';
import { vouchedDeposit, type DepositPins } from '@kuramori/client';
import { z } from 'zod';
import { exchangeRequest, sendRequest } from './exchange.ts';
import { announce, transfer, until } from './house/chain.ts';
import type { House } from './house/house.ts';

export interface Day {
  readonly house: House;
  /** Unix ms by the house's clock. */
  readonly now: () => number;
  /** Lets time pass until somebody looks again. */
  readonly pass: () => Promise<void>;
}

const Deposits = z.object({
  deposits: z.array(
    z.object({
      id: z.string(),
      transaction: z.string(),
      state: z.string(),
      customer: z.string().nullable(),
      units: Units,
      message: z.string().nullable(),
      height: z.int(),
      why: z.string().nullable(),
    }),
  ),
});
export type DepositShown = z.infer<typeof Deposits>['deposits'][number];
const Accepted = z.object({ id: z.string() });
const Withdrawal = z.object({
  id: z.string(),
  state: z.string(),
  why: z.string().nullable(),
  waiting: z.string().nullable(),
  transaction: z.string().nullable(),
  height: z.int().nullable(),
  fee: z.string().nullable(),
});
export type WithdrawalShown = z.infer<typeof Withdrawal>;
const Balances = z.object({ balances: z.array(z.object({ asset: z.string(), available: Units })) });

/** What custody answered instead of what was expected. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** Asks custody as the exchange does, and reads the answer. */
export async function ask<S extends z.ZodType>(
  { house, now }: Day,
  method: 'GET' | 'POST',
  path: string,
  body: unknown,
  schema: S,
): Promise<z.output<S>> {
  const { status, body: answer } = await sendRequest(
    house.custodyUrl ?? '',
    exchangeRequest(house.people.exchange, method, path, body, now()),
  );
  const read = schema.safeParse(answer);
  if (status >= 300 || !read.success)
    throw new Unexpected(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
  return read.data;
}

/** What the exchange pinned when the house was built. */
export function depositPins({ deed }: House): DepositPins {
  return {
    network: 'devnet',
    exchange: 'exchange-1',
    watchtowers: { keys: [deed.watchtowerKey], quorum: 1 },
  };
}

/**
 * The customer sends coins to where watchtowers vouch for, as the exchange shows it; returns when they are credited. An
 * encrypted message is written as the wallets of 2018 wrote it.
 */
export async function deposit(
  day: Day,
  customer: string,
  units: bigint,
  message: 'plain' | 'encrypted' = 'plain',
): Promise<DepositShown> {
  const { house, now } = day;
  const answer = await ask(day, 'POST', '/v1/customers', { customer }, z.unknown());
  const told = vouchedDeposit(depositPins(house), customer, answer, now());
  if (told.kind === 'refused') throw new Unexpected(`POST /v1/customers: ${told.why}`);
  const memo = message === 'plain' ? told.message : encryptedFor(house, told.message);
  const sent = transfer(house.people.customer, told.address as Address, units, memo, now());
  await announce(house.nodes[0], sent);
  return waitFor(day, `deposit ${sent.hash} to be credited`, async () => {
    const { deposits } = await ask(day, 'GET', '/v1/deposits', undefined, Deposits);
    return deposits.find(({ transaction, state }) => transaction === sent.hash && state === 'credited');
  });
}

function encryptedFor({ people, deed }: House, text: string) {
  const payload = encryptMessage(
    people.customer.privateKey,
    deed.hot.publicKey as PublicKey,
    Buffer.from(text).toString('hex'),
    'legacy',
    randomBytes(48),
  );
  return { kind: 'encrypted', payload } as const;
}

const ownFunds = 'own funds';

/**
 * Coins that the house brings in itself: seen as a held deposit, then claimed by the exchange as its own funds. Goes on
 * where an earlier start was cut off, and does nothing where it was done.
 */
export async function bringOwnFunds(day: Day, units: bigint): Promise<DepositShown> {
  const { house, now } = day;
  const find = async () => {
    const { deposits } = await ask(day, 'GET', '/v1/deposits', undefined, Deposits);
    return deposits.find(({ message }) => message === ownFunds);
  };
  const before = await find();
  if (before?.state === 'own-funds') return before;
  if (before === undefined)
    await announce(
      house.nodes[0],
      transfer(house.people.treasury, house.deed.hot.address as Address, units, ownFunds, now()),
    );
  const held = before ?? (await waitFor(day, 'own funds to be seen', find));
  await ask(day, 'POST', '/v1/house/own-funds', { deposit: held.id }, z.unknown());
  return held;
}

/** The customer withdraws; returns the exchange's request and the withdrawal once it is final. */
export async function withdraw(
  day: Day,
  customer: string,
  units: bigint,
  feeCap: bigint,
): Promise<{ readonly request: SignedRequest; readonly withdrawal: WithdrawalShown }> {
  const { house, now } = day;
  const body = {
    customer,
    asset: XEM,
    amount: units,
    destination: { address: house.people.customer.address as string, memo: 'paid by kuramori' },
    feeCap,
  };
  const request = exchangeRequest(house.people.exchange, 'POST', withdrawalPath, body, now());
  const { status, body: answer } = await sendRequest(house.custodyUrl ?? '', request);
  const accepted = Accepted.safeParse(answer);
  if (status >= 300 || !accepted.success)
    throw new Unexpected(`POST ${withdrawalPath}: ${status} ${JSON.stringify(answer)}`);
  const { id } = accepted.data;
  let last = '';
  const what = () => `withdrawal ${id} to be final: ${last}`;
  const withdrawal = await waitFor(day, what, async () => {
    const shown = await ask(day, 'GET', `${withdrawalPath}/${id}`, undefined, Withdrawal);
    if (['refused', 'returned', 'disputed'].includes(shown.state))
      throw new Unexpected(`withdrawal ${id}: ${shown.state}: ${shown.why}`);
    last = `it is ${shown.state}${shown.waiting === null ? '' : ` and waits for ${shown.waiting}`}`;
    return shown.state === 'final' ? shown : undefined;
  });
  return { request, withdrawal };
}

/** Micro-XEM that the customer may withdraw. */
export async function balance(day: Day, customer: string): Promise<bigint> {
  const { balances } = await ask(day, 'GET', `/v1/customers/${customer}/balances`, undefined, Balances);
  return balances.find(({ asset }) => asset === XEM)?.available ?? 0n;
}

function waitFor<T>(day: Day, what: string | (() => string), look: () => Promise<T | undefined>): Promise<T> {
  return until(
    what,
    async () => {
      const found = await look();
      if (found === undefined) await day.pass();
      return found;
    },
    60_000,
  );
}
