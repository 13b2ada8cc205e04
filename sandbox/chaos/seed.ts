/** Random numbers that a seed repeats: whatever the hand does, the same seed does again in the same order. */
export interface Seeded {
  /** A whole number from 0 to below `most`. */
  readonly below: (most: number) => number;
  readonly oneOf: <T>(all: readonly [T, ...T[]]) => T;
}

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, and good enough for choosing faults. */
export function seeded(seed: number): Seeded {
  let [a, b, c, count] = [0x9e3779b9, 0x243f6a88, seed >>> 0, 1];
  const next = () => {
    const t = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let n = 0; n < 12; n += 1) next();
  const below = (most: number) => Math.floor(next() * most);
  return { below, oneOf: (all) => all[below(all.length)] ?? all[0] };
}
