/** What drills on real nodes have in common: a house of its own in an empty folder, the wait until nothing moves, and when it was noticed. */
import { mkdirSync, rmSync } from 'node:fs';
import { pause } from '../house/chain.ts';
import { openHouse, type House } from '../house/house.ts';
import { servingHouse, type PlanInput } from '../house/plan.ts';
import { readIncidents } from './stage.ts';

export interface Setting {
  readonly folder: string;
  readonly step: (text: string) => void;
  /** What of the house is not as it usually is. */
  readonly plan: Partial<PlanInput>;
}

export async function openDrillHouse({ folder, step, plan }: Setting): Promise<House> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const house = await openHouse(
    { ...servingHouse(folder), ephemeral: true, treasury: {}, ...plan },
    { step },
  );
  await house.paging;
  return house;
}

const longestMs = 300_000;

export interface Look {
  /** Whether nothing is left that could move. */
  readonly empty: boolean;
  /** All of it, as a text that another one differs from where something has moved. */
  readonly seen: string;
}

/** Until nothing is left and has been for `emptyMs`, or nothing has moved for so many blocks. */
export async function untilStill(
  look: () => Promise<Look>,
  { blockSeconds, emptyMs }: { readonly blockSeconds: number; readonly emptyMs: number },
): Promise<void> {
  const stillMs = 3_000 * blockSeconds;
  const began = Date.now();
  let [last, since] = ['', began];
  while (Date.now() - began < longestMs) {
    const { empty, seen } = await look();
    if (seen !== last) [last, since] = [seen, Date.now()];
    if (Date.now() - since >= (empty ? emptyMs : stillMs)) return;
    await pause(1_000);
  }
}

export interface Noticed {
  /** Wall clock, ms from the node's acceptance of the first bad transaction; null where it did not happen. */
  readonly firstAlarmMs: number | null;
  readonly signingStoppedMs: number | null;
}

/** `firstBad`: when a node took the thief's first; null where none did. */
export function noticed(house: House, signers: readonly string[], firstBad: number | null): Noticed {
  const { alarm, stopped } = readIncidents(house, signers, firstBad ?? 0);
  const since = (at: number | null) => (at === null || firstBad === null ? null : Math.max(0, at - firstBad));
  return { firstAlarmMs: since(alarm), signingStoppedMs: since(stopped) };
}
