/** Freeze: one can stop. Evidence of an uncovered spend: what lets coins go home. */
import { z } from 'zod';
import { Hash, Hex, PublicKeyHex, SignatureHex, verifyStatement } from './key.ts';
import type { Policy } from './policy.ts';
import { text } from './text.ts';

export const Freeze = z.strictObject({
  /** Who freezes: the public key of a pinned watchtower or signer. */
  by: PublicKeyHex,
  at: z.int().nonnegative(),
  why: text(1, 500),
});
export type Freeze = z.infer<typeof Freeze>;

export const SignedFreeze = z.strictObject({ freeze: Freeze, signature: SignatureHex });
export type SignedFreeze = z.infer<typeof SignedFreeze>;

/** Any pinned watchtower or signer can freeze, alone. */
export function verifyFreeze(policy: Policy, { freeze, signature }: SignedFreeze): boolean {
  const pinned = [...policy.watchtowers.keys, ...policy.signers.map((signer) => signer.recordKey)];
  return pinned.includes(freeze.by) && verifyStatement(freeze.by, 'freeze', freeze, signature);
}

/** A watchtower's statement that validly signed bytes of ours are covered by no record, naming every journal's head. */
export const Uncovered = z.strictObject({
  wallet: text(1, 64),
  /** SHA-256 of the signed bytes. */
  bytes: Hash,
  at: z.int().nonnegative(),
  heads: z.array(z.strictObject({ signer: text(1, 64), seq: z.int().nonnegative(), hash: Hash })).max(32),
});
export type Uncovered = z.infer<typeof Uncovered>;

export const SignedUncovered = z.strictObject({
  statement: Uncovered,
  watchtower: PublicKeyHex,
  signature: SignatureHex,
});
export type SignedUncovered = z.infer<typeof SignedUncovered>;

/** What an evacuation needs: bytes validly signed by a key of ours, and a quorum's statement that no record covers them. */
export const Evidence = z.strictObject({
  bytes: Hex,
  signer: text(1, 128),
  signature: Hex,
  statements: z.array(SignedUncovered).min(1).max(32),
});
export type Evidence = z.infer<typeof Evidence>;
