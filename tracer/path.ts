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
    const [last] = path;
    // Within a transaction that exchanges, movements are not applied in the order in which they stand.
    const before = (step: Step, row: number) => row < end || (step.tx === last?.tx && !path.includes(step));
    const found = movements.findIndex(
      (step, row) =>
        before(step, row) &&
        step.to === at &&
        step.arrived !== '0' &&
        (asset === null || step.asset === asset),
    );
    const step = movements[found];
    if (!step) return path;
    path.unshift(step);
    end = Math.min(end, found);
    const given = step.left === '0' ? giftFor(movements, step) : -1;
    const gift = movements[given];
    if (gift) {
      if (!path.includes(gift)) path.unshift(gift);
      [at, asset, end] = [step.to, gift.asset, Math.min(given, end)];
    } else [at, asset] = [step.from, step.asset];
    if (first.has(at)) return path;
  }
}

/**
 * What was given in the same transaction for what a step brought: another asset, or change of the same. What lost its taint there to
 * what was got comes first; what the other side got by an exchange of its own has it still.
 */
function giftFor(movements: Exported['movements'], { tx, to }: Step): number {
  const given = (other: Step) => other.tx === tx && other.from === to && other.left !== '0';
  const lost = movements.findIndex((other) => given(other) && BigInt(other.left) > BigInt(other.arrived));
  return lost >= 0 ? lost : movements.findIndex(given);
}
