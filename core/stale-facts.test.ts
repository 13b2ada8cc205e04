import { describe, expect, it } from 'vitest';
import { readFacts, signStatement, XEM, type ChainFact, type Policy } from './index.ts';
import { control, now, policy, thief, tower, towers, xem } from './testing/house.ts';

function factOf(change: Partial<ChainFact> = {}, by = tower) {
  const fact: ChainFact = {
    network: 'devnet',
    purpose: 'payment',
    at: now,
    tip: { height: 7, hash: 'a'.repeat(64) },
    wallet: 'hot',
    balance: { asset: XEM, units: xem('50000') },
    control,
    nonces: ['0'.repeat(32)],
    dead: [],
    ...change,
  };
  return { fact, watchtower: by.publicKey, signature: signStatement(by, 'chain-fact', fact) };
}

const of = (quorum: number): Policy => ({
  ...policy,
  watchtowers: { quorum, keys: towers.map(({ publicKey }) => publicKey) },
});

describe('a fact that counts for nothing', () => {
  const good = factOf();
  it.each([
    ['signed by nobody pinned', factOf({}, thief)],
    ['signed in another’s name', { ...factOf({}, thief), watchtower: tower.publicKey }],
    ['about another wallet', factOf({ wallet: 'cold' })],
    ['of another network', factOf({ network: 'mainnet' })],
    [
      'its balance altered',
      { ...good, fact: { ...good.fact, balance: { asset: XEM, units: xem('90000') } } },
    ],
    ['its time altered', { ...good, fact: { ...good.fact, at: now + 1 } }],
    ['its nonce altered', { ...good, fact: { ...good.fact, nonces: ['1'.repeat(32)] } }],
  ])('%s', (_what, fact) => {
    expect(readFacts(policy, 'hot', [fact])).toEqual({ kind: 'refused', why: 'facts-below-quorum' });
  });

  it('none', () => {
    expect(readFacts(policy, 'hot', [])).toEqual({ kind: 'refused', why: 'facts-below-quorum' });
  });

  it('as it should be, it is read', () => {
    expect(readFacts(policy, 'hot', [good])).toEqual({
      kind: 'witnessed',
      witnessed: { at: now, balance: xem('50000'), control, dead: new Set() },
    });
  });
});

describe('a quorum of two', () => {
  it('is not one watchtower twice', () => {
    const twice = [factOf(), factOf({ at: now + 1 })];
    expect(readFacts(of(2), 'hot', twice)).toEqual({ kind: 'refused', why: 'facts-below-quorum' });
  });

  it('one that lies cannot raise the balance, nor put the clock forward', () => {
    const facts = [
      factOf(),
      factOf({ at: now + 50_000, balance: { asset: XEM, units: xem('9000000') } }, towers[1]),
    ];
    expect(readFacts(of(2), 'hot', facts)).toMatchObject({ witnessed: { at: now, balance: xem('50000') } });
  });

  it('clocks further apart than a fact lives are no clock', () => {
    const facts = [factOf(), factOf({ at: now + 60_001 }, towers[1])];
    expect(readFacts(of(2), 'hot', facts)).toEqual({ kind: 'refused', why: 'facts-disagree' });
  });

  it('with three, the time is the one in the middle', () => {
    const facts = [0, 10_000, 30_000].map((later, index) => factOf({ at: now + later }, towers[index]));
    expect(readFacts(of(2), 'hot', facts)).toMatchObject({ witnessed: { at: now + 10_000 } });
  });
});
