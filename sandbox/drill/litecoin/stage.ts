/**
 * A stage on Litecoin: a house whose wallets hold many coins on two real nodes, the thief's purses, and what is left when he has gone,
 * read from the chain and the incidents. Its time is the wall clock's. He reads the
 * second node, and sends to both, as whoever is in a hurry does.
 */
import { randomBytes } from 'node:crypto';
import { formatAmount, LTC, parseAmount, type BitcoinWallet } from '@kuramori/core';
import {
  addressAt,
  addressOf,
  branchDescriptor,
  descriptorOf,
  outpointText,
  placeAt,
  type Coin,
} from '@kuramori/chains/bitcoin/codec';
import { z } from 'zod';
import { until } from '../../house/chain.ts';
import type { House } from '../../house/house.ts';
import { litecoinAt, type Litecoin, type LitecoinDeed } from '../../litecoin/nodes.ts';
import { litecoinPolicy } from '../../litecoin/wallets.ts';
import { noticed, openDrillHouse, untilStill, type Noticed, type Setting } from '../real-node.ts';

export interface LitecoinSetting extends Setting {
  /** Units that hot and cold hold at the beginning; the hot ones in `coins` equal coins. */
  readonly hot: bigint;
  readonly cold: bigint;
  readonly coins: number;
}

/** A coin of the hot wallet in a block. */
export interface HotCoin extends Coin {
  readonly height: number;
}

export interface Taken {
  readonly id: string;
  /** What he paid for it, in units. */
  readonly fees: bigint;
}

export interface LitecoinStage extends AsyncDisposable {
  readonly house: House;
  readonly deed: LitecoinDeed;
  /** Calls of the node that the thief uses, and of all that he sends to. */
  readonly node: Litecoin;
  readonly nodes: readonly Litecoin[];
  readonly hot: BitcoinWallet;
  /** Of the hot wallet, what no block has spent, and what nothing that waits at the thief's node spends either. */
  readonly coins: () => Promise<readonly HotCoin[]>;
  readonly freeCoins: () => Promise<readonly HotCoin[]>;
  /** The whole transaction that brought a coin: hex. */
  readonly broughtBy: (coin: HotCoin) => Promise<string>;
  /** Until there is another block. */
  readonly nextBlock: () => Promise<void>;
  /** An address of the thief's own, fresh: whatever is there at the end counts as stolen. */
  readonly purse: () => string;
  /** Told of each transaction of the thief's that a node took. */
  readonly accepted: (taken: Taken) => void;
  readonly measure: () => Promise<LitecoinMeasured>;
}

export interface LitecoinMeasured extends Noticed {
  /** Units: what the thief has, what he paid in fees for it, what reached the cold wallet, and what was hot and all there was. */
  readonly stolen: bigint;
  readonly fees: bigint;
  readonly evacuated: bigint;
  readonly hot: bigint;
  readonly whole: bigint;
  /** Transactions of the thief's: that a node took, and that are in blocks. */
  readonly taken: number;
  readonly through: number;
}

/** A tenth of Litecoin’s own two and a half minutes: long enough for a race, and short enough for a drill. */
const miningSeconds = 15;
const longestMs = 300_000;
/** Of these many addresses are the coins: customers pay to the same ones again. */
const addresses = 5;
/** Places of each branch that are looked at: no drill uses more. */
const looked = 200;

