/** A small day of an exchange, told through custody's API: a customer deposits, and withdraws. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  vouchedDeposit,
  type Answer,
  type Deposit,
  type DepositPins,
  type Operations,
  type Withdrawal,
} from '@kuramori/client';
import { ETH, LTC, XEM, type Asset, type SignedRequest } from '@kuramori/core';
import { encryptMessage, type Address, type PublicKey } from '@kuramori/chains/nem/codec';
import { exchangeClient } from './exchange.ts';
import { announce, transfer, until } from './house/chain.ts';
import type { House } from './house/house.ts';
import { towerQuorum } from './house/plan.ts';

export interface Day {
  readonly house: House;
  /** Unix ms by the house's clock. */
  readonly now: () => number;
  /** Lets time pass until somebody looks again. */
  readonly pass: () => Promise<void>;
}

/** What was done on one chain, for the sandbox's table and the lines below it. */
export interface ChainDay {
  /** What, id, transaction, block, coins, time. */
  readonly rows: readonly (readonly string[])[];
  readonly lines: readonly string[];
}

/** A row of it. */
export function dayRow(
  what: string,
  {
    id,
    transaction,
    height,
  }: Pick<Deposit, 'id'> & { readonly transaction: string | null; readonly height: number | null },
  coins: string,
  time: string,
): readonly string[] {
  return [what, `${id.slice(0, 16)}…`, transaction ?? '', String(height ?? ''), coins, time];
}

/** What custody answered instead of what was expected. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

export const clientOf = ({ house, now }: Pick<Day, 'house' | 'now'>) =>
  exchangeClient(house.custodyUrl ?? '', house.people.exchange, now);

/** What was done; throws where it was not. */
export function done<N extends keyof Operations>(answer: Answer<N>): Extract<Answer<N>, { kind: 'done' }> {
  if (answer.kind === 'problem') throw new Unexpected(JSON.stringify(answer.problem));
  return answer;
}

export async function findDeposit(
  day: Day,
  matches: (deposit: Deposit) => boolean,
): Promise<Deposit | undefined> {
  for await (const one of clientOf(day).pages('listDeposits', {})) if (matches(one)) return one;
  return undefined;
}

/** What the exchange pinned when the house was built. */
export function depositPins({ deed }: House): DepositPins {
  return {
    network: 'devnet',
    exchange: 'exchange-1',
    watchtowers: { keys: deed.watchtowerKeys, quorum: towerQuorum(deed.watchtowerKeys.length) },
  };
}

