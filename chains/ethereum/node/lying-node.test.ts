import { ETH } from '@kuramori/core';
import { getAddress } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { customer as stranger } from '../codec/house.testing.ts';
import { guardKeysOf, guardOf, readGuard, type Address } from '../codec/index.ts';
import type { Lie } from '../../testing/liar.ts';
import {
  lookerAt,
  must,
  payment,
  scene,
  type Looker,
  type Payment,
  type Scene,
  type Token,
} from '../testing/scene.ts';
import { ethereumNode } from './node.ts';

type Fields = Record<string, unknown>;
const flipped = (hex: unknown): string => {
  const text = String(hex);
  return text.slice(0, -1) + (text.endsWith('1') ? '2' : '1');
};

describe('a node that lies (anvil, and somebody in front of it)', () => {
  let s: Scene;
  let l: Looker;
  let token: Token;
  let place: ReturnType<Scene['place']>;
  /** The block of a payment of ours, of a token. */
  let paid: Payment;
  let height: number;

  beforeAll(async () => {
    s = await scene();
    token = await s.token('PlainToken');
    place = s.place('customer');
    const safe = getAddress(s.hot.address);
    await s.sends(token.at, 'mint', [safe, 5_000n]);
    await s.sends(token.at, 'mint', [place.address, 40n]);
    paid = payment(s.hot, { asset: token.asset, recipient: stranger, units: 1_000n, nonce: 0n });
    await s.chain.send(safe, paid.calldata);
    await s.chain.send(safe, '0x', 77n);
    l = lookerAt(s.liar.endpoint.url, s, [token], [place]);
    height = must(await l.client.height()) - 1;
  }, 60_000);
  afterEach(() => {
    s.liar.lie = null;
    s.liar.whole = null;
    s.liar.lacks.clear();
  });
  afterAll(() => s[Symbol.asyncDispose]());

  const blockOf =
    (change: (block: Fields) => unknown): Lie =>
    (method, params, result) =>
      method === 'eth_getBlockByNumber' && params[0] === `0x${height.toString(16)}`
        ? change({ ...(result as Fields) })
        : result;
  const firstOf = (block: Fields) => (block['transactions'] as readonly Fields[])[0] ?? {};
  const withFirst = (change: (one: Fields) => Fields): Lie =>
    blockOf((block) => ({ ...block, transactions: [change({ ...firstOf(block) })] }));
  const receiptsOf =
    (change: (receipts: readonly Fields[]) => unknown): Lie =>
    (method, _params, result) =>
      method === 'eth_getBlockReceipts' ? change(result as readonly Fields[]) : result;
  const withLog = (change: (log: Fields) => Fields): Lie =>
    receiptsOf((receipts) =>
      receipts.map((one) => ({
        ...one,
        logs: (one['logs'] as readonly Fields[]).map((log, at) => (at === 0 ? change(log) : log)),
      })),
    );
  const proofOf =
    (change: (proof: Fields) => Fields): Lie =>
    (method, _params, result) =>
      method === 'eth_getProof' ? change({ ...(result as Fields) }) : result;

  it('an honest one shows the payment', async () => {
    const [block] = must(await l.client.blocksAfter(height - 1));
    expect(block?.transactions.map(({ executions }) => executions.map(({ hash }) => hash))).toEqual([
      [paid.hash],
    ]);
  });

  const lies: readonly (readonly [what: string, expected: RegExp, lie: Lie])[] = [
    ['another time', /its header hashes to/, blockOf((b) => ({ ...b, timestamp: flipped(b['timestamp']) }))],
    [
      'another hash',
      /the node calls it|its header hashes to/,
      blockOf((b) => ({ ...b, hash: flipped(b['hash']) })),
    ],
    ['another number', /its header hashes to/, blockOf((b) => ({ ...b, number: '0x9999' }))],
    [
      'a field of a fork that nobody knows',
      /without blockAccessListHash, which nobody here knows/,
      blockOf((b) => ({ ...b, hash: flipped(b['hash']), blockAccessListHash: b['requestsHash'] })),
    ],
    ['a field fewer', /its header hashes to/, blockOf((b) => ({ ...b, requestsHash: undefined }))],
    ['no form', /out of form/, blockOf((b) => ({ ...b, gasUsed: 7 }))],
    ['no transactions', /not those of its root/, blockOf((b) => ({ ...b, transactions: [] }))],
    [
      'a payment twice',
      /not those of its root/,
      blockOf((b) => ({ ...b, transactions: [firstOf(b), firstOf(b)] })),
    ],
    ['another value', /has another hash/, withFirst((one) => ({ ...one, value: '0x1' }))],
    ['another recipient', /has another hash/, withFirst((one) => ({ ...one, to: `0x${'11'.repeat(20)}` }))],
    ['another signature', /has another hash/, withFirst((one) => ({ ...one, r: flipped(one['r']) }))],
    [
      'another hash for a transaction',
      /has another hash/,
      withFirst((one) => ({ ...one, hash: flipped(one['hash']) })),
    ],
    ['a type of nobody', /out of form/, withFirst((one) => ({ ...one, type: '0x7e' }))],
    [
      'a withdrawal',
      /withdrawals are not those/,
      blockOf((b) => ({
        ...b,
        withdrawals: [
          { index: '0x1', validatorIndex: '0x1', address: `0x${'22'.repeat(20)}`, amount: '0x1' },
        ],
      })),
    ],
    ['no receipts', /1 transactions and 0 receipts/, receiptsOf(() => [])],
    [
      'a payment that failed',
      /its receipts are not those/,
      receiptsOf((all) => all.map((one) => ({ ...one, status: '0x0' }))),
    ],
    [
      'log-forged: no events',
      /its receipts are not those/,
      receiptsOf((all) => all.map((one) => ({ ...one, logs: [] }))),
    ],
    [
      'log-forged: more units',
      /its receipts are not those/,
      withLog((log) => ({ ...log, data: flipped(log['data']) })),
    ],
    [
      'log-forged: another token',
      /its receipts are not those/,
      withLog((log) => ({ ...log, address: `0x${'33'.repeat(20)}` })),
    ],
    [
      'log-forged: another recipient',
      /its receipts are not those/,
      withLog((log) => ({ ...log, topics: (log['topics'] as readonly string[]).map(flipped) })),
    ],
    [
      'traces of fewer transactions',
      /1 transactions and 0 traces/,
      (method, _p, result) => (method === 'debug_traceBlockByHash' ? [] : result),
    ],
    [
      'a trace of another transaction',
      /trace 0 is another/,
      (method, _p, result) =>
        method === 'debug_traceBlockByHash'
          ? (result as readonly Fields[]).map((one) => ({ ...one, txHash: flipped(one['txHash']) }))
          : result,
    ],
    [
      'coins that no proof bears out',
      /is not proven by the state/,
      proofOf((proof) => ({
        ...proof,
        accountProof: (proof['accountProof'] as readonly string[]).map(flipped),
      })),
    ],
    [
      'half a proof',
      /is not proven by the state/,
      proofOf((proof) => ({ ...proof, accountProof: (proof['accountProof'] as readonly string[]).slice(1) })),
    ],
    ['no proof', /is not proven by the state/, proofOf((proof) => ({ ...proof, accountProof: [] }))],
  ];

  it.each(lies)('a block with %s is not taken', async (_what, expected, lie) => {
    s.liar.lie = lie;
    const read = await l.client.blocksAfter(height - 1);
    expect(read.kind === 'failed' ? read.detail : '').toMatch(expected);
    expect(read.kind === 'failed' ? read.detail : '').toContain(s.liar.endpoint.url);
  });

  it('every field of the header, every field of each transaction and event: one digit changed, refused', async () => {
    const plain = await fetchBlock();
    let tried = 0;
    for (const [name, value] of Object.entries(plain)) {
      if (['size', 'totalDifficulty', 'uncles', 'transactions', 'withdrawals'].includes(name)) continue;
      if (typeof value !== 'string') continue;
      s.liar.lie = blockOf((block) => ({ ...block, [name]: value === '0x' ? '0x00' : flipped(value) }));
      expect((await l.client.blocksAfter(height - 1)).kind, name).toBe('failed');
      tried += 1;
    }
    for (const [name, value] of Object.entries(firstOf(plain))) {
      // Who sent it is told by the signature; where it stands by the block.
      if (typeof value !== 'string') continue;
      if (/^(?:from|blockHash|blockNumber|transactionIndex|gasPrice|v|blockTimestamp)$/.test(name)) continue;
      s.liar.lie = withFirst((one) => ({ ...one, [name]: flipped(value) }));
      expect((await l.client.blocksAfter(height - 1)).kind, name).toBe('failed');
      tried += 1;
    }
    expect(tried).toBeGreaterThan(30);
  });
  const fetchBlock = async (): Promise<Fields> =>
    (await s.anvil('eth_getBlockByNumber', `0x${height.toString(16)}`, true)) as Fields;

  it('a block of a branch that was given up does not follow the one before', async () => {
    const other = await fetchBlock();
    s.liar.lie = (method, params, result) =>
      method === 'eth_getBlockByNumber' && params[0] === `0x${(height + 1).toString(16)}` ? other : result;
    const read = await l.client.blocksAfter(height - 1);
    expect(read.kind === 'failed' ? read.detail : '').toMatch(/says that it is at height/);
  });

  it('who sent it is not believed: an owner’s key that called the Safe is told by its signature', async () => {
    s.liar.lie = withFirst((one) => ({ ...one, from: s.hot.cosigners[0]?.publicKey.toLowerCase() }));
    const [block] = must(await l.client.blocksAfter(height - 1));
    const [seen] = block?.transactions ?? [];
    expect(seen?.from).toBe(getAddress(s.chain.payer));
    expect(seen?.parts).toHaveLength(2);
  });

  it('a trace that hides coins: what came is credited all the same, what went is told', async () => {
    const top = must(await l.client.height());
    s.liar.lie = (method, _params, result) =>
      method === 'debug_traceBlockByHash'
        ? (result as readonly { readonly result: Fields }[]).map((one) => ({
            ...one,
            result: { ...one.result, value: '0x0', calls: [] },
          }))
        : result;
    const [block] = must(await l.client.blocksAfter(top - 1));
    expect(block?.tallies).toMatchObject([
      { wallet: 'hot', asset: ETH, moved: 0n, before: 0n, after: 77n },
      { wallet: 'cold', asset: ETH, moved: 0n, before: 0n, after: 0n },
    ]);
    // The same block read backwards: as if the coins had gone.
    s.liar.lie = (method, _params, result) =>
      method === 'debug_traceBlockByHash'
        ? (result as readonly { readonly result: Fields }[]).map((one) => ({
            ...one,
            result: { ...one.result, value: '0xff' },
          }))
        : result;
    const [gone] = must(await l.client.blocksAfter(top - 1));
    expect(gone?.unread.map(({ why }) => why)).toEqual([
      `178 units of ${ETH} are gone from hot, and nothing shows where`,
    ]);
  });

  it('a token that the node makes larger: the balance is the node’s word, the event is not', async () => {
    const minted = height - 1;
    s.liar.lie = (method, _params, result) => (method === 'eth_call' ? `0x${'f'.repeat(64)}` : result);
    const blocks = must(await l.client.blocksAfter(minted - 1));
    const [first] = blocks;
    if (!first) throw new Error('no block');
    l.holdings.take(first);
    expect(l.holdings.arrivals()).toEqual([]);
    expect(l.holdings.doubtful()).toMatchObject([
      { value: { address: place.address, why: 'the balance changed by 0, and what is told is 40' } },
    ]);
  });

  it('a node without states so old says so: nothing is credited, and executions are seen', async () => {
    s.liar.lacks.add('eth_getProof').add('eth_call');
    const [block] = must(await l.client.blocksAfter(height - 1));
    expect(block?.transactions).toHaveLength(1);
    expect(block?.tallies.every(({ before, after }) => before === null && after === null)).toBe(true);
    expect(block?.unread).toEqual([]);
    const read = await l.client.safe(s.hot, 'latest');
    expect(read).toMatchObject({ kind: 'failed', detail: expect.stringContaining('eth_getProof') as string });
  });

  it('a Safe’s storage is proven: no owner, guard or nonce can be made up', async () => {
    const storage =
      (at: number): Lie =>
      (method, _params, result) => {
        if (method !== 'eth_getProof') return result;
        const { storageProof, ...proof } = result as {
          storageProof: readonly { proof: readonly string[] }[];
        };
        return {
          ...proof,
          storageProof: storageProof.map((one, index) =>
            index === at ? { ...one, proof: one.proof.map(flipped) } : one,
          ),
        };
      };
    for (let at = 0; at < 7; at += 1) {
      s.liar.lie = storage(at);
      const read = await l.client.safe(s.hot, 'latest');
      expect(read.kind === 'failed' ? read.detail : '', String(at)).toMatch(/is not proven by its storage/);
    }
    s.liar.lie = null;
    expect(must(await l.client.safe(s.hot, 'latest'))).toMatchObject({ threshold: 2, nonce: 1n, coins: 77n });
  });

  it('whom a guard lets in is read from its proven code: another guard’s is not believed', async () => {
    const [mine, other] = [guardOf(guardKeysOf(s.hot)), getAddress(s.safes.guard)];
    const others = await s.chain.client.getCode({ address: other });
    expect(readGuard(others?.slice(2) ?? '')).toEqual({ spares: [], vaults: [] });
    s.liar.lie = (method, _params, result) => (method === 'eth_getCode' ? others : result);
    const read = await l.client.guard(mine, 'latest');
    expect(read).toMatchObject({
      kind: 'failed',
      detail: expect.stringContaining('is not the code that is proven') as string,
    });
    s.liar.lie = null;
    expect(must(await l.client.guard(mine, 'latest'))).toEqual(guardKeysOf(s.hot));
  });

  it('another block for the head, and another account, are told', async () => {
    s.liar.lie = (method, params, result) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest'
        ? { ...(result as Fields), stateRoot: `0x${'44'.repeat(32)}` }
        : result;
    for (const read of [
      await l.client.at('latest'),
      await l.client.time(),
      await l.client.safe(s.hot, 'latest'),
      await l.client.account(s.chain.payer as string as Address, 'latest'),
    ])
      expect(read.kind === 'failed' ? read.detail : '').toMatch(/its header hashes to/);
  });

  const wholeLies: readonly (readonly [what: string, expected: RegExp, lie: () => void])[] = [
    ['speaks no JSON', /is not JSON/, () => (s.liar.lie = '<html>')],
    ['speaks another form', /out of form/, () => (s.liar.lie = '{"result":7}')],
    ['answers half of what it is asked', /questions got/, () => (s.liar.whole = (all) => all.slice(1))],
    ['answers each question twice', /questions got/, () => (s.liar.whole = (all) => [...all, ...all])],
    [
      'answers what nobody asked',
      /questions got|no answer/,
      () => (s.liar.whole = (all) => all.map((one, at) => ({ ...(one as object), id: at + 7 }))),
    ],
    [
      'answers without end',
      /longer than/,
      () => (s.liar.whole = () => [{ id: 0, result: 'a'.repeat(5 * 1024 * 1024) }]),
    ],
    ['has a number for everything', /out of form/, () => (s.liar.lie = () => 7)],
  ];

  it.each(wholeLies)('a node that %s has said nothing', async (_what, expected, lie) => {
    lie();
    for (const read of [await l.client.height(), await l.client.served()])
      expect(read.kind === 'failed' ? read.detail : '').toMatch(expected);
    const { seen, failed } = await l.client.waiting([s.hot.address]);
    expect(seen).toEqual([]);
    expect(failed).toContain(s.liar.endpoint.url);
  });

  it('a node that serves another chain is told so, whatever it is asked', async () => {
    const { ours } = l;
    const asked = ethereumNode(s.liar.endpoint, ours);
    s.liar.lie = (method, _params, result) => (method === 'eth_chainId' ? '0x1' : result);
    for (const read of [
      await asked.height(),
      await asked.time(),
      await asked.at('finalized'),
      await asked.blocksAfter(0),
      await asked.safe(s.hot, 'latest'),
      await asked.announce('02c0'),
      await asked.find('00'.repeat(32)),
      await asked.tries(stranger as Address, stranger as Address, ''),
      await asked.fees({ most: { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n }, leastTip: 1n }),
    ])
      expect(read).toMatchObject({
        kind: 'failed',
        detail: `${s.liar.endpoint.url}: serves chain 1, and not devnet, which is 31337`,
      });
    expect((await asked.waiting([s.hot.address])).failed).toContain('serves chain 1');
    // The same id, and another first block: a fork, or somebody's copy.
    s.liar.lie = null;
    const forked = ethereumNode(s.liar.endpoint, ours, '55'.repeat(32));
    expect(await forked.height()).toMatchObject({
      detail: expect.stringContaining(`which begins with ${'55'.repeat(32)}`) as string,
    });
    const { genesis } = must(await asked.served());
    expect((await ethereumNode(s.liar.endpoint, ours, genesis).height()).kind).toBe('read');
  });
});
