/**
 * Rotation: one key of a wallet is replaced by a spare that the policy pinned before, at once, frozen or not, by the keepers'
 * quorum. The spare has waited as every loosening does, so whoever steals the keepers' keys brings in no key of their own.
 */
import { z } from 'zod';
import { Hash, PublicKeyHex, SignatureHex } from './key.ts';
import { agreed, keepersOf, type Version } from './policy.ts';
import { Name, text } from './text.ts';

export const Rotation = z.strictObject({
  wallet: Name,
  /** Chain keys. */
  remove: text(1, 128),
  add: text(1, 128),
  /** The version in force when it was decided: under a later one it replaces nothing. */
  policy: Hash,
  /** Unix seconds: nobody records or signs for it any longer. What is signed ends where its chain ends it: NEM by its deadline, a Safe’s by its number. */
  expiry: z.int().nonnegative(),
});
export type Rotation = z.infer<typeof Rotation>;

export const SignedRotation = z.strictObject({
  rotation: Rotation,
  signatures: z.array(z.strictObject({ keeper: PublicKeyHex, signature: SignatureHex })).max(32),
});
export type SignedRotation = z.infer<typeof SignedRotation>;

/** How many of the version's keepers have signed the rotation. */
export function keepersFor(
  { policy }: Pick<Version, 'policy'>,
  { rotation, signatures }: SignedRotation,
): number {
  return agreed(keepersOf(policy), 'rotation', rotation, signatures);
}

/** What bytes do to an account's cosigners, in words that no chain owns. A codec explains nothing but one key for another. */
export interface Change {
  /** The address whose cosigners change. */
  readonly account: string;
  readonly remove: string;
  readonly add: string;
  /** Every network fee that these bytes commit to. */
  readonly fees: bigint;
  /** As of a spend. */
  readonly validUntil: number | null;
  /** The chain key whose signature over `share` is asked for. */
  readonly signer: string;
  /** Hex: exactly the bytes that will be signed. */
  readonly share: string;
}
