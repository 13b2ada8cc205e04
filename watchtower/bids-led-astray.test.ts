/**
 * A thief with as many keys as it takes leads what bids against him astray: by a small theft that pays much beside a large one that pays
 * little, by a payment of ours that he signed beside a record, by having signers stop each bid, by another theft while ours is on its way,
 * and by a theft that is long.
 */
import { describe, expect, it } from 'vitest';
import { isTooLong, LTC, type Entry, type EvacuationAsk, type Evidence, type Policy } from '@kuramori/core';
import { planSweep, readTransaction, signaturesOf, type Coin } from '@kuramori/chains/bitcoin/codec';
import type { BitcoinNode, HeldCoin, SeenTransaction } from '@kuramori/chains/bitcoin/node';
import type { SignedPart } from '@kuramori/chains/watched';
import { chanceOf, seed, someAddress } from '../chains/bitcoin/codec/testing/chance.ts';
import { fundedBy } from '../chains/bitcoin/codec/testing/coins.ts';
import { mustPlan, signaturesBy, signedBy } from '../chains/bitcoin/codec/testing/signed.ts';
import { heldWallet } from '../chains/bitcoin/codec/testing/wallet.ts';
import { openBids, type Asked, type Bid, type Swept } from './chains/bitcoin-bids.ts';
import { openBitcoinHome } from './chains/bitcoin-home.ts';
import { leastRoom, roomFor } from './room.ts';

const held = heldWallet(2, [1, 2, 3]);
const { wallet, network, chain } = held;
const chance = chanceOf(seed);
const [home, thief] = [someAddress(chance, chain, network), someAddress(chance, chain, network)];
const amounts = [500_000_000n, 400_000_000n, 4_000_000n];
const funded = fundedBy(held, amounts);
const previous = (txid: string) => {
  const at = funded.coins.findIndex((coin) => coin.txid === txid);
  return funded.previous[at];
};
const heldCoins = (thefts: readonly SeenTransaction[], coins: readonly Coin[] = funded.coins): HeldCoin[] =>
  coins.map((coin) => ({
    ...coin,
    wallet: wallet.id,
    height: 5,
    origin: 'payment',
    own: false,
    spentBy:
      thefts.find(({ transaction }) => transaction.inputs.some(({ txid }) => txid === coin.txid))?.id ?? null,
  }));

function theftOf(coins: readonly Coin[], feeRate: bigint): SeenTransaction & { readonly fees: bigint } {
  const planned = mustPlan(
    planSweep({ wallet, network, coins, feeRate, lockTime: 6, seed: 'theft', to: thief, final: true }),
  );
  const hex = signedBy(held, planned, [0, 1]);
  const transaction = readTransaction(hex);
  const seen = signaturesOf(wallet, hex, coins);
  if (!transaction || !seen) throw new Error('no theft');
  const taken = { wallet: wallet.id, inputs: coins.map((_, at) => at), unsigned: [], ...seen };
  const id = planned.id;
  return {
    fees: planned.fees,
    id,
    transaction,
    hex,
    takes: [taken],
    pays: [],
    wallets: [wallet.id],
    origin: 'payment',
    mweb: false,
    identity: {},
  };
}

const rules = { watchtowers: { quorum: 2, keys: ['1', '2', '3'] }, signers: [] };
const evidence: SignedPart = { bytes: '00', signer: '', signature: '' };
const askedWith = (over: Partial<Asked>): Asked => ({
  wallet,
  home,
  balance: 0n,
  keys: [],
  feeCap: 100_000n,
  outbidBps: 0,
  worth: [],
  rank: 0,
  evidence,
  room: (shown) => roomFor(rules, wallet, shown),
  ...over,
});
const sweptBy = (thiefs: readonly SeenTransaction[], over: Partial<Swept> = {}): Swept => ({
  coins: heldCoins(thiefs),
  thiefs,
  height: 7,
  previous,
  isCovered: () => false,
  ...over,
});
const over = (bids: ReturnType<typeof openBids>, asked: Asked, swept: Swept): Bid | undefined =>
  bids.over(asked, swept, swept.coins, 2_000n);

