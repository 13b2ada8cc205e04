/** Path: by which movements taint first came to an account, from the source on. The evidence, read off an export alone. */
import type { Exported } from './export.ts';

export type Step = Exported['movements'][number];

/**
 * The way that the first taint took: each step is the first that brought any to who took the next one. Empty where none came.
 * Where an account exchanged, what it gave stands before what it got.
 */
export function pathTo({ movements, sources }: Exported, account: string): readonly Step[] {
  const path: Step[] = [];
  const first = new Set(sources);
  let [at, end, asset]: [string, number, string | null] = [account, movements.length, null];
  for (;;) {
    const found = movements.findIndex(
      (step, row) =>
        row < end && step.to === at && step.arrived !== '0' && (asset === null || step.asset === asset),
    );
    const step = movements[found];
    if (!step) return path;
    path.unshift(step);
    end = found;
    const given = step.left === '0' ? movements.findIndex((other) => gave(other, step)) : -1;
    const gift = movements[given];
    if (gift) {
      path.unshift(gift);
      [at, asset, end] = [step.to, gift.asset, Math.min(given, found)];
    } else [at, asset] = [step.from, step.asset];
    if (first.has(at)) return path;
  }
}

/** Whether it is what was given for what another step of the same transaction brought. */
const gave = (other: Step, { tx, to, asset }: Step): boolean =>
  other.tx === tx && other.from === to && other.asset !== asset && BigInt(other.left) > BigInt(other.arrived);
