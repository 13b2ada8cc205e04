/**
 * The ceiling: how many withdrawals a second the cores could do if each were nothing but its signatures, verifications and self-checks,
 * with the same libraries and the same keys' forms. One process a core, each with nothing else to do.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { root } from '../process.ts';
import { Done, type Basket } from './bare.ts';

/** Withdrawals a second on all cores. */
export async function measureCeiling(basket: Basket, seconds: number): Promise<number> {
  const cores = Array.from({ length: availableParallelism() }, () => onOneCore(basket, seconds));
  const done = await Promise.all(cores);
  return done.reduce((sum, { withdrawals, ms }) => sum + (withdrawals * 1000) / ms, 0);
}

/** The same on one core alone. */
export async function onOneCore(basket: Basket, seconds: number): Promise<z.output<typeof Done>> {
  const program = join(root, 'sandbox/bench/bare.ts');
  const child = spawn(process.execPath, [program, JSON.stringify({ basket, seconds })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the bare signatures ended with code ${code}`);
  return Done.parse(JSON.parse(text));
}
