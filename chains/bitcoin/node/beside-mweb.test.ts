import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressAt } from '../codec/index.ts';
import { hasLitecoind, type Litecoind } from '../testing/litecoind.ts';
import { lookerAt, made, must, scene, type Looker, type Scene } from '../testing/scene.ts';
import { liarBefore } from '../testing/liar.ts';
import { skimOne } from './wire.ts';

describe.skipIf(!hasLitecoind())('transactions beside MWEB (litecoind with a wallet)', () => {
  let s: Scene;
  let node: Litecoind;
  let l: Looker;
  let mweb: string;

  beforeAll(async () => {
    s = await scene(['-disablewallet=0']);
    [node] = s.nodes;
    await node.call('createwallet', 'miner');
    console.log(await node.call('listwallets'));
    const own = String(await node.call('getnewaddress'));
    await s.mine(1, s.hot.wallet.address);
    await s.mine(430, own);
    mweb = String(await node.call('getnewaddress', '', 'mweb'));
    console.log(mweb, Date.now());
    await node.call('sendtoaddress', mweb, 10);
    await s.mine(1);
    l = lookerAt(node.endpoint, s);
    await l.look();
    console.log(JSON.stringify(await node.call('getblock', await node.call('getbestblockhash'), 2)).slice(0, 3000));
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());

  it('x', async () => {
    await node.call('sendtoaddress', mweb, 10);
    const [id] = (await node.call('getrawmempool')) as string[];
    const hex = String(await node.call('getrawtransaction', id));
    const k = skimOne(hex);
    console.log(hex.slice(0, 20), k?.form, k?.id === id, k?.inputs.length);
    void [addressAt, made, must, liarBefore];
  });
});
