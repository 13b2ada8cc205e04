/** What the hand will do: chosen before anything runs, so that the same seed does the same things in the same order, whatever the house makes of them. */
import type { Restartable } from '../house/house.ts';
import { lines, type Line } from './proxy.ts';
import type { Seeded } from './seed.ts';

/** Who keeps time by a clock of its own. Signers' own are right: they only hold the watchtowers' against them. */
type Timed = 'custody' | 'custody-2' | 'watchtower' | 'node1' | 'node2';

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
  | { readonly kind: 'time'; readonly ms: number };

const mortal: readonly Restartable[] = [
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
];

/** Custody keeps nothing on a disk but its log; that it goes on is what is tried there. */
const onDisk: readonly Restartable[] = [
  'signer-1',
  'postgres',
  'watchtower',
  'node1',
  'signer-2',
  'node2',
  'custody',
];

const clocksApart: readonly Pick<Act & { kind: 'clock' }, 'name' | 'how'>[] = (
  ['custody', 'custody-2', 'watchtower', 'node2'] as const
).flatMap((name) =>
  (['ahead', 'behind', 'days ahead', 'days behind', 'drifts'] as const).map((how) => ({ name, how })),
);

/** The only harvester: blocks from days ahead would stop its chain for days, as on no network with a second one. */
const harvestersClock: typeof clocksApart = (['ahead', 'behind', 'drifts'] as const).map((how) => ({
  name: 'node1',
  how,
}));

const others = [...Array.from({ length: 5 }, () => 'line' as const), 'fork', 'fork', 'time', 'back'] as const;

/** Of twelve acts: eight kills, two full disks, one clock, and a line, a fork or a jump of everybody's time. */
const kinds = [
  ...Array.from({ length: 8 }, () => 'kill' as const),
  'full disk',
  'full disk',
  'clock',
  'other',
] as const;

/** The acts of a seed, without end. Everything is drawn here, and from nothing else. */
export function* actsOf(random: Seeded, confirmations: number): Generator<Act, never> {
  const bags = {
    kind: dealt(random, kinds),
    kill: dealt(random, mortal),
    disk: dealt(random, onDisk),
    clock: dealt(random, [...clocksApart, ...harvestersClock]),
    other: dealt(random, others),
    line: dealt(
      random,
      lines.filter((line) => line !== 'whole'),
    ),
  };
  for (;;) yield draw(random, bags, confirmations);
}

type Bags = {
  readonly kind: () => (typeof kinds)[number];
  readonly kill: () => Restartable;
  readonly disk: () => Restartable;
  readonly clock: () => (typeof clocksApart)[number];
  readonly other: () => (typeof others)[number];
  readonly line: () => Line;
};

function draw(random: Seeded, bags: Bags, confirmations: number): Act {
  const kind = bags.kind();
  if (kind === 'kill') return kill(random, bags.kill());
  if (kind === 'full disk') return { kind, name: bags.disk(), early: random.below(2) === 0 };
  if (kind === 'clock') return clock(random, bags.clock());
  const other = bags.other();
  if (other === 'line')
    return { kind: 'line', line: bags.line(), which: random.below(1_000), forMs: 500 + random.below(2_000) };
  if (other === 'fork') {
    const leavesOut = random.below(2) === 0 ? random.below(1_000) / 1_000 : null;
    return { kind: 'fork', depth: 1 + random.below(confirmations + 2), leavesOut };
  }
  const seconds = 1_000 * (5 + random.below(115));
  return { kind: 'time', ms: other === 'time' ? seconds : -Math.floor(seconds / 4) };
}

function kill(random: Seeded, name: Restartable): Act {
  // Postgres and the devnet's nodes have no points of ours.
  const dieAt =
    name === 'postgres' || name.startsWith('node')
      ? null
      : `${random.oneOf(pointsOf(name))}:${1 + random.below(25)}`;
  return { kind: 'kill', name, dieAt, afterMs: random.below(1_500), deadMs: random.below(500) };
}

function pointsOf(name: Restartable): readonly [string, ...string[]] {
  if (name.startsWith('custody'))
    return ['commit:before', 'commit:after', 'send:before', 'send:after', 'answer:before'];
  if (name === 'watchtower')
    return ['write:before', 'write:after', 'send:before', 'send:after', 'answer:before', 'answer:after'];
  return ['write:before', 'write:after', 'answer:before', 'answer:after'];
}

function clock(random: Seeded, { name, how }: (typeof clocksApart)[number]): Act {
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
    default:
      return act satisfies never;
  }
}
