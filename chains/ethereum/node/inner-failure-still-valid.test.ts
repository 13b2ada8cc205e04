/** What a Safe’s transaction calls has failed, so all of it has (GS013 of older Safes). Its number is not used up, and whoever has the signatures may send them again. */
import { getAddress, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customer as stranger, secretNamed } from '../codec/house.testing.ts';
import { encodePlan, type Address } from '../codec/index.ts';
import { boundOf, deploySafe, signedBlindly } from '../testing/house.ts';
import { lookerAt, must, payment, scene, type Looker, type Scene, type Token } from '../testing/scene.ts';
import { ethereumReading } from './reading.ts';

describe('an execution whose inner call fails (anvil)', () => {
  let s: Scene;
  let l: Looker;
  let token: Token;
  let safe: Hex;
  beforeAll(async () => {
    s = await scene();
    token = await s.token('PlainToken');
    safe = getAddress(s.hot.address);
    l = lookerAt(s.liar.endpoint.url, s, [token]);
    await l.look();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());

  const relayer = () => getAddress(s.chain.payer) as string as Address;
  const tries = (calldata: Hex) =>
    l.client.tries(relayer(), s.hot.address as Address, calldata.slice(2)).then(must);

  it('more than the Safe has: refused by a try, and recognised in a block; then paid by the same signatures', async () => {
    const paid = payment(s.hot, { asset: token.asset, recipient: stranger, units: 500n, nonce: 0n });
    expect(await tries(paid.calldata)).toEqual({ kind: 'reverts', why: 'panic 0x11' });
    await s.chain.send(safe, paid.calldata);
    const [failed] = await l.seen();
    expect(failed).toMatchObject({
      ok: false,
      failure: 'panic 0x11',
      moves: [],
      unexplained: [],
      executions: [{ hash: paid.hash, plan: paid.planned.plan, outcome: 'reverted', wallet: 'hot' }],
    });
    // Signed by owners of ours, so each part needs its record.
    expect(
      failed &&
        ethereumReading(l.ours)
          .parts(failed)
          .map(({ bytes }) => bytes)
          .toSorted(),
    ).toEqual(paid.planned.shares.map(({ share }) => share).toSorted());
    expect(l.holdings.fate(paid.planned.plan)).toEqual({ kind: 'open' });
    expect(must(await l.client.safe(s.hot, 'latest')).nonce).toBe(0n);
    expect(must(await l.client.find(failed?.hash ?? ''))).toMatchObject({
      kind: 'mined',
      ok: false,
      failure: 'panic 0x11',
    });

    await s.sends(token.at, 'mint', [safe, 500n]);
    await l.look();
    expect(await tries(paid.calldata)).toMatchObject({ kind: 'gas' });
    await s.chain.send(safe, paid.calldata);
    const [done] = await l.seen();
    expect(done?.executions).toMatchObject([{ hash: paid.hash, outcome: 'done' }]);
    expect(l.holdings.fate(paid.planned.plan)).toMatchObject({ kind: 'done', transaction: done?.hash });
  });

  it('sent again once it is done: refused by the Safe, and recognised as what was done', async () => {
    const paid = payment(s.hot, { asset: token.asset, recipient: stranger, units: 500n, nonce: 0n });
    expect(await tries(paid.calldata)).toEqual({ kind: 'reverts', why: 'GS026' });
    await s.chain.send(safe, paid.calldata);
    const [seen] = await l.seen();
    expect(seen).toMatchObject({ failure: 'GS026', executions: [{ hash: paid.hash, outcome: 'reverted' }] });
    expect(l.holdings.fate(paid.planned.plan).kind).toBe('done');
  });

  it('signed ahead: known by its number while that is to come', async () => {
    const later = payment(s.hot, { recipient: stranger, units: 1n, nonce: 4n });
    await s.chain.send(safe, later.calldata);
    const [seen] = await l.seen();
    expect(seen?.executions).toMatchObject([
      { hash: later.hash, outcome: 'reverted', bound: { tx: { nonce: 4n } } },
    ]);
  });

  it('a stranger’s bytes that the Safe refuses are nothing of ours', async () => {
    const { planned } = payment(s.hot, { recipient: stranger, units: 1n, nonce: 1n });
    const forged = signedBlindly(boundOf(planned), [secretNamed('a'), secretNamed('b')]);
    await s.chain.send(safe, forged);
    await s.chain.send(safe, '0xdeadbeef');
    expect(await l.seen()).toEqual([]);
  });

  it('a block full of calls that the Safe refuses holds nobody: the first of them are looked at, the rest told', async () => {
    const { planned } = payment(s.hot, { recipient: stranger, units: 1n, nonce: 1n });
    const forged = signedBlindly(boundOf(planned), [secretNamed('a'), secretNamed('b')]);
    const paid = payment(s.hot, { recipient: stranger, units: 900n, nonce: 1n });
    await s.anvil('evm_setAutomine', false);
    const nonce = await s.chain.client.getTransactionCount({ address: s.chain.payer });
    for (let at = 0; at < 80; at += 1)
      await s.anvil('eth_sendTransaction', {
        from: s.chain.payer,
        nonce: `0x${(nonce + at).toString(16)}`,
        to: safe,
        gas: '0x249f0',
        maxFeePerGas: '0x77359400',
        data: at === 3 ? paid.calldata : forged,
      });
    await s.anvil('evm_mine');
    await s.anvil('evm_setAutomine', true);
    const [block] = await l.look();
    expect(block?.transactions.map(({ executions }) => executions[0]?.hash)).toEqual([paid.hash]);
    expect(block?.unread).toHaveLength(16);
    expect(new Set(block?.unread.map(({ signer }) => signer))).toEqual(new Set([null]));
  });

  it('a node without traces does not say why: still valid all the same', async () => {
    s.liar.lacks.add('debug_traceBlockByHash').add('debug_traceTransaction');
    const paid = payment(s.hot, { recipient: stranger, units: 1n, nonce: 1n });
    await s.chain.send(safe, paid.calldata);
    const [seen] = await l.seen();
    expect(seen).toMatchObject({ failure: null, executions: [{ hash: paid.hash, outcome: 'reverted' }] });
    s.liar.lacks.clear();
  });

  it('gas set aside, as no plan of ours does: told as failed, its number used up', async () => {
    const wallet = await deploySafe(s.chain, s.safes, { guarded: false });
    const other = lookerAt(s.chain.url, { hot: wallet, cold: s.cold });
    const { tx, ...of } = boundOf(payment(wallet, { recipient: stranger, units: 1n, nonce: 0n }).planned);
    const bound = { ...of, tx: { ...tx, safeTxGas: 100_000n } };
    const secrets = ['owner 1', 'owner 2'].map(secretNamed);
    await s.chain.send(getAddress(wallet.address), signedBlindly(bound, secrets));
    const seen = (await other.seen()).at(-1);
    expect(seen?.executions).toMatchObject([{ outcome: 'failed' }]);
    expect(other.holdings.fate(encodePlan(bound))).toMatchObject({ kind: 'failed' });
    expect(must(await other.client.safe(wallet, 'latest')).nonce).toBe(1n);
  });
});
