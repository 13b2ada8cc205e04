/**
 * Standing: which versions of a policy count at a moment. A new one waits before what it allows counts; until then a payment
 * must be allowed by it and by the one in force. So what tightens holds at once, and nobody has to tell which is which.
 */
import { verifyStatement } from './key.ts';
import { keepersOf, type Objection, type Policy, type PolicyChain, type SignedObjection } from './policy.ts';

/** A version that a journal has taken up. */
export interface Adopted {
  readonly digest: string;
  /** Milliseconds of Unix time; since ever for the one that a journal began under. */
  readonly at: number;
  /** Keepers who objected to it while it waited. */
  readonly objectors: readonly string[];
}

/** When each version of a chain counts alone, in milliseconds of Unix time; Infinity for one that is not adopted yet. */
export function dueTimes(chain: PolicyChain, adopted: readonly Adopted[]): readonly number[] {
  const due: number[] = [];
  const base = placeOf(chain, adopted[0]?.digest) ?? 0;
  for (const [index, { digest }] of chain.entries()) {
    const taken = adopted.find((one) => one.digest === digest);
    if (index <= base) due.push(-Infinity);
    else if (!taken) due.push(Infinity);
    else {
      // Every version that counted when this one came has its say: one that still waits itself cannot shorten its wait.
      const inForce = due.findLastIndex((moment) => moment <= taken.at);
      const before = chain.slice(Math.max(inForce, 0), index).map((one) => one.policy);
      const delay = Math.max(...before.map(({ loosening }) => loosening.delay));
      const more = Math.max(...before.map(({ loosening }) => loosening.objection));
      // Those too whom it drops: a thief with a quorum of the keys would drop all others. Nobody blocks for ever.
      const keepers = new Set(before.flatMap((one) => keepersOf(one).keys));
      const objectors = new Set(taken.objectors).intersection(keepers);
      const waits = (delay + more * objectors.size) * 1000;
      due.push(Math.max(due.at(-1) ?? -Infinity, taken.at + waits));
    }
  }
  return due;
}

/** The version in force at a moment, and every later one that is known, adopted or not. */
export function standing(
  chain: PolicyChain,
  adopted: readonly Adopted[],
  at: number,
): readonly [Policy, ...Policy[]] {
  const inForce = dueTimes(chain, adopted).findLastIndex((moment) => moment <= at);
  const policies = chain.slice(Math.max(inForce, 0)).map(({ policy }) => policy);
  return policies as unknown as readonly [Policy, ...Policy[]];
}

/**
 * Which of the standing versions judge an ask. A payment needs all of them. Coins may always go home, and home must be one
 * place: an evacuation asks the one in force alone, or a new cold wallet would leave none for as long as it waits. So does a
 * rotation, which brings in no key that has not waited.
 */
export function judging(
  policies: readonly [Policy, ...Policy[]],
  kind: 'payment' | 'evacuation' | 'rotation',
): readonly [Policy, ...Policy[]] {
  return kind === 'payment' ? policies : [policies[0]];
}

/** Versions that a journal has not taken up, in their order. */
export function notAdopted(chain: PolicyChain, adopted: readonly Adopted[]): PolicyChain[number][] {
  const newest = adopted.at(-1)?.digest;
  return chain.slice((placeOf(chain, newest) ?? 0) + 1);
}

/** Why a chain is not the one that a journal went by; null where it goes on with it. */
export function strayed(chain: PolicyChain, adopted: readonly Adopted[]): string | null {
  const places = adopted.map(({ digest }) => placeOf(chain, digest));
  const missing = places.indexOf(undefined);
  if (missing >= 0) {
    const { digest } = adopted[missing] ?? { digest: '' };
    return `has not the version ${digest}, which the journal has taken up: an older file, or another line. Put the newest one back`;
  }
  return places.every((place, index) => index === 0 || place === (places[index - 1] ?? 0) + 1)
    ? null
    : 'has versions in between that the journal never took up: it is another line';
}

function placeOf(chain: PolicyChain, digest: string | undefined): number | undefined {
  const place = chain.findIndex((one) => one.digest === digest);
  return place < 0 ? undefined : place;
}

/** Whether a keeper of a version that counts has signed it. */
export function verifyObjection(
  policies: readonly Policy[],
  { objection, signature }: SignedObjection,
): boolean {
  const known = policies.some((policy) => keepersOf(policy).keys.includes(objection.keeper));
  return known && verifyStatement(objection.keeper, 'objection', objection satisfies Objection, signature);
}
