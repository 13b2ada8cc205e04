/** Chaos on NEM: two nodes of the devnet, whose chain, memory and clocks are all ours to break. */
import { requestJson } from '@kuramori/chains/http';
import { memoOf, type Address } from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { parseAmount, XEM } from '@kuramori/core';
import { bringOwnFunds, type Day } from '../../day.ts';
import { must, transfer } from '../../house/chain.ts';
import type { House } from '../../house/house.ts';
import { nodeUrls } from '../../house/rooms.ts';
import type { Reach } from '../act.ts';
import { lines, type Lies } from '../proxy.ts';
import { addTo, type Field, type Ground, type Told } from './ground.ts';

const confirmations = 3;
const ownFunds = parseAmount('5000000', XEM);

const clocksApart: Reach['clocks'] = (['custody', 'custody-2', 'watchtower', 'node2'] as const).flatMap(
  (name) =>
    (['ahead', 'behind', 'days ahead', 'days behind', 'drifts'] as const).map((how) => ({ name, how })),
);

/** The only harvester: blocks from days ahead would stop its chain for days, as on no network with a second one. */
const harvestersClock: Reach['clocks'] = (['ahead', 'behind', 'drifts'] as const).map((how) => ({
  name: 'node1',
  how,
}));

const lies: Lies = {
  // The hashes of blocks, and what refers to them: another chain of the same shape.
  'other-hashes': (answer) => answer.replaceAll(/"hash":\s*"([0-9a-f]{63})[0-9a-f]"/g, '"hash":"$10"'),
  skips: (answer) => answer.replace(/"height":\s*([0-9]+)/, (_, height) => `"height":${Number(height) + 2}`),
};

const reach: Reach = {
  mortal: [
    // The custodies the most often: they have the most to lose.
    'custody',
    'custody',
    'custody',
    'custody-2',
    'custody-2',
    'custody-2',
    'signer-1',
    'signer-2',
    'watchtower',
    'node1',
    'node2',
    'postgres',
  ],
  onDisk: ['signer-1', 'postgres', 'watchtower', 'node1', 'signer-2', 'node2', 'custody'],
  clocks: [...clocksApart, ...harvestersClock],
  lines: lines.filter((line) => line !== 'whole'),
  // Deeper than the confirmations, too.
  deepest: confirmations + 2,
  others: [...Array.from({ length: 5 }, () => 'line' as const), 'fork', 'fork', 'time', 'back'],
  // Of twelve acts: eight kills, two full disks, one clock, and a line, a fork or a jump of everybody's time.
  kinds: [...Array.from({ length: 8 }, () => 'kill' as const), 'full disk', 'full disk', 'clock', 'other'],
};

export const onNem: Ground = {
  asset: XEM,
  step: parseAmount('1', XEM),
  feeCap: parseAmount('2', XEM),
  paceMs: 700,
  // Sweeps leave little hot, and everybody is paid to one address: a new one's share of it would refuse most of the load.
  plan: ({ rule }) => ({ rule: { ...rule, firstSeen: { hours: 24, shareBps: 10_000 } } }),
  confirmations,
  reach,
  lies,
  lines: ({ nodes }) =>
    (['custody', 'watchtower'] as const).flatMap((reader) => nodes.map(({ url }) => ({ reader, url }))),
  enter: (day) => Promise.resolve(enter(day)),
};

function enter(day: Day): Field {
  const { house, now } = day;
  return {
    bringOwnFunds: () => bringOwnFunds(day, ownFunds),
    async deposit({ address, message }, units) {
      const sent = transfer(house.people.customer, address as Address, units, message, now());
      for (const node of house.nodes) {
        const answer = await node.announce({ data: sent.data, signature: sent.signature });
        if (answer.kind === 'read' && answer.value.code <= 1) return sent.hash;
      }
      return null;
    },
    destination: (count) => {
      const memo = `chaos-${count}`;
      return { address: house.people.customer.address, memo, mark: memo };
    },
    kill: house.kill,
    restart: house.restart,
    fork: (depth, leavesOut) => fork(house, depth, leavesOut),
    // A node that is killed has forgotten it.
    forget: () => Promise.resolve(),
    // Its blocks come every second, and settling waits for longer than the confirmations take.
    isStill: () => Promise.resolve(true),
    tell: () => tellOnNem(house),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The newest blocks are replaced; one of their transactions may have to wait for another block. */
async function fork(house: House, depth: number, leavesOut: number | null): ReturnType<Field['fork']> {
  const [node] = house.nodes;
  const tip = await node.height();
  const blocks = tip.kind === 'read' ? await node.blocksAfter(Math.max(1, tip.value - depth)) : tip;
  if (blocks.kind === 'failed') return null;
  const hashes = blocks.value.flatMap(({ transactions }) => transactions.map(({ hash }) => hash));
  const left = leavesOut === null ? undefined : hashes[Math.floor(leavesOut * hashes.length)];
  const drop = left === undefined ? [] : [left];
  const asked = { depth, drop, dropped: 'pending' };
  const answer = await requestJson({ url: node.url }, 'POST', '/devnet/control/fork', asked);
  if (answer.kind !== 'reply' || answer.status !== 200) return null;
  return drop.length > 0 ? 'one left out' : 'whole';
}

/** Block by block, from the first node. */
export async function tellOnNem({ deed, nodes }: House): Promise<Told> {
  const node = nemNode(nodeUrls(deed)[0] ?? '', 'testnet');
  const paid = new Map<string, bigint[]>();
  const came = new Set<string>();
  const swept: bigint[] = [];
  const unexplained: string[] = [];
  const held = async (address: string) => must(await nodes[0].account(address)).balance;
  for (let height = 1; ;) {
    const blocks = must(await node.blocksAfter(height));
    if (blocks.length === 0) break;
    for (const block of blocks) {
      height = block.height;
      for (const { hash, transaction } of block.transactions) {
        if (transaction.kind === 'transfer' && transaction.recipient === deed.hot.address) came.add(hash);
        if (transaction.kind !== 'multisig') continue;
        const { inner } = transaction;
        if (inner.kind !== 'transfer') unexplained.push(`${hash} is a ${inner.kind} of the hot account's`);
        else if (inner.recipient === deed.cold.address) swept.push(inner.amount);
        else addTo(paid, memoOf(inner) ?? '', inner.amount);
      }
    }
  }
  const [hot, cold] = [await held(deed.hot.address), await held(deed.cold.address)];
  return { paid, came, swept, held: { hot, cold }, unexplained };
}
