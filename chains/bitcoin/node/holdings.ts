/**
 * Holdings: the coins of wallets, as blocks bring and take them. Pure state: whoever reads blocks hands them in, in their order; a
 * chain that is rewritten is undone block by block, as deep as blocks are kept.
 */
import { outpointText, type Outpoint } from '../codec/index.ts';
import type { WatchedBlock } from '../../watched.ts';
import type { OurCoin } from './ours.ts';
import type { Origin, SeenTransaction } from './seen.ts';

export interface HeldCoin extends OurCoin {
  /** Of the block that brought it; null while it only waits. */
  readonly height: number | null;
  readonly origin: Origin;
  /** Whether it is change: all that the transaction spends is ours, by our signatures, and it comes back to a wallet it takes from. */
  readonly own: boolean;
  /** What spends it and only waits; or null. */
  readonly spentBy: string | null;
}

export interface At {
  readonly height: number;
  readonly hash: string;
}

export type Took =
  | { readonly kind: 'taken'; readonly undone: number }
  /** The block is the one that stands there already. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refused'; readonly why: 'gap' | 'other-parent' | 'deeper-than-kept' };

export interface Spendable {
  /** So many blocks, its own counted, for what a stranger paid. Ours counts from its first, or before. */
  readonly confirmations: number;
  /** Whether change that only waits may be spent as well. */
  readonly unconfirmedChange: boolean;
}

export interface Holdings {
  readonly tip: () => At | undefined;
  /** The next block, or one that takes the place of those from its height on. */
  readonly take: (block: WatchedBlock<SeenTransaction>) => Took;
  /** Takes the newest block back; false where it is not kept any more. */
  readonly undo: () => boolean;
  /** All that waits now. */
  readonly wait: (waiting: readonly SeenTransaction[]) => void;
  /** What no block has spent, and what is to come. */
  readonly coins: (wallet: string) => readonly HeldCoin[];
  readonly spendable: (wallet: string, rules: Spendable) => readonly HeldCoin[];
  /** Units in blocks up to this height; undefined where it is not kept any more, or still to come. */
  readonly balance: (wallet: string, height: number) => bigint | undefined;
  /**
   * The block that proves a plan dead: it spends, by another transaction, what the plan spends, and so many blocks stand on it.
   * Undefined while the plan may still confirm, or nobody here can tell any more.
   */
  readonly endedBy: (plan: Plan, depth: number) => At | undefined;
}

/** As the codec's `traceOf` has it. */
export interface Plan {
  readonly ids: readonly string[];
  /** `txid:vout` each. */
  readonly spends: readonly string[];
}

interface Block extends At {
  readonly brought: readonly HeldCoin[];
  readonly taken: readonly HeldCoin[];
  /** Each outpoint of ours that it spends, known or not. */
  readonly spends: readonly string[];
}

/** Blocks that can be undone, and in which a conflict is found: longer than three days on either chain. */
const usualKept = 2_016;

/** A coin that a miner makes waits so many blocks, its own counted; one that leaves MWEB six (Litecoin: PEGOUT_MATURITY). */
export const matures: Readonly<Record<Origin, number>> = { payment: 1, coinbase: 100, hogex: 6 };

