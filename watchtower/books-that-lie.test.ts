/** Whoever has custody, its database or the books' key says something else than the chain, or nothing: somebody is paged, and nothing is frozen. */
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  signStatement,
  SignedTotals,
  XEM,
  type AssetTotals,
  type Holding,
  type SigningKey,
  type Totals,
} from '@kuramori/core';
import { transactionHash } from '@kuramori/chains/nem/codec';
import { jsonText } from '@kuramori/program';
import { books, keyNamed, tower, xem } from '../core/testing/house.ts';
import { cold, hot, lookout, stranger, until, type Lookout, type Options } from './testing/lookout.ts';
import { transfer } from './testing/transactions.ts';

let l: Lookout;
let sequence: number;
async function open(options: Options = {}): Promise<void> {
  l = await lookout(options);
  sequence = 100;
  await l.seeing();
  await harvest();
}
beforeEach(() => open());
afterEach(() => l[Symbol.asyncDispose]());

const tip = () => l.nodes[0].core.chain.last().block;
const status = () => {
  const { chains, ...all } = l.tower().status().books;
  const [nem] = chains;
  if (!nem) throw new Error('it watches NEM');
  return { ...all, ...nem, heard: all.heard, statedAt: nem.heard };
};
const events = (): Record<string, unknown>[] => {
  const file = join(l.folder, 'incident.jsonl');
  const text = existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : '';
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
};

interface Changes {
  readonly totals?: Partial<Totals>;
  readonly sums?: Partial<AssetTotals>;
  readonly hot?: Partial<Holding>;
  readonly more?: readonly Holding[];
  readonly by?: SigningKey;
}

/** What an honest custody says at the newest block, unless something about it is changed. */
async function statement({ totals, sums, hot: ofHot, more = [], by = books }: Changes = {}) {
  const [inHot, inCold] = await Promise.all([l.balance(hot.address), l.balance(cold.address)]);
  const holding = (wallet: 'hot' | 'cold', units: bigint): Holding => {
    return { wallet, kind: wallet, units, leaving: [], unsettled: 0n };
  };
  sequence += 1;
  const claims = xem('40000');
  const all: Totals = {
    network: l.policy.network,
    exchange: 'exchange-1',
    at: l.clock.ms,
    sequence,
    blocks: [{ chain: 'nem', height: tip().height, hash: tip().hash }],
    assets: [
      {
        asset: XEM,
        claims,
        due: 0n,
        own: inHot + inCold - claims,
        holdings: [{ ...holding('hot', inHot), ...ofHot }, holding('cold', inCold), ...more],
        ...sums,
      },
    ],
    ...totals,
  };
  return { totals: all, signature: signStatement(by, 'books-totals', all) };
}

const hear = async (changes: Changes = {}) => l.tower().totals(await statement(changes));
/** Said, and taken. */
async function say(changes: Changes = {}): Promise<void> {
  expect(await hear(changes)).toEqual({ kind: 'done' });
}
/** A new block, and the watchtower has looked at what the wallets hold there: an honest statement is compared. */
async function harvest(): Promise<void> {
  await l.harvest();
  await until('the newest block to be sampled', async () => {
    l.clock.ms += 1;
    await hear();
    return status().compared === tip().height;
  });
}
const stillSigns = () => expect(l.tower().status().frozen).toBeNull();

describe('books in order', () => {
  it('are compared at each block, and nobody is called', async () => {
    await say();
    await harvest();
    await say();
    expect(status()).toEqual({
      chain: 'nem',
      heard: { at: l.clock.ms, sequence },
      statedAt: tip().height,
      sampled: { height: tip().height, hash: tip().hash },
      compared: tip().height,
      findings: [],
    });
    expect(events()).toEqual([]);
  });
});

