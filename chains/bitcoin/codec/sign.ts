/**
 * A cosigner's key, from 32 secret bytes: the seed of BIP 32, the account of BIP 48 for segregated multisig,
 * m/48'/coin'/0'/2'. Each input is signed by the account's child at the input's branch and index.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { HARDENED_OFFSET, HDKey } from '@scure/bip32';
import type { ChainKey, Network } from '@kuramori/core';
import { askedOf, type AskedInput } from './asked.ts';
import { concat, isHex } from './bytes.ts';
import type { DescriptorKey } from './descriptor.ts';
import { inspect, isDerived, sign, signAsItComes, verify } from './ecdsa.ts';
import { childOf, publicNodeOf } from './extended-key.ts';
import { coinType, keyVersions, type BitcoinChain } from './network.ts';

/** Bytes of one input's signature: r and s. */
export const signatureBytes = 64;

/** The key of 32 secret bytes, which are copied; whatever is derived is wiped after each use. */
export function keyOf(given: Uint8Array, chain: BitcoinChain, network: Network): ChainKey {
  // Outside V8's heap, which moves small arrays about and leaves copies behind.
  const secret = new Uint8Array(new ArrayBuffer(given.length));
  secret.set(given);
  const publicKey = withAccount(secret, chain, network, (account) => account.publicExtendedKey);
  let wiped = false;
  const signing = <T>(
    plan: string,
    share: string,
    use: (key: Uint8Array, asked: AskedInput, at: number) => T,
  ): T[] => {
    if (wiped) throw new Error('keyOf: the key is wiped');
    const asked = askedOf(publicKey, plan, share);
    if (typeof asked === 'string') throw new Error(`keyOf: ${asked}`);
    return withAccount(secret, chain, network, (account) => {
      const branches = [account.deriveChild(0), account.deriveChild(1)] as const;
      try {
        return asked.map((input, at) =>
          withChild(branches[input.branch], input, (key) => use(key, input, at)),
        );
      } finally {
        for (const branch of branches) branch.wipePrivateData();
      }
    });
  };
  /** With the account's own key, which no script names: its signatures never leave. */
  const rehearsing = <T>(message: string, use: (key: Uint8Array, digest: Uint8Array) => T): T => {
    if (wiped) throw new Error('keyOf: the key is wiped');
    return withAccount(secret, chain, network, ({ privateKey }) => {
      if (!privateKey) throw new Error('keyOf: an account without a secret');
      const used = use(privateKey, rehearsalDigest(message));
      privateKey.fill(0);
      return used;
    });
  };
  return {
    publicKey,
    sign: (plan, share) => concat(...signing(plan, share, (key, { digest }) => sign(key, digest))).toHex(),
    isDerived: (plan, share, signature) => {
      const signatures = split(signature);
      const each = signing(plan, share, (key, { digest }, at) => {
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
  const path = accountPath(chain, network);
  const master = HDKey.fromMasterSeed(secret, keyVersions[network]);
  const { fingerprint } = master;
  master.wipePrivateData();
  const extended = withAccount(secret, chain, network, (account) => account.publicExtendedKey);
  return { fingerprint, path, extended };
}

/** BIP 48: purpose, coin, account 0, and 2 for what pays to a witness script. */
function accountPath(chain: BitcoinChain, network: Network): readonly number[] {
  return [48, coinType(chain, network), 0, 2].map((step) => step + HARDENED_OFFSET);
}

function withAccount<T>(
  secret: Uint8Array,
  chain: BitcoinChain,
  network: Network,
  use: (account: HDKey) => T,
): T {
  if (secret.length !== 32) throw new Error('keyOf: secret must be 32 bytes');
  let key = HDKey.fromMasterSeed(secret, keyVersions[network]);
  for (const step of accountPath(chain, network)) key = inPlace(key, step);
  try {
    return use(key);
  } finally {
    key.wipePrivateData();
  }
}

/** The child in place of its parent, which is wiped. */
function inPlace(key: HDKey, step: number): HDKey {
  const child = key.deriveChild(step);
  key.wipePrivateData();
  return child;
}

function withChild<T>(branch: HDKey, { index, keys }: AskedInput, use: (key: Uint8Array) => T): T {
  const child = branch.deriveChild(index);
  const { privateKey, publicKey } = child;
  try {
    if (!privateKey || !publicKey) throw new Error('keyOf: a child without a secret');
    if (!keys.includes(publicKey.toHex())) throw new Error('keyOf: plan: an input does not count this key');
    return use(privateKey);
  } finally {
    privateKey?.fill(0);
    child.wipePrivateData();
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
