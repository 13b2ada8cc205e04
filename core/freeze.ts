/** Freeze: one can stop, alone and at once; only a thaw lifts it. Evidence of an uncovered spend: what lets coins go home. */
import { z } from 'zod';
import { AssetName, coinOf, type Asset } from './amount.ts';
import { digest } from './canonical.ts';
import { Hash, Hex, PublicKeyHex, SignatureHex, verifyStatement } from './key.ts';
import type { Policy } from './policy.ts';
import { text } from './text.ts';

export const Freeze = z.strictObject({
  /** Who freezes: the public key of a pinned watchtower, signer or operator. */
  by: PublicKeyHex,
  at: z.int().nonnegative(),
  why: text(1, 500),
  /** What is stopped; absent: everything. */
  assets: z.array(AssetName).min(1).max(64).optional(),
});
export type Freeze = z.infer<typeof Freeze>;

export const SignedFreeze = z.strictObject({ freeze: Freeze, signature: SignatureHex });
export type SignedFreeze = z.infer<typeof SignedFreeze>;

/** What a thaw calls a freeze by: a later one of the same person is another. */
export function freezeDigest({ freeze }: SignedFreeze): string {
  return digest('freeze', freeze);
}

/** The first of these freezes that stops one of the assets. What moves a token moves its chain's coin, too, as its fee. */
export function freezeOf(
  freezes: readonly SignedFreeze[],
  ...moved: readonly Asset[]
): SignedFreeze | undefined {
  return freezes.find(
    ({ freeze: { assets } }) =>
      !assets || moved.some((asset) => assets.includes(asset) || assets.includes(coinOf(asset))),
  );
}

/** Whether freezes that stand stop all that one stops. */
export function stopsNoMore(
  standing: readonly SignedFreeze[],
  { freeze: { assets } }: SignedFreeze,
): boolean {
  if (standing.some(({ freeze }) => freeze.assets === undefined)) return true;
  return assets !== undefined && assets.every((asset) => freezeOf(standing, asset) !== undefined);
}

/** Whose freeze counts by a policy. */
export function freezersOf({ watchtowers, signers, operators }: Policy): readonly string[] {
  return [
    ...watchtowers.keys,
    ...signers.map(({ recordKey }) => recordKey),
    ...operators.map(({ key }) => key),
  ];
}

/** Any pinned watchtower, signer or operator can freeze, alone. */
export function verifyFreeze(policy: Policy, { freeze, signature }: SignedFreeze): boolean {
  return freezersOf(policy).includes(freeze.by) && verifyStatement(freeze.by, 'freeze', freeze, signature);
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
