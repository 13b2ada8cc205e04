/** Nodes that lie, lag, repeat, skip, babble, hang or follow another chain: nothing is credited on the word of one. */
import { nemNode } from '@kuramori/chains/nem/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPanel } from './panel.ts';
import { round, startScan } from './scan.ts';
import { hostileNode, toBlocks, type Behaviour, type HostileNode } from '../testing/hostile-node.ts';
import { openNeighbourhood, plain, transfer, until, type Neighbourhood } from '../testing/neighbourhood.ts';
import { withNodes } from '../testing/house.ts';

let n: Neighbourhood;
let hostile: HostileNode;
let message: string;
beforeAll(async () => {
  n = await openNeighbourhood();
  hostile = await hostileNode(n.nodes[1].url);
  message = String((await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } })).body['message']);
});
afterAll(async () => {
  await hostile[Symbol.asyncDispose]();
  await n[Symbol.asyncDispose]();
});
afterEach(() => {
  hostile.behaviour = null;
});

const available = async () => {
  const { body } = await n.t.ask({ path: '/v1/customers/alice/balances' });
  return (body['balances'] as { available: string }[])[0]?.available ?? '0';
};
const pay = (units: bigint) =>
  n.announce(
    transfer(n, n.people.customer, n.people.hot.address, units, { message: plain(message) }),
    n.people.customer,
  );
/** The house with these nodes instead of its own. */
const houseWith = (...urls: string[]) =>
  withNodes(
    n.t.house,
    urls.map((url) => nemNode(url, 'testnet')),
  );
const two = () => houseWith(n.nodes[0].url, hostile.url);
const three = () => houseWith(n.nodes[0].url, hostile.url, n.nodes[1].url);

type Json = Record<string, unknown>;
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const transactions = (blocks: Json[]) =>
  blocks.flatMap((block) => block['txes'] as { tx: Json; hash: string }[]);

let forgets = 0;
/** What it does, what is said of it where two agree without it, and whether that is a lie. */
const behaviours: readonly (readonly [what: string, said: RegExp, lies: boolean, behaviour: Behaviour])[] = [
  [
    'lies about an amount',
    /says something else about block/,
    true,
    toBlocks((blocks) => {
      const changed = copy(blocks);
      for (const { tx } of transactions(changed))
        if ('amount' in tx) tx['amount'] = Number(tx['amount']) * 10;
      return changed;
    }),
  ],
  [
    'lies about a block’s hash',
    /says something else about block/,
    true,
    toBlocks((blocks) => blocks.map((block) => ({ ...block, hash: 'f'.repeat(64) }))),
  ],
  [
    'leaves a payment out',
    /says something else about block/,
    true,
    toBlocks((blocks) => blocks.map((block) => ({ ...block, txes: [] }))),
  ],
  [
    'says every payment twice',
    /says something else about block/,
    true,
    toBlocks((blocks) => blocks.map((block) => ({ ...block, txes: [block['txes'], block['txes']].flat() }))),
  ],
  [
    'repeats a block',
    /gave block \d+ where \d+ was asked for/,
    true,
    toBlocks((blocks) => blocks.flatMap((block) => [block, block])),
  ],
  ['skips a block', /gave block \d+ where \d+ was asked for/, true, toBlocks((blocks) => blocks.slice(1))],
  [
    'gives blocks backwards',
    /gave block \d+ where \d+ was asked for/,
    true,
    toBlocks((blocks) => blocks.toReversed()),
  ],
  [
    'follows another chain',
    /says something else about block/,
    true,
    toBlocks((blocks) =>
      blocks.map((block) => ({
        ...block,
        block: { ...(block['block'] as Json), prevBlockHash: { data: '1'.repeat(64) } },
        hash: '2'.repeat(64),
        txes: [],
      })),
    ),
  ],
  ['answers HTML', /is not JSON/, false, () => '<html>502 Bad Gateway</html>'],
  ['breaks off in the middle', /is not JSON/, false, (_path, answer) => JSON.stringify(answer).slice(0, -3)],
  [
    'answers another form',
    /data|height|expected/i,
    false,
    (path) => (path === '/chain/height' ? { height: 'seven' } : { blocks: [] }),
  ],
  [
    'answers with an error',
    /height|data/,
    false,
    () => ({ timeStamp: 1, error: 'Internal Server Error', message: 'no', status: 500 }),
  ],
  [
    'is far behind',
    /is at block 1, the others are at/,
    false,
    (path, answer) => (path === '/chain/height' ? { height: 1 } : { ...answer, data: [] }),
  ],
  [
    'boasts of blocks that nobody has',
    /^$/,
    false,
    (path, answer) => (path === '/chain/height' ? { height: 1_000_000 } : answer),
  ],
  ['hangs', /no answer/, false, () => undefined],
  [
    'takes its word back every other time',
    /says something else about block|^$/,
    true,
    (path, answer) => {
      forgets += 1;
      return forgets % 2 === 0 || !path.endsWith('blocks-after')
        ? answer
        : { ...answer, data: copy(answer['data'] as Json[]).map((block) => ({ ...block, txes: [] })) };
    },
  ],
];