export async function setLitecoinStage(setting: LitecoinSetting): Promise<LitecoinStage> {
  const { folder, step } = setting;
  const input = {
    litecoin: true,
    miningSeconds,
    ...setting.plan,
  };
  const house = await openDrillHouse({ folder, step, plan: input });
  const {
    litecoin: first,
    deed: { litecoin: deed },
  } = house;
  if (!first || !deed) throw new Error('drill: the house has nothing on Litecoin');
  const node = litecoinAt(house.plan, deed, 2);
  const hot = litecoinPolicy(deed).wallets.find((wallet) => wallet.role === 'hot');
  if (hot?.chain !== 'litecoin') throw new Error('drill: no hot wallet');
  const descriptor = descriptorOf(hot);
  const wallet = ([0, 1] as const).map((branch) => ({
    desc: branchDescriptor(descriptor, branch),
    range: looked,
  }));
  const agreed = () =>
    until('both nodes to have one chain', async () =>
      (await first('getbestblockhash')) === (await node('getbestblockhash')) ? true : undefined,
    );

  step('bringing coins into the wallets');
  for (let index = 0; index < setting.coins; index += 1)
    await first(
      'sendtoaddress',
      addressAt(hot, 'devnet', 0, index % addresses),
      formatAmount(setting.hot / BigInt(setting.coins), LTC),
    );
  if (setting.cold > 0n) await first('sendtoaddress', deed.cold.address, formatAmount(setting.cold, LTC));
  await first('generatetoaddress', 1, await first('getnewaddress'));
  await agreed();

  const held = async (...what: readonly unknown[]) => (await unspent(first, what)).total;
  const hotNow = () => held(...wallet);
  const coldNow = () => held(`addr(${deed.cold.address})`);
  const before = { hot: await hotNow(), cold: await coldNow() };
  if (before.hot !== setting.hot) throw new Error(`drill: ${before.hot} are hot, and not ${setting.hot}`);
  const places = new Map(
    ([0, 1] as const).flatMap((branch) =>
      Array.from({ length: looked }, (_, index) => {
        return [placeAt(descriptor, branch, index).script.toHex(), { branch, index }] as const;
      }),
    ),
  );
  const purses: string[] = [];
  const taken: (Taken & { readonly at: number })[] = [];

  async function coins(): Promise<readonly HotCoin[]> {
    const { coins: found } = await unspent(node, wallet);
    return found
      .flatMap(({ script, ...coin }): HotCoin | [] => {
        const place = places.get(script);
        return place ? { ...coin, ...place } : [];
      })
      .toSorted((one, other) => (outpointText(one) < outpointText(other) ? -1 : 1));
  }

  /** Until the hot wallet is empty and nothing waits, or all has stood still. */
  async function aftermath(): Promise<void> {
    step('the aftermath: until nothing is hot any more, or nothing moves');
    const { miningSeconds: blockSeconds } = house.plan;
    await untilStill(
      async () => {
        const waits = z.array(z.string()).parse(await first?.('getrawmempool'));
        const left = await hotNow();
        return { empty: left === 0n && waits.length === 0, seen: `${left} ${waits.toSorted().join(' ')}` };
      },
      { blockSeconds, emptyMs: 0 },
    );
  }

  return {
    house,
    deed,
    node,
    nodes: [node, first],
    hot,
    coins,
    async freeCoins() {
      const all = await coins();
      const free: HotCoin[] = [];
      // One after the other: a node keeps sixteen calls waiting, and answers no more.
      for (const coin of all)
        if ((await node('gettxout', coin.txid, coin.vout, true)) !== null) free.push(coin);
      return free;
    },
    async broughtBy({ txid, height }) {
      const block = Block.parse(await node('getblock', await node('getblockhash', height), 2));
      const found = block.tx.find((one) => one.txid === txid);
      if (!found) throw new Error(`drill: block ${height} has no ${txid}`);
      return found.hex;
    },
    async nextBlock() {
      const height = Number(await node('getblockcount'));
      await until(
        'another block',
        async () => (Number(await node('getblockcount')) > height ? true : undefined),
        longestMs,
      );
    },
    purse() {
      // Pay to witness public key hash (BIP 141), of a key that nobody needs here.
      const purse = addressOf(Buffer.concat([Buffer.of(0, 20), randomBytes(20)]), 'litecoin', 'devnet') ?? '';
      purses.push(purse);
      return purse;
    },
    accepted: (one) => void taken.push({ ...one, at: Date.now() }),
    async measure() {
      // Where nothing of his was sent, there is nothing to wait for.
      if (taken.length > 0) await aftermath();
      await agreed();
      const his = await unspent(
        first,
        purses.map((purse) => `addr(${purse})`),
      );
      const ids = new Set(his.coins.map(({ txid }) => txid));
      const through = taken.filter(({ id }) => ids.has(id));
      const firstBad = taken[0]?.at ?? null;
      const signers = deed.signers.map(({ id }) => id);
      return {
        stolen: his.total,
        fees: through.reduce((sum, { fees }) => sum + fees, 0n),
        evacuated: (await coldNow()) - before.cold,
        hot: before.hot,
        whole: before.hot + before.cold,
        taken: taken.length,
        through: through.length,
        ...noticed(house, signers, firstBad),
      };
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

const Block = z.object({ tx: z.array(z.object({ txid: z.string(), hex: z.string() })) });

/** What a node writes as a number of coins. */
const Units = z.number().transform((coins) => parseAmount(coins.toFixed(8), LTC));

const Scanned = z.object({
  unspents: z.array(
    z.object({
      txid: z.string(),
      vout: z.int(),
      scriptPubKey: z.string(),
      amount: Units,
      height: z.int(),
    }),
  ),
});

/** What no block has spent of these descriptors, and its sum. */
async function unspent(node: Litecoin, what: readonly unknown[]) {
  const { unspents } = Scanned.parse(await node('scantxoutset', 'start', what));
  const coins = unspents.map(({ scriptPubKey: script, amount: units, txid, vout, height }) => {
    return { txid, vout, units, height, script };
  });
  return { coins, total: coins.reduce((sum, { units }) => sum + units, 0n) };
}
