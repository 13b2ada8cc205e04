/** Chain fact: what k of n watchtowers state. Signers have no nodes and believe nobody else. */
import { z } from 'zod';
import { AssetName, Units, type Asset } from './amount.ts';
import { Control, sameControl } from './control.ts';
import { Hash, PublicKeyHex, SignatureHex, verifyStatement } from './key.ts';
import { Network, type Policy } from './policy.ts';
import { text } from './text.ts';

export const Nonce = z.string().regex(/^[0-9a-f]{32}$/, 'must be 16 bytes as lower-case hex');

/** How long a fact lives, in milliseconds. */
export const factLifetime = 60_000;

/** A planned transaction that can never pay any more, by its chain's own rule, and the block that proves it. */
export const Dead = z.strictObject({
  /** SHA-256 of the whole unsigned transaction, as `bytesDigest` gives it. */
  plan: Hash,
  /** NEM: the first block after its deadline. Two watchtowers on one chain name the same block. */
  proof: z.strictObject({ height: z.int().positive(), hash: Hash }),
});
export type Dead = z.infer<typeof Dead>;

/** How many planned transactions one fact speaks of, at most. */
export const mostDead = 64;

/** What may be judged by a fact: a watchtower that has frozen states none for payments. */
export const Purpose = z.enum(['payment', 'evacuation', 'rotation']);
export type Purpose = z.infer<typeof Purpose>;

export const ChainFact = z.strictObject({
  network: Network,
  purpose: Purpose,
  /** The watchtower's clock, in milliseconds of Unix time. */
  at: z.int().nonnegative(),
  tip: z.strictObject({ height: z.int().positive(), hash: Hash }),
  wallet: text(1, 64),
  balance: z.strictObject({ asset: AssetName, units: Units }),
  /** Null where the watchtower's nodes do not say the same. */
  control: Control.nullable(),
  /** The askers' nonces, one a signer: each knows its own, so no old fact can be shown again. */
  nonces: z.array(Nonce).min(1).max(32),
  /** Of the plans that were asked about: those that are in no block, and can never be in one. */
  dead: z.array(Dead).max(mostDead),
});
export type ChainFact = z.infer<typeof ChainFact>;

export const SignedFact = z.strictObject({
  fact: ChainFact,
  watchtower: PublicKeyHex,
  signature: SignatureHex,
});
export type SignedFact = z.infer<typeof SignedFact>;

/** What a quorum of watchtowers says of a wallet at one moment. */
export interface Witnessed {
  /** The median of the watchtowers' clocks, in milliseconds of Unix time. */
  readonly at: number;
  /** The least balance that any of them states. */
  readonly balance: bigint;
  /** Whose keys act for the wallet, where a quorum states the same; null where none does. */
  readonly control: Control | null;
  /** Digests of the plans that a quorum calls dead, by the same block. */
  readonly dead: ReadonlySet<string>;
}

export type ReadFacts =
  | { readonly kind: 'witnessed'; readonly witnessed: Witnessed }
  | { readonly kind: 'refused'; readonly why: 'facts-below-quorum' | 'facts-disagree' };

/** Counts only facts signed by pinned watchtowers about this wallet and asset; which nonce they must carry is the reader's to check. */
export function readFacts(
  policy: Policy,
  wallet: string,
  asset: Asset,
  facts: readonly SignedFact[],
  purpose: Purpose = 'payment',
): ReadFacts {
  const valid = new Map(
    facts
      .filter(
        ({ fact, watchtower, signature }) =>
          policy.watchtowers.keys.includes(watchtower) &&
          fact.network === policy.network &&
          fact.wallet === wallet &&
          // Of another asset a balance says nothing, and its units are others.
          fact.balance.asset === asset &&
          fact.purpose === purpose &&
          verifyStatement(watchtower, 'chain-fact', fact, signature),
      )
      .map(({ fact, watchtower }) => [watchtower, fact] as const),
  );
  if (valid.size < policy.watchtowers.quorum) return { kind: 'refused', why: 'facts-below-quorum' };
  const clocks = [...valid.values()].map((fact) => fact.at).sort((a, b) => a - b);
  const balances = [...valid.values()].map((fact) => fact.balance.units);
  const [first, last] = [clocks[0] ?? 0, clocks.at(-1) ?? 0];
  if (last - first > factLifetime) return { kind: 'refused', why: 'facts-disagree' };
  return {
    kind: 'witnessed',
    witnessed: {
      at: clocks[Math.floor((clocks.length - 1) / 2)] ?? 0,
      balance: balances.reduce((least, units) => (units < least ? units : least)),
      control: controlBy([...valid.values()], policy.watchtowers.quorum),
      dead: deadBy([...valid.values()], policy.watchtowers.quorum),
    },
  };
}

/** What facts say under each of several policies, all of which must hear enough: the least of everything. */
export function readFactsUnder(
  policies: readonly Policy[],
  wallet: string,
  asset: Asset,
  facts: readonly SignedFact[],
  purpose: Purpose,
): ReadFacts {
  const read = policies.map((policy) => readFacts(policy, wallet, asset, facts, purpose));
  const all: Witnessed[] = [];
  for (const one of read) {
    if (one.kind === 'refused') return one;
    all.push(one.witnessed);
  }
  const least = all.reduce((one, other) => ({
    at: Math.min(one.at, other.at),
    balance: one.balance < other.balance ? one.balance : other.balance,
    control: sameControl(one.control, other.control) ? one.control : null,
    dead: one.dead.intersection(other.dead),
  }));
  return { kind: 'witnessed', witnessed: least };
}

/** Counted by plan and block together: watchtowers on two forks do not add up to a quorum. */
function deadBy(facts: readonly ChainFact[], quorum: number): ReadonlySet<string> {
  const stated = new Map<string, number>();
  for (const { dead } of facts) {
    const once = new Set(dead.map(({ plan, proof }) => `${plan} ${proof.height} ${proof.hash}`));
    for (const one of once) stated.set(one, (stated.get(one) ?? 0) + 1);
  }
  const enough = [...stated].filter(([, count]) => count >= quorum);
  return new Set(enough.map(([one]) => one.slice(0, 64)));
}

/** Only what is stated alike adds up. */
function controlBy(facts: readonly ChainFact[], quorum: number): Control | null {
  const stated = facts.flatMap(({ control }) => control ?? []);
  return stated.find((one) => stated.filter((other) => sameControl(one, other)).length >= quorum) ?? null;
}
