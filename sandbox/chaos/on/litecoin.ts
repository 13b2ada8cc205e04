/**
 * Chaos on Litecoin: two litecoind, killed, made to forget what waits, and led onto longer branches. Blocks are made here, one after the
 * other, and none while a branch is replaced or a killed node has not caught up with the other. Time is the wall clock's.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, descriptorOf, placeAt, type Descriptor } from '@kuramori/chains/bitcoin/codec';
import { formatAmount, LTC, parseAmount, type BitcoinWallet } from '@kuramori/core';
import { z } from 'zod';
import { bringOwnCoins, type Day } from '../../day.ts';
import { foreignFolder } from '../../foreign.ts';
import { pause, until } from '../../house/chain.ts';
import type { House } from '../../house/house.ts';
import { litecoinAt, litecoinUrls, openOutsiders, type Litecoin } from '../../litecoin/nodes.ts';
import { litecoinPolicy } from '../../litecoin/wallets.ts';
import { addTo, type Field, type Ground, type Told } from './ground.ts';
import { kinds, lies, lines } from './json-rpc.ts';

const ltc = (text: string) => parseAmount(text, LTC);
const confirmations = 4;
const ownFunds = ltc('400');
/** Between blocks, in milliseconds. */
const blockMs = 1_000;

export const onLitecoin: Ground = {
  asset: LTC,
  step: ltc('0.01'),
  feeCap: ltc('0.01'),
  paceMs: 700,
  plan: ({ treasury }) => ({
    litecoin: true,
    miningSeconds: 0,
    // As much above the load as on NEM.
    litecoinRule: {
      firstSeen: { hours: 24, shareBps: 10_000 },
      sweep: { to: ['cold-ltc'], perDay: { count: 24, fees: ltc('1') }, leave: ltc('150') },
    },
    treasury: { ...treasury, leastOutflow: [{ asset: LTC, perHour: ltc('60').toString() }] },
  }),
  confirmations,
  reach: {
    mortal: [
      'custody',
      'custody',
      'custody-2',
      'custody-2',
      'signer-ltc-1',
      'signer-ltc-2',
      'watchtower',
      'litecoin1',
      'litecoin2',
      'postgres',
    ],
    onDisk: ['signer-ltc-1', 'postgres', 'watchtower', 'signer-ltc-2', 'custody'],
    clocks: [],
    lines,
    // A chain with work behind it is not rewritten deeper than its confirmations; if it were, NEM's runs show what happens.
    deepest: confirmations - 1,
    others: ['line', 'fork', 'forget', 'line', 'fork', 'line'],
    kinds,
  },
  lies,
  lines: ({ deed }) =>
    (['custody', 'watchtower'] as const).flatMap((reader) =>
      deed.litecoin ? litecoinUrls(deed.litecoin).map((url) => ({ reader, url })) : [],
    ),
  enter,
};

async function enter(day: Day): Promise<Field> {
  const { house } = day;
  const { deed, plan } = house;
  if (!deed.litecoin) throw new Error('chaos: the house has nothing on Litecoin');
  const { litecoin } = deed;
  const [first, second] = [litecoinAt(plan, litecoin, 1), litecoinAt(plan, litecoin, 2)];
  const miner = await openMiner(first);
  const agreed = () =>
    until('both nodes to have one chain', async () => {
      const [one, other] = await Promise.all(
        [first, second].map((node) => node('getbestblockhash').catch(() => null)),
      );
      return one !== null && one === other ? true : undefined;
    });

  /** Nobody makes a block meanwhile; afterwards both nodes are of one mind. */
  async function still<T>(work: () => Promise<T>): Promise<T> {
    await miner.hold();
    const done = await work();
    await agreed();
    miner.go();
    return done;
  }

  /** Ended in order, so that it has all its blocks; and what waits with it is thrown away. */
  async function endAndForget(name: 'litecoin1' | 'litecoin2', node: Litecoin): Promise<void> {
    await node('stop');
    await Promise.race([house.running.get(name)?.exited, pause(20_000)]);
    await house.kill(name);
    rmSync(join(foreignFolder(plan, name), 'regtest', 'mempool.dat'), { force: true });
  }

  return {
    bringOwnFunds: () =>
      bringOwnCoins(day, LTC, ownFunds, () =>
        first('sendtoaddress', litecoin.hot.address, formatAmount(ownFunds, LTC)),
      ),
    deposit: ({ address }, units) =>
      first('sendtoaddress', address, formatAmount(units, LTC)).then(String, () => null),
    destination: () => {
      // Pay to witness public key hash (BIP 141), of a key that nobody needs here: no wallet sends it once more.
      const address =
        addressOf(Buffer.concat([Buffer.of(0, 20), randomBytes(20)]), 'litecoin', 'devnet') ?? '';
      return { address, memo: '', mark: address };
    },
    async kill(name) {
      // What is made on a chain that a dead node has lost would be a fork deeper than anybody chose.
      if (name === 'litecoin1') await miner.hold();
      await house.kill(name);
    },
    async restart(name, changed) {
      if (name !== 'litecoin1' && name !== 'litecoin2') return house.restart(name, changed);
      await still(async () => {
        await house.restart(name, changed);
        if (name === 'litecoin1') await openOutsiders(first);
      });
    },
    fork: (depth, leavesOut) => still(() => fork(first, depth, leavesOut)),
    forget: () =>
      still(async () => {
        await endAndForget('litecoin1', first);
        await endAndForget('litecoin2', second);
        await house.restart('litecoin1');
        await openOutsiders(first);
        await house.restart('litecoin2');
      }),
    async isStill() {
      const waits = await Promise.all([first, second].map((node) => node('getrawmempool').catch(() => null)));
      return waits.every((one) => Array.isArray(one) && one.length === 0);
    },
    tell: () => tell(house, first),
    async [Symbol.asyncDispose]() {
      await miner.hold();
    },
  };
}