const [one, other, small] = funded.coins as readonly [Coin, Coin, Coin];
const large = theftOf([one, other], 1_000n);
const dear = theftOf([small], 7_000_000n);

describe('a small theft that pays more than may be paid', () => {
  it('does not shield a large one beside it that pays little', () => {
    for (const outbidBps of [0, 100]) {
      const bid = over(openBids(network), askedWith({ outbidBps }), sweptBy([dear, large]));
      expect(bid?.over).toEqual([large.id]);
      expect(bid?.plan.inputs.map(({ txid }) => txid).toSorted()).toEqual([one.txid, other.txid].toSorted());
      expect(bid?.plan.fees).toBeLessThan(100_000n);
      expect(bid?.against).toBeUndefined();
    }
  });

  it('is outbid itself by its own share alone', () => {
    const bid = over(openBids(network), askedWith({ outbidBps: 5_000 }), sweptBy([dear]));
    expect(bid?.over).toEqual([dear.id]);
    expect(bid?.plan.fees).toBeGreaterThan(dear.fees);
    expect(bid?.plan.fees).toBeLessThanOrEqual(2_000_000n);
    expect(bid?.against?.map(({ signer }) => signer)).toHaveLength(2);
  });
});

describe('a payment of ours that a stolen key signed beside a record', () => {
  it('is no theft by as many keys as it takes: nobody says that no record covers the other part', () => {
    const [key] = [...(dear.takes[0]?.signed ?? [])];
    const covered = (part: SignedPart) => part.signer === key?.signer;
    const swept = sweptBy([dear], { isCovered: covered });
    expect(over(openBids(network), askedWith({ outbidBps: 5_000 }), swept)).toBeUndefined();
  });
});

describe('a bid that signers stop', () => {
  it('is no higher the next time; one that was offered is', () => {
    const bids = openBids(network);
    const asked = askedWith({});
    const rates = [1, 2, 3].map(() => over(bids, asked, sweptBy([large]))?.rate);
    expect(new Set(rates).size).toBe(1);
    const bid = over(bids, asked, sweptBy([large]));
    if (!bid) throw new Error('no bid');
    bids.offered(bid);
    expect(over(bids, asked, sweptBy([large]))?.rate).toBe(bid.rate * 2n);
  });
});

describe('another theft of what is on its way home', () => {
  it('is bid against at once', async () => {
    const node = {
      url: 'node',
      feeRate: () => Promise.resolve({ kind: 'read', value: null }),
      announce: () => Promise.resolve({ kind: 'read', value: { kind: 'accepted' } }),
    } as unknown as BitcoinNode;
    const opened = openBitcoinHome({ nodes: [node], network, usualRate: 2_000n, now: () => 0 });
    const only = (theft: SeenTransaction) => sweptBy([theft], { coins: heldCoins([theft], [one, other]) });
    const planned = await opened.plan(askedWith({}), only(large));
    if (planned.kind !== 'planned') throw new Error(planned.kind);
    await planned.send(signaturesBy(held, { ...planned } as never, [0, 1]));
    expect((await opened.plan(askedWith({}), only(large))).kind).toBe('nothing-left');
    const again = theftOf([one, other], 150_000n);
    const raised = await opened.plan(askedWith({}), only(again));
    expect(raised).toMatchObject({ kind: 'planned' });
    if (raised.kind === 'planned') expect(raised.fees).toBeGreaterThan(again.fees);
  });
});