describe('custody credits itself', () => {
  const bare = { leaving: [], unsettled: 0n };

  it('claims above holdings by one unit', async () => {
    const held = (await l.balance(hot.address)) + (await l.balance(cold.address));
    await say({ sums: { claims: held, own: 0n } });
    expect(events()).toEqual([]);
    await say({ sums: { claims: held + 1n, own: -1n } });
    expect(events()).toMatchObject([
      { event: 'claims above holdings', claims: `${held + 1n}`, held: `${held}`, short: '1' },
    ]);
    expect(status().findings).toEqual([expect.stringMatching(/^claims above holdings: /)]);
    stillSigns();
  });

  it('620,000 coins that the books have, and the chain has not', async () => {
    const more = xem('620000');
    const units = (await l.balance(hot.address)) + more;
    await say({ hot: { units }, sums: { claims: xem('40000') + more } });
    expect(events()).toMatchObject([
      {
        event: 'books and chain apart',
        wallet: 'hot',
        books: `${units}`,
        chain: `${units - more}`,
        difference: `${more}`,
        height: tip().height,
        block: tip().hash,
      },
    ]);
    stillSigns();
  });

  it.each([
    [
      'in transit',
      (units: bigint) => ({ more: [{ ...bare, wallet: 'hot', kind: 'in-transit' as const, units }] }),
    ],
    [
      'in blocks that are gone',
      (units: bigint, inHot: bigint) => ({ hot: { units: inHot + units, unsettled: units } }),
    ],
    [
      'in payments that nobody made',
      (units: bigint, inHot: bigint) => ({
        hot: { units: inHot + units, leaving: [{ transaction: 'a'.repeat(64), units }] },
      }),
    ],
  ])('and hides the coins %s', async (_where, hide) => {
    const inHot = await l.balance(hot.address);
    const more = xem('620000');
    await say({
      ...hide(more, inHot),
      sums: { claims: xem('40000') + more, own: inHot + (await l.balance(cold.address)) - xem('40000') },
    });
    expect(events().map(({ event }) => event)).toContain('claims above holdings');
    expect(events().map(({ event }) => event)).not.toContain('books do not balance');
  });

  it('in a wallet that the policy does not name', async () => {
    const units = xem('5');
    await say({
      more: [{ ...bare, wallet: 'another', kind: 'hot', units }],
      sums: { own: (await l.balance(hot.address)) + (await l.balance(cold.address)) + units - xem('40000') },
    });
    expect(events()).toMatchObject([{ event: 'books hold coins in no wallet', wallets: ['another'] }]);
  });
});

describe('a balance changed past the postings, by one unit', () => {
  it.each([1n, -1n])('of a customer: %s', async (change) => {
    await say({ sums: { claims: xem('40000') + change } });
    expect(events()).toMatchObject([{ event: 'books do not balance', difference: `${-change}` }]);
    stillSigns();
  });

  it.each([1n, -1n])('of a wallet: %s, told once, and once more when it is over', async (change) => {
    const units = (await l.balance(hot.address)) + change;
    const own = units + (await l.balance(cold.address)) - xem('40000');
    for (let times = 0; times < 3; times += 1) {
      await say({ hot: { units }, sums: { own } });
      await harvest();
      await say({ hot: { units }, sums: { own } });
    }
    const apart = events().filter(({ event }) => event === 'books and chain apart');
    expect(apart).toMatchObject([{ wallet: 'hot', difference: `${change}` }]);
    expect(status().findings).toEqual([expect.stringContaining(`"difference":"${change}"`)]);
    stillSigns();
  });
});

describe('a payment that is leaving', () => {
  it('explains a difference where this watchtower has seen it, and nothing else', async () => {
    const before = await l.balance(hot.address);
    const own = before + (await l.balance(cold.address)) - xem('40000');
    const transaction = transactionHash(Uint8Array.fromHex(await l.pay()));
    await l.harvest();
    await l.seeing();
    const left = before - (await l.balance(hot.address));
    const inBooks = (units: bigint) => ({
      hot: { units: before, leaving: [{ transaction, units }] },
      sums: { own },
    });
    await until('the block to be sampled', async () => {
      l.clock.ms += 1;
      await say(inBooks(left));
      return status().compared === tip().height;
    });
    expect(status().findings).toEqual([]);
    await say(inBooks(left + 1n));
    expect(events()).toMatchObject([
      { event: 'books and chain apart', difference: `${left}`, paymentsThatNobodyMade: [transaction] },
    ]);
  });

  it('for more than 360 blocks is no explanation any more; nor is a rewrite', async () => {
    const before = await l.balance(hot.address);
    const own = before + (await l.balance(cold.address)) - xem('40000');
    await say({ hot: { units: before + 7n, unsettled: 7n }, sums: { own: own + 7n } });
    expect(status().findings).toEqual([]);
    for (let blocks = 0; blocks < 360; blocks += 1) await l.harvest();
    const again = () => say({ hot: { units: before + 7n, unsettled: 7n }, sums: { own: own + 7n } });
    const sampled = () =>
      until('the newest block to be sampled', async () => {
        l.clock.ms += 1;
        await again();
        return status().compared === tip().height;
      });
    const apart = () => status().findings.filter((line) => line.startsWith('books and chain apart'));
    await sampled();
    expect(apart()).toEqual([]);
    await l.harvest();
    await sampled();
    expect(apart()).toEqual([expect.stringMatching(/"difference":"7"/)]);
  }, 60_000);
});

