/** A house on Litecoin: two real nodes, a hot wallet of 2-of-3, and whatever else a custody has. */
import { setTimeout as sleep } from 'node:timers/promises';
import { addressAt } from '@kuramori/chains/bitcoin/codec';
import { bitcoinNode, openOurs } from '@kuramori/chains/bitcoin/node';
import {
  depositWallet,
  LTC,
  parseAmount,
  type BitcoinWallet,
  type ChainKey,
  type Policy,
  type SigningKey,
} from '@kuramori/core';
import { heldWallet, type Held } from '../../chains/bitcoin/codec/testing/wallet.ts';
import { litecoinds, type Litecoind } from '../../chains/bitcoin/testing/litecoind.ts';
import { bitcoinEye } from '../../watchtower/chains/bitcoin.ts';
import type { Tower } from '../../watchtower/tower.ts';
import { retiredFor, type Branch, type Counter } from '../branch.ts';
import { anyChain } from '../chains/chain.ts';
import { bitcoinChain } from '../chains/bitcoin/chain.ts';
import { FeesConfig, type BatchConfig } from '../chains/bitcoin/config.ts';
import { round, type ScanState } from '../chain/scan.ts';
import { openRate } from '../chains/bitcoin/rate.ts';
import { openRoom } from '../withdrawals/room.ts';
import { changed, testHouse, type Options, type TestHouse } from './house.ts';
import { openRooms, until } from './rooms.ts';

export const ltc = (text: string) => parseAmount(text, LTC);

/** So many blocks on a conflicting spend, and what it conflicts with is dead here. */
export const deadDepth = 4;

export interface Litecoin extends AsyncDisposable {
  readonly t: TestHouse;
  readonly tower: Tower;
  /** Waits until the watchtower has seen what both nodes have. */
  readonly watched: () => Promise<void>;
  readonly nodes: readonly [Litecoind, Litecoind];
  readonly hot: Held;
  readonly cold: Held;
  /** Somebody else's. */
  readonly stranger: string;
  /** To a miner's new address, on the first node; until both have them. */
  readonly mine: (blocks?: number) => Promise<void>;
  /** Coins of the miner to these addresses, in one transaction; gives its id. */
  readonly pay: (to: Readonly<Record<string, string>>) => Promise<string>;
  /** The newest blocks are taken back on both nodes: what they had waits again, and of that no miner takes what is dropped. */
  readonly takeBack: (blocks: number, drop?: readonly string[]) => Promise<void>;
  /** The address of the wallet's branch and index. */
  readonly at: (held: Held, branch: 0 | 1, index: number) => string;
  readonly scan: () => Promise<ScanState>;
  /** The same house while the network takes so much, in units per 1,000 virtual bytes. */
  readonly atRate: (usual: string) => Promise<Branch>;
  readonly balance: (address: string) => Promise<bigint>;
}

const seeds = { hot: [1, 2, 3], cold: [4, 5, 6] } as const;

/** Wallets with the names that the usual test policy has. */
export function litecoinWallets(): { readonly hot: Held; readonly cold: Held } {
  const hot = heldWallet(2, seeds.hot);
  const cold = heldWallet(2, seeds.cold);
  const online = (held: Held) =>
    held.wallet.cosigners.map((one, at) => ({ ...one, signer: at < 2 ? `signer-${at + 1}` : null }));
  return {
    hot: {
      ...hot,
      wallet: { ...hot.wallet, id: 'hot-ltc', cosigners: online(hot), evacuateTo: 'cold-ltc' },
    },
    cold: {
      ...cold,
      wallet: {
        ...cold.wallet,
        id: 'cold-ltc',
        role: 'cold',
        cosigners: cold.wallet.cosigners.map((one) => ({ ...one, signer: null })),
        evacuateTo: null,
      },
    },
  };
}

