import type { PrivateKey } from '@kuramori/chains/nem/codec';
import type { Block } from './block.ts';
import { linkAt, type Chain } from './chain.ts';
import { harvest } from './harvest.ts';
import type { Pool } from '../pool/pool.ts';
import type { Store } from './store.ts';
import { success } from '../rules/verdict.ts';

const maxSecondsAhead = 10;
const realInterval = 60; // nis.blockGenerationTargetTime
const jumpSeconds = 600;

export type Harvested =
  | { readonly kind: 'block'; readonly block: Block }
  | {
      readonly kind: 'refused';
      readonly why: 'not-a-harvester' | 'clock-behind-last-block' | 'block-invalid';
    };

/** Makes blocks, by the clock or by hand (HarvestingTask). */
export interface Harvesting {
  /** Makes the blocks that are due, and drops what has expired. */
  readonly catchUp: () => void;
  readonly harvestOne: () => Harvested;
}

export interface HarvestingParts {
  readonly chain: Chain;
  readonly pool: Pool;
  readonly store: Store;
  readonly key: PrivateKey | undefined;
  /** Seconds; 0 for blocks by hand only. */
  readonly interval: number;
  readonly clock: NodeClock;
  readonly harvested: (blocks: readonly Block[]) => void;
  readonly warn: (message: string) => void;
}

/** The time of a node, NEM seconds. While missed blocks are made up for, it lives through theirs one by one. */
export interface NodeClock {
  readonly now: () => number;
  /** The clock's own time, whatever is being lived through. */
  readonly real: () => number;
  readonly live: (time: number | undefined) => void;
}

export function openClock(real: () => number): NodeClock {
  let lived: number | undefined;
  return {
    now: () => lived ?? real(),
    real,
    live: (time) => {
      lived = time;
    },
  };
}

export function openHarvesting(parts: HarvestingParts): Harvesting {
  const { chain, pool, store, key, interval, clock, harvested, warn } = parts;

  const produce = (timeStamp: number): Block | undefined => {
    if (key === undefined) return undefined;
    pool.dropExpired(timeStamp);
    const block = harvest(chain, pool, key, timeStamp, clock.now());
    const verdict = chain.accept(block, clock.now(), 'self');
    if (verdict !== success) {
      warn(`generated block did not pass validation: ${verdict}`);
      return undefined;
    }
    pool.removeAll(block.transactions);
    return block;
  };

  const nextDue = (time: number): number => {
    const last = chain.last().block.timeStamp;
    // However fast blocks are made otherwise, hours that were jumped over are made up at the real pace.
    return last + (time - last > jumpSeconds ? Math.max(interval, realInterval) : interval);
  };

  const makeMissed = (time: number): readonly Block[] => {
    const made: Block[] = [];
    try {
      for (let due = nextDue(time); due <= time;) {
        clock.live(due);
        const block = produce(due);
        if (block !== undefined) made.push(block);
        due = block === undefined ? due + realInterval : nextDue(time);
      }
    } finally {
      clock.live(undefined);
      store.append(made.map(({ height }) => linkAt(chain, height)));
    }
    return made;
  };

  return {
    catchUp: () => {
      const time = clock.real();
      const made = key === undefined || interval === 0 ? [] : makeMissed(time);
      if (made.length > 0) harvested(made);
      pool.dropExpired(time);
    },
    harvestOne: () => {
      if (key === undefined) return { kind: 'refused', why: 'not-a-harvester' };
      const last = chain.last().block.timeStamp;
      const pending = pool.list().map(({ timeStamp }) => timeStamp + 1);
      // A block takes what is older than itself and may be ten seconds ahead of the clock.
      const timeStamp = Math.min(Math.max(clock.now(), last + 1, ...pending), clock.now() + maxSecondsAhead);
      if (timeStamp <= last) return { kind: 'refused', why: 'clock-behind-last-block' };
      const block = produce(timeStamp);
      if (block === undefined) return { kind: 'refused', why: 'block-invalid' };
      store.append([linkAt(chain, block.height)]);
      harvested([block]);
      return { kind: 'block', block };
    },
  };
}
