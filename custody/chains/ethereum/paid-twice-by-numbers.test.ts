/** Withdrawals on a real EVM chain: paid once, each by a number of the Safe that nothing else has, whatever relayer and chain do meanwhile. */
import { randomUUID } from 'node:crypto';
import { checksummed } from '@kuramori/chains/ethereum/codec';
import { ETH } from '@kuramori/core';
import { inTransaction, verify } from '@kuramori/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundOf } from '../../../chains/ethereum/testing/house.ts';
import { payment, type Token } from '../../../chains/ethereum/testing/scene.ts';
import { ether, openEthereum, type Ethereum, type Hex } from '../../testing/ethereum.ts';
import { done } from '../../testing/exchange.ts';
import { until } from '../../testing/rooms.ts';
import { drive, show, statesOf } from '../../testing/withdrawals.ts';
import { tendTreasury } from '../../treasury.ts';
import { advance } from '../../withdrawal.ts';
import { freeMoney } from '../../withdrawals/give-up.ts';
import { findWithdrawal } from '../../withdrawals/row.ts';

describe('withdrawals on Ethereum (anvil)', () => {
  let n: Ethereum;
  let place: Hex;
  const stranger = checksummed('00000000000000000000000000000000000badf0');
  beforeAll(async () => {
    n = await openEthereum();
    const { body } = await n.t.ask({ path: '/v1/customers', body: { customer: 'alice', asset: ETH } });
    place = String(body['address']) as Hex;
    await n.scene.chain.send(place, '0x', ether(20));
    await booked();
    await tendTreasury(n.t.house);
    await booked();
    expect(await alices()).toMatchObject({ available: ether(20).toString() });
  }, 120_000);
  afterAll(() => n[Symbol.asyncDispose]());

  async function withdraw(amount: bigint, to: string = stranger, asset: string = ETH): Promise<string> {
    const body = {
      customer: 'alice',
      asset,
      amount: amount.toString(),
      destination: { address: to, memo: '' },
      feeCap: '0',
    };
    return done(await n.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() })).body.id;
  }
  /** Of the coin. */
  async function alices() {
    const answer = await n.t.client.call('showBalances', { params: { customer: 'alice' } });
    const found = done(answer).body.balances.find(({ asset }) => asset === ETH);
    return found ?? { available: '0', held: '0' };
  }
  async function booked(): Promise<void> {
    await n.finalize();
    await n.watched();
    expect(await n.scan()).toMatchObject({ stopped: null });
  }
  async function settle(id: string) {
    await booked();
    return drive(n, id, 'final');
  }
  /** All of them, in turns, as their jobs would. */
  async function allTo(ids: readonly string[], to: 'sent' | 'final'): Promise<void> {
    for (let steps = 0; steps < 40; steps += 1) {
      const states = await statesOf(n, ids);
      // On a chain where every transaction is a block, who is sent is confirmed a moment later.
      if (states.every((state) => state === to || (to === 'sent' && state === 'confirmed'))) return;
      await Promise.all(ids.map((id) => advance(n.t.house, id)));
    }
    throw new Error(
      `not all are ${to}: ${(await Promise.all(ids.map((id) => show(n, id)))).map(({ state, waiting }) => `${state} ${waiting}`).join('; ')}`,
    );
  }
  /** What a relayer refused is asked again after five seconds: here they pass at once. */
  async function soon(): Promise<void> {
    await n.t.database.admin.query('update custody.announcement set at = at - 70000');
  }
  async function numbersOf(ids: readonly string[]): Promise<readonly bigint[]> {
    const { rows } = await n.t.database.admin.query<{ plan: string }>(
      `select p.plan ->> 'plan' as plan from custody.plan p join unnest($1::text[]) with ordinality w (id, place) on w.id = p.withdrawal
         where p.number = 1 order by w.place`,
      [ids],
    );
    return rows.map(({ plan }) => boundOf({ plan }).tx.nonce);
  }
  async function refuse(id: string): Promise<void> {
    const found = await findWithdrawal(n.t.house.pool, id);
    if (!found) throw new Error('it is there');
    await inTransaction(n.t.house.pool, (client) =>
      freeMoney(n.t.house, client, found, 'refused', 'its recipient takes nothing'),
    );
  }
  /** Books against chain. */
  async function inStep(token?: Token, proof = 'verified'): Promise<void> {
    const { rows } = await n.t.database.admin.query<{ units: string }>(
      "select coalesce(sum(balance), 0)::text as units from ledger.account where kind = 'hot' and asset = $1",
      [token?.asset ?? ETH],
    );
    const there = await Promise.all(
      [n.hot.address, place].map((at) => (token ? n.units(token, at) : n.coins(at))),
    );
    expect(BigInt(rows[0]?.units ?? 0)).toBe(there.reduce((sum, units) => sum + units, 0n));
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: proof });
  }

  it('goes the whole way: the stranger gets the amount, the customer pays it and nothing else, the relayer the gas', async () => {
    const before = await n.coins(stranger);
    const id = await withdraw(ether(1));
    const sent = await drive(n, id, 'sent');
    expect(sent.transaction).toMatch(/^[0-9a-f]{64}$/);
    expect(sent.signers).toHaveLength(2);
    const final = await settle(id);
    expect(final.fee).toBe('0');
    const mined = await n.scene.chain.client.getTransactionReceipt({ hash: `0x${final.chainHash}` });
    expect(mined.to?.toLowerCase()).toBe(n.hot.address.toLowerCase());
    expect(await n.coins(stranger)).toBe(before + ether(1));
    expect(await alices()).toMatchObject({ available: ether(19).toString(), held: '0' });
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
    expect(n.tower.status().frozen).toBeNull();
  }, 60_000);

  it('what stands at customers’ addresses is counted by the watchtower as well: books and chain are one before it is sent on', async () => {
    await n.scene.chain.send(place, '0x', ether(0.5));
    await booked();
    expect(await n.compared()).toEqual([]);
    await tendTreasury(n.t.house);
    await booked();
    expect(await n.compared()).toEqual([]);
    expect(await n.coins(place)).toBe(0n);
  }, 60_000);

  it('several at once, coins and tokens: each has a number of its own, one after the other, and all are paid', async () => {
    const [token] = n.tokens;
    if (!token) throw new Error('a token');
    await n.scene.sends(token.at, 'mint', [place, 1_000_000n]);
    await booked();
    await tendTreasury(n.t.house);
    await booked();
    const before = await n.coins(stranger);
    const ids = [
      ...(await Promise.all([1, 2, 3].map((each) => withdraw(ether(each))))),
      await withdraw(400_000n, stranger, token.asset),
    ];
    await allTo(ids, 'sent');
    expect(new Set((await numbersOf(ids)).map(String)).size).toBe(4);
    await booked();
    await allTo(ids, 'final');
    expect(await n.coins(stranger)).toBe(before + ether(6));
    expect(await n.units(token, stranger)).toBe(400_000n);
    await inStep();
    await inStep(token);
    // By the watchtower's own eyes, of coins and of each token that the policy lists.
    expect(await n.compared()).toEqual([]);
  }, 60_000);

  it('blocked-by-a-recipient: one that takes nothing holds its number until the next payment takes it over; dead only when that is final; its money is the customer’s again', async () => {
    const refusing = checksummed(n.scene.safes.guard.slice(2).toLowerCase());
    const before = await alices();
    const stuck = await withdraw(ether(0.5), refusing);
    await drive(n, stuck, 'signed');
    // Nobody stands behind it, or both would be stuck.
    const next = await withdraw(ether(0.1));
    for (let steps = 0; steps < 5; steps += 1) await advance(n.t.house, next);
    expect(await show(n, next)).toMatchObject({ state: 'screened' });
    expect((await show(n, next)).waiting).toMatch(/^number [0-9]+ of the Safe, with which/);
    for (let tries = 0; tries < 4; tries += 1) {
      await advance(n.t.house, stuck);
      await soon();
    }
    expect((await show(n, stuck)).waiting).toMatch(/would-fail/);
    await drive(n, next, 'sent');
    expect(await numbersOf([stuck])).toEqual(await numbersOf([next]));
    await n.watched();
    await advance(n.t.house, stuck);
    expect(await show(n, stuck)).toMatchObject({ state: 'signed' });
    await booked();
    await drive(n, next, 'final');
    await advance(n.t.house, stuck);
    expect(await show(n, stuck)).toMatchObject({ state: 'expired' });
    expect(await alices()).toMatchObject({ held: ether(0.5).toString() });
    await inStep();
    // Once is enough: it takes no other number.
    expect((await drive(n, stuck, 'refused')).why).toMatch(/^its recipient takes nothing: would-fail/);
    expect(BigInt((await alices()).available)).toBe(BigInt(before.available) - ether(0.1));
  }, 60_000);

  it('given up before anybody could sign it, its number is the next one’s', async () => {
    const id = await withdraw(ether(0.2));
    await drive(n, id, 'planned', n.t.house, 1);
    const [number] = await numbersOf([id]);
    await refuse(id);
    const next = await withdraw(ether(0.3));
    await drive(n, next, 'sent');
    expect(await numbersOf([next])).toEqual([number]);
    await booked();
    await drive(n, next, 'final');
    await inStep();
  }, 60_000);

  it('its block is taken back before it was final: sent again, paid once, and nothing was booked meanwhile', async () => {
    const before = await n.coins(stranger);
    const id = await withdraw(ether(0.4));
    await drive(n, id, 'sent');
    await n.watched();
    await drive(n, id, 'confirmed');
    await n.scan();
    await n.scene.anvil('anvil_reorg', 1, []);
    await advance(n.t.house, id);
    const isPaid = async () => (await n.coins(stranger)) === before + ether(0.4);
    await until('the relayer to have sent it again', isPaid, 20_000);
    await n.watched();
    await settle(id);
    expect(await n.coins(stranger)).toBe(before + ether(0.4));
    await inStep();
  }, 60_000);

  it('the relayer is silent: it is not known, and is sent once somebody answers', async () => {
    const id = await withdraw(ether(0.6));
    const answer = await n.hush();
    await drive(n, id, 'unknown');
    await answer();
    await soon();
    await drive(n, id, 'sent');
    await settle(id);
    await inStep();
  }, 60_000);

  it('a thief with two keys uses its number: dead only when that is final, its money is held, nobody signs another, and what he took is our loss', async () => {
    const id = await withdraw(ether(0.7));
    const answer = await n.hush();
    await drive(n, id, 'unknown');
    const [number = 0n] = await numbersOf([id]);
    const thief = checksummed('000000000000000000000000000000000badf00d');
    const theft = payment(n.hot, { recipient: thief, units: ether(2), nonce: number });
    expect(await n.scene.chain.send(n.hot.address as Hex, theft.calldata)).toMatchObject({ ok: true });
    await answer();
    await n.watched();
    await advance(n.t.house, id);
    expect((await show(n, id)).state).toMatch(/unknown|signed/);
    await booked();
    for (let steps = 0; steps < 3; steps += 1) await advance(n.t.house, id);
    expect(await show(n, id)).toMatchObject({ state: 'expired' });
    expect(await alices()).toMatchObject({ held: ether(0.7).toString() });
    expect(n.tower.status().frozen).not.toBeNull();
    await advance(n.t.house, id);
    expect((await show(n, id)).waiting).toMatch(/frozen/);
    await inStep(undefined, 'refuted');
  }, 60_000);
});
