/**
 * `kuramori bench tracer-speed`: synthetic transfers loaded into columns and traced under each rule on one core, beside a plain
 * Map of big numbers that does the same. Both must find the same of every transfer and account, or there are no figures.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { z } from 'zod';
import { root } from '../process.ts';
import { alone, beside, machine, type Bench, type Figure } from './figures.ts';
import { Turned, type Turn } from './tracer-speed-turn.ts';

const goals: Readonly<Record<string, number>> = { haircut: 20, fifo: 5 };
const mostBytes = 64;
const baseline = 'a plain Map with big numbers';
/** Of the plain one, which needs some 150 bytes a transfer. */
const heapMiB = 12_000;

export interface TracerSpeedOptions {
  readonly transfers: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export async function benchTracerSpeed({
  transfers,
  seed,
  say,
}: TracerSpeedOptions): Promise<Bench | string> {
  say(`${transfers.toLocaleString('en')} transfers of seed ${seed}`);
  // One after the other: neither has the other beside it.
  const columns = await turnOf({ way: 'columns', transfers, seed });
  const map = await turnOf({ way: 'map', transfers, seed });
  const aSecond = (ms: number) => (transfers * 1000) / ms;
  const figures: Figure[] = [
    beside('loaded', aSecond(columns.loadMs), 'transfers/s', 'kept as they come', aSecond(map.loadMs), null),
  ];
  for (const [at, one] of columns.rules.entries()) {
    const other = map.rules[at];
    if (other?.rule !== one.rule || other.digest !== one.digest)
      return `bench tracer-speed: under ${one.rule} the columns and the plain Map find different taint (seed ${seed}): trust no figure, and report it`;
    const goal = goals[one.rule] ?? null;
    const both = [aSecond(columns.loadMs + one.ms), aSecond(map.loadMs + other.ms)] as const;
    figures.push(
      beside(`${one.rule}: traced`, aSecond(one.ms), 'transfers/s', baseline, aSecond(other.ms), goal),
      beside(`${one.rule}: loaded, and traced once`, both[0], 'transfers/s', baseline, both[1], goal),
      memory(`${one.rule}: memory`, one.bytes / transfers),
      alone(`${one.rule}: memory, ${baseline}`, other.bytes / transfers, 'bytes a transfer'),
      alone(`${one.rule}: transfers that carry taint`, (100 * one.tainted) / transfers, '%'),
    );
  }
  const every = (of: z.output<typeof Turned>) => of.rules.reduce((sum, { ms }) => sum + ms, of.loadMs);
  figures.push(
    beside(
      'loaded, and traced under every rule',
      aSecond(every(columns)),
      'transfers/s',
      baseline,
      aSecond(every(map)),
      null,
    ),
    alone('transfers', transfers, ''),
    alone('seed', seed, ''),
  );
  return { bench: 'tracer-speed', machine: machine(), figures };
}

/** All that is held after the trace, names of accounts with it. */
function memory(name: string, value: number): Figure {
  return { ...alone(name, value, 'bytes a transfer'), goal: mostBytes, met: value <= mostBytes };
}

async function turnOf(turn: Turn): Promise<z.output<typeof Turned>> {
  const program = join(root, 'sandbox/bench/tracer-speed-turn.ts');
  const flags = ['--expose-gc', `--max-old-space-size=${heapMiB}`];
  const child = spawn(process.execPath, [...flags, program, JSON.stringify(turn)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`bench tracer-speed: the turn of ${turn.way} ended with code ${code}`);
  return Turned.parse(JSON.parse(text));
}
