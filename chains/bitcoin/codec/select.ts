/**
 * Select: which coins pay. Branch and bound looks for a set that pays exactly, so that no change is left over (Murch Erhardt, "An
 * Evaluation of Coin Selection Strategies", 2016, as Bitcoin Core has it); single random draw and the largest first find one with
 * change; of what they find, the least waste wins. The same coins, target and seed give the same selection.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat } from './bytes.ts';
import { compareOutpoints, type Coin } from './draft.ts';

export interface Target {
  /** What must be paid beside the fees of the inputs that are selected: payments, and the fees of all else but change. */
  readonly due: bigint;
  /** What spending one coin costs now, and what it would cost at a usual time. */
  readonly inputFee: bigint;
  readonly laterInputFee: bigint;
  /** What a change output costs now. */
  readonly changeFee: bigint;
  /** Less change than this is not made: it is dust, or costs more to spend than it is worth. */
  readonly leastChange: bigint;
  readonly mostInputs: number;
  /** Whatever differs from one transaction to the next. */
  readonly seed: string;
}

export interface Selection {
  readonly coins: readonly Coin[];
  /** 0: none; what is left over is added to the fees, and is less than change costs. */
  readonly change: bigint;
  /**
   * What the selection costs more than it must: coins spent now instead of later (less than nothing while fees are low), and the
   * change, or what is left over (Bitcoin Core: GetSelectionWaste).
   */
  readonly waste: bigint;
}

/** The best selection, or undefined where no set of at most that many coins pays what is due. */
export function select(coins: readonly Coin[], target: Target): Selection | undefined {
  const worth = coins
    .filter(({ units }) => units > target.inputFee)
    .sort((one, other) => compareUnits(other, one) || compareOutpoints(one, other));
  const found = [branchAndBound(worth, target), drawn(worth, target), largestFirst(worth, target)].flatMap(
    (picked) => (picked ? [selectionOf(picked, target)] : []),
  );
  return found.reduce<Selection | undefined>(
    (best, one) => (best && !isBetter(one, best) ? best : one),
    undefined,
  );
}

function isBetter(one: Selection, other: Selection): boolean {
  if (one.waste !== other.waste) return one.waste < other.waste;
  return one.coins.length < other.coins.length;
}

/** What a set that pays comes to. */
function selectionOf(coins: readonly Coin[], target: Target): Selection {
  const { inputFee, laterInputFee, changeFee, leastChange } = target;
  const left = coins.reduce((sum, { units }) => sum + units - inputFee, 0n) - target.due;
  const change = left >= changeFee + leastChange ? left - changeFee : 0n;
  const timing = BigInt(coins.length) * (inputFee - laterInputFee);
  return { coins, change, waste: timing + (change > 0n ? changeFee + laterInputFee : left) };
}

/** As many steps as Bitcoin Core takes (TOTAL_TRIES): some tens of milliseconds. */
const mostTries = 100_000;

/**
 * A set that pays what is due and leaves over no more than making and spending change would cost, with the least waste of all such
 * sets; undefined where there is none, or none was found in `mostTries` steps. No set has a coin more than it takes: that one would
 * go to the miners, however low the fees. Coins: each worth more than its fee, the largest first.
 */
export function branchAndBound(coins: readonly Coin[], target: Target): readonly Coin[] | undefined {
  const { due, inputFee, laterInputFee, changeFee, mostInputs } = target;
  const most = due + changeFee + laterInputFee;
  if (due <= 0n) return most >= 0n ? [] : undefined;
  const values = coins.map(({ units }) => units - inputFee);
  const timing = inputFee - laterInputFee;
  const picked: number[] = [];
  let best: readonly number[] | undefined;
  let leastWaste = 0n;
  let value = 0n;
  // What the coins that are not yet decided on would add.
  let open = values.reduce((sum, one) => sum + one, 0n);
  let at = 0;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const spent = BigInt(picked.length) * timing;
    const hopeless =
      value + open < due ||
      value > most ||
      picked.length > mostInputs ||
      (best !== undefined && timing > 0n && spent > leastWaste);
    if (!hopeless && value >= due) {
      const waste = spent + value - due;
      if (best === undefined || waste < leastWaste) [best, leastWaste] = [[...picked], waste];
    }
    if (hopeless || value >= due) {
      // Back to the last coin that was taken; next, all sets without it.
      const last = picked.pop();
      if (last === undefined) break;
      for (at -= 1; at > last; at -= 1) open += values[at] ?? 0n;
      value -= values[last] ?? 0n;
    } else {
      const one = values[at] ?? 0n;
      open -= one;
      // Of several equal coins only the first ones are taken: the other sets would be worth the same.
      if (at === 0 || picked.at(-1) === at - 1 || one !== values[at - 1]) {
        picked.push(at);
        value += one;
      }
    }
    at += 1;
  }
  return best?.flatMap((index) => coins[index] ?? []);
}

/** Single random draw: coins in an order of chance until they pay, change included. The smallest make way where they are too many. */
function drawn(coins: readonly Coin[], target: Target): readonly Coin[] | undefined {
  const enough = target.due + target.changeFee + target.leastChange;
  const picked: Coin[] = [];
  let value = 0n;
  for (const coin of shuffled(coins, target.seed)) {
    if (value >= enough) break;
    picked.push(coin);
    value += coin.units - target.inputFee;
    if (picked.length > target.mostInputs) {
      picked.sort((one, other) => compareUnits(other, one));
      value -= (picked.pop()?.units ?? 0n) - target.inputFee;
    }
  }
  return value >= enough ? picked : undefined;
}

/** The fewest coins that pay with change; else the fewest that pay at all, and what is left over is too little to be change. */
function largestFirst(coins: readonly Coin[], target: Target): readonly Coin[] | undefined {
  for (const enough of [target.due + target.changeFee + target.leastChange, target.due]) {
    let value = 0n;
    let count = 0;
    while (value < enough && count < coins.length) {
      value += (coins[count]?.units ?? 0n) - target.inputFee;
      count += 1;
    }
    if (value >= enough && count <= target.mostInputs) return coins.slice(0, count);
  }
  return undefined;
}

function compareUnits(one: Coin, other: Coin): number {
  if (one.units === other.units) return 0;
  return one.units < other.units ? -1 : 1;
}

/** Fisher and Yates, with chances out of the seed. */
function shuffled(coins: readonly Coin[], seed: string): readonly Coin[] {
  const order = [...coins];
  const key = new TextEncoder().encode(seed);
  for (let last = order.length - 1; last > 0; last -= 1) {
    const chance = new DataView(sha256(concat(key, Uint8Array.of(last >> 16, last >> 8, last))).buffer);
    const other = Number(chance.getBigUint64(0) % BigInt(last + 1));
    const [one, two] = [order[last], order[other]];
    if (one && two) [order[last], order[other]] = [two, one];
  }
  return order;
}
