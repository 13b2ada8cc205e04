/** Plans signed by test keys. */
import { combine, type Planned, type PlanResult } from '../index.ts';
import type { Held } from './wallet.ts';

export function mustPlan(result: PlanResult): Planned {
  if (result.kind === 'refused') throw new Error(`not planned: ${result.field} ${result.why}`);
  return result.planned;
}

export function shareFor({ shares }: Pick<Planned, 'shares'>, key: string): string {
  const share = shares.find((one) => one.key === key)?.share;
  if (share === undefined) throw new Error('a plan without a share of the key');
  return share;
}

/** The signatures of some of a wallet's keys, by their numbers. */
export function signaturesBy(
  { keys }: Held,
  planned: Planned,
  signers: readonly number[],
): ReadonlyMap<string, string> {
  return new Map(
    signers.map((at) => {
      const key = keys[at];
      if (!key) throw new Error(`no key ${at}`);
      return [key.publicKey, key.sign(planned.plan, shareFor(planned, key.publicKey))];
    }),
  );
}

/** The whole signed transaction, hex. */
export function signedBy(held: Held, planned: Planned, signers: readonly number[]): string {
  const combined = combine(held.wallet, planned.plan, signaturesBy(held, planned, signers));
  if (combined.kind === 'refused') throw new Error(`not combined: ${combined.why}`);
  return combined.transaction;
}
