/** A node that lags, lies, forks, falls silent or serves another chain is named; and for as long as it does, nothing is countersigned. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Followed } from '../follow.ts';
import { Liar, type Change } from '../testing/liar.ts';
import { lookout, until, type Lookout, type Options } from '../testing/lookout.ts';
import { openChains } from './another-chain.ts';
import { apart, behind, openRewrites } from './nodes.ts';
import { openSince } from './since.ts';
import { Signs } from './thresholds.ts';

const signs = Signs.parse({
  nodeBehind: { blocks: 3, seconds: 1 },
  nodeApart: { seconds: 1 },
  nodeSilent: { seconds: 1 },
});

describe('beside an honest one', () => {
  let l: Lookout;
  let liar: Liar;
  async function open(lie: Liar['lie'] = null, options: Options = {}): Promise<void> {
    l = await lookout({
      silenceMs: 1_000,
      signs: {
        nodeBehind: { blocks: 3, seconds: 1 },
        nodeApart: { seconds: 1 },
        nodeSilent: { seconds: 1 },
        blind: { seconds: 2 },
      },
      through: async ([first = '', second = '']) => {
        liar = await Liar.before(second);
        liar.lie = lie;
        return [first, liar.url];
      },
      ...options,
    });
  }
  afterEach(async () => {
    await l[Symbol.asyncDispose]();
    await liar[Symbol.asyncDispose]();
  });

  const named = (id: string) => l.told().filter(({ sign }) => sign === id);
  /** It is named, alone or with the others; and it is blind who depends on it. */
  async function isNamed(sign: string, only = true): Promise<void> {
    await until(`${sign} to be told`, () => named(sign).some(({ node }) => node === liar.url), 20_000);
    if (only) expect(named(sign).map(({ node }) => node)).toEqual([liar.url]);
    expect(named(sign)[0]).toMatchObject({
      event: expect.stringMatching(/^monitoring degraded: a node /),
      reason: expect.stringMatching(/\.$/),
      threshold: expect.any(String),
      action: 'page',
    });
    expect(l.tower().status().frozen).toBe(null);
  }
  async function countersignsNothing(entry: Awaited<ReturnType<Lookout['record']>>): Promise<void> {
    await until('blindness', () => l.sees().blind !== null, 15_000);
    expect(await l.tower().countersign(entry)).toMatchObject({ kind: 'refused', why: 'blind' });
    await until('that to be told, too', () => named('blind').length > 0, 15_000);
  }

  it('silent', async () => {
    await open();
    await l.seeing();
    const entry = await l.record('signer-1');
    liar.lie = 'silent';
    await countersignsNothing(entry);
    await isNamed('nodeSilent');
    expect(named('nodeSilent')).toHaveLength(1);
    liar.lie = null;
    await until('that it is over', () => l.incident().includes('a sign is over'), 20_000);
  }, 60_000);

  it('lagging: it answers, and its chain stands still', async () => {
    await open();
    await l.seeing();
    const entry = await l.record('signer-1');
    const height = l.nodes[0].core.chain.last().block.height;
    const still: Change = (path, body) => {
      if (path === '/chain/height') return { height };
      if (!path.endsWith('/blocks-after')) return body;
      return {
        data: (body['data'] as { block: { height: number } }[]).filter((one) => one.block.height <= height),
      };
    };
    liar.lie = still;
    for (let blocks = 0; blocks < 5; blocks += 1) await l.harvest();
    await countersignsNothing(entry);
    await isNamed('nodeBehind');
  }, 60_000);

  it('lying: another block at the same height; of two nobody can say which, so both are named', async () => {
    await open();
    await l.seeing();
    const entry = await l.record('signer-1');
    liar.lie = (path, body) =>
      path.endsWith('/blocks-after')
        ? { data: (body['data'] as object[]).map((block) => ({ ...block, hash: 'f'.repeat(64) })) }
        : body;
    await l.harvest();
    await countersignsNothing(entry);
    await isNamed('nodeApart', false);
    expect(named('nodeApart')).toHaveLength(2);
    expect(named('nodeApart')[0]).toMatchObject({ majority: null });
  }, 60_000);

  it('forking: it takes back ten blocks that it gave', async () => {
    await open();
    for (let blocks = 0; blocks < 12; blocks += 1) await l.harvest();
    await l.seeing();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const entry = await l.record('signer-1');
    const height = l.nodes[0].core.chain.last().block.height - 10;
    liar.lie = (path, body) => {
      if (path === '/chain/height') return { height };
      if (!path.endsWith('/blocks-after')) return body;
      return {
        data: (body['data'] as { block: { height: number } }[]).filter((one) => one.block.height <= height),
      };
    };
    await countersignsNothing(entry);
    await isNamed('nodeRewrites');
    expect(named('nodeRewrites')[0]).toMatchObject({ blocks: 10 });
  }, 60_000);

  it.each([
    [
      'network',
      (path: string, body: Record<string, unknown>) =>
        path === '/node/info'
          ? { ...body, metaData: { ...(body['metaData'] as object), networkId: 104 } }
          : body,
    ],
    [
      'first block',
      (path: string, body: Record<string, unknown>) =>
        path.endsWith('/blocks-after')
          ? {
              data: (body['data'] as { block: { height: number } }[]).map((one) =>
                one.block.height === 2
                  ? { ...one, block: { ...one.block, prevBlockHash: { data: 'e'.repeat(64) } } }
                  : one,
              ),
            }
          : body,
    ],
  ] as const)('of another %s', async (what, lie) => {
    await open(lie);
    await isNamed('anotherChain', what === 'network');
    expect(named('anotherChain').map(({ node }) => node)).toContain(liar.url);
  });

  it('of a chain that the configuration does not pin', async () => {
    const genesis = 'd'.repeat(64);
    await open(null, { signs: { anotherChain: { genesis } } });
    await until('both to be named', () => named('anotherChain').length === 2, 15_000);
    expect(named('anotherChain')[0]?.['why']).toContain(`another than the configuration pins, ${genesis}`);
  });
});

