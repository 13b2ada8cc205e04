/** NEM as one chain of several: what the rooms ask of any codec, answered by the functions beside this one. */
import type { ChainKey, Codec, Network, NemWallet } from '@kuramori/core';
import { addressOf, parseAddress } from './address.ts';
import { evidenceSigned } from './evidence.ts';
import { parsePublicKey, privateKeyOf, type PrivateKey, type PublicKey, type Signature } from './keys.ts';
import type { NemNetwork } from './network.ts';
import { depositPlace } from './place.ts';
import { shareOf, signShare, verifyShare } from './plan.ts';
import { secretFromSeed } from './seed.ts';
import { isDerived, nonceUsed, publicKeyOf } from './signing.ts';
import { explainShare } from './spend.ts';

export const nem: Codec<NemWallet> = {
  chains: ['nem'],
  // The group's order is 2^252 and a little.
  nonceBits: 252,

  *wrongWallet({ address, publicKey }, network) {
    const read = parsePublicKey(publicKey);
    if (read.kind === 'refused')
      yield { path: ['publicKey'], why: 'is not a public key of NEM: 64 hex digits' };
    else if (addressOf(publicKey as PublicKey, networkOf(network)) !== address)
      yield { path: ['address'], why: `is not the ${networkOf(network)} address of its publicKey` };
  },
  keyId: (publicKey) => publicKey,
  readAddress(text, _chain, network) {
    const read = parseAddress(text, networkOf(network));
    return read.kind === 'refused'
      ? { kind: 'refused', why: addressFlaws[read.why] }
      : { kind: 'address', address: read.address };
  },

  // The first is the customer's, unless its message is another's already.
  placeNumbers: 16,
  placeOf: (wallet, whose, network) => depositPlace(network, wallet, whose),

  shareOf: (wallet, plan, key, network) => shareOf(wallet, plan, key, networkOf(network)),
  explainShare: (wallet, plan, share, network) => explainShare(wallet, plan, share, networkOf(network)),
  // Nothing of NEM uses anything up: whatever was signed ends by its deadline alone.
  conflict: () => false,
  evidenceSigned: (wallet, evidence, network) => evidenceSigned(wallet, evidence, networkOf(network)),
  races: () => false,

  secretFromSeed,
  keyOf: (secret) => keyOf(privateKeyOf(secret)),
  verifyShare: (publicKey, _plan, share, signature) => verifyShare(publicKey, share, signature),
};

const addressFlaws = {
  'wrong-length': 'must be the 40 characters of a NEM address, without hyphens',
  'not-base32': 'has a character that no address has: A to Z and 2 to 7 are used, in upper case',
  'wrong-checksum': 'has a wrong checksum: a character is mistyped',
  'wrong-network': 'is an address of another network',
} as const;

/** A devnet uses testnet's address bytes. */
export function networkOf(network: Network): NemNetwork {
  return network === 'mainnet' ? 'mainnet' : 'testnet';
}

/** A NEM key as a signer's; wiped where it stands. */
export function keyOf(secret: PrivateKey): ChainKey {
  const publicKey = publicKeyOf(secret);
  let wiped = false;
  const held = (): PrivateKey => {
    if (wiped) throw new Error('this key is wiped');
    return secret;
  };
  const derived = (bytes: string, signature: string) =>
    isDerived(held(), publicKey, Uint8Array.fromHex(bytes), signature as Signature);
  return {
    publicKey,
    sign: (_plan, share) => signShare(held(), share),
    isDerived: (_plan, share, signature) => derived(share, signature),
    rehearse: (message) => signShare(held(), message),
    inspect: (message, signature) => ({
      point: signature.slice(0, 64),
      nonce: nonceUsed(held(), publicKey, Uint8Array.fromHex(message), signature as Signature),
      derived: derived(message, signature),
    }),
    wipe() {
      wiped = true;
      secret.fill(0);
    },
  };
}
