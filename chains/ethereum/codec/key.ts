import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { ChainKey, ChainName, Inspected, Network } from '@kuramori/core';
import { isAddress, type Address } from './address.ts';
import { hexOf, isHex } from './hex.ts';
import { meaningOf } from './meaning.ts';
import { chainIdOf } from './network.ts';
import { readPlan } from './plan.ts';
import { hashOfHex } from './safe.ts';
import { readShare, shareOf } from './share.ts';
import { addressOfPoint, ownerOf } from './signature.ts';
import { addressOfSecret, isDerived, nonceUsed, signHash, type Signed } from './signing.ts';

/**
 * An owner's key: it signs shares of a Safe's transactions that we can explain, on its own network, and nothing else: no
 * Ethereum transaction, no message, no typed data. The secret is copied. A signature is r ‖ s ‖ v as
 * hex, 65 bytes, v 27 or 28.
 */
export function keyOf(given: Uint8Array, _chain: ChainName, network: Network): ChainKey {
  // Outside V8's heap, which moves small arrays about and leaves copies behind.
  const secret = new Uint8Array(new ArrayBuffer(given.length));
  secret.set(given);
  const owner = addressOfSecret(secret);
  let wiped = false;
  const held = (): Uint8Array => {
    if (wiped) throw new Error('this key is wiped');
    return secret;
  };
  return {
    publicKey: owner,
    sign: (plan, share) => written(signHash(held(), hashToSign(owner, plan, share, network))),
    isDerived(plan, share, signature) {
      const signed = parsed(signature);
      return signed !== undefined && isDerived(held(), hashToSign(owner, plan, share, network), signed);
    },
    rehearse: (message) => written(signHash(held(), rehearsalHash(message))),
    inspect: (message, signature) => inspected(held(), rehearsalHash(message), parsed(signature)),
    wipe() {
      secret.fill(0);
      wiped = true;
    },
  };
}

/**
 * The 32 bytes that an owner signs of a plan. Throws on what our own planner could not have made for this owner: whoever asks has
 * judged it, so something is broken.
 */
export function hashToSign(owner: string, planHex: string, shareHex: string, network: Network): Uint8Array {
  const plan = readPlan(planHex);
  if (plan.kind === 'refused') throw new Error(`sign: ${plan.why}`);
  const { bound } = plan;
  if (bound.chainId !== chainIdOf(network)) throw new Error(`sign: the plan is for chain ${bound.chainId}`);
  const meaning = meaningOf(bound);
  if (meaning.kind === 'refused') throw new Error(`sign: ${meaning.why}`);
  const share = readShare(shareHex);
  if (!share || !isAddress(owner) || shareHex !== shareOf(bound, owner))
    throw new Error(`sign: the share is not that of ${owner} in the plan`);
  return Uint8Array.fromHex(share.hash);
}

/** Whether the owner at this address signed the share, and the share follows from the plan. Never throws. */
export function verifyShare(
  publicKey: string,
  planHex: string,
  shareHex: string,
  signature: string,
): boolean {
  if (!isAddress(publicKey)) return false;
  const plan = readPlan(planHex);
  const share = readShare(shareHex);
  if (plan.kind === 'refused' || !share || shareHex !== shareOf(plan.bound, publicKey)) return false;
  return ownerOf(share.hash, signature) === publicKey;
}

/** A signature as a Safe takes it, of what an HSM gives over a hash: r ‖ s, with the lower s. Undefined where it is not this owner's. */
export function signatureOf(owner: string, hash: Uint8Array, rs: Uint8Array): string | undefined {
  return ([0, 1] as const)
    .map((recovery) => written({ rs: rs.toHex(), recovery }))
    .find((signature) => ownerOf(hash.toHex(), signature) === owner);
}

/** The owner whose public key this is: 65 bytes, 04 ‖ x ‖ y (SEC 1 §2.3.3). Throws where it is no point. */
export function ownerOfPoint(publicKey: Uint8Array): Address {
  return addressOfPoint(secp256k1.Point.fromBytes(publicKey));
}

/** Messages of a self-test are hashed as bytes, so that they are neither a Safe's transaction nor the chain's. */
function rehearsalHash(message: string): Uint8Array {
  // No transaction begins with this byte (EIP-2718), and no typed data (EIP-191).
  return Uint8Array.fromHex(hashOfHex(`ff${message}`));
}

function inspected(secret: Uint8Array, hash: Uint8Array, signed: Signed | undefined): Inspected {
  if (!signed) throw new Error('inspect: the signature has not 65 bytes, or no v of 27 or 28');
  return {
    point: signed.rs.slice(0, 64),
    nonce: nonceUsed(secret, hash, signed),
    derived: isDerived(secret, hash, signed),
  };
}

function written({ rs, recovery }: Signed): string {
  return rs + hexOf(27n + BigInt(recovery), 1);
}

function parsed(signature: string): Signed | undefined {
  if (!isHex(signature, 65)) return undefined;
  const v = Number.parseInt(signature.slice(128), 16);
  return v === 27 || v === 28 ? { rs: signature.slice(0, 128), recovery: v === 27 ? 0 : 1 } : undefined;
}
