/**
 * Booked: what of a final block custody books, each a fact of its own: two nodes agree where they lead to the same facts. Blocks
 * that are not final are not read at all, so nothing of them is ever taken back.
 */
import { ETH, type Asset } from '@kuramori/core';
import { bareOf, meaningOf, tokenAsset, type Address } from '@kuramori/chains/ethereum/codec';
import {
  arrivalsIn,
  type Arrival,
  type EthereumNode,
  type Move,
  type Ours,
  type OurPlace,
  type SeenBlock,
  type SeenExecution,
  type SeenTransaction,
} from '@kuramori/chains/ethereum/node';
import type { WatchedBlock, WatchedNode } from '@kuramori/chains/watched';

interface At extends OurPlace {
  readonly asset: Asset;
}

interface Gone {
  /** The wallet's id. */
  readonly wallet: string;
  readonly transaction: string;
  readonly asset: Asset;
  readonly units: bigint;
}

export type Fact =
  /** Came from outside. `transaction`: the block's hash where no transaction shows it. */
  | (At & {
      readonly kind: 'came';
      readonly transaction: string;
      readonly units: bigint;
      readonly from: Address | null;
    })
  /** May have come, and must be looked at. */
  | (At & { readonly kind: 'doubtful'; readonly why: string })
  /** What an address that belongs to a customer has after the block. */
  | (At & { readonly kind: 'stands'; readonly salt: string; readonly units: bigint })
  /** `id`: the Safe's hash. */
  | (Gone & { readonly kind: 'paid'; readonly id: string; readonly to: Address })
  /** It was executed, and the token moved nothing. */
  | (Gone & { readonly kind: 'unmoved'; readonly id: string; readonly to: Address })
  /** Left a wallet by what no owner signed, or on its way from a customer's address (a token that keeps a part). */
  | (Gone & { readonly kind: 'lost'; readonly to: Address | null; readonly what: string })
  | {
      readonly kind: 'executed';
      readonly wallet: string;
      readonly number: bigint;
      readonly id: string;
      readonly transaction: string;
    };

/** The node as custody scans it: as high as its last final block, and of each block its facts. */
export function bookedNode(node: EthereumNode, ours: Ours): WatchedNode<Fact> {
  const { url, blocksAtOnce } = node;
  return {
    url,
    blocksAtOnce,
    async height() {
      const at = await node.at('finalized');
      return at.kind === 'failed' ? at : { kind: 'read', value: at.value.height };
    },
    // Custody looks at no pool: what waits is the watchtowers' to see.
    waiting: () => Promise.resolve({ seen: [], unread: [], failed: null }),
    async blocksAfter(height) {
      const read = await node.blocksAfter(height);
      if (read.kind === 'failed') return read;
      const blind = read.value.find(isBlind);
      if (blind)
        return {
          kind: 'failed',
          detail: `${url}: block ${blind.height}: has no state so old any more: give custody a node that keeps it (an archive node), and it goes on from there`,
        };
      return { kind: 'read', value: read.value.map((block) => asBooked(block, ours)) };
    },
  };
}

/** What a block is to custody. */
export function asBooked(block: SeenBlock, ours: Ours): WatchedBlock<Fact> {
  const { height, hash, previous, time, unread } = block;
  return { height, hash, previous, time, unread, transactions: factsIn(block, ours) };
}

/** A Safe's coins are proven at every block: where they are not, whatever the node says of this block is half of it. */
function isBlind({ tallies }: SeenBlock): boolean {
  return tallies.some(({ asset, before, after }) => asset === ETH && (before === null || after === null));
}

/** In one order, whatever this process knew first. */
function factsIn(block: SeenBlock, ours: Ours): readonly Fact[] {
  const { arrivals, doubtful } = arrivalsIn(block);
  const facts: Fact[] = [
    ...arrivals.flatMap((arrival) => cameBy(arrival, block.hash, ours)),
    ...doubtful.map((one): Fact => ({ kind: 'doubtful', ...one })),
    ...block.tallies.flatMap(({ wallet, address, salt, asset, after }): Fact[] =>
      salt === null || after === null ? [] : [{ kind: 'stands', wallet, address, salt, asset, units: after }],
    ),
    ...block.transactions.flatMap((seen) => executedBy(seen)),
    ...block.transactions.flatMap((seen) => goneBy(seen, ours)),
    ...keptOnTheWay(block, arrivals, doubtful, ours),
  ];
  return facts
    .map((fact) => ({ fact, key: keyOf(fact) }))
    .sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
    .map(({ fact }) => fact);
}

