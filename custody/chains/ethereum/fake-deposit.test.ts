/** What comes on Ethereum is credited once, when it is final, to whose address it is, and by what really came: not by what a token tells. */
import { ETH } from '@kuramori/core';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ours as contract } from '../../../chains/ethereum/testing/house.ts';
import { ether, openEthereumGround, type EthereumGround, type Hex } from '../../testing/ethereum.ts';
import { done } from '../../testing/exchange.ts';
import { tendTreasury } from '../../treasury.ts';

describe('deposits on Ethereum (anvil)', () => {
  let n: EthereumGround;
  let alice: Hex;
  let bob: Hex;
  beforeAll(async () => {
    n = await openEthereumGround({ tokens: ['PlainToken', 'TaxedToken', 'ForgingToken'] });
    alice = await placeOf('alice');
    bob = await placeOf('bob');
  }, 60_000);
  afterAll(() => n[Symbol.asyncDispose]());

  async function placeOf(customer: string): Promise<Hex> {
    const { body } = await n.t.ask({ path: '/v1/customers', body: { customer, asset: ETH } });
    return String(body['address']) as Hex;
  }
  const balances = async (customer: string) => {
    const answer = await n.t.client.call('showBalances', { params: { customer } });
    return new Map(done(answer).body.balances.map(({ asset, available }) => [asset, BigInt(available)]));
  };
  const has = async (customer: string, asset: string = ETH) => (await balances(customer)).get(asset) ?? 0n;
  const token = (at: number) => {
    const found = n.tokens[at];
    if (!found) throw new Error('no such token');
    return found;
  };
  const notices = async () =>
    (await n.t.database.admin.query<{ key: string; what: string }>('select key, what from custody.notice'))
      .rows;
  async function book(): Promise<void> {
    await n.finalize();
    expect(await n.scan()).toMatchObject({ stopped: null });
  }
  /** Books against chain: the Safe and every customer's address. */
  async function inStep(asset: string = ETH, at = -1, proof = 'verified'): Promise<void> {
    const { rows } = await n.t.database.admin.query<{ units: string }>(
      "select coalesce(sum(balance), 0)::text as units from ledger.account where kind = 'hot' and asset = $1",
      [asset],
    );
    const places = [n.hot.address, alice, bob];
    const there = await Promise.all(
      places.map((place) => (at < 0 ? n.coins(place) : n.units(token(at), place))),
    );
    expect(BigInt(rows[0]?.units ?? 0)).toBe(there.reduce((sum, units) => sum + units, 0n));
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: proof });
  }

  it('coins and units to each customer’s own address are theirs once the block is final, and not before', async () => {
    await n.scene.chain.send(alice, '0x', ether(2));
    await n.scene.sends(token(0).at, 'mint', [bob, 5_000n]);
    await n.scan();
    expect(await has('alice')).toBe(0n);
    await book();
    expect(await has('alice')).toBe(ether(2));
    expect(await has('bob', token(0).asset)).toBe(5_000n);
    expect(await has('bob')).toBe(0n);
    await n.scan();
    expect(await has('alice')).toBe(ether(2));
    await inStep();
    await inStep(token(0).asset, 0);
  });

  it('two in one transaction, and by a contract’s call; dust and what comes to the Safe itself is nobody’s', async () => {
    const before = await has('alice');
    await n.scene.sends(token(0).at, 'mint', [alice, 7_000n]);
    await n.scene.chain.send(bob, '0x', 5n);
    await n.scene.chain.send(n.hot.address as Hex, '0x', ether(1));
    await book();
    expect(await has('alice', token(0).asset)).toBe(7_000n);
    expect(await has('alice')).toBe(before);
    expect(await has('bob')).toBe(0n);
    const found = await Array.fromAsync(n.t.client.pages('listDeposits', {}));
    expect(found.find(({ units }) => units === '5')).toMatchObject({ state: 'dust' });
    expect(found.find(({ units }) => units === ether(1).toString())).toMatchObject({
      state: 'held',
      why: 'unknown-address',
    });
    await inStep();
  });

  it('fake-deposit: a token that nobody listed, an event that is a lie, and one that keeps a part', async () => {
    const fake = await n.scene.token('PlainToken');
    await n.scene.sends(fake.at, 'mint', [alice, 1_000_000n]);
    const [, taxed, forging] = n.tokens;
    // It tells of a transfer, and no balance rises.
    await n.scene.sends(forging?.at ?? '0x', 'forge', [n.scene.chain.payer, alice, 9_000n]);
    await n.scene.sends(taxed?.at ?? '0x', 'mint', [n.scene.chain.payer, 20_000n]);
    await n.scene.sends(taxed?.at ?? '0x', 'transfer', [alice, 10_000n]);
    await book();
    const now = await balances('alice');
    expect(now.get(fake.asset)).toBeUndefined();
    expect(now.get(forging?.asset ?? '') ?? 0n).toBe(0n);
    expect(now.get(taxed?.asset ?? '')).toBe(await n.units(token(1), alice));
    expect((await notices()).find(({ key }) => key.startsWith('doubtful:'))?.what).toMatch(
      /credited to nobody: the balance changed by 0, and what is told is 9000/,
    );
    await inStep(taxed?.asset, 1);
  });

  it('sent on to the Safe by the relayer, once, nobody’s balance changes; of a token that keeps a part the house loses it', async () => {
    const before = { eth: await has('alice'), taxed: await has('alice', token(1).asset) };
    const safe = await n.coins(n.hot.address);
    await tendTreasury(n.t.house);
    await tendTreasury(n.t.house);
    expect(await n.coins(alice)).toBe(0n);
    expect(await n.coins(n.hot.address)).toBe(safe + ether(2));
    expect(await n.units(token(1), alice)).toBe(0n);
    await book();
    expect(await has('alice')).toBe(before.eth);
    expect(await has('alice', token(1).asset)).toBe(before.taxed);
    // What the token kept is the house's loss, which has none of it of its own: the proof says what lacks.
    for (const [asset, at] of [ETH, token(0).asset, token(1).asset].entries())
      await inStep(at, asset - 1, 'refuted');
    const sent = n.relayer.status();
    await tendTreasury(n.t.house);
    expect(n.relayer.status()).toMatchObject({ nonce: sent.nonce, spent: sent.spent });
    const { rows } = await n.t.database.admin.query<{ what: string; units: string }>(
      "select what, units::text from custody.outgoing where kind = 'unexplained'",
    );
    expect(rows).toEqual([
      { what: 'taken by the token, of deposits that were sent on', units: expect.any(String) },
    ]);
  });

  it('a node that lies about a trace, or has another final block, stops the books, is named, and nothing of it is booked', async () => {
    n.scene.liar.lie = (method, _, result) => (method === 'debug_traceBlockByHash' ? hidden(result) : result);
    await n.scene.chain.send(bob, '0x', ether(3));
    await n.finalize();
    expect((await n.scan()).stopped).toMatch(/liar|127\.0\.0\.1/);
    expect(await has('bob')).toBe(0n);
    n.scene.liar.lie = null;
    await book();
    expect(await has('bob')).toBe(ether(3));
  });

  it('by force, at a contract’s end: no transaction shows it, and it is theirs', async () => {
    const before = await has('alice');
    const sender = await n.scene.chain.deploy(contract('Sender'));
    expect(await n.scene.sends(sender, 'force', [alice], ether(0.5))).toBe(true);
    await book();
    expect(await has('alice')).toBe(before + ether(0.5));
  });
});

/** A trace in which no call moves anything. */
function hidden(result: unknown): unknown {
  const traces = result as readonly { readonly result: object }[];
  return traces.map((one) => ({ ...one, result: { ...one.result, value: '0x0', calls: [] } }));
}
