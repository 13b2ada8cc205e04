/** BlockDifficulty.INITIAL_DIFFICULTY; all difficulties stay within a tenth and ten times of it. */
export const initialDifficulty = 100_000_000_000_000n;
const targetSeconds = 60n;
const averaged = 60; // BlockScorer.NUM_BLOCKS_FOR_AVERAGE_CALCULATION

interface Past {
  readonly timeStamp: number;
  readonly difficulty: bigint;
}

/** BlockDifficultyScorer: the difficulty of the block after these. */
export function nextDifficulty(chain: readonly Past[]): bigint {
  const past = chain.slice(-averaged);
  const [oldest, newest] = [past[0], past.at(-1)];
  if (oldest === undefined || newest === undefined || past.length < 2) return initialDifficulty;
  const count = BigInt(past.length);
  const average = past.reduce((sum, { difficulty }) => sum + difficulty, 0n) / count;
  const seconds = BigInt(newest.timeStamp - oldest.timeStamp);
  const wanted = (average * targetSeconds * (count - 1n)) / (seconds === 0n ? 1n : seconds);
  return clamp(approach(wanted, newest.difficulty));
}

// At most a twentieth up or down from one block to the next.
function approach(wanted: bigint, last: bigint): bigint {
  if (19n * last > 20n * wanted) return (19n * last) / 20n;
  return 21n * last < 20n * wanted ? (21n * last) / 20n : wanted;
}

function clamp(difficulty: bigint): bigint {
  const [least, most] = [initialDifficulty / 10n, initialDifficulty * 10n];
  return difficulty < least ? least : difficulty > most ? most : difficulty;
}
