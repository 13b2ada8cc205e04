/** The pager of a house: it listens to the watchtowers, and tells its own log. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { codeOf, readSecret } from '@kuramori/program';
import { startProcess, type Running } from '../process.ts';
import type { Deed } from './deed.ts';
import { randomSeed, secret } from './people.ts';
import { towerNames, type HousePlan } from './plan.ts';
import { endpointOf, flagsOf, listeningOf, pagerSecretFile, reaches } from './rooms.ts';

/** Made once, before either of them starts. */
export function makePagerSecrets(plan: HousePlan, deed: Deed): void {
  mkdirSync(join(plan.folder, 'pager'), { recursive: true, mode: 0o700 });
  for (const tower of towerNames(deed.watchtowerKeys.length)) {
    const file = pagerSecretFile(plan, tower, tower);
    secret(file, () => `whsec_${randomBytes(32).toString('base64')}`);
    const copy = pagerSecretFile(plan, tower, 'pager');
    if (!existsSync(copy) || readSecret(copy) !== readSecret(file)) copyFileSync(file, copy);
  }
}

export function startPager(
  plan: HousePlan,
  deed: Deed,
  port: number,
  flags: readonly string[] = [],
): Promise<Running> {
  const folder = join(plan.folder, 'pager');
  const reach = reaches(plan, 'pager');
  const linkSecretFile = join(folder, 'link-secret');
  secret(linkSecretFile, randomSeed);
  return startProcess({
    flags: flagsOf(plan, flags),
    user: plan.users?.('pager'),
    name: 'pager',
    entry: 'watchtower/pager/main.ts',
    tree: plan.treeOf('pager'),
    folder,
    config: {
      ...listeningOf(plan, 'pager'),
      network: 'devnet',
      // What watchtowers tell is signed with the wall clock's time, and so is the duty of people: driven time is not theirs.
      clock: { kind: 'system' },
      http: { port, links: `http://127.0.0.1:${port}` },
      pages: join(folder, 'pages.jsonl'),
      linkSecretFile,
      watchtowers: towerNames(deed.watchtowerKeys.length).map((name) => ({
        name,
        at: endpointOf(plan, name),
        secretFile: pagerSecretFile(plan, name, 'pager'),
      })),
      zone: '+00:00',
      people: [{ name: 'operator', channels: [{ kind: 'log' }] }],
      schedule: {
        first: '2026-01-05',
        handovers: [{ weekday: 'monday', at: '09:00' }],
        rotation: ['operator'],
      },
      escalation: [{ afterMinutes: 0, who: ['on-call'] }],
      test: { at: '09:00' },
      review: { weekday: 'monday', at: '10:00', withinDays: 3 },
    },
    powers: {
      rooms: codeOf.pager,
      net: true,
      holdsKey: true,
      read: [join(plan.treeOf('pager'), 'watchtower', 'package.json'), ...reach.read],
      write: reach.write,
    },
  });
}
