/** A wallet took another's place: customers send to the old one's addresses for years, what was under way there is paid once, and all that is left follows. */
import { randomUUID } from 'node:crypto';
import { inTransaction, verify } from '@kuramori/ledger';
import { signingKeyFromSeed, type BitcoinWallet, type Policy } from '@kuramori/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldWallet } from '../../../chains/bitcoin/codec/testing/wallet.ts';
import { hasLitecoind } from '../../../chains/bitcoin/testing/litecoind.ts';
import { api } from '../../api/answer.ts';
import { round } from '../../chain/scan.ts';
import { keepPlaces, openDeposits, placeOf, vouched } from '../../deposits/place.ts';
import type { House } from '../../house.ts';
import { clientOf, done } from '../../testing/exchange.ts';
import { idleScans } from '../../testing/house.ts';
import { ltc, openLitecoin, type Litecoin } from '../../testing/litecoin.ts';
import { balanceOf, drive, show, type Asked } from '../../testing/withdrawals.ts';
import { tendTreasury } from '../../treasury.ts';

const record = signingKeyFromSeed(Buffer.alloc(32, 33));
/** Another key in the place of the first signer's. */
const after = heldWallet(2, [7, 2, 3]);
const successor: BitcoinWallet = {
  ...after.wallet,
  id: 'hot-ltc-2',
  cosigners: after.wallet.cosigners.map((one, at) => ({
    ...one,
    signer: at < 2 ? `signer-${3 - at}` : null,
  })),
  evacuateTo: 'cold-ltc',
};
const sweep = { to: ['cold-ltc'], perDay: { count: 9, fees: ltc('0.1') }, leave: ltc('0.1') };
/** Both are there, and the first is in use. */
const standby = (usual: Policy): Policy => ({
  ...usual,
  signers: [...usual.signers, { id: 'signer-3', recordKey: record.publicKey }],
  wallets: [...usual.wallets, successor],
  rules: usual.rules.flatMap((rule) => [
    { ...rule, sweep },
    { ...rule, wallet: successor.id },
  ]),
});
const succeeded = (usual: Policy): Policy => {
  const { wallets, rules, ...rest } = standby(usual);
  return {
    ...rest,
    wallets: wallets.map((one) =>
      one.id === 'hot-ltc' && 'descriptor' in one ? { ...one, successor: successor.id } : one,
    ),
    rules: rules.map((rule) =>
      rule.wallet === 'hot-ltc' ? { ...rule, sweep: { ...sweep, to: ['cold-ltc', successor.id] } } : rule,
    ),
  };
};

