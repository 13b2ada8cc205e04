/** Bounds: what no transaction of ours may be, whoever asks for it. The planner keeps them, and every reader looks again. */
import type { Descriptor } from './descriptor.ts';
import type { Draft } from './draft.ts';
import { highestRate, leastRate, mostUnits, type BitcoinChain } from './network.ts';
import type { TransactionOutput } from './transaction.ts';
import { dustBelow, feeOf, weightOf } from './weight.ts';

export function dustFlaw({ script, units }: TransactionOutput, chain: BitcoinChain): string | undefined {
  const dust = dustBelow(script, chain);
  return units < dust ? `of ${units} is dust, less than ${dust}: no node would relay it` : undefined;
}

/** What inputs hold and outputs do not, within what nodes relay and take for no mistake. */
export function feesOf(
  descriptor: Descriptor,
  { inputs, outputs, final }: Draft,
  chain: BitcoinChain,
): bigint | string {
  const held = sum(inputs);
  const paid = sum(outputs);
  if (held > mostUnits[chain] || paid > mostUnits[chain]) return 'moves more than there is';
  const fees = held - paid;
  if (fees < 0n) return `pays ${paid}, and its inputs hold ${held}`;
  const weight = weightOf(descriptor, inputs.length, outputs);
  const [least, most] = [feeOf(weight, leastRate), feeOf(weight, highestRate)];
  if (fees < least) return `fees of ${fees} are less than ${least}, for which no node relays it`;
  // What must win against a thief's bids as well: how high, the policy says (core/judge-evacuation.ts).
  if (fees > most && !final) return `fees of ${fees} are more than ${most}: a node takes that for a mistake`;
  return fees;
}

export function sum(parts: readonly { readonly units: bigint }[]): bigint {
  return parts.reduce((total, { units }) => total + units, 0n);
}
