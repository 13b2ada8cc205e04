/** Forwarders: a deposit address for each customer that no key belongs to. See docs/decisions/0029-deposit-addresses-on-ethereum.md. */
import { selectorOf, word, wordsOf, addressIn } from './abi.ts';
import { isAddress, zeroAddress, type Address } from './address.ts';
import { create2 } from './create2.ts';
import { factoryCode, forwarderCode } from './forwarder-code.ts';
import { numberOf } from './hex.ts';

/** The deterministic deployment proxy, which is at this address on every chain and deploys whatever it is sent. */
export const deployer = '0x4e59b44847b379578588920cA78FbF26c0B4956C' as Address;

/** The factory is the same for every Safe and on every chain, since nothing of either is in its code: salt 0. */
export const sweepFactory: Address = create2(deployer, '0'.repeat(64), factoryCode);

/** What deploys the factory, sent to `deployer` by anybody, once a chain: hex. */
export const factoryDeployment: string = '0'.repeat(64) + factoryCode;

/** Where a Safe's forwarder of a salt is, whether it is already made or not. */
export function forwarderOf(safe: Address, salt: string): Address {
  return create2(sweepFactory, salt, forwarderCode + word(safe));
}

const sweepSelector = selectorOf('sweep(address,(bytes32,address)[])');

/** A customer's salt, and what to send on: null for the chain's coin, or a token. */
export interface Flush {
  readonly salt: string;
  readonly token: Address | null;
}

/** Calldata, hex, with which anybody has the factory send deposits on to the Safe. */
export function encodeSweep(safe: Address, flushes: readonly Flush[]): string {
  const pairs = flushes.map(({ salt, token }) => salt + word(token ?? zeroAddress));
  // The array stands behind two words, and begins with its length.
  return sweepSelector + word(safe) + word(64n) + word(BigInt(flushes.length)) + pairs.join('');
}

/** Whether calldata is a sweep to this Safe in its one form: coins of forwarders go to the Safe of their own code alone. */
export function isSweepFor(safe: string, calldata: string): boolean {
  if (!isAddress(safe) || !calldata.startsWith(sweepSelector)) return false;
  const words = wordsOf(calldata.slice(8));
  const pairs = words.slice(3);
  const flushes = Array.from({ length: Math.floor(pairs.length / 2) }, (_, index) => ({
    salt: pairs[2 * index] ?? '',
    token: addressIn(pairs[2 * index + 1] ?? '') ?? null,
  }));
  return (
    flushes.length > 0 &&
    numberOf(words[2] ?? '') === BigInt(flushes.length) &&
    encodeSweep(safe, flushes) === calldata
  );
}
