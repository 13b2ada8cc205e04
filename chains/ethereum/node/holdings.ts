/**
 * Holdings: what blocks bring to our addresses, what our Safes have executed, and so which plans can never be any more. Pure
 * state: whoever reads blocks hands them in, in their order; a chain that is rewritten is undone block by block, down to what is
 * final.
 */
import { ETH, type Asset } from '@kuramori/core';
import { readPlan, safeHash, type Bound } from '../codec/index.ts';
import { arrivalsIn, type Arrival, type Doubtful } from './arrivals.ts';
import type { At } from './asks.ts';
import type { SeenBlock } from './blocks.ts';
import type { Outcome } from './executed.ts';
import type { Tally } from './tally.ts';

export type Took =
  | { readonly kind: 'taken'; readonly undone: number }
  /** The block is the one that stands there already. */
  | { readonly kind: 'known' }
  | { readonly kind: 'refused'; readonly why: 'gap' | 'other-parent' | 'deeper-than-kept' | 'final' };

export interface Dated<T> extends At {
  readonly value: T;
  /** Whether its block is final: only then is it credited. */
  readonly final: boolean;
}

/** What became of a plan, as far as the blocks go that were handed in. */
export type Fate =
  /** Its Safe has not come to its number yet, or nobody here has seen that it has. */
  | { readonly kind: 'open' }
  | (At & { readonly kind: 'done' | 'failed'; readonly transaction: string; readonly final: boolean })
  /** Another transaction has its number. It is dead once that is final. */
  | (At & { readonly kind: 'passed'; readonly by: string; readonly final: boolean });

export interface Holdings {
  readonly tip: () => At | undefined;
  readonly final: () => At | undefined;
  /** The next block, or one that takes the place of those from its height on. */
  readonly take: (block: SeenBlock) => Took;
  /** Takes the newest block back; false where it is final, or not kept any more. */
  readonly undo: () => boolean;
  /** The chain holds this block for final. False where the block that is kept there is another: then nothing is final here. */
  readonly finalize: (at: At) => boolean;
  readonly arrivals: () => readonly Dated<Arrival>[];
  readonly doubtful: () => readonly Dated<Doubtful>[];
  readonly fate: (plan: string) => Fate;
  /**
   * The final block that proves a plan dead: in it its Safe executed another transaction with the same number. Undefined while the
   * plan may still be executed, or nobody here can tell any more.
   */
  readonly endedBy: (plan: string) => At | undefined;
  /** What each address was last seen to have, units; undefined where nothing has moved there since the first block. */
  readonly balance: (address: string, asset: Asset) => bigint | undefined;
  /** Units that stand at all of a wallet's forwarders, as far as something has moved there since the first block. */
  readonly placed: (wallet: string, asset: Asset) => bigint;
  /** Balances that were another before a block than after the last one that touched them: a token that rebases, or lies. */
  readonly drifts: () => readonly Dated<Drift>[];
  /** Executions told with a number that their Safe had used before: whatever stands there, it is not SafeL2. */
  readonly repeated: () => readonly Dated<Repeated>[];
}

export interface Repeated {
  readonly wallet: string;
  readonly plan: string;
  readonly transaction: string;
}

export interface Drift {
  readonly address: string;
  readonly asset: Asset;
  readonly from: bigint;
  readonly to: bigint;
}

interface Executed extends At {
  readonly by: string;
  readonly transaction: string;
  readonly outcome: Outcome;
}

interface Kept extends At {
  readonly arrivals: readonly Arrival[];
  readonly doubtful: readonly Doubtful[];
  readonly drifts: readonly Drift[];
  readonly repeated: readonly Repeated[];
  /** Numbers that it used up, and what it made of balances: what was there before. */
  readonly numbers: readonly string[];
  readonly balances: readonly (readonly [key: string, before: bigint | undefined])[];
  /** By how much it changed what stands at a wallet's forwarders. */
  readonly placed: readonly (readonly [key: string, change: bigint])[];
}

/** Two days of blocks: finality takes a quarter of an hour. */
const usualKept = 14_400;

