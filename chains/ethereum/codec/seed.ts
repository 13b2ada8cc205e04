import { hardened, privateAt, secretBytes, wipe } from '@kuramori/chains/secp256k1';

/** BIP 44: purpose, coin 60 (SLIP 44) on every network, account 0, the outer branch, its first key: what wallets show as the first account. */
const path = [44 + hardened, 60 + hardened, hardened, 0, 0] as const;

/** An owner's secret, 32 bytes. Throws where the path has no key, once in 2^127 seeds. */
export function secretFromSeed(seed: Uint8Array): Uint8Array {
  const node = privateAt(seed, path);
  const secret = secretBytes(32);
  secret.set(node.key);
  wipe(node);
  return secret;
}
