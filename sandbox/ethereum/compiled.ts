/** Contracts as they are kept beside their sources, compiled: ours, and those that only tests and drills deploy. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ChainFailed } from '../house/chain.ts';

const Kept = z.object({ contracts: z.record(z.string(), z.object({ creation: z.string() })) });
const folders = { ours: 'data', testing: 'testing/data' } as const;

/** Creation code: hex without 0x. */
export function compiled(set: keyof typeof folders, name: string): string {
  const file = new URL(`../../chains/ethereum/contracts/${folders[set]}/compiled.json`, import.meta.url);
  const found = Kept.parse(JSON.parse(readFileSync(file, 'utf8'))).contracts[name];
  if (!found) throw new ChainFailed(`${name} is no contract of ${set}`);
  return found.creation;
}
