/** What every spend must be, whoever asked for it: in time, and paying each intent once and nobody else. */
import { refuse, type Refused } from './case.ts';
import type { Intent } from './intent.ts';
import type { Spend } from './spend.ts';

export function judgeTime(intent: Intent, spend: Spend, at: number): Refused | undefined {
  if (at >= intent.expiry * 1000) return refuse('intent-expired', `expired at ${intent.expiry}`);
  if (spend.validUntil !== null && spend.validUntil > intent.expiry) {
    return refuse(
      'outlives-intent',
      `the transaction is valid until ${spend.validUntil}, the intent until ${intent.expiry}`,
    );
  }
  return undefined;
}

/** Each output is exactly one intent's, and each intent has its output. */
export function judgeOutputs(intents: readonly Intent[], spend: Spend): Refused | undefined {
  const open = [...intents];
  for (const output of spend.outputs) {
    const index = open.findIndex(
      ({ destination, asset, amount }) =>
        destination.address === output.address &&
        destination.memo === output.memo &&
        asset === output.asset &&
        amount === output.units,
    );
    if (index < 0)
      return refuse('output-without-intent', `${output.units} ${output.asset} to ${output.address}`);
    open.splice(index, 1);
  }
  const [unpaid] = open;
  return unpaid && refuse('intent-without-output', `${unpaid.id} is not paid by these bytes`);
}
