/**
 * Count: how many signatures a process makes and verifies, and what processor time it takes, for `kuramori bench`. Told on
 * the log at each SIGUSR2; a process that was not started with --count ends at one, as any other does.
 */
import { subscribe } from 'node:diagnostics_channel';
import { log } from './log.ts';

/** Begins to count: core's and the codec's signatures, by kind. */
export function countSignatures(): void {
  const counted: Record<string, number> = {};
  subscribe('kuramori:signature', (what) => {
    const name = String(what);
    counted[name] = (counted[name] ?? 0) + 1;
  });
  process.on('SIGUSR2', () => {
    const { user, system } = process.cpuUsage();
    log('counted', { signatures: counted, cpuMs: Math.round((user + system) / 1000) });
  });
}
