/**
 * Chaos on Ethereum: a relayer that is killed like anybody else, and one anvil behind two doors, whose newest blocks are replaced and
 * whose pool is emptied. It is never killed itself: it writes its chain down now and then, and would lose blocks that are final.
 * Time is the wall clock's.
 */
import { randomBytes } from 'node:crypto';
import { relayerOf } from '@kuramori/chains/ethereum/codec';
import { ETH, parseAmount } from '@kuramori/core';
import { z } from 'zod';
import { bringOwnCoins, type Day } from '../../day.ts';
import { ethereumUrls, outsider, sendAs, submit, type Ethereum } from '../../ethereum/node.ts';
import { addTo, type Field, type Ground, type Told } from './ground.ts';
import { kinds, lies, lines } from './json-rpc.ts';

const ether = (text: string) => parseAmount(text, ETH);
const ownFunds = ether('80');
/** Enough for coins that go to a contract. */
const gas = 60_000;

export const onEthereum: Ground = {
  asset: ETH,
  step: ether('0.001'),
  // The relayer pays for gas.
  feeCap: 0n,
  paceMs: 4_000,
  plan: ({ treasury }) => ({
    ethereum: true,
    // As much above the load as on NEM.
    ethereumRule: {
      firstSeen: { hours: 24, shareBps: 10_000 },
      sweep: { to: ['cold-eth'], perDay: { count: 24, fees: 0n }, leave: ether('20') },
    },
    treasury: { ...treasury, leastOutflow: [{ asset: ETH, perHour: ether('8').toString() }] },
  }),
  // Final is what two blocks stand on, and custody reads nothing before.
  confirmations: 3,
  reach: {
    mortal: [
      'custody',
      'custody',
      'custody-2',
      'custody-2',
      'signer-eth-1',
      'signer-eth-2',
      'watchtower',
      'relayer',
      'relayer',
      'postgres',
    ],
    onDisk: ['signer-eth-1', 'postgres', 'watchtower', 'relayer', 'signer-eth-2', 'custody'],
    clocks: [],
    lines,
    deepest: 2,
    others: ['line', 'fork', 'forget', 'line', 'fork', 'line'],
    kinds,
  },
  lies,
  lines: ({ deed }) =>
    (['relayer', 'watchtower', 'custody'] as const).flatMap((reader) =>
      deed.ethereum ? ethereumUrls(deed.ethereum).map((url) => ({ reader, url })) : [],
    ),
  enter,
};

