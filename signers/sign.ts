import { isCleared, type Cleared } from '@kuramori/core';
import { mustBeDerived } from './self-test.ts';
import type { Keys } from './keystore.ts';

/** The only place where a chain key signs: bytes of an entry of our journal that k watchtowers countersigned. */
export function sign(keys: Keys, cleared: Cleared): { readonly share: string; readonly signature: string } {
  if (!isCleared(cleared)) throw new Error('sign: not cleared');
  if (keys.isLocked()) throw new Error('sign: locked');
  const { plan, share } = cleared.body;
  const signature = keys.chain.sign(plan, share);
  mustBeDerived(keys, plan, share, signature);
  return { share, signature };
}
