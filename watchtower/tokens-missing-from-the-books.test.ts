/** Tokens are held against the chain as coins are: books that claim more of one, leave one out, or speak of one that says nothing. */
import {
  ETH,
  signStatement,
  SignedTotals,
  XEM,
  type Asset,
  type AssetTotals,
  type Holding,
  type Totals,
} from '@kuramori/core';
import { jsonText } from '@kuramori/program';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { books } from '../core/testing/house.ts';
import { cold as nemCold, hot as nemHot } from './testing/lookout.ts';
import { ethereum, thief, until, watch, type Chain, type Watch } from './testing/ethereum.ts';

let chain: Chain;
let w: Watch;
let sequence = 100;
beforeEach(async () => {
  chain = await ethereum();
  w = await watch(chain, 0, { books: { silenceMs: 600_000, behindBlocks: 3 }, eye: { watchFrom: 0 } });
  await w.seeing();
  await w.l.harvest();
  await w.seeing();
}, 60_000);
afterEach(async () => {
  await w[Symbol.asyncDispose]();
  await chain[Symbol.asyncDispose]();
});

const status = () => w.l.tower().status().books;
const findings = () => status().findings.map((line) => line.split(': ')[0]);
const held = (asset: Asset, units: Readonly<Record<string, bigint>>, leaving: Holding['leaving'] = []) => {
  const holdings = Object.entries(units).map(([wallet, each]): Holding => {
    const kind = wallet.startsWith('cold') ? 'cold' : 'hot';
    return { wallet, kind, units: each, leaving: kind === 'hot' ? leaving : [], unsettled: 0n };
  });
  const own = holdings.reduce((sum, one) => sum + one.units, 0n);
  return { asset, claims: 0n, due: 0n, own, holdings } satisfies AssetTotals;
};
const [first, second] = [0, 1].map((at) => () => chain.tokens[at]?.asset ?? ETH) as [
  () => Asset,
  () => Asset,
];

async function say(...tokens: readonly AssetTotals[]) {
  const { hot } = chain;
  const [nemInHot, nemInCold] = await Promise.all([
    w.l.balance(nemHot.address),
    w.l.balance(nemCold.address),
  ]);
  sequence += 1;
  w.l.clock.ms += 1;
  const height = await chain.height();
  const { hash } = await chain.s.chain.client.getBlock({ blockNumber: BigInt(height) });
  const nem = w.l.nodes[0].core.chain.last().block;
  const totals: Totals = {
    network: w.l.policy.network,
    exchange: 'exchange-1',
    at: w.l.clock.ms,
    sequence,
    blocks: [
      { chain: 'ethereum', height, hash: hash.slice(2) },
      { chain: 'nem', height: nem.height, hash: nem.hash },
    ],
    assets: [
      held(XEM, { hot: nemInHot, cold: nemInCold }),
      held(ETH, { [hot.id]: await chain.units(hot.address, ETH) }),
      ...tokens,
    ],
  };
  const signed = { totals, signature: signStatement(books, 'books-totals', totals) };
  expect(w.l.tower().totals(SignedTotals.parse(JSON.parse(jsonText(signed))))).toEqual({ kind: 'done' });
}
const compared = (...tokens: readonly AssetTotals[]) =>
  until('the newest block to be compared', async () => {
    await say(...tokens);
    const on = status().chains.find((one) => one.chain === 'ethereum');
    return on?.compared === (await chain.height());
  });
const honest = (units = 1_000n, leaving: Holding['leaving'] = []) => [
  held(first(), { [chain.hot.id]: units }, leaving),
  held(second(), { [chain.hot.id]: 5n }),
];

it('in order; a unit more, and one left out; each told by its asset, and nothing frozen', async () => {
  await compared(...honest());
  expect(status().findings).toEqual([]);
  await compared(...honest(1_001n));
  expect(status().findings).toEqual([expect.stringMatching(/^books and chain apart: .*"difference":"1"/)]);
  expect(status().findings[0]).toContain(first());
  await compared(held(first(), { [chain.hot.id]: 1_000n }));
  expect(status().findings).toEqual([expect.stringContaining(`"asset":"${second()}"`)]);
  await compared(...honest());
  expect(status().findings).toEqual([]);
  expect(w.l.tower().status().frozen).toBe(null);
}, 60_000);

it('a payment that is leaving is believed by its transaction and token, and by no other', async () => {
  await compared(...honest());
  const paid = await w.paid(7n, await chain.number(), { asset: first() });
  const transaction = await chain.sends(paid.calldata);
  await chain.mine(1);
  await w.seeing();
  // As they booked it before: what left is named.
  await compared(...honest(1_000n, [{ transaction, units: 7n }]));
  expect(status().findings).toEqual([]);
  await compared(
    held(first(), { [chain.hot.id]: 993n }),
    held(second(), { [chain.hot.id]: 12n }, [{ transaction, units: 7n }]),
  );
  expect(findings()).toEqual(['books and chain apart']);
  await compared(...honest(993n));
  expect(status().findings).toEqual([]);
}, 60_000);

it('one stolen by both keys is missing in the books that do not know it', async () => {
  await compared(...honest());
  const { calldata } = chain.stolen({ units: 5n, nonce: await chain.number(), asset: second() });
  await chain.sends(calldata);
  await chain.mine(1);
  expect(await chain.units(thief, second())).toBe(5n);
  await until('it to be told', async () => {
    await say(...honest());
    return findings().includes('books and chain apart');
  });
}, 60_000);

it('one of which a node says nothing, or another number: told once that lasts, and the others are compared', async () => {
  await compared(...honest());
  const [token] = chain.tokens;
  const asksToken = (params: unknown) =>
    JSON.stringify(params).toLowerCase().includes(token.at.slice(2).toLowerCase());
  chain.liars[1].lie = (method, params, result) =>
    method === 'eth_call' && asksToken(params) ? `0x${'0'.repeat(63)}2` : result;
  await chain.mine(1);
  await w.seeing();
  // What nobody could compare is no difference.
  await compared(...honest(2n));
  expect(status().findings).toEqual([]);
  for (let blocks = 0; blocks < 110 && findings().length === 0; blocks += 10) {
    await chain.mine(10);
    await w.seeing();
    await compared(...honest(2n));
  }
  expect(status().findings).toEqual([expect.stringMatching(/^books cannot be compared: /)]);
  expect(status().findings[0]).toContain(first());
  chain.liars[1].lie = null;
  await chain.mine(1);
  await w.seeing();
  await compared(...honest());
  expect(status().findings).toEqual([]);
}, 60_000);
