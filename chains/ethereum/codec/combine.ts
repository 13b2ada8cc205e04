import type { EthereumWallet } from '@kuramori/core';
import { bareOf, isAddress } from './address.ts';
import { encodeExecution } from './execution.ts';
import { verifyShare } from './key.ts';
import { readPlan } from './plan.ts';
import { shareOf } from './share.ts';

export type Combined =
  | {
      readonly kind: 'combined';
      /** Hex: calldata of execTransaction, which whoever pays the gas sends to the Safe. */
      readonly calldata: string;
    }
  | { readonly kind: 'refused'; readonly key: string; readonly why: string };

/**
 * What the Safe executes, from a plan and as many owners' signatures as the wallet's threshold. Ascending by address: that
 * is how the Safe sees that no owner is there twice (Safe.sol: checkNSignatures, GS026).
 */
export function combine(
  wallet: Pick<EthereumWallet, 'threshold' | 'cosigners'>,
  planHex: string,
  signatures: ReadonlyMap<string, string>,
): Combined {
  const plan = readPlan(planHex);
  if (plan.kind === 'refused') return { kind: 'refused', key: '', why: plan.why };
  const signed: { readonly owner: string; readonly signature: string }[] = [];
  for (const [owner, signature] of signatures) {
    if (!isAddress(owner) || !wallet.cosigners.some(({ publicKey }) => publicKey === owner))
      return { kind: 'refused', key: owner, why: 'is no owner' };
    if (!verifyShare(owner, planHex, shareOf(plan.bound, owner), signature))
      return { kind: 'refused', key: owner, why: 'signed other bytes' };
    signed.push({ owner: bareOf(owner), signature });
  }
  if (signed.length !== wallet.threshold)
    return {
      kind: 'refused',
      key: '',
      why: `${signed.length} signatures, and the Safe asks for ${wallet.threshold}`,
    };
  signed.sort((a, b) => (a.owner < b.owner ? -1 : 1));
  const joined = signed.map(({ signature }) => signature).join('');
  return { kind: 'combined', calldata: encodeExecution({ tx: plan.bound.tx, signatures: joined }) };
}
