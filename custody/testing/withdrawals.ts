/** Withdrawals, as the tests make and follow them. */
import { randomUUID } from 'node:crypto';
import type { Withdrawal as Shown } from '@kuramori/client';
import { expect } from 'vitest';
import type { House } from '../house.ts';
import type { State } from '../withdrawals/states.ts';
import { advance } from '../withdrawal.ts';
import { done } from './exchange.ts';
import { xem } from './house.ts';
import type { Neighbourhood } from './neighbourhood.ts';

export type { Withdrawal as Shown } from '@kuramori/client';

export async function withdraw(
  n: Pick<Neighbourhood, 't' | 'people'>,
  customer: string,
  amount: string,
  more: { memo?: string; feeCap?: string } = {},
): Promise<string> {
  const body = {
    customer,
    asset: 'nem:xem',
    amount: xem(amount),
    destination: { address: n.people.treasury.address, memo: more.memo ?? '' },
    feeCap: xem(more.feeCap ?? '1'),
  };
  const answer = await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() });
  return done(answer).body.id;
}

/** A house with the client that asks it. */
export type Asked = Pick<Neighbourhood, 't'>;

export async function show(n: Asked, id: string): Promise<Shown> {
  return done(await n.t.client.call('showWithdrawal', { params: { id } })).body;
}

/** The states of several, read where they are kept: asking for each whole view would slow what is waited for. */
export async function statesOf(n: Asked, ids: readonly string[]): Promise<readonly State[]> {
  const { rows } = await n.t.database.admin.query<{ state: State }>(
    'select state from custody.withdrawal where id = any($1)',
    [ids],
  );
  return rows.map(({ state }) => state);
}

export async function balanceOf(
  n: Asked,
  customer: string,
): Promise<{ available: string; held: string; balance: string }> {
  const answer = await n.t.client.call('showBalances', { params: { customer } });
  return done(answer).body.balances[0] ?? { available: '0', held: '0', balance: '0' };
}

/** Steps, each of them by several at once, until the state is reached or nothing changes any more. */
export async function drive(
  n: Asked,
  id: string,
  to: State,
  house: House = n.t.house,
  atOnce = 3,
): Promise<Shown> {
  let shown = await show(n, id);
  for (let steps = 0; steps < 20 && shown.state !== to; steps += 1) {
    await Promise.all(Array.from({ length: atOnce }, () => advance(house, id)));
    shown = await show(n, id);
  }
  expect(shown, `${shown.waiting ?? shown.why}`).toMatchObject({ state: to });
  return shown;
}

/** From its turn to its end: two blocks, and everybody has seen them. */
export async function finish(n: Neighbourhood, id: string): Promise<void> {
  await drive(n, id, 'sent');
  await n.harvest(2);
  await n.watched();
  await n.scan();
  await drive(n, id, 'final');
}
