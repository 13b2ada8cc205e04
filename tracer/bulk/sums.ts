/** Sums of an asset's amounts, exact beyond 2^53: doubles as far as they reach, and then big numbers. */
export interface ExactSums {
  readonly low: Float64Array;
  readonly high: bigint[];
}

export const exactSums = (assets: number): ExactSums => ({
  low: new Float64Array(assets),
  high: Array.from({ length: assets }, () => 0n),
});

export function addTo({ low, high }: ExactSums, asset: number, amount: number): void {
  const sum = (low[asset] ?? 0) + amount;
  if (sum <= Number.MAX_SAFE_INTEGER) low[asset] = sum;
  else {
    high[asset] = (high[asset] ?? 0n) + BigInt(low[asset] ?? 0);
    low[asset] = amount;
  }
}

export const sumOf = ({ low, high }: ExactSums, asset: number): bigint =>
  (high[asset] ?? 0n) + BigInt(low[asset] ?? 0);