/** Whatever comes to a customer's address has come, whoever sent it; at a Safe, what another address of ours has not sent on. */
function cameBy(arrival: Arrival, block: string, ours: Ours): readonly Fact[] {
  const { hash, from, ...rest } = arrival;
  if (rest.salt === null && from !== null && ours.placeOf(bareOf(from))) return [];
  return [{ kind: 'came', ...rest, from, transaction: hash ?? block }];
}

function executedBy({ hash, executions }: SeenTransaction): readonly Fact[] {
  return executions.flatMap(({ wallet, bound, hash: id, outcome }) =>
    outcome === 'done' || outcome === 'failed'
      ? [{ kind: 'executed' as const, wallet, number: bound.tx.nonce, id, transaction: hash }]
      : [],
  );
}

/** What left the Safes: by an execution, which moves what it means once, or by nobody's leave. */
function goneBy({ hash, executions, moves }: SeenTransaction, ours: Ours): readonly Fact[] {
  const left = moves.filter(
    ({ way, salt, other }) => way === 'out' && (salt === null || !isOwnSafe(other, ours)),
  );
  const facts: Fact[] = [];
  for (const execution of executions) {
    const meant = execution.outcome === 'done' ? paymentOf(execution) : undefined;
    if (!meant) continue;
    const at = left.findIndex((move) => move.salt === null && isMoveOf(move, execution.wallet, meant));
    if (at >= 0) left.splice(at, 1);
    const gone = { wallet: execution.wallet, transaction: hash, id: execution.hash, ...meant };
    facts.push(at >= 0 ? { kind: 'paid', ...gone } : { kind: 'unmoved', ...gone });
  }
  return [
    ...facts,
    ...left.map(({ wallet, salt, asset, units, other }, index): Fact => {
      const transaction = `${hash}:${wallet}:${index}`;
      // A forwarder pays the Safe and nobody else: who takes something else from there is the token itself.
      const what = salt === null ? 'signed by nobody' : 'taken by the token, of deposits that were sent on';
      return { kind: 'lost', wallet, transaction, asset, units, to: other, what };
    }),
  ];
}

interface Payment {
  readonly to: Address;
  readonly asset: Asset;
  readonly units: bigint;
}

function paymentOf({ bound }: SeenExecution): Payment | undefined {
  const meaning = meaningOf(bound);
  if (meaning.kind === 'coins') return { to: meaning.to, asset: ETH, units: meaning.units };
  if (meaning.kind === 'token')
    return { to: meaning.to, asset: tokenAsset(meaning.token), units: meaning.units };
  return undefined;
}

function isMoveOf(move: Move, wallet: string, { to, asset, units }: Payment): boolean {
  return move.wallet === wallet && move.asset === asset && move.units === units && move.other === to;
}

function isOwnSafe(address: Address, ours: Ours): boolean {
  return ours.placeOf(bareOf(address))?.salt === null;
}

/** A token that keeps a part of what customers' addresses send on: the Safe has less than was credited. */
function keptOnTheWay(
  { hash, transactions }: SeenBlock,
  arrivals: readonly Arrival[],
  doubtful: readonly (OurPlace & { readonly asset: Asset })[],
  ours: Ours,
): readonly Fact[] {
  const sent = new Map<string, Gone>();
  for (const move of transactions.flatMap(({ moves }) => moves)) {
    const { way, wallet, salt, asset, units, other } = move;
    if (way !== 'out' || salt === null || asset === ETH || !isOwnSafe(other, ours)) continue;
    const key = `${wallet} ${asset}`;
    const before = sent.get(key)?.units ?? 0n;
    sent.set(key, { wallet, asset, units: before + units, transaction: `${hash}:${wallet}:${asset}` });
  }
  return [...sent.values()].flatMap((gone): Fact[] => {
    const { wallet, asset } = gone;
    const isHere = (at: OurPlace & { readonly asset: Asset }) =>
      at.wallet === wallet && at.salt === null && at.asset === asset;
    // Nobody knows yet what came: whoever looks at that sees this as well.
    if (doubtful.some(isHere)) return [];
    const came = arrivals
      .filter((one) => isHere(one) && one.from !== null && ours.placeOf(bareOf(one.from))?.salt != null)
      .reduce((sum, { units }) => sum + units, 0n);
    const units = gone.units - came;
    const what = 'kept by the token, of deposits that were sent on';
    return units > 0n ? [{ ...gone, kind: 'lost', units, to: null, what }] : [];
  });
}

/** All that two nodes must say alike. */
export function keyOf(fact: Fact): string {
  return JSON.stringify(fact, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