describe('a statement that is not one', () => {
  it.each([
    ['signed by another key', () => hear({ by: keyNamed('thief') })],
    ['signed by a watchtower', () => hear({ by: tower })],
    ['of another network', () => hear({ totals: { network: 'testnet' } })],
    [
      'altered after it was signed',
      async () => {
        const { totals, signature } = await statement();
        return l.tower().totals({ totals: { ...totals, sequence: 999 }, signature });
      },
    ],
  ])('%s: refused, and no finding', async (_what, tell) => {
    const before = status();
    expect(await tell()).toMatchObject({ kind: 'refused', why: 'signature' });
    expect(status()).toEqual(before);
    expect(events()).toEqual([]);
  });

  it('replayed: of yesterday, of a minute ago, and from before the newest', async () => {
    const old = await statement({ sums: { claims: 1n } });
    l.clock.ms += 1;
    await say();
    expect(l.tower().totals(old)).toMatchObject({ why: 'older' });
    l.clock.ms += 61_000;
    expect(l.tower().totals(old)).toMatchObject({ why: 'stale' });
    l.clock.ms += 86_400_000;
    expect(l.tower().totals(old)).toMatchObject({ why: 'stale' });
    expect(await hear({ totals: { at: l.clock.ms + 61_000 } })).toMatchObject({ why: 'stale' });
    expect(events()).toEqual([]);
  });

  it.each([
    ['an asset', (asset: AssetTotals) => [asset, asset]],
    ['a wallet', (asset: AssetTotals) => [{ ...asset, holdings: [...asset.holdings, ...asset.holdings] }]],
    [
      'a payment',
      (asset: AssetTotals) => [
        {
          ...asset,
          holdings: asset.holdings.map((one) => ({
            ...one,
            leaving: [{ transaction: 'a'.repeat(64), units: 1n }],
          })),
        },
      ],
    ],
  ])('that names %s twice is not read', async (_what, twice) => {
    const { totals, signature } = await statement();
    const file = (assets: readonly AssetTotals[]) =>
      SignedTotals.safeParse(JSON.parse(jsonText({ totals: { ...totals, assets }, signature })));
    expect(file(totals.assets).success).toBe(true);
    expect(file(totals.assets.flatMap(twice)).error?.issues[0]?.message).toMatch(/once/);
  });
});

describe('books that went back', () => {
  it('fewer transfers than before: told, and held against the chain all the same', async () => {
    await say();
    l.clock.ms += 11_000;
    await say({ totals: { sequence: 7 } });
    expect(events()).toMatchObject([{ event: 'books went back', sequence: 7, before: sequence - 1 }]);
    l.clock.ms += 1;
    const units = (await l.balance(hot.address)) - 5n;
    await say({ totals: { sequence: 8 }, hot: { units } });
    expect(events().map(({ event }) => event)).toContain('books and chain apart');
  });

  it('two custodies that overtake each other are no such thing', async () => {
    await say({ totals: { sequence: 500 } });
    l.clock.ms += 3;
    expect(await hear({ totals: { sequence: 499 } })).toMatchObject({ why: 'older' });
    l.clock.ms += 3;
    await say({ totals: { sequence: 501 } });
    expect(events()).toEqual([]);
  });

  it('two databases, both alive: the lower one is not taken, and it is told', async () => {
    for (let times = 0; times < 4; times += 1) {
      l.clock.ms += 5_000;
      await say({ totals: { sequence: 500 + times } });
      l.clock.ms += 1;
      expect(await hear({ totals: { sequence: 300 + times } })).toMatchObject({ why: 'older' });
    }
    expect(events()).toMatchObject([{ event: 'books went back', sequence: 302 }, {}]);
    expect(status().heard?.sequence).toBe(503);
  });
});

