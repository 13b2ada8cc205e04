/** When a delivery is tried again: soon at first, then ever more seldom, for three days. Milliseconds. */
const first = 5_000;
const longest = 6 * 3_600_000;
/** From the first attempt on. */
export const patience = 3 * 24 * 3_600_000;

/**
 * The time of the next attempt; null where it is over. The last attempt is exactly at the end of the three days.
 * `chance`, from 0 to 1, spreads the attempts over the second half of each pause: receivers that come back are not met
 * by everything at once.
 */
export function nextAttempt(tries: number, firstAt: number, now: number, chance: number): number | null {
  const end = firstAt + patience;
  if (now >= end) return null;
  const pause = Math.min(longest, first * 2 ** Math.min(tries - 1, 30));
  return Math.min(end, now + Math.round(pause * (0.5 + chance / 2)));
}