describe('with two nodes nothing is booked that one alone says', () => {
  it.each(behaviours.filter(([what]) => !what.startsWith('boasts') && !what.startsWith('takes its word')))(
    'one that %s',
    async (what, _said, _lies, behaviour) => {
      const before = await available();
      await pay(1_000_000n);
      await n.harvest(12);
      hostile.behaviour = behaviour;
      const first = await round(two());
      // Its first block is the honest one's too: two nodes said it, and it is booked, once.
      if (what !== 'repeats a block') expect(await available()).toBe(before);
      // Stopped with a reason that names the node; or, behind an honest-looking lag, nothing to book yet.
      if (first.stopped === null) expect(first.target).toBeLessThan(first.height + 1);
      else expect(first.stopped).toContain(hostile.url);
      hostile.behaviour = null;
      expect(await round(two())).toMatchObject({ stopped: null, complaints: [] });
      expect(await available()).toBe(String(BigInt(before) + 1_000_000n));
    },
    20_000,
  );
});

describe('with three nodes the two that agree go on, and the third is named', () => {
  it.each(behaviours)(
    'one that %s',
    async (what, said, lies, behaviour) => {
      const before = await available();
      await pay(1_000_000n);
      await n.harvest(what === 'is far behind' ? 14 : 3);
      hostile.behaviour = behaviour;
      const found = await round(three());
      expect(found.stopped).toBeNull();
      expect(found.height).toBe(found.target);
      expect(await available()).toBe(String(BigInt(before) + 1_000_000n));
      const complaint = found.complaints.find(({ node }) => node === hostile.url);
      expect(complaint?.why ?? '').toMatch(said);
      if (complaint && said.source !== '^$') expect(complaint.lies).toBe(complaint.why !== '' && lies);
      expect(found.complaints.filter(({ node }) => node !== hostile.url)).toEqual([]);
    },
    20_000,
  );

  it('one that hangs is waited for once, and not asked again while it owes an answer', async () => {
    await n.harvest(60);
    hostile.behaviour = () => undefined;
    const before = hostile.asked;
    expect(await round(three(), openPanel(three().chain.nodes))).toMatchObject({ stopped: null });
    expect(hostile.asked - before).toBe(1);
  });

  it('one whose newest block is another for a while does not lie', async () => {
    await pay(1_000_000n);
    await n.harvest(4);
    const tip = n.nodes[0].core.chain.last().block.height;
    hostile.behaviour = toBlocks((blocks, after) =>
      blocks.map((block, index) => (after + 1 + index === tip ? { ...block, hash: '3'.repeat(64) } : block)),
    );
    expect(await round(three())).toMatchObject({ stopped: null, complaints: [], height: tip - 1 });
    expect(await round(two())).toMatchObject({ stopped: null, complaints: [] });
  });

  it('two that lie in different ways leave no majority', async () => {
    const other = await hostileNode(n.nodes[0].url);
    await pay(1_000_000n);
    await n.harvest(2);
    const before = await available();
    hostile.behaviour = toBlocks((blocks) => blocks.map((block) => ({ ...block, hash: '1'.repeat(64) })));
    other.behaviour = toBlocks((blocks) => blocks.map((block) => ({ ...block, hash: '2'.repeat(64) })));
    const found = await round(houseWith(n.nodes[0].url, hostile.url, other.url));
    expect(found.stopped).toMatch(/disagree on block/);
    expect(await available()).toBe(before);
    hostile.behaviour = null;
    await round(three());
    await other[Symbol.asyncDispose]();
  });

  it('of four nodes two are no majority', async () => {
    const other = await hostileNode(n.nodes[0].url);
    await pay(1_000_000n);
    await n.harvest(2);
    const before = await available();
    const lie = toBlocks((blocks) => blocks.map((block) => ({ ...block, txes: [] })));
    hostile.behaviour = lie;
    other.behaviour = lie;
    const found = await round(houseWith(n.nodes[0].url, n.nodes[1].url, hostile.url, other.url));
    expect(found.stopped).toMatch(/disagree on block/);
    expect(await available()).toBe(before);
    await other[Symbol.asyncDispose]();
    hostile.behaviour = null;
    await round(three());
  });
});

describe('the operator', () => {
  it('is told of a liar, until somebody has looked, and once', async () => {
    await pay(1_000_000n);
    await n.harvest(2);
    hostile.behaviour = toBlocks((blocks) => blocks.map((block) => ({ ...block, txes: [] })));
    const notices = async () =>
      (await n.t.ask({ path: '/v1/status' })).body['notices'] as { id: number; key: string; what: string }[];
    {
      await using scan = startScan(three());
      await until('the liar to be named', async () => scan.state().complaints.some(({ lies }) => lies));
      await until('the notice', async () => (await notices()).length > 0);
    }
    hostile.behaviour = null;
    await round(three());
    const [notice, ...others] = await notices();
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      key: `node:${hostile.url}`,
      what: expect.stringContaining('take it out'),
    });
    const acknowledge = () =>
      n.t.ask({ path: '/v1/notices/acknowledge', body: { notice: notice?.id, why: 'replaced by node 3' } });
    expect(await acknowledge()).toMatchObject({ status: 200 });
    expect(await acknowledge()).toMatchObject({ status: 404 });
    expect(await notices()).toEqual([]);
  });
});
