import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Transaction } from '../codec/index.ts';
import type { WatchedBlock } from '../../watched.ts';
import { openHoldings, type At } from './holdings.ts';
import type { OurCoin } from './ours.ts';
import type { SeenTransaction } from './seen.ts';

const runs = Number(process.env['KURAMORI_ROUNDS'] ?? 200);

type Block = WatchedBlock<SeenTransaction>;

/** A transaction that spends some coins of the wallet and pays to it. */
function seenOf(
  id: string,
  spent: readonly OurCoin[],
  units: readonly bigint[],
  branch: 0 | 1 = 0,
): SeenTransaction {
  const pays = units.map((held, vout): OurCoin => ({
    txid: id,
    vout,
    units: held,
    wallet: 'hot',
    branch,
    index: vout,
  }));
  const inputs = spent.map(({ txid, vout }) => ({
    txid,
    vout,
    sequence: 0,
    scriptSig: new Uint8Array(0),
    witness: [],
  }));
  const transaction: Transaction = { version: 2, lockTime: 0, inputs, outputs: [] };
  const all = spent.map((_, at) => at);
  const takes = spent.length === 0 ? [] : [{ wallet: 'hot', inputs: all, spent, signed: [], unsigned: [] }];
  return {
    id,
    transaction,
    hex: '',
    takes,
    pays,
    wallets: ['hot'],
    origin: 'payment',
    mweb: false,
    identity: {},
  };
}

/** What a chain comes to, counted from its first block. */
function counted(chain: readonly Block[]): ReadonlyMap<string, OurCoin> {
  const coins = new Map<string, OurCoin>();
  for (const { transactions } of chain)
    for (const { takes, pays } of transactions) {
      for (const { txid, vout } of takes.flatMap(({ spent }) => spent)) coins.delete(`${txid}:${vout}`);
      for (const coin of pays) coins.set(`${coin.txid}:${coin.vout}`, coin);
    }
  return coins;
}

const sumOf = (coins: ReadonlyMap<string, OurCoin>) =>
  [...coins.values()].reduce((sum, { units }) => sum + units, 0n);

interface Step {
  /** How many blocks are replaced first. */
  readonly back: number;
  /** For each transaction of the new block: which of the coins it spends, by chance, and how many it makes. */
  readonly transactions: readonly { readonly spends: readonly number[]; readonly makes: number }[];
}

const step: fc.Arbitrary<Step> = fc.record({
  back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(4)),
  transactions: fc.array(fc.record({ spends: fc.array(fc.nat(20), { maxLength: 3 }), makes: fc.nat(3) }), {
    maxLength: 4,
  }),
});

/** The next block of a chain. */
function grown(chain: readonly Block[], { transactions }: Step, salt: number): Block {
  const made: SeenTransaction[] = [];
  const parent = chain.at(-1);
  const height = (parent?.height ?? 99) + 1;
  const block = (): Block => ({
    height,
    hash: `block ${height} ${salt}`,
    previous: parent?.hash ?? 'before',
    time: 0,
    transactions: made,
    unread: [],
  });
  for (const [at, { spends, makes }] of transactions.entries()) {
    const there = [...counted([...chain, block()]).values()];
    const spent = [...new Set(spends)].flatMap((number) => there[number] ?? []);
    const units = Array.from({ length: makes }, (_, vout) => BigInt(1 + vout + height * 10 + at));
    made.push(seenOf(`tx ${height} ${at} ${salt}`, spent, units));
  }
  return block();
}

