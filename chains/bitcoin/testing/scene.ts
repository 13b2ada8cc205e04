/** A scene: two wallets of ours on two peered nodes, some blocks, and whoever looks at them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HARDENED_OFFSET, HDKey } from '@scure/bip32';
import type { BitcoinWallet } from '@kuramori/core';
import { digestsOf } from '../codec/digest.ts';
import { sign, toDer } from '../codec/ecdsa.ts';
import {
  addressAt,
  descriptorOf,
  idOf,
  placeAt,
  planPayments,
  readTransaction,
  scriptOf,
  writeTransaction,
  type Coin,
  type Means,
  type Payment,
  type Planned,
  type Transaction,
} from '../codec/index.ts';
import { mustPlan, signedBy } from '../codec/testing/signed.ts';
import { heldWallet, type Held } from '../codec/testing/wallet.ts';
import {
  bitcoinNode,
  openHoldings,
  openOurs,
  type BitcoinNode,
  type Holdings,
  type Ours,
  type SeenTransaction,
} from '../node/index.ts';
import type { Endpoint } from '../../rpc.ts';
import type { Read, Waiting } from '../../watched.ts';
import { litecoinds, type Litecoind } from './litecoind.ts';

export interface Scene extends AsyncDisposable {
  readonly nodes: readonly [Litecoind, Litecoind];
  readonly hot: Held;
  readonly cold: Held;
  readonly stranger: string;
  /** To a stranger's new address where none is said: two blocks with one coinbase within a second would be the same block. */
  readonly mine: (blocks: number, address?: string, node?: Litecoind) => Promise<readonly string[]>;
  /** One block of these transactions and no other, on the first node. */
  readonly block: (transactions: readonly string[]) => Promise<void>;
  /** Until both have the same newest block. */
  readonly agreed: () => Promise<void>;
  /** The nodes lose each other, or find each other again. */
  readonly apart: () => Promise<void>;
  readonly together: () => Promise<void>;
}

/** One who looks: a client with what it knows, and the coins that it has counted. */
export interface Looker {
  readonly ours: Ours;
  readonly client: BitcoinNode;
  readonly holdings: Holdings;
  /** Reads to the newest block, over whatever was rewritten, and what waits. Throws what failed. */
  readonly look: () => Promise<Waiting<SeenTransaction>>;
}

const gap = 20;
const seeds = { hot: [1, 2, 3], cold: [4, 5, 6] } as const;

