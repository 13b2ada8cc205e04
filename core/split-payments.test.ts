/** A thief who splits what they take over transactions, destinations, assets and wallets: which denial still counts it together. */
import { describe, expect, it } from 'vitest';
import { XEM, type Asset, type Denial } from './index.ts';
import { judgeDenials } from './judge-denials.ts';
import { countPayment, paymentOf, type Outflow, type PastPayment } from './outflow.ts';
import { hour, intentFor, now, policy, requestFor, xem } from './testing/house.ts';

type When = Denial['when'];

const OTHER = 'nem:other' as Asset;
/** 10 XEM and 1 of fees, from the hot wallet to ALICE. */
const intent = intentFor(requestFor());

let count = 0;
function paid(change: Partial<PastPayment> = {}): PastPayment {
  count += 1;
  const one = { wallet: 'hot', asset: XEM, destination: 'ALICE', units: xem('11') };
  return { ...one, intent: `intent ${count}`, at: now, ...change };
}

interface Given {
  readonly past?: readonly PastPayment[];
  readonly together?: readonly PastPayment[];
  readonly of?: typeof intent;
}

function holds(when: When, { past = [], together = [], of = intent }: Given): boolean {
  const outflows = new Map<string, Outflow>();
  for (const one of past) countPayment(outflows, one);
  const words = {
    ...policy,
    // What another asset counts for stands first: nothing may be taken by its place.
    values: [
      { asset: OTHER, yen: 1n, per: 1n },
      { asset: XEM, yen: 100n, per: 1_000_000n },
    ],
    denials: [{ id: 'it', when }],
  };
  const scene = {
    intent: of,
    approvals: [],
    requested: null,
    outflows,
    together,
    at: now,
    balance: xem('1000'),
  };
  return judgeDenials(words, scene).held.length > 0;
}

const places = {
  'the same wallet, asset and destination': {},
  'another destination': { destination: 'BOB' },
  'another asset': { asset: OTHER },
  'another wallet': { wallet: 'hot-2' },
  'another wallet and destination': { wallet: 'hot-2', destination: 'BOB' },
  'another wallet and asset': { wallet: 'hot-2', asset: OTHER },
} as const;
type Place = keyof typeof places;
type Per = NonNullable<When['rolling']>['per'];

/** What counts together with a payment, by each `per`. */
const counted: Readonly<Record<Per, readonly Place[]>> = {
  wallet: ['the same wallet, asset and destination', 'another destination'],
  destination: ['the same wallet, asset and destination', 'another wallet'],
  asset: [
    'the same wallet, asset and destination',
    'another destination',
    'another wallet',
    'another wallet and destination',
  ],
  all: Object.keys(places) as Place[],
};

const rows = (Object.keys(counted) as Per[]).flatMap((per) =>
  (Object.keys(places) as Place[]).map((place) => [per, place, counted[per].includes(place)] as const),
);

describe('what left within hours', () => {
  it.each(rows)('per %s, after one of %s: counted %s', (per, place, expected) => {
    const when = { rolling: { per, hours: 1, aboveCount: 1 } };
    expect(holds(when, { past: [paid(places[place])] })).toBe(expected);
    expect(holds(when, { together: [paid(places[place])] })).toBe(expected);
  });

  it.each(rows)('per %s, units beside one of %s: counted %s', (per, place, expected) => {
    // Of another asset it is worth 11,000,000 yen; of this one 1,100, beside 1,100 of its own.
    const when = { rolling: { per, hours: 1, aboveYen: 2_199n } };
    expect(holds(when, { past: [paid(places[place])] })).toBe(expected);
    expect(holds(when, { together: [paid(places[place])] })).toBe(expected);
    expect(
      holds({ rolling: { ...when.rolling, aboveYen: 11_001_100n } }, { past: [paid(places[place])] }),
    ).toBe(false);
  });

  it.each(Object.keys(counted) as Per[])('per %s: until so many hours ago, and not at that moment', (per) => {
    const ago = (ms: number) => ({ past: [paid({ at: now - 2 * hour + ms })] });
    for (const when of [
      { rolling: { per, hours: 2, aboveCount: 1 } },
      { rolling: { per, hours: 2, aboveYen: 1_100n } },
    ]) {
      expect(holds(when, ago(1))).toBe(true);
      expect(holds(when, ago(0))).toBe(false);
    }
  });

  it('an intent that was planned before counts once: neither twice nor less than itself', () => {
    const at = (moment: number) => ({ past: [paymentOf(intent, moment), paid()] });
    for (const moment of [now, now - hour + 1, now - hour, now - 2 * hour]) {
      expect(holds({ rolling: { per: 'wallet', hours: 1, aboveCount: 1 } }, at(moment))).toBe(true);
      expect(holds({ rolling: { per: 'wallet', hours: 1, aboveCount: 2 } }, at(moment))).toBe(false);
    }
  });
});

