/**
 * What is wrong with the nonces of signatures. Two signatures with one nonce give the key away; a few bits that are
 * always the same give it away after some dozens or hundreds of signatures (lattice attacks on biased nonces).
 */

export type Flaw =
  /** Two different messages were signed with one nonce. */
  | { readonly kind: 'repeated'; readonly first: number; readonly second: number }
  /** One bit of the nonces, 0 the lowest, is set too often or too seldom. */
  | { readonly kind: 'biased'; readonly bit: number; readonly set: number; readonly of: number };

/** Of public data alone: the nonce's point, R or r, shows that two nonces are one, and nothing else about them. */
export function repeatedNonce(
  signed: readonly { readonly message: string; readonly point: string }[],
): Flaw | null {
  const seen = new Map<string, number>();
  for (const [second, { message, point }] of signed.entries()) {
    const first = seen.get(point);
    if (first !== undefined && signed[first]?.message !== message) return { kind: 'repeated', first, second };
    seen.set(point, second);
  }
  return null;
}

/** How improbable it may be that honest nonces are called biased: once in a thousand million tests. */
const falseAlarm = 1e-9;

/**
 * Of the nonces themselves, uniform below a group's order that is a power of two or just about: each of the `bits` must be
 * set about half the time. By Hoeffding one bit of n honest nonces is off by more than d with a probability of at most
 * 2·exp(−2d²/n); over all bits together the bound below is passed by at most `falseAlarm`. It sees a bit that never
 * changes from 54 nonces on, and one that is set in six of ten from 1,400 on; a smaller bias needs more.
 */
export function biasedNonces(nonces: readonly bigint[], bits: number): Flaw | null {
  const of = nonces.length;
  const bound = Math.sqrt((of * Math.log((2 * bits) / falseAlarm)) / 2);
  for (let bit = bits - 1; bit >= 0; bit -= 1) {
    const mask = 1n << BigInt(bit);
    const set = nonces.filter((nonce) => (nonce & mask) !== 0n).length;
    if (Math.abs(set - of / 2) >= bound) return { kind: 'biased', bit, set, of };
  }
  return null;
}

/** Enough that a bit which never changes is seen. */
export const enoughNonces = 64;

export function tellFlaw(flaw: Flaw): string {
  return flaw.kind === 'repeated'
    ? `signatures ${flaw.first + 1} and ${flaw.second + 1} of different messages have one nonce`
    : `bit ${flaw.bit} of the nonces is set in ${flaw.set} of ${flaw.of}`;
}
