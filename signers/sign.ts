import { isCleared, type Cleared } from '@kuramori/core';
import { signShare } from '@kuramori/chains/nem/codec';
import { mustBeDerived } from './self-test.ts';
import type { Keys } from './keystore.ts';

/** The only place where a chain key signs: bytes of an entry of our journal that k watchtowers countersigned. */
export function sign(keys: Keys, cleared: Cleared): { readonly share: string; readonly signature: string } {
  if (!isCleared(cleared)) throw new Error('sign: not cleared');
  if (keys.isLocked()) throw new Error('sign: locked');
  const { share } = cleared.body;
  const signature = signShare(keys.chain, share);
  mustBeDerived(keys, share, signature);
  return { share, signature };
}
