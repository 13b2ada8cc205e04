/** Litecoin's other ledger: coins go into it and come out of it by transactions that carry more than scripts guard. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressAt, bitcoin } from '../codec/index.ts';
import { liarBefore } from '../../testing/liar.ts';
import { hasLitecoind, type Litecoind } from '../testing/litecoind.ts';
import { lookerAt, made, must, scene, type Looker, type Scene } from '../testing/scene.ts';
import { bitcoinNode } from './node.ts';
import { bitcoinReading } from './reading.ts';
import { skimOne } from './wire.ts';

describe.skipIf(!hasLitecoind())('transactions beside MWEB (litecoind, with a wallet of its own)', () => {
  let s: Scene;
  let node: Litecoind;
  let l: Looker;
  /** Waits still: coins on their way into MWEB. */
  let pegIn: string;
  const newMweb = async () => String(await node.call('getnewaddress', '', 'mweb'));
  const waitingHex = async () => {
    const [id] = (await node.call('getrawmempool')) as readonly string[];
    return { id: id ?? '', hex: String(await node.call('getrawtransaction', id)) };
  };

  beforeAll(async () => {
    s = await scene(['-disablewallet=0']);
    [node] = s.nodes;
    await node.call('createwallet', 'inside');
    const inside = await newMweb();
    await node.call('unloadwallet', 'inside');
    await node.call('createwallet', 'miner');
    await s.mine(1, s.hot.wallet.address);
    await s.mine(5, String(await node.call('getnewaddress')));
    // Regtest: MWEB is active from block 432 on.
    await s.mine(425);
    await node.call('sendtoaddress', inside, 10);
    ({ hex: pegIn } = await waitingHex());
    l = lookerAt(node.endpoint, s);
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());

  it('one that takes coins into MWEB has the id of its other parts, and none of it is ours', async () => {
    const { id } = await waitingHex();
    expect(skimOne(pegIn)).toMatchObject({ id, form: 'mweb', hasWitness: true });
    expect(await l.look()).toEqual({ seen: [], unread: [], failed: null });
  });

  it('its block ends in a transaction of no signatures, and in more that is not read', async () => {
    await s.mine(1);
    await l.look();
    expect(l.holdings.tip()?.height).toBe(432);
  });

  it('one within MWEB alone concerns nobody here', async () => {
    await node.call('unloadwallet', 'miner');
    await node.call('loadwallet', 'inside');
    await node.call('sendtoaddress', await newMweb(), 1);
    const { id, hex } = await waitingHex();
    const skimmed = skimOne(hex);
    expect(skimmed).toMatchObject({ form: 'mweb', inputs: [], outputs: [] });
    expect(skimmed?.id).not.toBe(id);
    expect(await l.look()).toEqual({ seen: [], unread: [], failed: null });
    await s.mine(1);
  });

  it('what comes out of MWEB to us is ours, and may be spent six blocks deep, as the node has it', async () => {
    const address = addressAt(s.hot.wallet, s.hot.network, 0, 3);
    await node.call('sendtoaddress', address, 2);
    await l.look();
    await s.mine(1);
    await l.look();
    const coin = l.holdings.coins('hot').find(({ index }) => index === 3);
    expect(coin).toMatchObject({ units: 200_000_000n, origin: 'hogex', own: false });
    if (!coin) throw new Error('no coin');
    const maySpend = () =>
      l.holdings
        .spendable('hot', { confirmations: 1, unconfirmedChange: false })
        .some(({ txid }) => txid === coin.txid);
    const pays = made(s.hot, [{ address: s.stranger, units: 50_000_000n }], { coins: [coin], change: 1 });
    for (let deep = 1; deep < 6; deep += 1) {
      expect(maySpend()).toBe(false);
      if (deep === 5)
        expect(must(await l.client.announce(pays.hex))).toMatchObject({
          kind: 'refused',
          message: expect.stringContaining('premature-spend') as string,
        });
      await s.mine(1);
      await l.look();
    }
    expect(maySpend()).toBe(true);
    expect(must(await l.client.announce(pays.hex))).toEqual({ kind: 'accepted' });
  });

  it('a theft that goes into MWEB is seen by its inputs, with the signatures, and told as not wholly read', async () => {
    await s.mine(1);
    await l.look();
    const [coin] = l.holdings.spendable('hot', { confirmations: 1, unconfirmedChange: false });
    if (!coin) throw new Error('nothing to spend');
    const theft = made(
      s.hot,
      [{ address: s.stranger, units: 5_000_000n }],
      { coins: [coin], change: 2 },
      [1, 2],
    );
    await node.call('sendrawtransaction', theft.hex);
    await using liar = await liarBefore(node);
    liar.lie = (method, params, result) =>
      method === 'getrawtransaction' && params[0] === theft.id ? beside(theft.hex, pegIn) : result;
    const { seen, unread } = await bitcoinNode(liar.endpoint, 'litecoin', l.ours).waiting([
      s.hot.wallet.address,
    ]);
    expect(seen.map(({ id, mweb, hex }) => [id, mweb, hex])).toEqual([[theft.id, true, theft.hex]]);
    const parts = seen.flatMap(bitcoinReading(l.ours).parts);
    expect(parts.map(({ signer }) => signer).sort()).toEqual(
      [1, 2].map((at) => s.hot.wallet.cosigners[at]?.publicKey ?? '').sort(),
    );
    expect(parts.every((part) => bitcoin.evidenceSigned(s.hot.wallet, part, s.hot.network))).toBe(true);
    expect(unread.map(({ hash, why }) => [hash, why])).toEqual([[theft.id, 'an MWEB part stands beside it']]);
    expect(parts.map(({ signer }) => signer)).toContain(unread[0]?.signer);
  });
});

/** The one's inputs, outputs and witnesses, with the MWEB part of the other. */
function beside(hex: string, other: string): string {
  const plain = skimOne(other)?.hex() ?? '';
  const part = other.slice(plain.length - 8, -8);
  return `${hex.slice(0, 8)}0009${hex.slice(12, -8)}${part}${hex.slice(-8)}`;
}