describe('a dead transaction of several, planned anew', () => {
  const beside = intentFor(requestFor());
  const anew: Given = {
    past: [paymentOf(intent, now - 2), paymentOf(beside, now - 2)],
    together: [paymentOf(beside, now)],
  };

  it.each<[string, When, When]>([
    [
      'a count',
      { rolling: { per: 'wallet', hours: 1, aboveCount: 2 } },
      { rolling: { per: 'wallet', hours: 1, aboveCount: 1 } },
    ],
    [
      'a count of one destination',
      { rolling: { per: 'destination', hours: 1, aboveCount: 2 } },
      { rolling: { per: 'destination', hours: 1, aboveCount: 1 } },
    ],
    [
      'yen',
      { rolling: { per: 'all', hours: 1, aboveYen: 2_200n } },
      { rolling: { per: 'all', hours: 1, aboveYen: 2_199n } },
    ],
  ])('%s holds each of its intents once', (_what, at, above) => {
    expect(holds(at, anew)).toBe(false);
    expect(holds(above, anew)).toBe(true);
  });

  it('makes no destination known: what never paid has paid nobody', () => {
    const long = { ...anew, past: [paymentOf(beside, now - 48 * hour)] };
    expect(holds({ destination: { newerThanHours: 24 } }, long)).toBe(true);
    expect(holds({ destination: { newerThanHours: 24 } }, { ...long, together: [] })).toBe(false);
  });
});

describe('other conditions that look at more than one payment', () => {
  it.each<[string, When, Given, boolean]>([
    [
      'a destination that another wallet has paid for long is known',
      { destination: { newerThanHours: 24 } },
      { past: [paid({ wallet: 'hot-2', at: now - 24 * hour }), paid({ destination: 'BOB' })] },
      false,
    ],
    [
      'a share counts what the same transaction pays of the same wallet and asset',
      { share: { aboveBps: 219 } },
      { together: [paid()] },
      true,
    ],
    [
      'and not of another wallet',
      { share: { aboveBps: 219 } },
      { together: [paid({ wallet: 'hot-2' })] },
      false,
    ],
    ['nor of another asset', { share: { aboveBps: 219 } }, { together: [paid({ asset: OTHER })] }, false],
    [
      'another asset in the same transaction is another asset',
      { distinctAssets: { hours: 1, above: 1 } },
      { together: [paid({ asset: OTHER })] },
      true,
    ],
    ['the same one again is not', { distinctAssets: { hours: 1, above: 1 } }, { together: [paid()] }, false],
    [
      'another asset within the hours, from whichever wallet',
      { distinctAssets: { hours: 1, above: 1 } },
      { past: [paid({ asset: OTHER, wallet: 'hot-2', at: now - hour + 1 })] },
      true,
    ],
    [
      'though it was paid long ago too',
      { distinctAssets: { hours: 1, above: 1 } },
      { past: [-5, -4, 0].map((later) => paid({ asset: OTHER, at: now + later * hour })) },
      true,
    ],
    [
      'another asset so many hours ago is over',
      { distinctAssets: { hours: 1, above: 1 } },
      { past: [paid({ asset: OTHER, at: now - hour })] },
      false,
    ],
    [
      'two assets are not above two',
      { distinctAssets: { hours: 1, above: 2 } },
      { past: [paid({ asset: OTHER })] },
      false,
    ],
    [
      'another asset is moved by another operation',
      { operations: ['token-transfer'] },
      { of: { ...intent, asset: OTHER } },
      true,
    ],
    ['and not by a plain transfer', { operations: ['transfer'] }, { of: { ...intent, asset: OTHER } }, false],
  ])('%s', (_what, when, given, expected) => {
    expect(holds(when, given)).toBe(expected);
  });
});
