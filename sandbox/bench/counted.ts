/** Counted: what every process of a house has signed, verified and computed up to now, by its own word on its log. */
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { until } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import type { Running } from '../process.ts';
import type { Basket } from './bare.ts';

export interface Counted {
  /** As they were counted: `<scheme> <verb> <what>`. */
  readonly signatures: Readonly<Record<string, number>>;
  readonly cpuMs: number;
}

/** Process → what it counted; `exchange` is this process. */
export type Counts = ReadonlyMap<string, Counted>;

const Line = z.object({
  event: z.literal('counted'),
  signatures: z.record(z.string(), z.number()),
  cpuMs: z.number(),
});

/** Counts what the exchange, played in this process, signs. */
export function countOwn(): () => Counted {
  const signatures: Record<string, number> = {};
  subscribe('kuramori:signature', (what) => {
    signatures[String(what)] = (signatures[String(what)] ?? 0) + 1;
  });
  return () => {
    const { user, system } = process.cpuUsage();
    return { signatures: { ...signatures }, cpuMs: Math.round((user + system) / 1000) };
  };
}

export async function countAll({ running }: House, own: () => Counted): Promise<Counts> {
  const told = await Promise.all(
    Array.from(running.values(), async (one) => [one.name, await countOf(one)] as const),
  );
  return new Map<string, Counted>([...told, ['exchange', own()]]);
}

/** What one process that was started with --count has counted up to now. */
export async function countOf({ name, pid, logFile }: Running): Promise<Counted> {
  const before = linesOf(logFile).length;
  process.kill(pid, 'SIGUSR2');
  return until(`${name} to tell what it counted`, () => Promise.resolve(linesOf(logFile)[before]));
}

function linesOf(logFile: string): readonly Counted[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"counted"'))
    .map((line) => Line.parse(JSON.parse(line)));
}

/** What was counted between two moments. */
export function between(before: Counts, after: Counts): Counts {
  return new Map(
    Array.from(after, ([name, { signatures, cpuMs }]) => {
      const old = before.get(name);
      const more = Object.entries(signatures).map(
        ([what, count]) => [what, count - (old?.signatures[what] ?? 0)] as const,
      );
      return [
        name,
        {
          signatures: Object.fromEntries(more.filter(([, count]) => count > 0)),
          cpuMs: cpuMs - (old?.cpuMs ?? 0),
        },
      ];
    }),
  );
}

/** Of which signatures a withdrawal consists; whatever else is counted belongs to the house's own life. */
const ofWithdrawals = new Set(['request', 'chain-fact', 'journal-entry', 'countersignature']);

/** What one of so many withdrawals took, over all processes. Blocks are signed by the chain, and not for a withdrawal. */
export function basketOf(counts: Counts, withdrawals: number, blocks: number): Basket {
  const sum = { 'ed25519 sign': 0, 'ed25519 verify': 0, 'nem sign': 0, 'nem verify': 0, 'nem check': 0 };
  for (const [name, { signatures }] of counts) {
    for (const [what, count] of Object.entries(signatures)) {
      const [scheme, verb, kind] = what.split(' ');
      const operation = `${scheme} ${verb}` as keyof Basket;
      if (scheme === 'ed25519' && !ofWithdrawals.has(kind ?? '')) continue;
      sum[operation] += count;
      if (name === 'node1' && operation === 'nem sign') sum[operation] -= Math.min(count, blocks);
      if (name === 'node2' && operation === 'nem verify') sum[operation] -= Math.min(count, blocks);
    }
  }
  return {
    'ed25519 sign': sum['ed25519 sign'] / withdrawals,
    'ed25519 verify': sum['ed25519 verify'] / withdrawals,
    'nem sign': sum['nem sign'] / withdrawals,
    'nem verify': sum['nem verify'] / withdrawals,
    'nem check': sum['nem check'] / withdrawals,
  };
}