export async function openLitecoin({
  batch = { most: 1, seconds: 0 },
  more = [],
  ...given
}: Pick<Options, 'rules' | 'policy' | 'treasury' | 'house'> & {
  readonly batch?: BatchConfig;
  /** Signers beside the usual two, who are the policy's last. */
  readonly more?: readonly { readonly key: ChainKey; readonly record: SigningKey }[];
} = {}): Promise<Litecoin> {
  const house = await litecoinds(['-txindex=0', '-disablewallet=0', '-fallbackfee=0.0001']);
  const [first, second] = house.nodes;
  const { hot, cold } = litecoinWallets();
  const miner = heldWallet(1, [9]).wallet;
  await first.call('createwallet', 'miner');
  const own = String(await first.call('getnewaddress'));
  const agreed = async () => {
    for (const began = Date.now(); ; await sleep(20)) {
      if ((await first.call('getbestblockhash')) === (await second.call('getbestblockhash'))) return;
      if (Date.now() - began > 20_000) throw new Error('the nodes do not agree within 20 s');
    }
  };
  let mined = 0;
  const mine = async (blocks = 1) => {
    // Two blocks with one coinbase within a second would be the same block.
    mined += 1;
    const address = addressAt(miner, hot.network, 1, mined);
    for (let left = blocks; left > 0;) {
      // What a lock time keeps out of a pool comes in one of the next blocks.
      await first.calls(lost.map((hex) => ['sendrawtransaction', hex]));
      const several = lost.length === 0 ? left : 1;
      await first.call('generatetoaddress', several, address);
      left -= several;
    }
    await agreed();
  };
  /** What was in blocks that were taken back. */
  const lost: string[] = [];
  await first.call('generatetoaddress', 3, own);
  await mine(100);
  const scanFrom = Number(await first.call('getblockcount'));
  const countersOf = (policy: Policy, usual = '10000'): readonly Counter[] => {
    const wallets = policy.wallets.filter((wallet): wallet is BitcoinWallet => wallet.chain === 'litecoin');
    const used = depositWallet(policy, LTC);
    if (used?.chain !== 'litecoin') throw new Error('the policy has a wallet on Litecoin');
    const ours = openOurs(wallets, policy.network);
    const nodes = house.nodes.map(({ endpoint }) => bitcoinNode(endpoint, 'litecoin', ours));
    const fees = FeesConfig.parse({ usual });
    const shared = { nodes, ours, fees, batch, rate: openRate(nodes, fees) };
    return [used, ...retiredFor(policy, used)].map((wallet) => ({
      hot: wallet,
      chain: anyChain(bitcoinChain({ ...shared, hot: wallet })),
      confirmations: 2,
      scanFrom,
      minimumDeposit: 10_000n,
      room: openRoom(),
    }));
  };
  const t = await testHouse({
    ...given,
    signers: true,
    wholeTower: true,
    // The nodes' clocks are the machine's.
    clock: {
      get ms() {
        return Date.now();
      },
      set ms(_: number) {
        throw new Error('the nodes’ clocks cannot be set');
      },
    },
    policy: (usual) => {
      const onLitecoin: Policy = {
        ...usual,
        wallets: [hot.wallet, cold.wallet],
        rules: usual.rules.map((rule) => ({
          ...rule,
          wallet: 'hot-ltc',
          asset: LTC,
          perPayment: ltc('50'),
          rolling: { hours: 24, units: ltc('200') },
          firstSeen: { hours: 24, shareBps: 10_000 },
          feeCap: ltc('0.01'),
        })),
      };
      return given.policy?.(onLitecoin) ?? onLitecoin;
    },
    counters: (policy) => countersOf(policy),
  });
  const eye = bitcoinEye({
    chain: 'litecoin',
    nodesOf: (ours) => house.nodes.map(({ endpoint }) => bitcoinNode(endpoint, 'litecoin', ours)),
    watchFrom: scanFrom,
    pollMs: 30,
    tipAgeSeconds: 86_400,
    deadDepth,
    gap: 100,
    usualRate: 20_000,
  });
  const keys = [...hot.keys.slice(0, 2), ...more.map(({ key }) => key)];
  const records = [...t.records, ...more.map(({ record }) => record)];
  const rooms = await openRooms(t, {
    keys,
    records,
    on: { chain: 'litecoin', network: 'devnet' },
    eyes: [eye],
  });
  const watched = async () => {
    const height = Number(await first.call('getblockcount'));
    const sees = () => rooms.tower.status().chains[0];
    const enough = (sees()?.rounds ?? 0) + 2;
    await until(
      'the watchtower to see both nodes',
      async () => {
        const now = sees();
        return (
          now?.blind === null && now.rounds >= enough && now.nodes.every((node) => node.height === height)
        );
      },
      20_000,
    );
  };
  await rooms.open();
  await watched();
  await t.house.journals.read(t.house);
  return {
    t,
    tower: rooms.tower,
    watched,
    nodes: house.nodes,
    hot,
    cold,
    stranger: addressAt(miner, hot.network, 0, 7),
    mine,
    pay: async (to) => String(await first.call('sendmany', '', to)),
    async takeBack(blocks, drop = []) {
      const height = Number(await first.call('getblockcount'));
      const gone: { readonly txid: string; readonly hex: string }[] = [];
      for (let at = height - blocks + 1; at <= height; at += 1) {
        const block = await first.call('getblock', await first.call('getblockhash', at), 2);
        gone.push(...(block as { readonly tx: readonly (typeof gone)[number][] }).tx.slice(1));
      }
      const hash = await first.call('getblockhash', height - blocks + 1);
      for (const node of house.nodes) await node.call('invalidateblock', hash);
      for (const id of drop) await first.call('prioritisetransaction', id, 0, -100_000_000);
      lost.push(...gone.map(({ hex }) => hex));
    },
    at: (held, branch, index) => addressAt(held.wallet, held.network, branch, index),
    scan: () => round(t.house),
    async atRate(usual) {
      const [counter] = countersOf(t.house.policy, usual);
      if (!counter) throw new Error('no counter');
      const branch = changed(t.house, { chain: counter.chain });
      await round(branch);
      return branch;
    },
    async balance(address) {
      const found = (await first.call('scantxoutset', 'start', [`addr(${address})`])) as {
        readonly total_amount: number;
      };
      return parseAmount(found.total_amount.toFixed(8), LTC);
    },
    async [Symbol.asyncDispose]() {
      await rooms[Symbol.asyncDispose]();
      await t[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
    },
  };
}
