/**
 * A plan's bytes: which Safe on which chain, and its transaction. One form, of fixed widths, so that two texts never stand
 * for one transaction:
 *
 *     chainId 32 ‖ safe 20 ‖ to 20 ‖ value 32 ‖ operation 1 ‖ safeTxGas 32 ‖ baseGas 32 ‖ gasPrice 32
 *     ‖ gasToken 20 ‖ refundReceiver 20 ‖ nonce 32 ‖ data, the rest
 *
 * Numbers are big-endian. What we would never sign can be written too, or nobody could say what is refused.
 */
import { bareOf, checksummed } from './address.ts';
import { hexOf, isHex, numberOf } from './hex.ts';
import type { Bound } from './safe.ts';

/** Bytes before the data. */
const headLength = 273;
/** No call that we make has more than 100 bytes; a refusal should not hash megabytes. */
const maxData = 65_536;

export type ReadPlan =
  | { readonly kind: 'plan'; readonly bound: Bound }
  | { readonly kind: 'refused'; readonly why: string };

export function encodePlan({ chainId, safe, tx }: Bound): string {
  return [
    hexOf(chainId, 32),
    bareOf(safe),
    bareOf(tx.to),
    hexOf(tx.value, 32),
    hexOf(BigInt(tx.operation), 1),
    hexOf(tx.safeTxGas, 32),
    hexOf(tx.baseGas, 32),
    hexOf(tx.gasPrice, 32),
    bareOf(tx.gasToken),
    bareOf(tx.refundReceiver),
    hexOf(tx.nonce, 32),
    tx.data,
  ].join('');
}

export function readPlan(plan: string): ReadPlan {
  if (!isHex(plan)) return { kind: 'refused', why: 'plan: is not lower-case hex' };
  const length = plan.length / 2;
  if (length < headLength) return { kind: 'refused', why: `plan: ${length} of at least ${headLength} bytes` };
  if (length > headLength + maxData)
    return { kind: 'refused', why: `plan: data of more than ${maxData} bytes` };
  let at = 0;
  const take = (bytes: number): string => plan.slice(at, (at += 2 * bytes));
  const number = () => numberOf(take(32));
  const address = () => checksummed(take(20));
  return {
    kind: 'plan',
    bound: {
      chainId: number(),
      safe: address(),
      tx: {
        to: address(),
        value: number(),
        operation: Number.parseInt(take(1), 16),
        safeTxGas: number(),
        baseGas: number(),
        gasPrice: number(),
        gasToken: address(),
        refundReceiver: address(),
        nonce: number(),
        data: plan.slice(2 * headLength),
      },
    },
  };
}
