import { describe, expect, it } from 'vitest';
import {
  readFacts,
  readFactsUnder,
  signStatement,
  BTC,
  XEM,
  type ChainFact,
  type Control,
  type Policy,
} from './index.ts';
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
    ['of another asset, whose units are others', factOf({ balance: { asset: BTC, units: xem('50000') } })],
    ['of another network', factOf({ network: 'mainnet' })],
    ['stated for an evacuation, by a watchtower that has frozen', factOf({ purpose: 'evacuation' })],
    [
      'its balance altered',
      { ...good, fact: { ...good.fact, balance: { asset: XEM, units: xem('90000') } } },
    ],
    ['its time altered', { ...good, fact: { ...good.fact, at: now + 1 } }],
    ['its nonce altered', { ...good, fact: { ...good.fact, nonces: ['1'.repeat(32)] } }],
  ])('%s', (_what, fact) => {
    expect(readFacts(policy, 'hot', XEM, [fact])).toEqual({ kind: 'refused', why: 'facts-below-quorum' });
  });

  it('none', () => {
    expect(readFacts(policy, 'hot', XEM, [])).toEqual({ kind: 'refused', why: 'facts-below-quorum' });
  });

  it('as it should be, it is read', () => {
    expect(readFacts(policy, 'hot', XEM, [good])).toEqual({
      kind: 'witnessed',
      witnessed: { at: now, balance: xem('50000'), control, dead: new Set() },
    });
  });
});

describe('a quorum of two', () => {
  it('is not one watchtower twice', () => {
    const twice = [factOf(), factOf({ at: now + 1 })];
    expect(readFacts(of(2), 'hot', XEM, twice)).toEqual({ kind: 'refused', why: 'facts-below-quorum' });
  });

  it('one that lies cannot raise the balance, nor put the clock forward', () => {
    const facts = [
      factOf(),
      factOf({ at: now + 50_000, balance: { asset: XEM, units: xem('9000000') } }, towers[1]),
    ];
    expect(readFacts(of(2), 'hot', XEM, facts)).toMatchObject({
      witnessed: { at: now, balance: xem('50000') },
    });
  });

  it('nor by answering first', () => {
    const facts = [
      factOf({ at: now + 50_000, balance: { asset: XEM, units: xem('9000000') } }),
      factOf({}, towers[1]),
    ];
    expect(readFacts(of(2), 'hot', XEM, facts)).toMatchObject({
      witnessed: { at: now, balance: xem('50000') },
    });
  });

  it('clocks further apart than a fact lives are no clock, whoever answers first', () => {
    const apart = (ms: number) => [factOf(), factOf({ at: now + ms }, towers[1])];
    const reversed = (ms: number) => apart(ms).toReversed();
    for (const facts of [apart, reversed]) {
      expect(readFacts(of(2), 'hot', XEM, facts(60_000))).toMatchObject({ witnessed: { at: now } });
      expect(readFacts(of(2), 'hot', XEM, facts(60_001))).toEqual({ kind: 'refused', why: 'facts-disagree' });
    }
  });

  it('nor are those of three, of which the first and the last are apart', () => {
    const facts = [60_001, 30_000, 0].map((later, index) => factOf({ at: now + later }, towers[index]));
    expect(readFacts(of(2), 'hot', XEM, facts)).toEqual({ kind: 'refused', why: 'facts-disagree' });
  });

  it('with three, the time is the one in the middle', () => {
    for (const [one = 0, two = 0, three = 0] of [
      [0, 10_000, 30_000],
      [10_000, 30_000, 0],
      [30_000, 0, 10_000],
      [30_000, 10_000, 0],
    ]) {
      const facts = [one, two, three].map((later, index) => factOf({ at: now + later }, towers[index]));
      expect(readFacts(of(2), 'hot', XEM, facts)).toMatchObject({ witnessed: { at: now + 10_000 } });
    }
  });

  it('whose keys act is what two state alike', () => {
    const other: Control = { ...control, keys: [...control.keys.slice(1), 'thief'] };
    const stated = (...controls: readonly (Control | null)[]) => {
      const facts = controls.map((one, index) => factOf({ control: one }, towers[index]));
      const read = readFacts(of(2), 'hot', XEM, facts);
      return read.kind === 'witnessed' ? read.witnessed.control : read.why;
    };
    expect(stated(control, control)).toEqual(control);
    expect(stated(other, control, control)).toEqual(control);
    expect(stated(control, null, control)).toEqual(control);
    expect(stated(control, other)).toBeNull();
    expect(stated(control, null, null)).toBeNull();
  });
});

describe('under two versions that name other watchtowers', () => {
  const keys = towers.map(({ publicKey }) => publicKey);
  const [first, second, third] = towers;
  const under = (quorum: number, ...by: string[]): Policy => ({
    ...policy,
    watchtowers: { quorum, keys: by },
  });
  const plan = { plan: 'd'.repeat(64), proof: { height: 5, hash: 'e'.repeat(64) } };
  const facts = [
    factOf({ at: now + 3, balance: { asset: XEM, units: 30n }, dead: [plan] }, first),
    factOf({ at: now + 2, balance: { asset: XEM, units: 20n }, dead: [plan] }, second),
    factOf({ at: now + 1, balance: { asset: XEM, units: 10n }, control: null }, third),
  ];
  const [a = '', b = '', c = ''] = keys;
  const read = (...policies: Policy[]) => readFactsUnder(policies, 'hot', XEM, facts, 'payment');

  it('each must hear enough', () => {
    const none = under(1, thief.publicKey);
    const refused = { kind: 'refused', why: 'facts-below-quorum' };
    expect(read(under(1, a), none)).toEqual(refused);
    expect(read(none, under(1, a))).toEqual(refused);
  });

  it.each<[string, Policy[], object]>([
    ['one alone', [under(1, a)], { at: now + 3, balance: 30n, control, dead: new Set([plan.plan]) }],
    [
      'both hear of the same death',
      [under(1, a), under(1, b)],
      { at: now + 2, balance: 20n, control, dead: new Set([plan.plan]) },
    ],
    [
      'one hears of none',
      [under(1, a), under(1, c)],
      { at: now + 1, balance: 10n, control: null, dead: new Set() },
    ],
    [
      'in whichever order',
      [under(1, c), under(1, a)],
      { at: now + 1, balance: 10n, control: null, dead: new Set() },
    ],
  ])('%s: the least of everything', (_what, policies, witnessed) => {
    expect(read(...policies)).toEqual({ kind: 'witnessed', witnessed });
  });

  it('for the purpose that they are asked for', () => {
    expect(readFactsUnder([under(1, a)], 'hot', XEM, facts, 'evacuation')).toMatchObject({
      why: 'facts-below-quorum',
    });
  });
});
