/** Calldata: what a call by a Safe does, decoded wholly or refused. Three things are known: coins, a token's `transfer`, and one owner in another's place. */
import { addressIn, word, wordsOf } from './abi.ts';
import { nobodysAddress, type Address } from './address.ts';
import { numberOf } from './hex.ts';
import { nameOf, swapOwnerSelector, transferSelector } from './selectors.ts';

export type Call =
  | { readonly kind: 'coins'; readonly to: Address; readonly units: bigint }
  /** Moves nothing; its nonce is used up, so no other transaction with that nonce can be. */
  | { readonly kind: 'cancellation' }
  | { readonly kind: 'token'; readonly token: Address; readonly to: Address; readonly units: bigint }
  | { readonly kind: 'swap'; readonly previous: Address; readonly remove: Address; readonly add: Address };

export type ReadCall = Call | { readonly kind: 'refused'; readonly why: string };

export interface RawCall {
  readonly to: Address;
  /** Wei. */
  readonly value: bigint;
  /** Hex without 0x. */
  readonly data: string;
}

/** A Safe's list of owners begins with this one, who is none (OwnerManager.SENTINEL_OWNERS). */
export const sentinel = '0x0000000000000000000000000000000000000001' as Address;

/** What the Safe at this address does when it makes the call. */
export function readCall(safe: Address, { to, value, data }: RawCall): ReadCall {
  if (data === '') return readCoins(safe, to, value);
  if (data.length < 8) return refused(`data: ${data.length / 2} bytes are no function’s selector`);
  const selector = data.slice(0, 8);
  const words = wordsOf(data.slice(8));
  const known = to === safe ? swapOwnerSelector : transferSelector;
  if (selector !== known)
    return refused(`data: calls ${nameOf(selector)} of ${to === safe ? 'the Safe itself' : to}`);
  if (value !== 0n) return refused(`value: ${value} wei with a call of ${nameOf(selector)}`);
  const parameters = to === safe ? 3 : 2;
  if (data.length !== 8 + parameters * 64)
    return refused(
      `data: ${nameOf(selector)} has ${parameters * 32} bytes behind its selector, not ${data.length / 2 - 4}`,
    );
  return to === safe ? readSwap(safe, words) : readTransfer(safe, to, words);
}

function readCoins(safe: Address, to: Address, value: bigint): ReadCall {
  if (to === safe) return value === 0n ? { kind: 'cancellation' } : refused('to: pays the Safe itself');
  const flaw = nobodysAddress(to);
  if (flaw) return refused(`to: ${flaw}`);
  return value === 0n ? refused('value: moves nothing') : { kind: 'coins', to, units: value };
}

/** EIP-20: transfer(address to, uint256 value). */
function readTransfer(safe: Address, token: Address, [first = '', second = '']: readonly string[]): ReadCall {
  const contract = nobodysAddress(token);
  if (contract) return refused(`to: no token is there: ${contract}`);
  const to = addressIn(first);
  if (!to) return refused('data: the bytes before the recipient are not zero');
  const flaw = nobodysAddress(to);
  if (flaw) return refused(`data: recipient: ${flaw}`);
  if (to === token) return refused('data: recipient: is the token’s own contract');
  if (to === safe) return refused('data: recipient: is the Safe itself');
  const units = numberOf(second);
  return units === 0n ? refused('data: moves no units') : { kind: 'token', token, to, units };
}

/** OwnerManager.swapOwner(address prevOwner, address oldOwner, address newOwner). */
function readSwap(safe: Address, words: readonly string[]): ReadCall {
  const [previous, remove, add] = words.map(addressIn);
  if (!previous || !remove || !add) return refused('data: the bytes before an owner are not zero');
  for (const [name, owner] of [
    ['previous', previous],
    ['old', remove],
    ['new', add],
  ] as const) {
    const flaw = name === 'previous' && owner === sentinel ? undefined : nobodysAddress(owner);
    if (flaw) return refused(`data: ${name} owner: ${flaw}`);
    if (owner === safe) return refused(`data: ${name} owner: is the Safe itself`);
  }
  if (add === remove || add === previous || remove === previous)
    return refused('data: one owner stands in two places');
  return { kind: 'swap', previous, remove, add };
}

/** The call that does it. */
export function callOf(safe: Address, call: Call): RawCall {
  if (call.kind === 'coins') return { to: call.to, value: call.units, data: '' };
  if (call.kind === 'cancellation') return { to: safe, value: 0n, data: '' };
  if (call.kind === 'token')
    return { to: call.token, value: 0n, data: transferSelector + word(call.to) + word(call.units) };
  const owners = word(call.previous) + word(call.remove) + word(call.add);
  return { to: safe, value: 0n, data: swapOwnerSelector + owners };
}

function refused(why: string): ReadCall {
  return { kind: 'refused', why };
}
