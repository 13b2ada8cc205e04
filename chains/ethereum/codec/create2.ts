import { bareOf, checksummed, type Address } from './address.ts';
import { hashOfHex } from './safe.ts';
import { isHex } from './hex.ts';

/** EIP-1014: keccak256(0xff ‖ maker ‖ salt ‖ keccak256(init code)), its last 20 bytes. Salt and code are hex. */
export function create2(maker: Address, salt: string, initCode: string): Address {
  if (!isHex(salt, 32) || !isHex(initCode))
    throw new RangeError('create2: salt of 32 bytes, and code, in hex');
  return checksummed(hashOfHex(`ff${bareOf(maker)}${salt}${hashOfHex(initCode)}`).slice(24));
}