async function enter(day: Day): Promise<Field> {
  const { house } = day;
  const { ethereum: call, deed } = house;
  if (!call || !deed.ethereum) throw new Error('chaos: the house has nothing on Ethereum');
  const { hot, cold, watchFrom } = deed.ethereum;
  const from = await outsider(call);
  /** Addresses that customers were told. */
  const theirs = new Set<string>();
  return {
    bringOwnFunds: () => bringOwnCoins(day, ETH, ownFunds, () => sendAs(call, hot, '0x', ownFunds)),
    deposit({ address: to }, units) {
      theirs.add(to.toLowerCase());
      return submit(call, from, { to, data: '0x', value: units }, gas).then(
        (hash) => hash.slice(2),
        () => null,
      );
    },
    destination: () => {
      // Of a key that nobody needs here.
      const address = relayerOf(randomBytes(32));
      return { address, memo: '', mark: address.toLowerCase() };
    },
    kill: house.kill,
    restart: house.restart,
    fork: (depth, leavesOut) => fork(call, depth, leavesOut),
    async forget() {
      await call('anvil_dropAllTransactions');
    },
    async isStill() {
      const waits = await call('txpool_status').catch(() => null);
      return Pool.safeParse(waits).data?.pending === '0x0';
    },
    tell: () => tell(call, { hot: hot.toLowerCase(), cold: cold.toLowerCase(), theirs, watchFrom }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const Pool = z.object({ pending: z.string() });
const Hex = z.string().regex(/^0x[0-9a-f]*$/);
const Quantity = Hex.transform(BigInt);
const Block = z.object({
  transactions: z.array(z.object({ hash: Hex, from: Hex, nonce: Quantity })),
});

/**
 * The newest blocks are replaced by as many with the same transactions. The one that is left out, and what its sender has sent after it,
 * waits in the pool.
 */
async function fork(call: Ethereum, depth: number, leavesOut: number | null): ReturnType<Field['fork']> {
  const tip = Number(await call('eth_blockNumber'));
  const all: { readonly raw: string; readonly at: number; readonly from: string }[] = [];
  for (let at = 0; at < depth; at += 1) {
    const number = `0x${(tip - depth + 1 + at).toString(16)}`;
    const { transactions } = Block.parse(await call('eth_getBlockByNumber', number, true));
    for (const { hash, from } of transactions)
      all.push({ raw: Hex.parse(await call('eth_getRawTransactionByHash', hash)), at, from });
  }
  const first = leavesOut === null ? -1 : Math.floor(leavesOut * all.length);
  const left = all.filter(({ from }, index) => index >= first && from === all[first]?.from);
  const kept = all.filter((one) => !left.includes(one));
  // Where a block was made meanwhile they do not fit any more.
  const done = await call(
    'anvil_reorg',
    depth,
    kept.map(({ raw, at }) => [raw, at]),
  ).then(
    () => true,
    () => false,
  );
  if (!done) return null;
  for (const { raw } of left) await call('eth_sendRawTransaction', raw).catch(() => {});
  return left.length > 0 ? 'one left out' : 'whole';
}

const Traced = z.array(
  z.object({
    transactionHash: Hex,
    traceAddress: z.array(z.int()),
    error: z.string().optional(),
    action: z.object({
      callType: z.string().optional(),
      from: Hex.optional(),
      to: Hex.optional(),
      value: Quantity.optional(),
    }),
  }),
);

interface Ours {
  readonly hot: string;
  readonly cold: string;
  readonly theirs: ReadonlySet<string>;
  readonly watchFrom: number;
}

/** Every coin that moved, by the node's traces of each block; and what stands where. Addresses in lower case. */
async function tell(call: Ethereum, { hot, cold, theirs, watchFrom }: Ours): Promise<Told> {
  const paid = new Map<string, bigint[]>();
  const came = new Set<string>();
  const swept: bigint[] = [];
  const unexplained: string[] = [];
  const isHot = (address: string) => address === hot || theirs.has(address);
  const tip = Number(await call('eth_blockNumber'));
  for (let height = watchFrom + 1; height <= tip; height += 1) {
    const traces = Traced.parse(await call('trace_block', `0x${height.toString(16)}`));
    const undone = traces.filter(({ error }) => error !== undefined);
    for (const { transactionHash, traceAddress, action } of traces) {
      const { callType, from = '', to = '', value = 0n } = action;
      const isUndone = undone.some(
        (one) =>
          one.transactionHash === transactionHash &&
          one.traceAddress.every((step, index) => traceAddress[index] === step),
      );
      if (callType !== 'call' || value === 0n || isUndone) continue;
      if (from === cold) unexplained.push(`${transactionHash} takes ${value} from the cold Safe`);
      if (theirs.has(from) && to !== hot)
        unexplained.push(`${transactionHash} takes ${value} from a customer's address to ${to}`);
      if (isHot(to) && !isHot(from)) came.add(transactionHash.slice(2));
      if (from === hot && to === cold) swept.push(value);
      else if (from === hot) addTo(paid, to, value);
    }
  }
  const held = async (address: string) => Quantity.parse(await call('eth_getBalance', address, 'latest'));
  let all = await held(hot);
  for (const address of theirs) all += await held(address);
  return { paid, came, swept, held: { hot: all, cold: await held(cold) }, unexplained };
}
