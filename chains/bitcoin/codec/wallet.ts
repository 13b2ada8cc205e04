/** A wallet as the policy has it, held against its own descriptor. */
import type { BitcoinWallet, Network, WrongWallet } from '@kuramori/core';
import { addressOf } from './address.ts';
import { readDescriptor, type Descriptor } from './descriptor.ts';
import { extendedFlaw } from './extended-key.ts';
import { keyVersions, type BitcoinChain } from './network.ts';
import { placeAt, type Place } from './place.ts';

/** The address at an index of a branch: 0 receives, 1 is change. Throws where the wallet's descriptor cannot be read. */
export function addressAt(
  wallet: Pick<BitcoinWallet, 'chain' | 'descriptor'>,
  network: Network,
  branch: 0 | 1,
  index: number,
): string {
  return addressOfPlace(placeAt(descriptorOf(wallet), branch, index), wallet.chain, network);
}

function addressOfPlace({ script }: Place, chain: BitcoinChain, network: Network): string {
  const address = addressOf(script, chain, network);
  if (address === undefined) throw new Error('addressAt: a place without an address');
  return address;
}

/** Throws where it cannot be read: `wrongWallet` has told before, and no such policy is in force. */
export function descriptorOf({ descriptor }: Pick<BitcoinWallet, 'descriptor'>): Descriptor {
  const read = readDescriptor(descriptor);
  if (read.kind === 'refused') throw new Error(`descriptorOf: the wallet's descriptor ${read.why}`);
  return read.descriptor;
}

/** Every disagreement of a wallet with its descriptor, or with the network; nothing where it is sound. */
export function* wrongWallet(wallet: BitcoinWallet, network: Network): Iterable<WrongWallet> {
  if (wallet.spares !== undefined && wallet.spares.length > 0)
    yield {
      path: ['spares'],
      why: 'keys of a descriptor cannot be changed: another key is another wallet, to which the coins go',
    };
  for (const [at, { publicKey }] of wallet.cosigners.entries()) {
    const flaw = extendedFlaw(publicKey);
    if (flaw !== undefined) yield { path: ['cosigners', at, 'publicKey'], why: flaw };
    else if (wallet.cosigners.findIndex((other) => other.publicKey === publicKey) < at)
      yield { path: ['cosigners', at, 'publicKey'], why: 'stands here twice' };
  }
  const read = readDescriptor(wallet.descriptor);
  if (read.kind === 'refused') {
    yield { path: ['descriptor'], why: read.why };
    return;
  }
  yield* disagreements(wallet, read.descriptor);
  if (read.descriptor.version !== keyVersions[network].public) {
    yield { path: ['descriptor'], why: `has keys of another network than ${network} (BIP 32)` };
    return;
  }
  const first = addressAt(wallet, network, 0, 0);
  if (wallet.address !== first)
    yield { path: ['address'], why: `is not the first of the descriptor, ${first}` };
}

function* disagreements(wallet: BitcoinWallet, { threshold, keys }: Descriptor): Iterable<WrongWallet> {
  if (wallet.threshold !== threshold)
    yield { path: ['threshold'], why: `is ${wallet.threshold}, and the descriptor asks for ${threshold}` };
  const named = new Set(keys.map(({ extended }) => extended));
  for (const [at, { publicKey }] of wallet.cosigners.entries())
    if (!named.has(publicKey))
      yield { path: ['cosigners', at, 'publicKey'], why: 'is no key of the descriptor' };
  for (const [at, { extended }] of keys.entries())
    if (!wallet.cosigners.some(({ publicKey }) => publicKey === extended))
      yield { path: ['cosigners'], why: `lacks key ${at + 1} of the descriptor` };
}
