import type { SignedRequest } from '@kuramori/core';
import type { House } from '../house/house.ts';

export async function honestWithdrawal(
  _house: House,
  _now: () => number,
  _jumpTo: (at: number) => Promise<void>,
): Promise<SignedRequest> {
  throw new Error('not yet');
}