export function openHoldings(kept = usualKept): Holdings {
  const blocks = new Map<number, Kept>();
  const executed = new Map<string, Executed>();
  const balances = new Map<string, bigint>();
  const placed = new Map<string, bigint>();
  const addPlaced = (key: string, units: bigint) => placed.set(key, (placed.get(key) ?? 0n) + units);
  let tip: At | undefined;
  let last: At | undefined;

  function add(block: SeenBlock): void {
    const { height, hash } = block;
    const numbers: string[] = [];
    const repeated: Repeated[] = [];
    for (const { hash: transaction, executions } of block.transactions)
      for (const { wallet, plan, bound, hash: by, outcome } of executions) {
        if (outcome !== 'done' && outcome !== 'failed') continue;
        const number = numberOf(bound);
        // A Safe uses each number once. What tells of a second time is other code at its address.
        if (executed.has(number)) {
          repeated.push({ wallet, plan, transaction });
          continue;
        }
        executed.set(number, { height, hash, by, transaction, outcome });
        numbers.push(number);
      }
    const drifts = block.tallies.flatMap((tally) => driftIn(tally, balances) ?? []);
    const changes: Kept['placed'][number][] = [];
    const before = block.tallies.flatMap((tally): Kept['balances'] => {
      const { wallet, salt, asset, after } = tally;
      if (after === null) return [];
      const key = keyOf(tally);
      const known = balances.get(key);
      balances.set(key, after);
      if (salt !== null) changes.push([`${wallet} ${asset}`, after - (known ?? 0n)]);
      return [[key, known]];
    });
    for (const [key, change] of changes) addPlaced(key, change);
    blocks.set(height, {
      height,
      hash,
      ...arrivalsIn(block),
      drifts,
      repeated,
      numbers,
      balances: before,
      placed: changes,
    });
    tip = { height, hash };
    // What is forgotten keeps its numbers used up.
    blocks.delete(height - kept);
  }

  function undo(): boolean {
    const newest = tip && blocks.get(tip.height);
    const before = newest && blocks.get(newest.height - 1);
    if (!newest || !before || newest.height <= (last?.height ?? -1)) return false;
    for (const number of newest.numbers) executed.delete(number);
    for (const [key, units] of newest.balances.toReversed())
      if (units === undefined) balances.delete(key);
      else balances.set(key, units);
    for (const [key, change] of newest.placed) addPlaced(key, -change);
    blocks.delete(newest.height);
    tip = { height: before.height, hash: before.hash };
    return true;
  }

  const isFinal = (height: number): boolean => height <= (last?.height ?? -1);

  const dated = <T>(of: (block: Kept) => readonly T[]): readonly Dated<T>[] =>
    [...blocks.values()].flatMap((block) =>
      of(block).map((value) => ({
        height: block.height,
        hash: block.hash,
        final: isFinal(block.height),
        value,
      })),
    );

  function fate(planHex: string): Fate {
    const plan = readPlan(planHex);
    if (plan.kind === 'refused') throw new RangeError(`holdings: ${plan.why}`);
    const found = executed.get(numberOf(plan.bound));
    if (!found) return { kind: 'open' };
    const { height, hash, by, transaction, outcome } = found;
    const final = isFinal(height);
    if (by !== safeHash(plan.bound)) return { kind: 'passed', height, hash, by, final };
    return { kind: outcome === 'done' ? 'done' : 'failed', height, hash, transaction, final };
  }

  return {
    tip: () => tip,
    final: () => last,
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
      if (isFinal(height)) return refused('final');
      let undone = 0;
      while (tip.height >= height && undo()) undone += 1;
      add(block);
      return { kind: 'taken', undone };
    },
    undo,
    finalize(at) {
      if (blocks.get(at.height)?.hash !== at.hash) return false;
      if (at.height > (last?.height ?? -1)) last = at;
      return true;
    },
    arrivals: () => dated(({ arrivals }) => arrivals),
    doubtful: () => dated(({ doubtful }) => doubtful),
    drifts: () => dated(({ drifts }) => drifts),
    repeated: () => dated(({ repeated }) => repeated),
    fate,
    endedBy(plan) {
      const found = fate(plan);
      return found.kind === 'passed' && found.final ? { height: found.height, hash: found.hash } : undefined;
    },
    placed: (wallet, asset) => placed.get(`${wallet} ${asset}`) ?? 0n,
    balance: (address, asset) => balances.get(`${address} ${asset}`),
  };
}

function refused(why: Extract<Took, { kind: 'refused' }>['why']): Took {
  return { kind: 'refused', why };
}

function numberOf({ chainId, safe, tx }: Bound): string {
  return `${chainId} ${safe} ${tx.nonce}`;
}

const keyOf = ({ address, asset }: Pick<Tally, 'address' | 'asset'>): string => `${address} ${asset}`;

/** Coins move between blocks by nothing; where a node has no traces they are looked at only where they are known to move. */
function driftIn(tally: Tally, balances: ReadonlyMap<string, bigint>): Drift | undefined {
  const { address, asset, before } = tally;
  const known = balances.get(keyOf(tally));
  if (asset === ETH || known === undefined || before === null || before === known) return undefined;
  return { address, asset, from: known, to: before };
}
