import { parseAddress, type Address, type PublicKey } from '@kuramori/chains/nem/codec';
import type { BytesIn } from './bytes-in.ts';
import { illegal, notFound } from './failure.ts';
import type { Network } from './transaction.ts';

/** Address.fromEncoded writes upper case; the account cache then refuses what is no address of its network. */
export function readAddress(from: BytesIn, label: string, network: Network): Address {
  return knownAddress(from.string(label).toUpperCase(), network);
}

/** Throws what DefaultAccountCache.findByAddress throws. */
export function knownAddress(text: string, network: Network): Address {
  const parsed = parseAddress(text, network);
  if (parsed.kind === 'refused') throw notFound('invalid address', text, 'org.nem.core.model.Address');
  return parsed.address;
}

/** NIS takes any length here and fails when it uses the key; we fail at once, with what it says then. */
export function publicKey(bytes: Uint8Array): PublicKey {
  if (bytes.length !== 32) throw illegal('Invalid encoded group element.');
  return bytes.toHex() as PublicKey;
}

export function signatureText(bytes: Uint8Array): string {
  if (bytes.length !== 64) throw illegal('binary signature representation must be 64 bytes');
  return bytes.toHex();
}

/** TimeInstant */
export function instant(time: number): number {
  if (time < 0) throw illegal('time must be non-negative');
  return time;
}

/** Amount, in micro-XEM. */
export function amount(value: bigint): bigint {
  if (value < 0n) {
    throw illegal(
      `amount (${value}) must be non-negative`,
      'org.nem.core.model.primitive.NegativeBalanceException',
    );
  }
  return value;
}

/** Quantity and Supply, in a mosaic's smallest or whole units. */
export function quantity(value: bigint): bigint {
  if (value < 0n) {
    throw illegal(
      `quantity (${value}) must be non-negative`,
      'org.nem.core.model.primitive.NegativeQuantityException',
    );
  }
  return value;
}
