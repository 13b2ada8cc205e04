/** Price: what a transaction is sent with, and what one that is stuck is sent with next. */
import type { Fees } from '@kuramori/chains/ethereum/node';
import { greater } from './journal.ts';

/** Nodes take a replacement for a tenth more, of both (go-ethereum: --txpool.pricebump); some ask for an eighth. */
const [bumpNumerator, bumpDenominator] = [9n, 8n];

/**
 * What takes the place of a transaction: what the chain asks now, but an eighth more than before at least. Null where that is
 * beyond what may be paid: then it waits as it is.
 */
export function dearer(before: Fees, now: Fees, most: Fees): Fees | null {
  const raised = (fee: bigint): bigint => (fee * bumpNumerator + bumpDenominator - 1n) / bumpDenominator;
  const tip = greater(raised(before.maxPriorityFeePerGas), now.maxPriorityFeePerGas);
  const fees = {
    maxPriorityFeePerGas: tip,
    maxFeePerGas: greater(greater(raised(before.maxFeePerGas), now.maxFeePerGas), tip),
  };
  return fees.maxFeePerGas > most.maxFeePerGas || fees.maxPriorityFeePerGas > most.maxPriorityFeePerGas
    ? null
    : fees;
}
