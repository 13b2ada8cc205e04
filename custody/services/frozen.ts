/** Which assets are frozen, as statuses and freezes say it: all of them. The only file that knows how it is said. */
import type { SignedFreeze, SignerStatus, WatchtowerStatus } from '@kuramori/core';

export type Status = Pick<SignerStatus | WatchtowerStatus, 'frozen' | 'freezes'>;

type Named = 'all' | readonly string[];

export function frozenAssets({ frozen }: Status): Named {
  return frozen === null ? [] : 'all';
}

export function assetsFrozenBy(_freeze: SignedFreeze): Named {
  return 'all';
}

export function names(named: Named, asset: string): boolean {
  return named === 'all' || named.includes(asset);
}
