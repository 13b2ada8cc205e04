/**
 * Registration: what a person gives to another wallet or a device, once, so that it knows the wallet of which it holds a key, and
 * sees later by itself what is change and what leaves. Public keys alone, exactly the policy's.
 */
import type { BitcoinWallet, Network } from '@kuramori/core';
import { branchDescriptor, fingerprintText, stepsText, type Descriptor } from './descriptor.ts';
import { extendedOf, payloadOf } from './extended-key.ts';
import { slip132Versions } from './network.ts';
import { addressAt, descriptorOf } from './wallet.ts';

export interface Registration {
  /** Both branches in one text, with its checksum (BIP 380, 389). */
  readonly descriptor: string;
  /** The same for what reads no BIP 389: what receives, and change. */
  readonly branches: readonly [receive: string, change: string];
  /** To be compared with what the other shows, letter by letter: only then does it know the same wallet. */
  readonly firstAddress: string;
  /** Absent on Litecoin, for which none of these is defined. */
  readonly bitcoin?: {
    /** A wallet policy (BIP 388), as devices register it by name: the descriptor without its keys, and these in their order. */
    readonly policy: { readonly name: string; readonly template: string; readonly keys: readonly string[] };
    /** The text file that devices read which know no descriptors (Coldcard's form, which others took up). */
    readonly file: string;
    /** Each key as Electrum asks for it: with the version that says wsh(multi) (SLIP 132). */
    readonly slip132: readonly string[];
  };
}

export type Registering =
  | { readonly kind: 'registration'; readonly registration: Registration }
  | { readonly kind: 'refused'; readonly why: string };

/** `name`: what the device shows for the wallet, 1 to 20 characters of ASCII, which is all that some have room for. */
export function registrationOf(
  wallet: Pick<BitcoinWallet, 'chain' | 'descriptor'>,
  network: Network,
  name: string,
): Registering {
  if (!/^[!-~](?:[ -~]{0,18}[!-~])?$/.test(name))
    return { kind: 'refused', why: `name: is not 1 to 20 letters, digits and signs of ASCII` };
  const descriptor = descriptorOf(wallet);
  const registration: Registration = {
    descriptor: descriptor.text,
    branches: [branchDescriptor(descriptor, 0), branchDescriptor(descriptor, 1)],
    firstAddress: addressAt(wallet, network, 0, 0),
  };
  if (wallet.chain !== 'bitcoin') return { kind: 'registration', registration };
  const slip132 = descriptor.keys.map(({ extended }) => withVersion(extended, slip132Versions[network]));
  return {
    kind: 'registration',
    registration: {
      ...registration,
      bitcoin: { policy: policyOf(descriptor, name), file: fileOf(descriptor, name), slip132 },
    },
  };
}

function withVersion(extended: string, version: number): string {
  const payload = payloadOf(extended);
  if (!payload) throw new Error('withVersion: the key is no extended key');
  const bytes = payload.slice();
  new DataView(bytes.buffer).setUint32(0, version);
  return extendedOf(bytes);
}

/** BIP 388 writes branches 0 and 1 as two stars. */
function policyOf({ threshold, keys }: Descriptor, name: string) {
  const places = keys.map((_, at) => `@${at}/**`);
  return {
    name,
    template: `wsh(sortedmulti(${threshold},${places.join(',')}))`,
    keys: keys.map(
      ({ fingerprint, path, extended }) => `[${fingerprintText(fingerprint)}${quoted(path)}]${extended}`,
    ),
  };
}

/** Keys are sorted in each script (BIP 67), and branches are 0 and 1: both go without saying there. */
function fileOf({ threshold, keys }: Descriptor, name: string): string {
  const head = [`Name: ${name}`, `Policy: ${threshold} of ${keys.length}`, 'Format: P2WSH'];
  const each = keys.flatMap(({ fingerprint, path, extended }) => [
    '',
    `Derivation: m${quoted(path)}`,
    `${fingerprintText(fingerprint).toUpperCase()}: ${extended}`,
  ]);
  return [...head, ...each, ''].join('\n');
}

/** Devices know hardened steps by an apostrophe. */
function quoted(path: readonly number[]): string {
  return stepsText(path).replaceAll('h', "'");
}
