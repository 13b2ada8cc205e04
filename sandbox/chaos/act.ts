/** What the hand will do: chosen before anything runs, so that the same seed does the same things in the same order, whatever the house makes of them. */
import type { Restartable } from '../house/house.ts';
import type { Line } from './proxy.ts';
import type { Seeded } from './seed.ts';

/** Who keeps time by a clock of its own. Signers' own are right: they only hold the watchtowers' against them. */
type Timed = 'custody' | 'custody-2' | 'watchtower' | 'node1' | 'node2';

/** What there is to break on a chain; of each list all are dealt in a random order before any comes again. */
export interface Reach {
  /** Whose death is tried, some more often than others'. */
  readonly mortal: readonly Restartable[];
  /** Whose disk is filled. Custody keeps nothing on one but its log; that it goes on is what is tried there. */
  readonly onDisk: readonly Restartable[];
  /** Whose clock goes apart, and how; nobody's where they all keep real time. */
  readonly clocks: readonly Pick<Act & { kind: 'clock' }, 'name' | 'how'>[];
  readonly lines: readonly Line[];
  /** In how many blocks a fork begins at the most. */
  readonly deepest: number;
  readonly others: readonly ('line' | 'fork' | 'time' | 'back' | 'forget')[];
  readonly kinds: readonly ('kill' | 'full disk' | 'clock' | 'other')[];
}

export type Act =
  | {
      readonly kind: 'kill';
      readonly name: Restartable;
      /** `--die-at`; null for those who have no points of ours, and die at any moment. */
      readonly dieAt: string | null;
      readonly afterMs: number;
      readonly deadMs: number;
    }
  | {
      readonly kind: 'full disk';
      readonly name: Restartable;
      /** Whether it is started once while the disk is still full. */
      readonly early: boolean;
    }
  | {
      readonly kind: 'clock';
      readonly name: Timed;
      readonly how: 'ahead' | 'behind' | 'days ahead' | 'days behind' | 'drifts';
      /** How wrong it gets, in milliseconds, and for how long. */
      readonly byMs: number;
      readonly forMs: number;
    }
  | { readonly kind: 'line'; readonly line: Line; readonly which: number; readonly forMs: number }
  | {
      readonly kind: 'fork';
      readonly depth: number;
      /** Which of the transactions has to wait for another block, as a share of all; null for none. */
      readonly leavesOut: number | null;
    }
  | { readonly kind: 'time'; readonly ms: number }
  /** Nodes lose what waits with them and is in no block. */
  | { readonly kind: 'forget' };

/** The acts of a seed, without end. Everything is drawn here, and from nothing else. */
export function* actsOf(random: Seeded, reach: Reach): Generator<Act, never> {
  const bags = {
    kind: dealt(random, reach.kinds),
    kill: dealt(random, reach.mortal),
    disk: dealt(random, reach.onDisk),
    clock: dealt(random, reach.clocks),
    other: dealt(random, reach.others),
    line: dealt(random, reach.lines),
  };
  for (;;) yield draw(random, bags, reach.deepest);
}

type Bags = {
  readonly kind: () => Reach['kinds'][number];
  readonly kill: () => Restartable;
  readonly disk: () => Restartable;
  readonly clock: () => Reach['clocks'][number];
  readonly other: () => Reach['others'][number];
  readonly line: () => Line;
};

function draw(random: Seeded, bags: Bags, deepest: number): Act {
  const kind = bags.kind();
  if (kind === 'kill') return kill(random, bags.kill());
  if (kind === 'full disk') return { kind, name: bags.disk(), early: random.below(2) === 0 };
  if (kind === 'clock') return clock(random, bags.clock());
  const other = bags.other();
  if (other === 'line')
    return { kind: 'line', line: bags.line(), which: random.below(1_000), forMs: 500 + random.below(2_000) };
  if (other === 'fork') {
    const leavesOut = random.below(2) === 0 ? random.below(1_000) / 1_000 : null;
    return { kind: 'fork', depth: 1 + random.below(deepest), leavesOut };
  }
  if (other === 'forget') return { kind: other };
  const seconds = 1_000 * (5 + random.below(115));
  return { kind: 'time', ms: other === 'time' ? seconds : -Math.floor(seconds / 4) };
}

function kill(random: Seeded, name: Restartable): Act {
  const points = pointsOf(name);
  const dieAt = points === null ? null : `${random.oneOf(points)}:${1 + random.below(25)}`;
  return { kind: 'kill', name, dieAt, afterMs: random.below(1_500), deadMs: random.below(500) };
}

/** Null for those that have no points of ours: Postgres, and every chain's nodes. */
function pointsOf(name: Restartable): readonly [string, ...string[]] | null {
  if (name === 'postgres' || name.startsWith('node') || name.startsWith('litecoin')) return null;
  if (name.startsWith('custody'))
    return ['commit:before', 'commit:after', 'send:before', 'send:after', 'answer:before'];
  if (name === 'watchtower' || name === 'relayer')
    return ['write:before', 'write:after', 'send:before', 'send:after', 'answer:before', 'answer:after'];
  return ['write:before', 'write:after', 'answer:before', 'answer:after'];
}

function clock(random: Seeded, { name, how }: Reach['clocks'][number]): Act {
  const seconds = 15 + random.below(105);
  const days = 1 + random.below(3);
  const much = how.startsWith('days') ? days * 86_400_000 : seconds * 1_000;
  const byMs = how.endsWith('behind') || (how === 'drifts' && random.below(2) === 0) ? -much : much;
  return { kind: 'clock', name, how, byMs, forMs: 2_000 + random.below(2_000) };
}

/** Deals all of them in a random order, and then all again in another: none is left out for long. */
function dealt<T>(random: Seeded, all: readonly T[]): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = [...all];
    const [one] = left.splice(random.below(left.length), 1);
    return one as T;
  };
}

/** One act in words, for the one who reads along and for the table. */
export function actText(act: Act): string {
  switch (act.kind) {
    case 'kill':
      return `kill ${act.name} at ${act.dieAt ?? 'any moment'}`;
    case 'full disk':
      return `full disk: ${act.name}${act.early ? ', started again before there is room' : ''}`;
    case 'clock':
      return `clock of ${act.name} ${act.how}, ${act.byMs / 1_000} s`;
    case 'line':
      return `line ${act.line}`;
    case 'fork':
      return `fork ${act.depth} deep${act.leavesOut === null ? '' : ', leaving one out'}`;
    case 'time':
      return act.ms > 0 ? `${act.ms / 1_000} s pass` : `all clocks ${-act.ms / 1_000} s back`;
    case 'forget':
      return 'nodes forget what waits';
    default:
      return act satisfies never;
  }
}
