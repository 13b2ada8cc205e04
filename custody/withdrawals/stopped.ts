/** Stopped: whether people or a freeze have stopped payments of an asset. */
import type { Branch } from '../branch.ts';
import type { Withdrawal } from './row.ts';

/** Stopped, nothing is planned, signed or sent for customers. What goes home, to cold, goes as long as signers sign it. */
export function whyStopped(
  { board }: Branch,
  { reason, asset }: Pick<Withdrawal, 'reason' | 'asset'>,
): string | null {
  const why = reason === 'sweep' ? null : board.whyStopped(asset, 'withdrawals');
  return why && `withdrawals of ${asset} are stopped: ${why}`;
}