describe('among three the odd one alone is named', () => {
  const node = (
    url: string,
    hashes: readonly string[],
    more: Partial<Followed<unknown>> = {},
  ): Followed<unknown> => ({
    url,
    height: hashes.length,
    blocks: new Map(hashes.map((hash, index) => [index + 1, { hash, time: index }])),
    tipTime: 0,
    pending: new Map(),
    pendingIds: new Set(),
    confirmed: new Map(),
    error: null,
    caughtUp: true,
    answeredAt: performance.now(),
    ...more,
  });
  const wait = () => new Promise((resolve) => setTimeout(resolve, 1_050));

  it('by its hash, and not at once: a block may be on its way', async () => {
    const since = openSince();
    const nodes = [node('a', ['1', '2']), node('b', ['1', 'x', 'y']), node('c', ['1', '2', '3'])];
    expect(apart(nodes, signs.nodeApart, since)).toEqual([]);
    await wait();
    expect(apart(nodes, signs.nodeApart, since)).toMatchObject([
      { key: 'b', fields: { node: 'b', block: 'x', majority: ['a', 'c'] } },
    ]);
    expect(apart([node('a', ['1', '2']), node('b', ['1', '2'])], signs.nodeApart, since)).toEqual([]);
    expect(apart(nodes, signs.nodeApart, since)).toEqual([]);
  });

  it('by its height', async () => {
    const since = openSince();
    const nodes = [node('a', ['1', '2', '3', '4', '5']), node('b', ['1']), node('c', ['1', '2'])];
    behind(nodes, signs.nodeBehind, since);
    await wait();
    expect(behind(nodes, signs.nodeBehind, since)).toMatchObject([
      { key: 'b', fields: { height: 1, highest: 5 } },
    ]);
  });

  it('by its first block, and by one that it did not have before', () => {
    const chains = openChains();
    const served = (b: string) =>
      new Map(
        [
          ['a', 'g'],
          ['b', b],
          ['c', 'g'],
        ].map(([url = '', genesis = '']) => [url, { networkId: -104, genesis }]),
      );
    const at = { genesis: null, action: 'page' } as const;
    expect(chains.look(served('g'), -104, at)).toEqual([]);
    expect(chains.look(served('h'), -104, at)).toMatchObject([
      { key: 'b', fields: { why: 'its first block was g' } },
    ]);
    expect(openChains().look(served('h'), -104, at)).toMatchObject([
      { key: 'b', fields: { why: 'most nodes have the first block g' } },
    ]);
    const before = openChains();
    before.look(served('g'), -104, at);
    const all = new Map(['a', 'b', 'c'].map((url) => [url, { networkId: -104, genesis: 'h' }]));
    expect(before.look(all, -104, at)).toHaveLength(3);
  });

  it('by the depth of what it replaced: six blocks are the network’s ordinary life, seven are not', () => {
    const chain = (from: string, upTo: number) =>
      Array.from({ length: upTo }, (_, index) => `${index < 20 ? '' : from}${index}`);
    for (const [blocks, found] of [
      [6, 0],
      [7, 1],
    ] as const) {
      const rewrites = openRewrites();
      expect(rewrites.look([node('a', chain('x', 20 + blocks))], signs.nodeRewrites)).toEqual([]);
      // While it goes back, and reads again, nothing is known yet.
      rewrites.look([node('a', chain('x', 20), { caughtUp: false })], signs.nodeRewrites);
      const seen = rewrites.look([node('a', chain('y', 20 + blocks + 1))], signs.nodeRewrites);
      expect(seen.map(({ fields }) => fields['blocks'])).toEqual(found === 0 ? [] : [blocks]);
    }
  });
});
