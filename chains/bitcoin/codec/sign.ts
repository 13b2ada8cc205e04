/**
 * A cosigner's key, from secret bytes: the seed of BIP 32, as BIP 39 gives it, the account of BIP 48 for segregated multisig,
 * m/48'/coin'/0'/2'. Each input is signed by the account's child at the input's branch and index.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { ChainKey, Network } from '@kuramori/core';
import {
  fingerprintOf,
  hardened,
  masterOf,
  privateAt,
  privateChildOf,
  secretBytes,
  wipe,
  type PrivateNode,
} from '@kuramori/chains/secp256k1';
import { askedOf, type AskedInput } from './asked.ts';
import { concat, isHex } from './bytes.ts';
import { describedKey, type DescriptorKey } from './descriptor.ts';
import { inspect, isDerived, sign, signAsItComes, verify } from './ecdsa.ts';
import { childOf, publicNodeOf, publicTextOf } from './extended-key.ts';
import { coinType, keyVersions, type BitcoinChain } from './network.ts';
/** Bytes of one input's signature: r and s. */
export const signatureBytes = 64;

/** The seed itself, since a cosigner's key signs at many places below its account. */
export function secretFromSeed(seed: Uint8Array): Uint8Array {
  const secret = secretBytes(seed.length);
  secret.set(seed);
  return secret;
}

/** The key of a seed, which is copied; whatever is derived is wiped after each use. */
export function keyOf(given: Uint8Array, chain: BitcoinChain, network: Network): ChainKey {
  const secret = secretBytes(given.length);
  secret.set(given);
  const publicKey = publicTextIn(secret, chain, network);
  let wiped = false;
  const signing = <T>(
    plan: string,
    share: string,
    use: (child: PrivateNode, asked: AskedInput, at: number) => T,
  ): T[] => {
    if (wiped) throw new Error('keyOf: the key is wiped');
    const asked = askedOf(publicKey, plan, share);
    if (typeof asked === 'string') throw new Error(`keyOf: ${asked}`);
    return withAccount(secret, chain, network, (account) => {
      const branches = [privateChildOf(account, 0), privateChildOf(account, 1)] as const;
      try {
        return asked.map((input, at) =>
          withChild(branches[input.branch], input, (child) => use(child, input, at)),
        );
      } finally {
        for (const branch of branches) wipe(branch);
      }
    });
  };
  /** With the account's own key, which no script names: its signatures never leave. */
  const rehearsing = <T>(message: string, use: (key: Uint8Array, digest: Uint8Array) => T): T => {
    if (wiped) throw new Error('keyOf: the key is wiped');
    return withAccount(secret, chain, network, ({ key }) => use(key, rehearsalDigest(message)));
  };
  return {
    publicKey,
    described: describedKey(descriptorKeyOf(secret, chain, network)),
    sign: (plan, share) =>
      concat(
        ...signing(plan, share, (child, { digest, keys }) => {
          if (!keys.includes(child.publicKey.toHex()))
            throw new Error('keyOf: plan: an input does not count this key');
          return sign(child.key, digest);
        }),
      ).toHex(),
    isDerived: (plan, share, signature) => {
      const signatures = split(signature);
      // Without the children's public keys, which cost as much again: another key would have given another signature.
      const each = signing(plan, share, ({ key }, { digest }, at) => {
        const one = signatures?.[at];
        return one !== undefined && isDerived(key, digest, one);
      });
      return each.length === signatures?.length && each.every((derived) => derived);
    },
    rehearse: (message) => rehearsing(message, signAsItComes).toHex(),
    inspect: (message, signature) =>
      rehearsing(message, (key, digest) => inspect(key, digest, Uint8Array.fromHex(signature))),
    wipe: () => {
      wiped = true;
      secret.fill(0);
    },
  };
}

/** A key's place in a descriptor: what its holder tells whoever writes one. */
export function descriptorKeyOf(secret: Uint8Array, chain: BitcoinChain, network: Network): DescriptorKey {
  const master = masterOf(secret);
  const fingerprint = fingerprintOf(master);
  wipe(master);
  return { fingerprint, path: accountPath(chain, network), extended: publicTextIn(secret, chain, network) };
}

function publicTextIn(secret: Uint8Array, chain: BitcoinChain, network: Network): string {
  return withAccount(secret, chain, network, (account) => publicTextOf(account, keyVersions[network].public));
}

/** BIP 48: purpose, coin, account 0, and 2 for what pays to a witness script. */
function accountPath(chain: BitcoinChain, network: Network): readonly number[] {
  return [48, coinType(chain, network), 0, 2].map((step) => step + hardened);
}

function withAccount<T>(
  secret: Uint8Array,
  chain: BitcoinChain,
  network: Network,
  use: (account: PrivateNode) => T,
): T {
  if (secret.length !== 32 && secret.length !== 64)
    throw new Error('keyOf: secret must be a seed of 64 bytes (BIP 39), or of 32 bytes');
  const node = privateAt(secret, accountPath(chain, network));
  try {
    return use(node);
  } finally {
    wipe(node);
  }
}

function withChild<T>(branch: PrivateNode, { index }: AskedInput, use: (child: PrivateNode) => T): T {
  const child = privateChildOf(branch, index);
  try {
    return use(child);
  } finally {
    wipe(child);
  }
}

const rehearsalTag = new TextEncoder().encode('kuramori rehearsal');

/** No digest of a transaction: those are hashed twice, and of other bytes. */
function rehearsalDigest(message: string): Uint8Array {
  return sha256(concat(rehearsalTag, Uint8Array.fromHex(message)));
}

/** Whether the key signed the share of the plan, every input of it. Never throws. */
export function verifyShare(publicKey: string, plan: string, share: string, signature: string): boolean {
  const asked = askedOf(publicKey, plan, share);
  const signatures = split(signature);
  if (typeof asked === 'string' || signatures?.length !== asked.length) return false;
  const account = publicNodeOf(publicKey);
  const branches = [childOf(account, 0), childOf(account, 1)] as const;
  return asked.every(({ branch, index, digest, keys }, at) => {
    const child = childOf(branches[branch], index);
    const one = signatures[at];
    // Uncompressed, so that the point need not be found again.
    return (
      one !== undefined &&
      keys.includes(child.publicKey.toHex()) &&
      verify(child.point.toBytes(false), digest, one)
    );
  });
}

/** One signature an input, in their order; undefined where the text is none. */
export function split(signature: string): readonly Uint8Array[] | undefined {
  if (!isHex(signature) || signature.length % (signatureBytes * 2) !== 0) return undefined;
  const bytes = Uint8Array.fromHex(signature);
  return Array.from({ length: bytes.length / signatureBytes }, (_, at) =>
    bytes.subarray(at * signatureBytes, (at + 1) * signatureBytes),
  );
}
