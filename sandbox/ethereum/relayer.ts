/** The house's relayer: a process of its own, whose key has gas and nothing else. */
import { join } from 'node:path';
import { Misconfigured } from '@kuramori/program';
import type { Deed } from '../house/deed.ts';
import type { HousePlan } from '../house/plan.ts';
import { clockConfig, flagsOf, lineOf, listeningOf, reaches } from '../house/rooms.ts';
import { startProcess, type Running } from '../process.ts';
import { ethereumUrls } from './node.ts';
import { relayerKeyFile } from './wallets.ts';

const gwei = 10n ** 9n;

export function startRelayer(plan: HousePlan, deed: Deed, flags: readonly string[] = []): Promise<Running> {
  if (!deed.ethereum) throw new Misconfigured('a relayer, and the house has nothing on Ethereum');
  const name = 'relayer';
  const folder = join(plan.folder, name);
  const reach = reaches(plan, name);
  return startProcess({
    flags: flagsOf(plan, flags),
    user: plan.users?.(name),
    name,
    entry: 'relayer/main.ts',
    tree: plan.treeOf(name),
    folder,
    config: {
      network: 'devnet',
      ...listeningOf(plan, name),
      policy: plan.policyOf(name),
      keepers: plan.keepers,
      nodes: lineOf(plan, name, ethereumUrls(deed.ethereum)),
      keyFile: relayerKeyFile(plan),
      journal: join(folder, 'journal.jsonl'),
      caps: {
        maxFeePerGas: (100n * gwei).toString(),
        maxPriorityFeePerGas: (3n * gwei).toString(),
        perDay: (5n * 10n ** 18n).toString(),
      },
      pollMs: 500,
      clock: clockConfig(null),
    },
    powers: {
      rooms: ['core', 'program', 'chains', 'relayer'],
      net: true,
      holdsKey: true,
      read: [plan.policyOf(name), ...reach.read],
      write: reach.write,
    },
  });
}