export async function scene(more: readonly string[] = []): Promise<Scene> {
  // Without an index of transactions, which nobody should need for this.
  const house = await litecoinds(['-txindex=0', ...more]);
  const [first, second] = house.nodes;
  const hot = heldWallet(2, seeds.hot);
  const held = heldWallet(2, seeds.cold);
  const cold = { ...held, wallet: { ...held.wallet, id: 'cold', role: 'cold' } as BitcoinWallet };
  const strangers = heldWallet(1, [9]).wallet;
  const stranger = addressAt(strangers, hot.network, 0, 0);
  let mined = 0;
  const miner = () => addressAt(strangers, hot.network, 1, (mined += 1));
  const peers = async (node: Litecoind) => Number(await node.call('getconnectioncount'));
  return {
    nodes: house.nodes,
    hot,
    cold,
    stranger,
    mine: async (blocks, address = miner(), node = first) =>
      (await node.call('generatetoaddress', blocks, address)) as readonly string[],
    async block(transactions) {
      await first.call('generateblock', miner(), transactions);
    },
    agreed: () =>
      until(async () => (await first.call('getbestblockhash')) === (await second.call('getbestblockhash'))),
    async apart() {
      await first.call('setnetworkactive', false);
      await until(async () => (await peers(first)) === 0 && (await peers(second)) === 0);
    },
    async together() {
      await first.call('setnetworkactive', true);
      await until(async () => (await peers(first)) > 0);
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

export function lookerAt(
  endpoint: Endpoint,
  { hot, cold }: Pick<Scene, 'hot' | 'cold'>,
  kept?: number,
  wallets: readonly BitcoinWallet[] = [hot.wallet, cold.wallet],
): Looker {
  const ours = openOurs(wallets, hot.network, { gap });
  const client = bitcoinNode(endpoint, hot.chain, ours);
  const holdings = openHoldings(kept);
  const look = async (): Promise<Waiting<SeenTransaction>> => {
    // As the watchtower has it: what waits first.
    const waiting = await client.waiting(wallets.map(({ address }) => address));
    if (waiting.failed !== null) throw new Error(waiting.failed);
    for (;;) {
      const blocks = must(await client.blocksAfter(holdings.tip()?.height ?? -1));
      if (blocks.length === 0 && must(await client.height()) >= (holdings.tip()?.height ?? 0)) break;
      if (blocks.length === 0) stepBack();
      for (const block of blocks) {
        const took = holdings.take(block);
        if (took.kind === 'taken') continue;
        if (took.kind === 'refused' && took.why === 'other-parent') stepBack();
        else throw new Error(`not taken: ${JSON.stringify(took)}`);
        break;
      }
    }
    holdings.wait(waiting.seen);
    return waiting;
  };
  const stepBack = () => {
    if (!holdings.undo()) throw new Error('rewritten deeper than blocks are kept');
  };
  return { ours, client, holdings, look };
}

export function must<T>(read: Read<T>): T {
  if (read.kind === 'failed') throw new Error(read.detail);
  return read.value;
}

export function meansOf({ wallet, network }: Held, coins: readonly Coin[], seed: string): Means {
  return { wallet, network, coins, feeRate: 10_000n, usualRate: 10_000n, change: 0, lockTime: 0, seed };
}

export interface Made {
  readonly planned: Planned;
  readonly hex: string;
  readonly id: string;
}

/** Payments, planned and signed by some keys of the wallet. */
export function made(
  held: Held,
  payments: readonly Payment[],
  means: Partial<Means> & { readonly coins: readonly Coin[] },
  signers: readonly number[] = [0, 1],
): Made {
  const planned = mustPlan(
    planPayments({ ...meansOf(held, means.coins, JSON.stringify(payments.length)), ...means, payments }),
  );
  return signed(held, planned, signers);
}

export function signed(held: Held, planned: Planned, signers: readonly number[] = [0, 1]): Made {
  const hex = signedBy(held, planned, signers);
  const transaction = readTransaction(hex);
  if (!transaction) throw new Error('signed: bytes of nobody');
  return { planned, hex, id: idOf(transaction) };
}

/** Throws after 20 s. */
export async function until(what: () => Promise<boolean>): Promise<void> {
  for (const began = Date.now(); !(await what()); await sleep(50))
    if (Date.now() - began > 20_000) throw new Error(`until: not within 20 s: ${what.toString()}`);
}

/** A coin of each of two wallets in one transaction, which no planner of ours makes: signed by hand, with two keys of each. */
export function joined(
  one: Held,
  first: Coin,
  other: Held,
  second: Coin,
  payments: readonly Payment[],
): Pick<Made, 'hex' | 'id'> {
  const inputs = [
    { held: one, coin: first },
    { held: other, coin: second },
  ];
  const unsigned: Transaction = {
    version: 2,
    lockTime: 0,
    inputs: inputs.map(({ coin: { txid, vout } }) => ({
      txid,
      vout,
      sequence: 0xfffffffd,
      scriptSig: new Uint8Array(0),
      witness: [],
    })),
    outputs: payments.map(({ address, units }) => {
      const script = scriptOf(address, one.chain, one.network);
      if (script.kind === 'refused') throw new Error(`joined: ${address} ${script.why}`);
      return { units, script: script.script };
    }),
  };
  const digestOf = digestsOf(unsigned);
  const transaction = {
    ...unsigned,
    inputs: unsigned.inputs.map((input, at) => {
      const { held, coin } = inputs[at] ?? { held: one, coin: first };
      const { witnessScript, keys } = placeAt(descriptorOf(held.wallet), coin.branch, coin.index);
      const digest = digestOf(at, witnessScript, coin.units);
      const signatures = keys
        .filter(({ of }) => of < 2)
        .map(({ of }) =>
          toDer(sign(secretOf(held.wallet.id === 'cold' ? 'cold' : 'hot', of, coin), digest), 1),
        );
      return { ...input, witness: [new Uint8Array(0), ...signatures, witnessScript] };
    }),
  };
  return { hex: writeTransaction(transaction).toHex(), id: idOf(transaction) };
}

/** By the path that the codec's keys take (BIP 48). */
function secretOf(wallet: 'hot' | 'cold', at: number, { branch, index }: Coin): Uint8Array {
  const path = [...[48, 1, 0, 2].map((step) => step + HARDENED_OFFSET), branch, index];
  let key = HDKey.fromMasterSeed(new Uint8Array(32).fill(seeds[wallet][at] ?? 0));
  for (const step of path) key = key.deriveChild(step);
  if (!key.privateKey) throw new Error('secretOf: no secret');
  return key.privateKey;
}