export function openHoldings(kept = usualKept): Holdings {
  const coins = new Map<string, HeldCoin>();
  const blocks = new Map<number, Block>();
  const spends = new Map<string, At & { readonly by: string }>();
  let tip: At | undefined;
  let waiting: readonly SeenTransaction[] = [];
  let spentByWaiting = new Map<string, string>();

  function add(block: WatchedBlock<SeenTransaction>): void {
    const { height, hash } = block;
    const brought: HeldCoin[] = [];
    const taken: HeldCoin[] = [];
    const spent: string[] = [];
    for (const seen of block.transactions) {
      for (const outpoint of spentOf(seen)) {
        const coin = coins.get(outpoint);
        if (coin) taken.push(coin);
        coins.delete(outpoint);
        spends.set(outpoint, { height, hash, by: seen.id });
        spent.push(outpoint);
      }
      for (const coin of broughtBy(seen, height)) {
        coins.set(outpointText(coin), coin);
        brought.push(coin);
      }
    }
    blocks.set(height, { height, hash, brought, taken, spends: spent });
    tip = { height, hash };
    const old = blocks.get(height - kept);
    if (!old) return;
    blocks.delete(old.height);
    for (const outpoint of old.spends) spends.delete(outpoint);
  }

  function undo(): boolean {
    const newest = tip && blocks.get(tip.height);
    const before = newest && blocks.get(newest.height - 1);
    if (!newest || !before) return false;
    for (const coin of newest.taken) coins.set(outpointText(coin), coin);
    // What came and went within the block was never there.
    for (const coin of newest.brought) coins.delete(outpointText(coin));
    for (const outpoint of newest.spends) spends.delete(outpoint);
    blocks.delete(newest.height);
    tip = { height: before.height, hash: before.hash };
    return true;
  }

  function unconfirmed(): readonly HeldCoin[] {
    return waiting
      .flatMap((seen) => broughtBy(seen, null))
      .filter((coin) => !coins.has(outpointText(coin)) && !spends.has(outpointText(coin)));
  }

  const withSpender = (coin: HeldCoin): HeldCoin => ({
    ...coin,
    spentBy: spentByWaiting.get(outpointText(coin)) ?? null,
  });

  /** Ours to the root: no stranger can take back what it stands on. */
  function stands(id: string): boolean {
    const seen = waiting.find((one) => one.id === id);
    if (!seen || !isOwn(seen)) return false;
    return seen.transaction.inputs.every((input) => coins.has(outpointText(input)) || stands(input.txid));
  }

  return {
    tip: () => tip,
    take(block) {
      if (!tip) {
        add(block);
        return { kind: 'taken', undone: 0 };
      }
      const { height } = block;
      if (height > tip.height + 1) return refused('gap');
      if (blocks.get(height)?.hash === block.hash) return { kind: 'known' };
      const parent = blocks.get(height - 1);
      if (!parent) return refused('deeper-than-kept');
      if (parent.hash !== block.previous) return refused('other-parent');
      let undone = 0;
      while (tip.height >= height && undo()) undone += 1;
      add(block);
      return { kind: 'taken', undone };
    },
    undo,
    wait(now) {
      waiting = now;
      spentByWaiting = new Map(now.flatMap((seen) => spentOf(seen).map((outpoint) => [outpoint, seen.id])));
    },
    coins: (wallet) =>
      [...coins.values(), ...unconfirmed()].filter((coin) => coin.wallet === wallet).map(withSpender),
    spendable: (wallet, { confirmations, unconfirmedChange }) =>
      [...coins.values(), ...(unconfirmedChange ? unconfirmed() : [])].map(withSpender).filter((coin) => {
        if (coin.wallet !== wallet || coin.spentBy !== null) return false;
        if (coin.height === null) return coin.own && stands(coin.txid);
        const deep = (tip?.height ?? 0) - coin.height + 1;
        return deep >= Math.max(coin.own ? 1 : confirmations, matures[coin.origin]);
      }),
    balance(wallet, height) {
      if (!tip || height > tip.height || !blocks.has(height)) return undefined;
      let units = unitsOf(coins.values(), wallet);
      for (let at = tip.height; at > height; at -= 1) {
        const block = blocks.get(at);
        units += unitsOf(block?.taken ?? [], wallet) - unitsOf(block?.brought ?? [], wallet);
      }
      return units;
    },
    endedBy(plan, depth) {
      const newest = tip?.height ?? 0;
      const [first] = plan.spends
        .flatMap((outpoint) => spends.get(outpoint) ?? [])
        .filter(({ by, height }) => !plan.ids.includes(by) && newest - height >= depth)
        .sort((one, other) => one.height - other.height);
      return first && { height: first.height, hash: first.hash };
    },
  };
}

function refused(why: Extract<Took, { kind: 'refused' }>['why']): Took {
  return { kind: 'refused', why };
}

function unitsOf(coins: Iterable<HeldCoin>, wallet: string): bigint {
  let units = 0n;
  for (const coin of coins) if (coin.wallet === wallet) units += coin.units;
  return units;
}

function spentOf({ takes, transaction }: SeenTransaction): readonly string[] {
  return takes.flatMap(({ inputs }) =>
    inputs.flatMap((number) => {
      const input: Outpoint | undefined = transaction.inputs[number];
      return input ? outpointText(input) : [];
    }),
  );
}

/** Whether all that it spends is ours, and was signed by our keys: a node may show what nobody has made. */
function isOwn({ takes, transaction }: SeenTransaction): boolean {
  const ours = takes.reduce((sum, { inputs, unsigned }) => sum + inputs.length - unsigned.length, 0);
  return ours > 0 && ours === transaction.inputs.length;
}

/** The coins of ours that a transaction brings, in the block of this height. */
export function broughtBy(seen: SeenTransaction, height: number | null): readonly HeldCoin[] {
  const own = isOwn(seen);
  return seen.pays.map((coin) => ({
    ...coin,
    height,
    origin: seen.origin,
    own: own && coin.branch === 1 && seen.takes.some(({ wallet }) => wallet === coin.wallet),
    spentBy: null,
  }));
}