interface Miner {
  /** Makes no more blocks; none is under way when it returns. */
  readonly hold: () => Promise<void>;
  readonly go: () => void;
}

async function openMiner(node: Litecoin): Promise<Miner> {
  const address = await node('getnewaddress');
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const go = () => {
    clearInterval(timer);
    timer = setInterval(() => {
      turn = node('generatetoaddress', 1, address).catch(() => {});
    }, blockMs);
  };
  go();
  return {
    go,
    async hold() {
      clearInterval(timer);
      await turn;
    },
  };
}

const Hashes = z.object({ tx: z.array(z.string()) });

/** The newest blocks are given up for a branch that is one longer; one of their transactions is in none of its blocks, but waits. */
async function fork(node: Litecoin, depth: number, leavesOut: number | null): ReturnType<Field['fork']> {
  const tip = Number(await node('getblockcount'));
  const transactions: string[] = [];
  for (let height = tip - depth + 1; height <= tip; height += 1) {
    const { tx } = Hashes.parse(await node('getblock', await node('getblockhash', height)));
    transactions.push(...tx.slice(1));
  }
  const left = leavesOut === null ? undefined : transactions[Math.floor(leavesOut * transactions.length)];
  // A miner takes what pays: so little that it takes this one last of all, and not at all.
  const weigh = async (units: bigint) => {
    if (left !== undefined) await node('prioritisetransaction', left, 0, Number(units));
  };
  await weigh(-ltc('100'));
  try {
    const gone = await node('getblockhash', tip - depth + 1);
    await node('invalidateblock', gone);
    await node('generatetoaddress', depth + 1, await node('getnewaddress'));
    // It is as good as any, and shorter.
    await node('reconsiderblock', gone);
  } finally {
    await weigh(ltc('100'));
  }
  return left === undefined ? 'whole' : 'one left out';
}

/** What a node writes as a number of coins. */
const Units = z.number().transform((coins) => parseAmount(coins.toFixed(8), LTC));
const Block = z.object({
  tx: z.array(
    z.object({
      txid: z.string(),
      vin: z.array(z.object({ txid: z.string().optional(), vout: z.int().optional() })),
      vout: z.array(
        z.object({
          n: z.int(),
          value: Units,
          scriptPubKey: z.object({ hex: z.string(), addresses: z.array(z.string()).default([]) }),
        }),
      ),
    }),
  ),
});

/** Block by block: every output of the wallets', what spent it, and to whom that went. */
async function tell({ deed }: House, node: Litecoin): Promise<Told> {
  if (!deed.litecoin) throw new Error('chaos: the house has nothing on Litecoin');
  const { wallets } = litecoinPolicy(deed.litecoin);
  const tip = Number(await node('getblockcount'));
  // Change goes to the first place that nobody has used: so to no more places than there are blocks.
  const places = tip - deed.litecoin.watchFrom + 100;
  const scripts = new Map<string, 'hot' | 'cold'>();
  for (const wallet of wallets)
    if (wallet.chain === 'litecoin' && (wallet.role === 'hot' || wallet.role === 'cold'))
      for (const script of scriptsOf(wallet, wallet.role === 'hot' ? places : 1))
        scripts.set(script, wallet.role);
  const ours = new Map<string, { readonly role: 'hot' | 'cold'; readonly units: bigint }>();
  const paid = new Map<string, bigint[]>();
  const came = new Set<string>();
  const swept: bigint[] = [];
  const unexplained: string[] = [];
  for (let height = deed.litecoin.watchFrom; height <= tip; height += 1) {
    const block = Block.parse(await node('getblock', await node('getblockhash', height), 2));
    for (const { txid, vin, vout } of block.tx) {
      const spent = vin.flatMap((input) => ours.get(`${input.txid}:${input.vout}`) ?? []);
      for (const input of vin) ours.delete(`${input.txid}:${input.vout}`);
      const isOurs = spent.some(({ role }) => role === 'hot');
      if (spent.some(({ role }) => role === 'cold'))
        unexplained.push(`${txid} spends coins of the cold wallet`);
      for (const { n, value, scriptPubKey } of vout) {
        const role = scripts.get(scriptPubKey.hex);
        if (role !== undefined) ours.set(`${txid}:${n}`, { role, units: value });
        if (role === 'hot' && !isOurs) came.add(txid);
        else if (role === 'cold' && isOurs) swept.push(value);
        else if (role === undefined && isOurs)
          addTo(paid, scriptPubKey.addresses[0] ?? scriptPubKey.hex, value);
      }
    }
  }
  const sum = (of: 'hot' | 'cold') =>
    [...ours.values()].reduce((total, { role, units }) => (role === of ? total + units : total), 0n);
  return { paid, came, swept, held: { hot: sum('hot'), cold: sum('cold') }, unexplained };
}

function scriptsOf(wallet: BitcoinWallet, places: number): readonly string[] {
  const descriptor: Descriptor = descriptorOf(wallet);
  return ([0, 1] as const).flatMap((branch) =>
    Array.from({ length: places }, (_, index) => placeAt(descriptor, branch, index).script.toHex()),
  );
}
