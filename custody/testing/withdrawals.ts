/** Withdrawals, as the tests make and follow them. */
import { expect } from 'vitest';
import type { House } from '../house.ts';
import type { State } from '../withdrawal-states.ts';
import { advance } from '../withdrawal.ts';
import { xem } from './house.ts';
import type { Neighbourhood } from './neighbourhood.ts';

export async function withdraw(
  n: Neighbourhood,
  customer: string,
  amount: string,
  more: { memo?: string; feeCap?: string } = {},
): Promise<string> {
  const answer = await n.t.ask({
    path: '/v1/withdrawals',
    body: {
      customer,
      asset: 'nem:xem',
      amount: xem(amount),
      destination: { address: n.people.treasury.address, memo: more.memo ?? '' },
      feeCap: xem(more.feeCap ?? '1'),
    },
  });
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body['id']);
}

export interface Shown {
  readonly state: State;
  readonly waiting: string | null;
  readonly why: string | null;
  readonly fee: string | null;
  readonly transaction: string | null;
  readonly validUntil: number | null;
  readonly plans: readonly { readonly number: number; readonly transaction: string }[];
  readonly turn: { readonly ahead: number; readonly turnAt: number; readonly confirmedAt: number } | null;
  readonly history: readonly { readonly state: State }[];
  readonly announcements: readonly {
    readonly part: number;
    readonly node: string;
    readonly code: number | null;
    readonly tries: number;
  }[];
}

export async function show(n: Neighbourhood, id: string): Promise<Shown> {
  return (await n.t.ask({ path: `/v1/withdrawals/${id}` })).body as unknown as Shown;
}

/** The states of several, read where they are kept: asking for each whole view would slow what is waited for. */
export async function statesOf(n: Neighbourhood, ids: readonly string[]): Promise<readonly State[]> {
  const { rows } = await n.t.database.admin.query<{ state: State }>(
    'select state from custody.withdrawal where id = any($1)',
    [ids],
  );
  return rows.map(({ state }) => state);
}

export async function balanceOf(
  n: Neighbourhood,
  customer: string,
): Promise<{ available: string; held: string; balance: string }> {
  const { body } = await n.t.ask({ path: `/v1/customers/${customer}/balances` });
  const [found] = body['balances'] as { available: string; held: string; balance: string }[];
  return found ?? { available: '0', held: '0', balance: '0' };
}

/** Steps, each of them by several at once, until the state is reached or nothing changes any more. */
export async function drive(
  n: Neighbourhood,
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
