import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressAt, bitcoin, planCancellation, planReplacement, readPrevious } from '../codec/index.ts';
import { mustPlan } from '../codec/testing/signed.ts';
import { hasLitecoind, type Litecoind } from '../testing/litecoind.ts';
import {
  joined,
  lookerAt,
  made,
  meansOf,
  must,
  scene,
  signed,
  type Looker,
  type Made,
  type Scene,
} from '../testing/scene.ts';
import type { HeldCoin, SeenTransaction } from './index.ts';
import { bitcoinReading } from './reading.ts';

describe.skipIf(!hasLitecoind())('what waits, and goes (litecoind)', () => {
  let s: Scene;
  let node: Litecoind;
  let other: Litecoind;
  let l: Looker;
  const payTo = (branch: 0 | 1, index: number) => addressAt(s.hot.wallet, s.hot.network, branch, index);
  const spendable = (confirmations: number, unconfirmedChange = true) =>
    l.holdings.spendable('hot', { confirmations, unconfirmedChange });
  const announce = async ({ hex }: Made) => must(await l.client.announce(hex));
  const seenIds = async () => (await l.look()).seen.map(({ id }) => id).sort();
  /** A coin of the hot wallet's that a block brought, and that nobody spends. */
  async function coin(): Promise<HeldCoin> {
    await l.look();
    const found = spendable(1, false).find(({ units }) => units > 100_000_000n);
    if (!found) throw new Error('nothing to spend');
    return found;
  }

  beforeAll(async () => {
    s = await scene();
    [node, other] = s.nodes;
    l = lookerAt(node.endpoint, s);
    await s.mine(8, s.hot.wallet.address);
    await s.mine(100);
    await l.look();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());

  it('a chain of unconfirmed ones: our change may be spent, what a stranger sends may not', async () => {
    const parent = made(s.hot, [{ address: s.stranger, units: 50_000_000n }], {
      coins: [await coin()],
      change: 1,
    });
    expect(await announce(parent)).toEqual({ kind: 'accepted' });
    expect(await announce(parent)).toEqual({ kind: 'known' });
    const { seen } = await l.look();
    expect(seen.map(({ id }) => id)).toEqual([parent.id]);
    const change = spendable(1).find(({ txid }) => txid === parent.id);
    expect(change).toMatchObject({ height: null, own: true, index: 1, branch: 1 });
    expect(spendable(1, false).map(({ txid }) => txid)).not.toContain(parent.id);
    if (!change) throw new Error('no change');

    const child = made(s.hot, [{ address: payTo(0, 7), units: 60_000_000n }], { coins: [change], change: 2 });
    const early = lookerAt(node.endpoint, s);
    expect(await announce(child)).toEqual({ kind: 'accepted' });
    expect(await seenIds()).toEqual([parent.id, child.id].sort());
    expect(l.holdings.coins('hot').find(({ txid }) => txid === parent.id)?.spentBy).toBe(child.id);
    // What pays to branch 0 is no change, whoever sends it.
    const spend = spendable(1).filter(({ txid }) => txid === child.id);
    expect(spend.map(({ branch, index }) => [branch, index])).toEqual([[1, 2]]);

    // Who has read no block yet knows neither coin, and sees both spends all the same, by the scripts they open.
    const waiting = await early.client.waiting([s.hot.wallet.address]);
    expect(waiting.seen.map(({ id }) => id).sort()).toEqual([parent.id, child.id].sort());
    // The parent waits, so the child’s coin is proven by it; of the parent’s own the node tells, and the signatures prove it.
    expect(waiting.seen.flatMap(({ takes }) => takes.map(({ unsigned }) => unsigned))).toEqual([[], []]);

    await s.mine(1);
    expect(await seenIds()).toEqual([]);
    const received = spendable(1, false).find(({ index, branch }) => index === 7 && branch === 0);
    expect(received).toMatchObject({ own: false, units: 60_000_000n });
    expect(spendable(2, false).map(({ index }) => index)).not.toContain(7);
  });

  it('a stranger’s payment that waits is seen and is not spent, nor the change of what spends it', async () => {
    // The cold wallet is the stranger here: this looker watches the hot one alone.
    await s.mine(1, s.cold.wallet.address);
    await s.mine(100);
    await l.look();
    const [strange] = l.holdings.spendable('cold', { confirmations: 1, unconfirmedChange: false });
    const alone = lookerAt(node.endpoint, s, undefined, [s.hot.wallet]);
    if (!strange) throw new Error('nothing to spend');
    const arrives = made(s.cold, [{ address: payTo(0, 9), units: 70_000_000n }], {
      coins: [strange],
      change: 1,
    });
    await announce(arrives);
    const [seen] = (await alone.look()).seen;
    expect(seen).toMatchObject({ id: arrives.id, takes: [], wallets: ['hot'], origin: 'payment' });
    expect(seen?.pays).toMatchObject([{ wallet: 'hot', branch: 0, index: 9, units: 70_000_000n }]);
    const coinOfIt = alone.holdings.coins('hot').find(({ txid }) => txid === arrives.id);
    expect(coinOfIt).toMatchObject({ height: null, own: false });
    const rules = { confirmations: 1, unconfirmedChange: true };
    expect(alone.holdings.spendable('hot', rules).map(({ txid }) => txid)).not.toContain(arrives.id);
    if (!coinOfIt) throw new Error('no coin');
    const hasty = made(s.hot, [{ address: s.stranger, units: 10_000_000n }], {
      coins: [coinOfIt],
      change: 8,
    });
    await announce(hasty);
    await alone.look();
    expect(alone.holdings.coins('hot').map(({ txid }) => txid)).toContain(hasty.id);
    expect(alone.holdings.spendable('hot', rules).map(({ txid }) => txid)).not.toContain(hasty.id);
    // What proves its amount to a signer was kept from the moment that it was seen.
    expect(readPrevious(alone.ours.previous(arrives.id) ?? '')?.id).toBe(arrives.id);
    await s.mine(1);
    await alone.look();
    expect(alone.holdings.spendable('hot', rules).map(({ txid }) => txid)).toContain(hasty.id);
  });

  it('a replacement takes the place of the first (BIP 125), and ends it once it is deep enough', async () => {
    const from = await coin();
    const payments = [
      { address: s.stranger, units: 30_000_000n },
      { address: payTo(0, 4), units: 20_000_000n },
    ];
    const first = made(s.hot, payments, { coins: [from], change: 11 });
    await announce(first);
    await l.look();
    const again = {
      ...meansOf(s.hot, [], 'again'),
      first: first.planned.plan,
      replacedFees: first.planned.fees,
      change: 12,
    };
    const cheap = made(s.hot, payments.slice(1), { coins: [from], change: 13, feeRate: 10_000n });
    expect(await announce(cheap)).toMatchObject({ kind: 'conflict' });
    const next = signed(s.hot, mustPlan(planReplacement({ ...again, payments, feeRate: 20_000n })));
    expect(await announce(next)).toEqual({ kind: 'accepted' });
    expect(await seenIds()).toEqual([next.id]);
    expect(await announce(first)).toMatchObject({ kind: 'conflict' });
    expect(bitcoin.conflict(s.hot.wallet, first.planned.plan, next.planned.plan)).toBe(true);
    const plan = { ids: [first.id], spends: [`${from.txid}:${from.vout}`] };
    expect(l.holdings.endedBy(plan, 0)).toBe(undefined);
    await s.mine(3);
    await l.look();
    const { height } = l.holdings.tip() ?? { height: 0 };
    expect(l.holdings.endedBy(plan, 2)).toEqual({
      height: height - 2,
      hash: await node.call('getblockhash', height - 2),
    });
    expect(l.holdings.endedBy(plan, 3)).toBe(undefined);
    expect(await announce(first)).toMatchObject({ kind: 'missing-inputs' });
    expect(await announce(next)).toEqual({ kind: 'known' });
  });

  it('and where the first is in a block instead, the replacement is what is ended', async () => {
    const from = await coin();
    const first = made(s.hot, [{ address: s.stranger, units: 40_000_000n }], { coins: [from], change: 14 });
    await announce(first);
    const cancelled = signed(
      s.hot,
      mustPlan(
        planCancellation({
          ...meansOf(s.hot, [], 'cancelled'),
          first: first.planned.plan,
          replacedFees: first.planned.fees,
          change: 15,
          feeRate: 30_000n,
        }),
      ),
    );
    expect(await announce(cancelled)).toEqual({ kind: 'accepted' });
    expect(await seenIds()).toEqual([cancelled.id]);
    await s.block([first.hex]);
    expect(await seenIds()).toEqual([]);
    const spends = [`${from.txid}:${from.vout}`];
    await s.mine(2);
    await l.look();
    expect(l.holdings.endedBy({ ids: [cancelled.id], spends }, 2)).toBeDefined();
    expect(l.holdings.endedBy({ ids: [first.id], spends }, 0)).toBe(undefined);
  });

  it('what leaves the pool without a block is gone, and its coin is free again', async () => {
    const from = await coin();
    const pays = made(s.hot, [{ address: s.stranger, units: 40_000_000n }], { coins: [from], change: 16 });
    await announce(pays);
    expect(await seenIds()).toEqual([pays.id]);
    expect(spendable(1).map(({ txid }) => txid)).not.toContain(from.txid);
    // After -mempoolexpiry (two weeks), when the next one comes.
    const later = Math.floor(Date.now() / 1000) + 15 * 86_400;
    const next = await nextCoin(from);
    const wakes = made(s.hot, [{ address: s.stranger, units: 30_000_000n }], { coins: [next], change: 17 });
    await node.call('setmocktime', later);
    expect(await announce(wakes)).toEqual({ kind: 'accepted' });
    expect(await seenIds()).toEqual([wakes.id]);
    expect(spendable(1).map(({ txid }) => txid)).toContain(from.txid);
    expect(l.holdings.endedBy({ ids: [pays.id], spends: [`${from.txid}:${from.vout}`] }, 0)).toBe(undefined);
    // Expired is not dead: whoever has it still may announce it again, and it confirms.
    expect(await announce(pays)).toEqual({ kind: 'accepted' });
    expect(await seenIds()).toEqual([pays.id, wakes.id].sort());
    await node.call('setmocktime', 0);
    await s.mine(1);
    expect(await seenIds()).toEqual([]);
  });

  it('each signature of a theft by our own keys is shown, and is evidence', async () => {
    const reading = bitcoinReading(l.ours);
    const from = await coin();
    const theft = made(
      s.hot,
      [{ address: s.stranger, units: from.units - 10_000n }],
      { coins: [from] },
      [0, 2],
    );
    await announce(theft);
    const [waits] = (await l.look()).seen;
    if (!waits) throw new Error('not seen');
    expect((await l.look()).seen[0]).toBe(waits);
    expect(isEvidence(waits, [0, 2])).toBe(true);
    expect([reading.hash(waits), reading.ids(waits), reading.account(waits)]).toEqual([
      theft.id,
      [theft.id],
      s.hot.wallet.address,
    ]);
    expect(reading.named(waits)).toBe('a spend of hot');
    await s.mine(1);
    const { height } = l.holdings.tip() ?? { height: 0 };
    const [mined] = must(await l.client.blocksAfter(height)).flatMap(({ transactions }) => transactions);
    if (!mined) throw new Error('not in the block');
    expect(reading.parts(mined)).toEqual(reading.parts(waits));
    expect(reading.identity(mined)).toBe(reading.identity(waits));
    // On another node's word it is the same, too.
    const second = lookerAt(other.endpoint, s);
    await s.agreed();
    await second.look();
    const [again] = must(await second.client.blocksAfter(height)).flatMap(({ transactions }) => transactions);
    expect(again && reading.identity(again)).toBe(reading.identity(waits));
  });

  function isEvidence(seen: SeenTransaction, signers: readonly number[]): boolean {
    const parts = bitcoinReading(l.ours).parts(seen);
    const { wallet, network } = s.hot;
    expect(parts.map(({ signer }) => signer).sort()).toEqual(
      signers.map((at) => wallet.cosigners[at]?.publicKey ?? '').sort(),
    );
    return parts.every((part) => bitcoin.evidenceSigned(wallet, part, network));
  }

  it('two wallets in one transaction: each one’s coins, signatures and payments are told apart', async () => {
    await s.mine(1, s.cold.wallet.address);
    await s.mine(100);
    const ofHot = await coin();
    const [ofCold] = l.holdings.spendable('cold', { confirmations: 1, unconfirmedChange: false });
    if (!ofCold) throw new Error('nothing in the cold wallet');
    const { hex, id } = joined(s.hot, ofHot, s.cold, ofCold, [
      { address: payTo(1, 18), units: 1_000_000n },
      { address: addressAt(s.cold.wallet, s.cold.network, 0, 3), units: 2_000_000n },
      { address: s.stranger, units: ofHot.units + ofCold.units - 3_100_000n },
    ]);
    expect(must(await l.client.announce(hex))).toEqual({ kind: 'accepted' });
    const [seen] = (await l.look()).seen;
    expect(seen?.id).toBe(id);
    expect(seen?.wallets).toEqual(['hot', 'cold']);
    expect(
      seen?.takes.map(({ wallet, spent, signed: by, unsigned }) => [
        wallet,
        spent.length,
        by.length,
        unsigned,
      ]),
    ).toEqual([
      ['hot', 1, 2, []],
      ['cold', 1, 2, []],
    ]);
    expect(seen?.pays.map(({ wallet, branch, index, units }) => [wallet, branch, index, units])).toEqual([
      ['hot', 1, 18, 1_000_000n],
      ['cold', 0, 3, 2_000_000n],
    ]);
    if (!seen) throw new Error('not seen');
    const reading = bitcoinReading(l.ours);
    expect(reading.parts(seen).map(({ signer }) => signer)).toEqual(
      expect.arrayContaining(
        [s.hot, s.cold].flatMap(({ wallet }) =>
          wallet.cosigners.slice(0, 2).map(({ publicKey }) => publicKey),
        ),
      ),
    );
    for (const part of reading.parts(seen))
      expect(
        [s.hot, s.cold].filter(({ wallet, network }) => bitcoin.evidenceSigned(wallet, part, network)).length,
      ).toBe(1);
    expect(reading.account(seen)).toBe((ofHot.units >= ofCold.units ? s.hot : s.cold).wallet.address);
    await s.mine(1);
    await l.look();
    expect(l.holdings.coins('hot').find(({ txid }) => txid === id)).toMatchObject({ own: true, branch: 1 });
    expect(l.holdings.coins('cold').find(({ txid }) => txid === id)).toMatchObject({ own: false, branch: 0 });
  });

  it('an address beyond the gap is ours once somebody tells of it, also of what waits already', async () => {
    const pays = made(s.hot, [{ address: payTo(0, 120), units: 50_000_000n }], {
      coins: [await coin()],
      change: 19,
    });
    await announce(pays);
    const [before] = (await l.look()).seen;
    expect(before?.pays.map(({ branch }) => branch)).toEqual([1]);
    expect(l.ours.next('hot', 1)).toBe(20);
    l.ours.know('hot', 0, 120);
    const [seen] = (await l.look()).seen;
    expect(seen?.pays.map(({ branch, index }) => [branch, index]).sort()).toEqual([
      [0, 120],
      [1, 19],
    ]);
    await s.mine(1);
    await l.look();
    expect(l.holdings.coins('hot').find(({ index }) => index === 120)?.units).toBe(50_000_000n);
  });

  it('a fee rate stays within bounds, and a node that has seen nothing has none', async () => {
    expect(must(await l.client.feeRate(2))).toBe(null);
    const time = must(await l.client.time());
    expect(time).toBeGreaterThan(Date.now() - 600_000);
  });

  it('what is no transaction that a node takes is refused with its words', async () => {
    const from = await coin();
    const pays = made(s.hot, [{ address: s.stranger, units: 40_000_000n }], {
      coins: [{ ...from, units: from.units + 1n }],
    });
    expect(await announce(pays)).toMatchObject({ kind: 'refused', code: -26 });
    const unknown = made(s.hot, [{ address: s.stranger, units: 40_000_000n }], {
      coins: [{ ...from, txid: 'ab'.repeat(32) }],
    });
    expect(await announce(unknown)).toMatchObject({ kind: 'missing-inputs' });
    await expect(l.client.announce('00')).rejects.toThrow('no transaction');
  });

  async function nextCoin(but: HeldCoin): Promise<HeldCoin> {
    await l.look();
    const found = spendable(1, false).find(({ units, txid }) => units > 100_000_000n && txid !== but.txid);
    if (!found) throw new Error('nothing else to spend');
    return found;
  }
});
