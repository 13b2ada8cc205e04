import { isCleared, type Cleared } from '@kuramori/core';
import { mustBeDerived } from './self-test.ts';
import type { Keys, Opened } from './keystore.ts';

/** What of an entry of our journal is signed, which k watchtowers countersigned; by keys that are open. */
export function mayBeSigned(
  keys: Opened,
  cleared: Cleared,
): { readonly plan: string; readonly share: string } {
  if (!isCleared(cleared)) throw new Error('sign: not cleared');
  if (keys.isLocked()) throw new Error('sign: locked');
  return cleared.body;
}

/** The only place where a chain key signs that is here: bytes of an entry of our journal that k watchtowers countersigned. */
export function sign(keys: Keys, cleared: Cleared): { readonly share: string; readonly signature: string } {
  const { plan, share } = mayBeSigned(keys, cleared);
  const signature = keys.chain.sign(plan, share);
  mustBeDerived(keys, plan, share, signature);
  return { share, signature };
}
