import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addressAt, bitcoin, outpointText, readTransaction, writeTransaction } from '../codec/index.ts';
import { liarBefore, type Liar, type Lie } from '../../testing/liar.ts';
import { hasLitecoind, type Litecoind } from '../testing/litecoind.ts';
import { lookerAt, made, scene, type Looker, type Made, type Scene } from '../testing/scene.ts';
import { bitcoinNode } from './node.ts';
import { bitcoinReading } from './reading.ts';

const genesisOfMain = '12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2';

describe.skipIf(!hasLitecoind())('a node that lies (litecoind, and somebody in front of it)', () => {
  let s: Scene;
  let node: Litecoind;
  let liar: Liar;
  let l: Looker;
  let before: Made;
  let waits: Made;
  let height: number;

  beforeAll(async () => {
    s = await scene();
    [node] = s.nodes;
    liar = await liarBefore(node);
    await s.mine(1, s.hot.wallet.address);
    await s.mine(1, s.hot.wallet.address);
    await s.mine(100);
    l = lookerAt(liar.endpoint, s);
    await l.look();
    const [one, other] = l.holdings.coins('hot');
    if (!one || !other) throw new Error('nothing to spend');
    before = made(s.hot, [{ address: s.stranger, units: 10_000_000n }], { coins: [one], change: 1 });
    waits = made(s.hot, [{ address: s.stranger, units: 10_000_000n }], { coins: [other], change: 2 });
    await node.call('sendrawtransaction', before.hex);
    await s.mine(2);
    await node.call('sendrawtransaction', waits.hex);
    height = Number(await node.call('getblockcount'));
  }, 60_000);
  afterEach(() => {
    liar.lie = null;
    liar.whole = null;
  });
  afterAll(async () => {
    await liar[Symbol.asyncDispose]();
    await s[Symbol.asyncDispose]();
  });

  /** A looker that has read all up to the block with the payment. */
  async function until(): Promise<Looker> {
    const looker = lookerAt(node.endpoint, s);
    await looker.look();
    return looker;
  }
  const client = (looker: Looker) => bitcoinNode(liar.endpoint, 'litecoin', looker.ours);
  const changingBlock =
    (change: (bytes: Buffer) => Buffer | string): Lie =>
    (method, params, result) =>
      method === 'getblock' && params[1] === 0 ? asHex(change(Buffer.from(String(result), 'hex'))) : result;
  const asHex = (bytes: Buffer | string) => (typeof bytes === 'string' ? bytes : bytes.toString('hex'));
  const replaced = (bytes: Buffer, from: Buffer, to: Buffer) => {
    const at = bytes.indexOf(from);
    if (at === -1) throw new Error('replaced: not there');
    return Buffer.concat([bytes.subarray(0, at), to, bytes.subarray(at + from.length)]);
  };
  const flip = (bytes: Buffer, at: number) => {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    return changed;
  };

  const blockLies: readonly (readonly [what: string, expected: RegExp, lie: () => Lie])[] = [
    ['another time in the header', /its header hashes to/, () => changingBlock((bytes) => flip(bytes, 68))],
    [
      'an amount changed',
      /merkle root/,
      () => changingBlock((bytes) => replaced(bytes, units(10_000_000n), units(10_000_001n))),
    ],
    [
      'one payment fewer',
      /merkle root|cannot be read|goes on/,
      () =>
        changingBlock((bytes) => {
          const fewer = replaced(bytes, Buffer.from(before.hex, 'hex'), Buffer.alloc(0));
          fewer[80] = 1;
          return fewer;
        }),
    ],
    [
      'a payment twice (CVE-2012-2459)',
      /twice/,
      () =>
        changingBlock((bytes) => {
          const more = Buffer.concat([bytes, Buffer.from(before.hex, 'hex')]);
          more[80] = 3;
          return more;
        }),
    ],
    [
      'a signature changed, which no id tells',
      /its witnesses are not those/,
      () => changingBlock((bytes) => flip(bytes, bytes.length - 200)),
    ],
    [
      'no witness at all',
      /its witnesses are not those|cannot be read/,
      () =>
        changingBlock((bytes) =>
          replaced(bytes, Buffer.from(before.hex, 'hex'), Buffer.from(strippedOf(before.hex), 'hex')),
        ),
    ],
    [
      'bytes behind its end',
      /goes on after/,
      () => changingBlock((bytes) => Buffer.concat([bytes, Buffer.of(0)])),
    ],
    ['half of it', /cannot be read/, () => changingBlock((bytes) => bytes.subarray(0, bytes.length / 2))],
    ['a header alone', /shorter than a header/, () => changingBlock((bytes) => bytes.subarray(0, 80))],
    ['no hex', /out of form/, () => changingBlock(() => 'a block')],
    [
      'the next block in the place of one',
      /at another height than/,
      () => (method, params, result) =>
        method === 'getblockhash' && params[0] === height - 1 ? nextHash : result,
    ],
    [
      'another block under the hash that was asked',
      /its header hashes to/,
      () => (method, _params, result) => (method === 'getblock' ? otherBlock : result),
    ],
  ];
  const units = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    return bytes;
  };
  const strippedOf = (hex: string) => {
    const read = readTransaction(hex);
    if (!read) throw new Error('strippedOf: none');
    return writeTransaction({
      ...read,
      inputs: read.inputs.map((input) => ({ ...input, witness: [] })),
    }).toHex();
  };
  let nextHash: unknown;
  let otherBlock: unknown;

  it.each(blockLies)('a block with %s is not taken', async (_what, expected, lie) => {
    nextHash = await node.call('getblockhash', height);
    otherBlock = await node.call('getblock', await node.call('getblockhash', 1), 0);
    const looker = await until();
    const honest = await client(looker).blocksAfter(height - 2);
    expect(honest.kind === 'read' && honest.value[0]?.transactions.map(({ id }) => id)).toEqual([before.id]);
    liar.lie = lie();
    const read = await client(looker).blocksAfter(height - 2);
    expect(read.kind === 'failed' ? read.detail : '').toMatch(expected);
    expect(read.kind === 'failed' ? read.detail : '').toContain(liar.endpoint.url);
  });

  it('a block is skipped: the next does not follow', async () => {
    // Both hashes are of real blocks, and each says its height; the first is of a branch that was given up.
    const looker = await until();
    const old = String(await node.call('getblockhash', height - 1));
    await node.call('invalidateblock', old);
    await s.mine(3);
    liar.lie = (method, params, result) =>
      method === 'getblockhash' && params[0] === height - 1 ? old : result;
    const read = await client(looker).blocksAfter(height - 2);
    expect(read.kind === 'failed' ? read.detail : '').toContain('does not follow the one before');
    liar.lie = null;
    await node.call('reconsiderblock', old);
    const best = String(await node.call('getblockhash', height - 1));
    if (best !== old) await node.call('invalidateblock', best);
    expect(await node.call('getblockhash', height - 1)).toBe(old);
  });

  const wholeLies: readonly (readonly [what: string, expected: RegExp, lie: () => void])[] = [
    ['speaks no JSON', /is not JSON/, () => (liar.lie = '<html>')],
    ['speaks another form', /out of form/, () => (liar.lie = '{"result":7}')],
    ['answers half of what it is asked', /questions got/, () => (liar.whole = (all) => all.slice(1))],
    ['answers each question twice', /questions got/, () => (liar.whole = (all) => [...all, ...all])],
    [
      'answers what nobody asked',
      /questions got|no answer/,
      () => (liar.whole = (all) => all.map((one, at) => ({ ...(one as object), id: at + 7 }))),
    ],
    [
      'answers without end',
      /longer than/,
      () => (liar.whole = () => [{ id: 0, error: null, result: 'a'.repeat(5 * 1024 * 1024) }]),
    ],
    ['has a number for a hash', /out of form/, () => (liar.lie = () => 7)],
  ];

  it.each(wholeLies)('a node that %s has said nothing', async (_what, expected, lie) => {
    const looker = await until();
    const asked = client(looker);
    await asked.height();
    lie();
    for (const read of [await asked.blocksAfter(0), await asked.served()])
      expect(read.kind === 'failed' ? read.detail : '').toMatch(expected);
    const { seen, failed } = await asked.waiting([s.hot.wallet.address]);
    expect(seen).toEqual([]);
    expect(failed).toContain(liar.endpoint.url);
  });

  it('a node that serves another chain is told so, whatever it is asked', async () => {
    liar.lie = (method, params, result) =>
      method === 'getblockhash' && params[0] === 0 ? genesisOfMain : result;
    const asked = client(await until());
    const why = 'serves litecoin mainnet (it says "regtest"), and not litecoin devnet';
    for (const read of [
      await asked.height(),
      await asked.time(),
      await asked.blocksAfter(0),
      await asked.announce(before.hex),
      await asked.feeRate(2),
    ])
      expect(read).toMatchObject({ kind: 'failed', detail: expect.stringContaining(why) as string });
    expect((await asked.waiting([s.hot.wallet.address])).failed).toContain(why);
    expect(await asked.served()).toMatchObject({ value: { genesis: genesisOfMain } });
    const bitcoins = bitcoinNode(node.endpoint, 'bitcoin', (await until()).ours);
    expect(await bitcoins.height()).toMatchObject({
      detail: expect.stringContaining(
        'serves litecoin devnet (it says "regtest"), and not bitcoin devnet',
      ) as string,
    });
  });

  it('who is not let in, and what is not there, is told by name', async () => {
    const { ours } = l;
    const stranger = bitcoinNode({ url: node.endpoint.url }, 'litecoin', ours);
    expect(await stranger.height()).toMatchObject({
      detail: expect.stringMatching(/getblockhash.*401/) as string,
    });
    const nowhere = bitcoinNode({ url: 'http://127.0.0.1:1' }, 'litecoin', ours);
    expect(await nowhere.height()).toMatchObject({
      detail: expect.stringContaining('ECONNREFUSED') as string,
    });
    expect(() => bitcoinNode({ url: 'http://me:secret@127.0.0.1:1' }, 'litecoin', ours)).toThrow(/user/);
    expect(() => bitcoinNode({ url: 'https://127.0.0.1:1' }, 'litecoin', ours)).toThrow(RangeError);
  });

  it('a transaction with another id is unread, and says whose coin it would take', async () => {
    const looker = await until();
    const asked = client(looker);
    const changed = made(s.hot, [{ address: s.stranger, units: 11_000_000n }], {
      coins: waits.planned.inputs,
      change: 2,
    });
    liar.lie = (method, params, result) =>
      method === 'getrawtransaction' && params[0] === waits.id ? changed.hex : result;
    for (let looks = 0; looks < 2; looks += 1) {
      const { seen, unread, failed } = await asked.waiting([s.hot.wallet.address]);
      expect([seen, failed]).toEqual([[], null]);
      expect(unread).toEqual([
        {
          hash: waits.id,
          signer: s.hot.wallet.cosigners[0]?.publicKey,
          why: `the node calls it ${waits.id}, its bytes hash to ${changed.id}`,
        },
      ]);
    }
    liar.lie = (method, _params, result) => (method === 'getrawtransaction' ? 'ffff' : result);
    expect((await asked.waiting([s.hot.wallet.address])).unread).toEqual([
      { hash: waits.id, signer: null, why: 'its bytes are none' },
    ]);
    // Once it is honest again, the same transaction is read.
    liar.lie = null;
    const { seen, unread } = await asked.waiting([s.hot.wallet.address]);
    expect([seen.map(({ id }) => id), unread]).toEqual([[waits.id], []]);
  });

  it('signatures left out of what waits: it frightens, it is no evidence, and it is no change to spend', async () => {
    const looker = await until();
    const asked = client(looker);
    liar.lie = (method, params, result) =>
      method === 'getrawtransaction' && params[0] === waits.id ? strippedOf(waits.hex) : result;
    const { seen } = await asked.waiting([s.hot.wallet.address]);
    expect(seen.map(({ id, takes }) => [id, takes[0]?.signed, takes[0]?.unsigned])).toEqual([
      [waits.id, [], [0]],
    ]);
    const reading = bitcoinReading(looker.ours);
    const [one] = seen;
    const parts = one ? reading.parts(one) : [];
    expect(parts.map(({ signer }) => signer)).toEqual(['']);
    expect(parts.some((part) => bitcoin.evidenceSigned(s.hot.wallet, part, s.hot.network))).toBe(false);
    expect(one && [reading.account(one), reading.signer(one)]).toEqual([s.hot.wallet.address, '']);
    looker.holdings.wait(seen);
    const rules = { confirmations: 1, unconfirmedChange: true };
    expect(looker.holdings.spendable('hot', rules).map(({ txid }) => txid)).not.toContain(waits.id);
    // Shown whole, it is told whole.
    liar.lie = null;
    const [told] = (await asked.waiting([s.hot.wallet.address])).seen;
    expect(told?.takes.map(({ signed, unsigned }) => [signed.length, unsigned])).toEqual([[2, []]]);
    const whole = await l.client.waiting([s.hot.wallet.address]);
    expect(whole.seen[0] && one && reading.identity(whole.seen[0]) === reading.identity(one)).toBe(false);
  });

  it('a coin that it hides is recognised by the script that its spender opens', async () => {
    // Nothing was read before: no coin is known, and this node tells of none, or of another amount.
    const blank = lookerAt(liar.endpoint, s);
    const looked = async () => {
      const { seen } = await blank.client.waiting([s.hot.wallet.address]);
      return seen.map(({ id, takes }) => [id, takes[0]?.wallet, takes[0]?.unsigned, takes[0]?.signed.length]);
    };
    liar.lie = (method, _params, result) => (method === 'gettxout' ? null : result);
    expect(await looked()).toEqual([[waits.id, 'hot', [0], 0]]);
    liar.lie = (method, _params, result) =>
      method === 'gettxout' ? { ...(result as object), value: 12.3 } : result;
    expect(await looked()).toEqual([[waits.id, 'hot', [0], 0]]);
    // What it says is believed where the signatures say the same; and is none of what anybody else knows.
    liar.lie = null;
    const [spent] = waits.planned.inputs;
    if (!spent) throw new Error('no input');
    expect(await looked()).toEqual([[waits.id, 'hot', [], 2]]);
    expect(blank.ours.coin(outpointText(spent))).toBe(undefined);
  });

  it('a payment that was taken into a block while its coins were asked for is no fright', async () => {
    const blank = lookerAt(liar.endpoint, s);
    // As if the block had come between the two questions.
    liar.lie = (method, _params, result) => (method === 'gettxout' ? null : result);
    liar.whole = (all) =>
      all.map((one) =>
        typeof one === 'object' && one !== null && 'result' in one && isEntry(one.result)
          ? { ...one, result: null, error: { code: -5, message: 'Transaction not in mempool' } }
          : one,
      );
    expect(await blank.client.waiting([s.hot.wallet.address])).toEqual({
      seen: [],
      unread: [],
      failed: null,
    });
  });
  const isEntry = (result: unknown) =>
    typeof result === 'object' && result !== null && 'ancestorcount' in result;

  it('a pool is read once: what was a stranger’s is not fetched again', async () => {
    const asked = client(await until());
    await asked.waiting([]);
    const count = liar.asked.get('getrawtransaction');
    for (let looks = 0; looks < 3; looks += 1) await asked.waiting([s.hot.wallet.address]);
    expect(liar.asked.get('getrawtransaction')).toBe(count);
    expect((await asked.waiting([addressAt(s.cold.wallet, s.cold.network, 0, 0)])).seen).toEqual([]);
  });

  it('a fee rate is what it says only within bounds', async () => {
    const asked = client(l);
    const rates: readonly (readonly [unknown, bigint | null])[] = [
      [0.00012345, 12_345n],
      [5, 10_000_000n],
      [0.00000001, 1_000n],
      [undefined, null],
    ];
    for (const [feerate, due] of rates) {
      liar.lie = (method, _params, result) =>
        method === 'estimatesmartfee' ? { feerate, blocks: 2 } : result;
      expect(await asked.feeRate(2)).toEqual({ kind: 'read', value: due });
    }
    liar.lie = (method, _params, result) => (method === 'estimatesmartfee' ? { feerate: -1 } : result);
    expect((await asked.feeRate(2)).kind).toBe('failed');
  });

  it('a node that says it took something else has taken nothing that we know of', async () => {
    liar.lie = (method, _params, result) => (method === 'sendrawtransaction' ? before.id : result);
    expect(await l.client.announce(waits.hex)).toMatchObject({ kind: 'failed' });
  });
});