/** Custody's own word on where a customer's coins go; nothing of it is to be shown before `vouchedDeposit` has read it. */
export async function openCustomer(day: Day, customer: string, asset?: Asset) {
  const given = { body: { customer, ...(asset ? { asset } : {}) }, idempotencyKey: randomUUID() };
  return done(await clientOf(day).call('openCustomer', given)).body;
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
): Promise<Deposit> {
  const { house, now } = day;
  const answer = await openCustomer(day, customer);
  const told = vouchedDeposit(depositPins(house), customer, answer, now());
  if (told.kind === 'refused') throw new Unexpected(`POST /v1/customers: ${told.why}`);
  const memo = message === 'plain' ? told.message : encryptedFor(house, told.message);
  const sent = transfer(house.people.customer, told.address as Address, units, memo, now());
  await announce(house.nodes[0], sent);
  return waitFor(day, `deposit ${sent.hash} to be credited`, () =>
    findDeposit(day, ({ transaction, state }) => transaction === sent.hash && state === 'credited'),
  );
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
 * where an earlier start was cut off, and does nothing where it was done, or where a fork has taken them away.
 */
export async function bringOwnFunds(day: Day, units: bigint): Promise<Deposit> {
  const { house, now } = day;
  const find = () => findDeposit(day, ({ message }) => message === ownFunds);
  const before = await find();
  if (before?.state === 'own-funds' || before?.state === 'reversed') return before;
  if (before === undefined)
    await announce(
      house.nodes[0],
      transfer(house.people.treasury, house.deed.hot.address as Address, units, ownFunds, now()),
    );
  const held = before ?? (await waitFor(day, 'own funds to be seen', find));
  const body = { deposit: held.id };
  done(await clientOf(day).call('claimOwnFunds', { body, idempotencyKey: randomUUID() }));
  return held;
}

/** The same on a chain without messages: coins at a wallet's own address, known by their number, and claimed. */
export async function bringOwnCoins(
  day: Day,
  asset: Asset,
  units: bigint,
  send: () => Promise<unknown>,
): Promise<void> {
  const find = () =>
    findDeposit(day, (one) => {
      const isNobodys = one.customer === null && one.why === 'unknown-address';
      return one.asset === asset && isNobodys && one.units === units.toString();
    });
  const before = await find();
  if (before?.state === 'own-funds' || before?.state === 'reversed') return;
  if (before === undefined) await send();
  const held = before ?? (await waitFor(day, `own funds in ${asset} to be seen`, find));
  const body = { deposit: held.id };
  done(await clientOf(day).call('claimOwnFunds', { body, idempotencyKey: randomUUID() }));
}

/** The exchange asks for a withdrawal, as it would for a customer; gives custody's answer, whatever it is. */
export function requestWithdrawal(
  day: Pick<Day, 'house' | 'now'>,
  asked: {
    readonly customer: string;
    readonly to: string;
    readonly units: bigint;
    readonly feeCap: bigint;
    readonly memo?: string;
    readonly asset?: Asset;
  },
) {
  const body = {
    customer: asked.customer,
    asset: asked.asset ?? XEM,
    amount: asked.units.toString(),
    destination: { address: asked.to, memo: asked.memo ?? '' },
    feeCap: asked.feeCap.toString(),
  };
  return clientOf(day).call('requestWithdrawal', { body, idempotencyKey: randomUUID() });
}

/** The customer withdraws; returns the exchange's request and the withdrawal once it is final. */
export async function withdraw(
  day: Day,
  customer: string,
  units: bigint,
  feeCap: bigint,
  elsewhere: { readonly asset?: Asset; readonly to?: string; readonly memo?: string } = {},
): Promise<{ readonly request: SignedRequest; readonly withdrawal: Withdrawal }> {
  const client = clientOf(day);
  const to = day.house.people.customer.address;
  const asked = { customer, to, units, feeCap, memo: 'paid by kuramori', ...elsewhere };
  // Who has just started reads journals first, and says so: nothing is kept of such a request.
  const accepted = await waitFor(day, 'custody to take the request', async () => {
    const answer = await requestWithdrawal(day, asked);
    const busy =
      answer.kind === 'problem' && ['catching-up', 'withdrawals-stopped'].includes(answer.problem.code);
    return busy ? undefined : done(answer);
  });
  const { id } = accepted.body;
  let last = '';
  const what = () => `withdrawal ${id} to be final: ${last}`;
  const withdrawal = await waitFor(day, what, async () => {
    const { body: shown } = done(await client.call('showWithdrawal', { params: { id } }));
    if (['refused', 'returned', 'disputed'].includes(shown.state))
      throw new Unexpected(`withdrawal ${id}: ${shown.state}: ${shown.why}`);
    last = `it is ${shown.state}${shown.waiting === null ? '' : ` and waits for ${shown.waiting}`}`;
    return shown.state === 'final' ? shown : undefined;
  });
  return { request: accepted.request, withdrawal };
}

/** What assets cost, in yen, as the sandbox's exchange tells it: told once, so good for an hour. */
export async function tellPrices(day: Day): Promise<void> {
  const prices = [
    { asset: XEM, yen: '3', per: '1000000' },
    { asset: LTC, yen: '12000', per: '100000000' },
    { asset: ETH, yen: '450000', per: '1000000000000000000' },
  ];
  const day24 = 24 * 3_600_000;
  const now = day.now();
  // At the last set moment, 15:00 in Japan, as well: rules speak of its prices.
  const moment = now - ((now - 6 * 3_600_000) % day24);
  for (const at of [moment, now])
    done(await clientOf(day).call('tellPrices', { body: { at, prices }, idempotencyKey: randomUUID() }));
}

/** The first sweep of an asset once it is final, and what is then hot: its smallest units, and percent of what customers are owed. */
export async function sweptOnce(
  day: Day,
  of: Asset = XEM,
): Promise<{ sweep: Sweep; hot: bigint; share: string }> {
  const client = clientOf(day);
  let last = 'none is made';
  const what = () => `a sweep to be final: ${last}`;
  const sweep = await waitFor(day, what, async () => {
    for await (const one of client.pages('listWithdrawals', {})) {
      if (one.reason !== 'sweep' || one.asset !== of) continue;
      last = `it is ${one.state}${one.waiting === null ? '' : ` and waits for ${one.waiting}`}`;
      if (one.state === 'final') return one;
    }
    return undefined;
  });
  const { assets, hotShare } = done(await client.call('showTreasury', {})).body;
  const hot = BigInt(assets.find(({ asset }) => asset === of)?.hot ?? 0);
  return { sweep, hot, share: ((hotShare.now ?? 0) / 100).toFixed(2) };
}

type Sweep = Pick<Withdrawal, 'id' | 'transaction' | 'height' | 'amount' | 'requestedAt'>;

/** Smallest units that the customer may withdraw. */
export async function balance(day: Day, customer: string, of: Asset = XEM): Promise<bigint> {
  const { balances } = done(await clientOf(day).call('showBalances', { params: { customer } })).body;
  return BigInt(balances.find(({ asset }) => asset === of)?.available ?? 0);
}

export function waitFor<T>(
  day: Day,
  what: string | (() => string),
  look: () => Promise<T | undefined>,
): Promise<T> {
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
