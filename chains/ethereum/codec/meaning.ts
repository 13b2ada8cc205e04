/** Meaning: what a Safe's transaction does, once everything but its call is known to be nothing. */
import { readCall, type Call, type ReadCall } from './calldata.ts';
import { zeroAddress } from './address.ts';
import type { Bound, SafeTx } from './safe.ts';

export type { Call };

/** What the transaction does, or the first field for which nobody signs it. */
export function meaningOf({ safe, tx }: Pick<Bound, 'safe' | 'tx'>): ReadCall {
  const why = flawOf(tx);
  return why === undefined ? readCall(safe, tx) : { kind: 'refused', why };
}

function flawOf(tx: SafeTx): string | undefined {
  if (tx.operation === 1) return 'operation: a delegatecall, by which another contract acts as the Safe';
  if (tx.operation !== 0) return `operation: ${tx.operation} is unknown`;
  // With gas set aside a failing call would use up the nonce, and the payment be neither made nor dead (Safe.sol, execTransaction:
  // with none it reverts as a whole; up to 1.4.1 as GS013, since 1.5.0 in the call's own words).
  if (tx.safeTxGas !== 0n) return `safeTxGas: ${tx.safeTxGas}, where it must be 0`;
  if (tx.baseGas !== 0n) return `baseGas: ${tx.baseGas}, where it must be 0`;
  if (tx.gasPrice !== 0n) return `gasPrice: the Safe would pay ${tx.gasPrice} for each unit of gas`;
  if (tx.gasToken !== zeroAddress) return `gasToken: ${tx.gasToken}, where it must be none`;
  if (tx.refundReceiver !== zeroAddress) return `refundReceiver: ${tx.refundReceiver} would be paid for gas`;
  return undefined;
}