describe('coins miscounted', () => {
  it('never: whatever is rewritten, they are those of the chain counted from its first block', () => {
    let rewritten = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const holdings = openHoldings(1_000);
        let chain: readonly Block[] = [grown([], { back: 0, transactions: [{ spends: [], makes: 3 }] }, -1)];
        for (const block of chain) holdings.take(block);
        for (const [salt, next] of steps.entries()) {
          const kept = Math.max(1, chain.length - next.back);
          rewritten += chain.length - kept;
          const block = grown(chain.slice(0, kept), next, salt);
          expect(holdings.take(block)).toEqual({ kind: 'taken', undone: chain.length - kept });
          expect(holdings.take(block)).toEqual({ kind: 'known' });
          chain = [...chain.slice(0, kept), block];
          const due = counted(chain);
          expect(new Set(holdings.coins('hot').map(({ txid, vout }) => `${txid}:${vout}`))).toEqual(
            new Set(due.keys()),
          );
          for (const [at, { height }] of chain.entries())
            expect(holdings.balance('hot', height)).toBe(sumOf(counted(chain.slice(0, at + 1))));
          expect(holdings.balance('hot', chain.length + 100)).toBe(undefined);
          expectEnds(holdings, chain);
        }
      }),
      { numRuns: runs },
    );
    expect(rewritten).toBeGreaterThan(runs);
  });

  /** Each spend of the chain ends whatever else would spend the same, from its own block on, and nothing else does. */
  function expectEnds(holdings: ReturnType<typeof openHoldings>, chain: readonly Block[]): void {
    const tip = chain.at(-1)?.height ?? 0;
    const spends = new Map<string, At & { readonly by: string }>();
    for (const { height, hash, transactions } of chain)
      for (const { id, takes } of transactions)
        for (const { txid, vout } of takes.flatMap(({ spent }) => spent))
          spends.set(`${txid}:${vout}`, { height, hash, by: id });
    for (const [outpoint, { by, height, hash }] of spends) {
      const deep = tip - height;
      expect(holdings.endedBy({ ids: ['another'], spends: [outpoint] }, deep)).toEqual({ height, hash });
      expect(holdings.endedBy({ ids: ['another'], spends: [outpoint] }, deep + 1)).toBe(undefined);
      expect(holdings.endedBy({ ids: [by], spends: [outpoint] }, 0)).toBe(undefined);
    }
    for (const outpoint of counted(chain).keys())
      expect(holdings.endedBy({ ids: ['another'], spends: [outpoint] }, 0)).toBe(undefined);
  }

  const chainOf = (length: number): readonly Block[] => {
    const chain: Block[] = [];
    for (let salt = 0; salt < length; salt += 1)
      chain.push(grown(chain, { back: 0, transactions: [{ spends: [0], makes: 2 }] }, salt));
    return chain;
  };

  it('a block of another parent, one that leaves a gap, and one deeper than kept are not taken', () => {
    const chain = chainOf(10);
    const holdings = openHoldings(4);
    for (const block of chain) holdings.take(block);
    const before = holdings.coins('hot');
    const last = chain.at(-1);
    if (!last) throw new Error('no block');
    const { height } = last;
    const refused: readonly (readonly [Block, string])[] = [
      [{ ...last, height: height + 2, hash: 'x' }, 'gap'],
      [{ ...last, height: height + 1, hash: 'x', previous: 'y' }, 'other-parent'],
      [{ ...last, hash: 'x', previous: 'y' }, 'other-parent'],
      [{ ...last, height: height - 3, hash: 'x', previous: chain.at(-5)?.hash ?? '' }, 'deeper-than-kept'],
    ];
    for (const [block, why] of refused) expect(holdings.take(block)).toEqual({ kind: 'refused', why });
    expect(holdings.coins('hot')).toEqual(before);
    expect([holdings.undo(), holdings.undo(), holdings.undo(), holdings.undo()]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(holdings.tip()?.height).toBe(height - 3);
  });

  it('a spend is forgotten with its block: then nothing proves any more what it ended', () => {
    const chain = chainOf(10);
    const holdings = openHoldings(4);
    const [first] = chain[1]?.transactions ?? [];
    const [spent] = first?.takes.flatMap((taken) => taken.spent) ?? [];
    const plan = { ids: ['another'], spends: [`${spent?.txid}:${spent?.vout}`] };
    const ends = chain.map((block) => {
      holdings.take(block);
      return holdings.endedBy(plan, 0)?.height;
    });
    expect(ends).toEqual([undefined, 101, 101, 101, 101, ...Array.from({ length: 5 }, () => undefined)]);
  });

  it('change that waits is spent only where all before it is ours; what a node made up never is', () => {
    const holdings = openHoldings();
    const [block] = chainOf(1);
    if (!block) throw new Error('no block');
    holdings.take(block);
    const [one, other] = holdings.coins('hot');
    if (!one || !other) throw new Error('no coins');
    const own = seenOf('own', [one], [5n], 1);
    const grandchild = seenOf('grandchild', own.pays, [4n], 1);
    const strange = seenOf('strange', [], [7n], 1);
    const onIt = seenOf('on it', strange.pays, [6n], 1);
    const made = seenOf('made up', [other], [3n], 1);
    const unsigned = { ...made, takes: made.takes.map((taken) => ({ ...taken, unsigned: [0] })) };
    holdings.wait([grandchild, onIt, unsigned, strange, own]);
    const rules = { confirmations: 1, unconfirmedChange: true };
    expect(holdings.spendable('hot', rules).map(({ txid }) => txid)).toEqual(['grandchild']);
    expect(holdings.coins('hot').find(({ vout }) => vout === other.vout)?.spentBy).toBe('made up');
    expect(holdings.spendable('hot', { ...rules, unconfirmedChange: false })).toEqual([]);
    // Once it has left, what it seemed to spend is there again.
    holdings.wait([]);
    expect(holdings.spendable('hot', rules).length).toBe(2);
    expect(holdings.spendable('hot', { ...rules, confirmations: 2 })).toEqual([]);
  });

  it('what a miner made waits a hundred blocks', () => {
    const holdings = openHoldings();
    const chain = chainOf(1).map((block) => ({
      ...block,
      transactions: block.transactions.map((seen): SeenTransaction => ({ ...seen, origin: 'coinbase' })),
    }));
    for (const block of chain) holdings.take(block);
    const rules = { confirmations: 1, unconfirmedChange: false };
    let previous = chain[0]?.hash ?? '';
    for (let height = 101; height <= 199; height += 1) {
      expect(holdings.spendable('hot', rules)).toEqual([]);
      holdings.take({ height, hash: `${height}`, previous, time: 0, transactions: [], unread: [] });
      previous = `${height}`;
    }
    expect(holdings.spendable('hot', rules).length).toBe(2);
  });
});