describe('a theft of many coins', () => {
  const many = fundedBy(
    held,
    Array.from({ length: 48 }, () => 100_000_000n),
  ).coins;
  const theft48 = theftOf(many, 1_000n);
  const longest = (length: number) => 'f'.repeat(length);
  const hex = (bytes: number) => 'ff'.repeat(bytes);
  /** A record as long as any of it is, with a plan of as many coins as the room lets it have. */
  function recordOf(towers: number, signers: number, raced: number, pieces: number) {
    const policy: Pick<Policy, 'watchtowers' | 'signers'> = {
      watchtowers: { quorum: towers, keys: Array.from({ length: towers }, () => hex(32)) },
      signers: Array.from({ length: signers }, () => ({ id: longest(20), recordKey: hex(32) })),
    };
    const heads = policy.signers.map(({ id }) => ({ signer: id, seq: 9_999_999, hash: hex(32) }));
    const evidenceOf = (signer: string): Evidence => ({
      bytes: hex(183),
      signer,
      signature: hex(149 * raced),
      statements: policy.watchtowers.keys.map((watchtower) => ({
        statement: { wallet: longest(20), bytes: hex(32), at: 1_799_999_999_999, heads },
        watchtower,
        signature: hex(64),
      })),
    });
    const shown = wallet.cosigners.slice(0, pieces).map(({ publicKey }) => evidenceOf(publicKey));
    const room = roomFor(policy, wallet, shown);
    const swept = openBids(network).over(
      askedWith({ feeCap: 100_000_000n, room: () => room }),
      { ...sweptBy([]), thiefs: [theft48], previous: () => '00' },
      heldCoins([], many),
      2_000n,
    );
    const [share] = swept?.plan.shares ?? [];
    const [first, ...beside] = shown;
    if (!first) throw new Error('no evidence');
    const body: EvacuationAsk = {
      kind: 'evacuation',
      wallet: longest(20),
      number: 9_999,
      evidence: first,
      ...(beside.length > 0 ? { beside } : {}),
      plan: swept?.plan.plan ?? '',
      share: share?.share ?? '',
      intent: {
        id: longest(64),
        reason: 'evacuation',
        wallet: longest(20),
        asset: LTC,
        destination: { address: longest(90), memo: '' },
        amount: 10n ** 16n,
        feeCap: 10n ** 16n,
        expiry: 1_799_999_999,
      },
      facts: policy.watchtowers.keys.map((watchtower) => ({
        fact: {
          network,
          purpose: 'evacuation',
          at: 1_799_999_999_999,
          tip: { height: 9_999_999, hash: hex(32) },
          wallet: longest(20),
          balance: { asset: LTC, units: 10n ** 16n },
          control: { threshold: 2, keys: wallet.cosigners.map(({ publicKey }) => publicKey) },
          nonces: [hex(16), hex(16), hex(16)],
          dead: [],
        },
        watchtower,
        signature: hex(64),
      })),
    };
    const entry: Entry = {
      v: 1,
      signer: longest(20),
      seq: 9_999_999,
      prev: hex(32),
      at: 1_799_999_999_999,
      policy: hex(32),
      grounds: [longest(60)],
      body,
    };
    return { entry, coins: swept?.plan.inputs.length ?? 0, room };
  }

  it.each([
    [1, 2, 1, 1],
    [3, 3, 1, 2],
    [3, 6, 24, 2],
    [5, 8, 1, 3],
    [3, 3, 48, 2],
  ])('%i watchtowers, %i signers, %i coins shown, by %i keys: its record is a leaf', (...which) => {
    const { entry, coins, room } = recordOf(...which);
    expect(room).toBeGreaterThan(leastRoom);
    expect(coins).toBeGreaterThan(0);
    expect(isTooLong(entry)).toBe(false);
  });

  it('is outbid by as many of them as can be shown, and as little evidence as names just these', () => {
    const dearest = theftOf(many, 400_000n);
    const swept = { ...sweptBy([dearest], { previous: () => '00' }), coins: heldCoins([dearest], many) };
    const bid = over(openBids(network), askedWith({ outbidBps: 5_000 }), swept);
    const coins = bid?.plan.inputs.length ?? 0;
    expect(coins).toBeGreaterThan(8);
    const length = 234 * coins;
    expect(bid?.against?.map(({ signature }) => signature.length)).toEqual([length, length]);
    expect(bid?.plan.fees).toBeGreaterThan(dearest.fees);
  });

  it('that leaves no room for any plan is told', () => {
    expect(recordOf(3, 3, 200, 1).room).toBeLessThan(leastRoom);
  });
});