describe('silent books', () => {
  const reopen = async (patience: Options['books']) => {
    await l[Symbol.asyncDispose]();
    await open({ books: patience ?? { silenceMs: 0, behindBlocks: 0 } });
  };
  const silent = () => events().filter(({ event }) => event === 'books are silent');

  it('are told once, until they speak again', async () => {
    await reopen({ silenceMs: 500, behindBlocks: 30 });
    await until('the silence to be told', () => silent().length > 0);
    expect(silent()).toMatchObject([{ why: 'no statement came' }]);
    stillSigns();
    await say();
    await until('them to be in order again', () => status().findings.length === 0);
    expect(events().at(-1)).toMatchObject({ event: 'the books are in order again' });
    expect(silent()).toHaveLength(1);
  });

  it('are those that speak of a block of long ago, or of another chain, or without a signature', async () => {
    await reopen({ silenceMs: 700, behindBlocks: 2 });
    const { height, hash } = tip();
    for (let blocks = 0; blocks < 4; blocks += 1) await l.harvest();
    await l.seeing();
    const keepSaying = (changes: Changes, why: RegExp) =>
      until('the reason to be told', async () => {
        l.clock.ms += 1;
        await hear(changes);
        return status().findings.some((line) => line.startsWith('books are silent') && why.test(line));
      });
    await keepSaying({ totals: { blocks: [{ chain: 'nem', height, hash }] } }, /stand at block/);
    const other = { chain: 'nem' as const, height: tip().height, hash: 'b'.repeat(64) };
    await keepSaying({ totals: { blocks: [other] } }, /not on the chain seen here/);
    await keepSaying({ by: keyNamed('thief') }, /not signed by the key/);
  });

  it('are not those that a blind watchtower cannot hear about', async () => {
    await reopen({ silenceMs: 500, behindBlocks: 30 });
    await say();
    // By its clock no block came for two days: its nodes have lost the network.
    l.clock.ms += 2 * 86_400_000;
    await until('the watchtower to be blind', () => l.sees().blind !== null);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(silent()).toEqual([]);
  });

  it('that speak only of blocks that nobody sampled are found out', async () => {
    await reopen({ silenceMs: 600_000, behindBlocks: 3 });
    const fake = tip();
    // On the chain and near its end, but looked at by nobody: made while the watchtower was away.
    await l.stopTower();
    await l.harvest();
    const unseen = tip();
    await l.harvest();
    await l.startTower();
    await l.seeing();
    expect(unseen.hash).not.toBe(fake.hash);
    for (let blocks = 0; blocks < 4; blocks += 1) {
      await l.harvest();
      await l.seeing();
      const block = { chain: 'nem' as const, height: unseen.height, hash: unseen.hash };
      await say({ totals: { blocks: [block] } });
    }
    await until('it to be told', () => events().some(({ event }) => event === 'books cannot be compared'));
  });
});

describe('a chain that is rewritten', () => {
  it('the same height, another block: only what was seen of that block is compared', async () => {
    const before = { chain: 'nem' as const, height: tip().height, hash: tip().hash };
    await say();
    await l.announce(transfer(stranger, hot.address, xem('3'), l.now()), stranger);
    await harvest();
    for (const { core } of l.nodes) core.rewind(before.height, 'forgotten');
    l.clock.ms += 7_000;
    await harvest();
    await say();
    expect(events()).toEqual([]);
  });
});

describe('a watchtower that restarts', () => {
  it('compares again from the next block on, and takes no statement of before for a new one', async () => {
    const old = await statement({ sums: { claims: 1n } });
    await l.stopTower();
    l.clock.ms += 61_000;
    await l.startTower();
    await l.seeing();
    expect(l.tower().totals(old)).toMatchObject({ why: 'stale' });
    await harvest();
    expect(events()).toEqual([]);
  });
});
