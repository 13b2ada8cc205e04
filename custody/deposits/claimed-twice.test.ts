/** A held deposit finds one owner: the exchange says so by a signed request, with a reason that is kept. */
import { customerBalances, verify } from '@kuramori/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { depositMoves, DepositState, lockDeposit, moveDeposit, pageOfDeposits, type Deposit } from './row.ts';
import { inTransaction } from '@kuramori/ledger';
import { openNeighbourhood, plain, transfer, type Neighbourhood } from '../testing/neighbourhood.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } });
  await n.t.ask({ path: '/v1/customers', body: { customer: 'bob' } });
});
afterAll(() => n[Symbol.asyncDispose]());

let sent = 0;
async function held(): Promise<string> {
  sent += 1;
  const hash = await n.announce(
    transfer(n, n.people.customer, n.people.hot.address, 1_000_000n + BigInt(sent), {
      message: plain(`?${sent}`),
    }),
    n.people.customer,
  );
  await n.harvest(2);
  await n.scan();
  return `${hash}:0`;
}
const claim = (deposit: string, customer: string | null, idempotencyKey?: string, why = 'ticket 12') =>
  n.t.ask({
    path: '/v1/deposits/claims',
    body: { deposit, customer, why },
    ...(idempotencyKey ? { idempotencyKey } : {}),
  });
const available = async (customer: string) =>
  (await customerBalances(n.t.house.pool, customer))[0]?.available ?? 0n;

describe('claimed', () => {
  it('by two customers and the house at once, again and again: by one', async () => {
    const id = await held();
    const owners = ['alice', 'bob', null];
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        claim(id, owners[index % 3] ?? null, `race-${index % 10}-${index % 3}`),
      ),
    );
    const winners = new Set(
      answers.filter(({ status }) => status === 200).map(({ body }) => body['customer']),
    );
    expect(winners.size).toBe(1);
    const [sum] = (await n.t.database.admin.query('select count(*) as n from custody.claim')).rows as {
      n: string;
    }[];
    expect(Number(sum?.n)).toBe(1);
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  });

  it('is written down: who, by which key and request, when and why', async () => {
    const id = await held();
    expect(
      await claim(id, 'alice', 'claim-1', 'sent without a message; proved by the sender’s signature'),
    ).toMatchObject({
      status: 200,
      body: { deposit: id, state: 'credited', customer: 'alice' },
    });
    const { rows } = await n.t.database.admin.query('select * from custody.claim where deposit = $1', [id]);
    expect(rows).toMatchObject([
      {
        customer: 'alice',
        key_id: 'key-1',
        idempotency_key: 'claim-1',
        why: expect.stringContaining('proved'),
      },
    ]);
    await expect(n.t.house.pool.query("update custody.claim set why = 'x'")).rejects.toThrow(
      /permission denied/,
    );
    await expect(n.t.house.pool.query('delete from custody.claim')).rejects.toThrow(/permission denied/);
  });

  it('and asked again with the same key: the same answer, once', async () => {
    const id = await held();
    const before = await available('bob');
    const first = await claim(id, 'bob', 'claim-2');
    const second = await claim(id, 'bob', 'claim-2');
    expect(second).toEqual(first);
    expect((await available('bob')) - before).toBeGreaterThan(1_000_000n);
    expect((await available('bob')) - before).toBeLessThan(2_000_000n);
    expect(await claim(id, 'alice', 'claim-3')).toMatchObject({ status: 422 });
  });

  it.each([
    ['for somebody unknown', { customer: 'nobody' }, 422, /unknown-customer|not known/],
    ['without a reason', { why: '  ' }, 400, /why/],
    ['with U+0000 in the reason', { why: 'a\u0000b' }, 400, /why/],
    ['of a deposit that is not there', { deposit: `${'a'.repeat(64)}:0` }, 404, /none is called/],
    ['of what is no id', { deposit: 'x' }, 400, /deposit/],
    ['with a field too many', { amount: '1' }, 400, /amount|Unrecognized/],
  ])('%s: refused, and nothing moves', async (_what, change, status, why) => {
    const id = await held();
    const answer = await n.t.ask({
      path: '/v1/deposits/claims',
      body: { deposit: id, customer: 'alice', why: 'w', ...change },
    });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toMatch(why);
    const found = await inTransaction(n.t.house.pool, (client) => lockDeposit(client, id));
    expect(found).toMatchObject({ state: 'held', customer: null });
  });
});

describe('on its way back', () => {
  it('a deposit that is being returned cannot be claimed, and one that is claimed not returned', async () => {
    const id = await held();
    const move = (to: DepositState) =>
      inTransaction(n.t.house.pool, async (client) => {
        const found = await lockDeposit(client, id);
        if (!found) throw new Error('it is there');
        await moveDeposit(client, found, to);
      });
    await move('returning');
    expect(await claim(id, 'alice')).toMatchObject({
      status: 422,
      body: { detail: expect.stringMatching(/is returning/) },
    });
    await move('held');
    expect(await claim(id, 'alice')).toMatchObject({ status: 200 });
    await expect(move('returning')).rejects.toThrow(/does not go from credited to returning/);
  });
  it('the table leads nowhere that is not in it, and out of every state but the last', () => {
    for (const from of DepositState.options)
      for (const to of depositMoves[from]) expect(DepositState.options).toContain(to);
    expect(depositMoves.credited).toEqual(['reversed']);
  });
});

describe('page by page', () => {
  it('each once, newest first, whatever comes in meanwhile', async () => {
    const { pool } = n.t.house;
    const seen: Deposit[] = [];
    for (;;) {
      const before = seen.at(-1)?.seq;
      const page = await pageOfDeposits(pool, { limit: 3, ...(before === undefined ? {} : { before }) });
      if (page.length === 0) break;
      seen.push(...page);
      if (seen.length === 3) await held();
    }
    const all = (await n.t.database.admin.query('select count(*) as n from custody.deposit')).rows as {
      n: string;
    }[];
    expect(seen).toHaveLength(Number(all[0]?.n) - 1);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map(({ seq }) => seq).toSorted((a, b) => b - a));
  });
  it('only of one state, or one customer', async () => {
    const { pool } = n.t.house;
    const waiting = await pageOfDeposits(pool, { limit: 100, state: 'held' });
    expect(waiting.length).toBeGreaterThan(0);
    expect(waiting.every(({ state }) => state === 'held')).toBe(true);
    const alices = await pageOfDeposits(pool, { limit: 100, customer: 'alice' });
    expect(alices.length).toBeGreaterThan(0);
    expect(alices.every(({ customer }) => customer === 'alice')).toBe(true);
  });
});