describe.skipIf(!hasLitecoind())('a wallet and its successor on litecoind', () => {
  let n: Litecoin;
  /** As it was, on the same database. */
  let old: { readonly house: House; readonly asked: Asked };
  let alicesOld: string;
  let alicesNew: string;

  beforeAll(async () => {
    const [key] = after.keys;
    if (!key) throw new Error('no key');
    n = await openLitecoin({ policy: succeeded, more: [{ key, record }] });
    const [retired] = n.t.house.retired;
    const policy = { ...n.t.house.policy, wallets: n.t.house.policy.wallets.map(withoutSuccessor) };
    if (!retired) throw new Error('no wallet was retired');
    const branches = [{ ...retired, policy }];
    const house: House = { ...n.t.house, policy, branches, retired: [] };
    old = { house, asked: { t: { ...n.t, client: clientOf(api(house, idleScans), n.t.clock) } } };
    await inTransaction(house.pool, (client) => openDeposits(house, client, { customer: 'alice' }));
    alicesOld = placeOf({ ...retired, policy }, 'alice', 1).address;
    await n.pay({ [alicesOld]: '5' });
    await n.mine(2);
    await round(branches[0] as (typeof branches)[0]);
  }, 120_000);
  afterAll(() => n?.[Symbol.asyncDispose]());

  const ask = async (of: Asked, amount: string, to = n.stranger) => {
    const body = {
      customer: 'alice',
      asset: 'litecoin:ltc' as const,
      amount: ltc(amount).toString(),
      destination: { address: to, memo: '' },
      feeCap: ltc('0.001').toString(),
    };
    return of.t.client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() });
  };
  const settle = async (id: string) => {
    await n.mine(2);
    await n.watched();
    await n.scan();
    return drive(n, id, 'final');
  };
  const moves = async () =>
    (
      await n.t.database.admin.query<{
        id: string;
        amount: string;
        fee_cap: string;
        cold: string;
        state: string;
      }>(
        "select id, amount, fee_cap, cold, state from custody.withdrawal where reason = 'sweep' order by number",
      )
    ).rows;
  const heldBy = async (wallet: string) => {
    const { rows } = await n.t.database.admin.query<{ books: string; coins: string }>(
      `select (select coalesce(sum(balance), 0) from ledger.account where kind = 'hot' and owner = $1)::text as books,
        (select coalesce(sum(units), 0) from custody.coin where wallet = $1 and spent_by is null)::text as coins`,
      [wallet],
    );
    expect(rows[0]?.books).toBe(rows[0]?.coins);
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
    return BigInt(rows[0]?.coins ?? '0');
  };

  it('the customer has an address of each, and an answer of before shows the new one', async () => {
    const answer = await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } });
    expect(answer).toMatchObject({ status: 201 });
    alicesNew = String(answer.body['address']);
    expect(alicesNew).not.toBe(alicesOld);
    expect(alicesNew).toBe(n.at(after, 0, 1));
    const kept = { status: 201, body: { customer: 'alice', asset: 'litecoin:ltc', number: 1 } } as const;
    expect((await vouched(n.t.house, kept)).body).toMatchObject({ address: alicesNew });
  });

  it('what was under way in the old wallet is paid out of it, and nothing follows before', async () => {
    const id = done(await ask(old.asked, '1')).body.id;
    await tendTreasury(n.t.house);
    expect(await moves()).toEqual([]);
    await drive(n, id, 'sent');
    await tendTreasury(n.t.house);
    expect(await moves()).toEqual([]);
    expect(await show(n, id)).toMatchObject({ state: 'sent' });
    await settle(id);
    expect(await heldBy('hot-ltc')).toBeLessThan(ltc('4'));
  }, 60_000);

  it('what the house has not of its own is spent on no move', async () => {
    await tendTreasury(n.t.house);
    expect(await moves()).toEqual([]);
    await n.pay({ [after.wallet.address]: '1' });
    await n.mine(2);
    await n.scan();
    const own = (await Array.fromAsync(n.t.client.pages('listDeposits', {}))).find(
      ({ why }) => why === 'unknown-address',
    );
    const taken = await n.t.ask({ path: '/v1/house/own-funds', body: { deposit: own?.id } });
    expect(taken).toMatchObject({ status: 200 });
  }, 60_000);

  it('all that is left follows, in one sweep, and a customer is paid out of it there', async () => {
    const left = await heldBy('hot-ltc');
    await tendTreasury(n.t.house);
    const [move, ...others] = await moves();
    expect(others).toEqual([]);
    expect(move).toMatchObject({ cold: 'hot-ltc-2' });
    expect(BigInt(move?.amount ?? 0) + BigInt(move?.fee_cap ?? 0)).toBe(left);
    await drive(n, move?.id ?? '', 'sent');
    await settle(move?.id ?? '');
    expect(await heldBy('hot-ltc')).toBe(0n);
    expect(await heldBy('hot-ltc-2')).toBe(ltc('1') + BigInt(move?.amount ?? 0));
    const id = done(await ask(n, '2')).body.id;
    await drive(n, id, 'sent');
    expect((await settle(id)).state).toBe('final');
  }, 60_000);

  it('what comes to an old address later is the customer’s, and follows too', async () => {
    const had = BigInt((await balanceOf(n, 'alice')).balance);
    await n.pay({ [alicesOld]: '0.5', [alicesNew]: '0.25' });
    await n.mine(2);
    await n.scan();
    expect(BigInt((await balanceOf(n, 'alice')).balance)).toBe(had + ltc('0.75'));
    expect(await heldBy('hot-ltc')).toBe(ltc('0.5'));
    await tendTreasury(n.t.house);
    const move = (await moves()).at(-1);
    await drive(n, move?.id ?? '', 'sent');
    await settle(move?.id ?? '');
    expect(await heldBy('hot-ltc')).toBe(0n);
  }, 60_000);

  it('nobody is paid to an address of either: it would come in as nobody’s', async () => {
    for (const to of [alicesOld, alicesNew])
      expect(await ask(n, '0.1', to)).toMatchObject({
        problem: { detail: expect.stringContaining('an address of our own hot wallet') as string },
      });
  });

  it('custody starts as long as the old wallet is named, and says why where it is not', async () => {
    const { house } = n.t;
    await expect(keepPlaces(house)).resolves.toBeUndefined();
    await expect(keepPlaces({ ...house, retired: [] })).rejects.toThrow(/alice.*name another its successor/);
    // Of a database from before there were two.
    await n.t.database.admin.query("update custody.place set wallet = '' where wallet = 'hot-ltc'");
    await expect(keepPlaces(house)).resolves.toBeUndefined();
    expect(
      (await vouched(house, { status: 201, body: { customer: 'alice', asset: 'litecoin:ltc' } })).body,
    ).toMatchObject({
      address: alicesNew,
    });
  });
});

function withoutSuccessor<W extends Policy['wallets'][number]>(wallet: W): W {
  if (!('successor' in wallet)) return wallet;
  const { successor: _, ...rest } = wallet;
  return rest as W;
}
