import {
  ETH,
  type Asset,
  type Explained,
  type EthereumWallet,
  type Network,
  type Output,
} from '@kuramori/core';
import { bareOf, type Address } from './address.ts';
import { meaningOf, type Call } from './meaning.ts';
import { chainIdOf } from './network.ts';
import { readPlan } from './plan.ts';
import { safeHash } from './safe.ts';
import { readShare, shareOf } from './share.ts';

/**
 * What it means to sign `share` towards `plan`, or why that is refused. The plan is of this Safe on this network's chain;
 * the share is the one that follows from it for some owner. The fee is 0: the relayer pays for gas, and the Safe never
 * pays it back. `from` and the outputs' addresses are EIP-55's. A cancellation has no outputs.
 */
export function explainShare(
  wallet: Pick<EthereumWallet, 'address'>,
  planHex: string,
  shareHex: string,
  network: Network,
): Explained {
  const plan = readPlan(planHex);
  if (plan.kind === 'refused') return plan;
  const { bound } = plan;
  if (bound.chainId !== chainIdOf(network))
    return refused(`plan: chainId: ${bound.chainId}, and ${network} is ${chainIdOf(network)}`);
  if (bound.safe !== wallet.address) return refused(`plan: safe: pays from ${bound.safe}`);
  const meaning = meaningOf(bound);
  if (meaning.kind === 'refused') return refused(`plan: ${meaning.why}`);
  const share = readShare(shareHex);
  if (!share) return refused('share: is not 66 bytes of EIP-712 and an owner’s address');
  if (shareHex !== shareOf(bound, share.owner))
    return refused('share: signs another transaction than the plan');
  const signed = { validUntil: null, signer: share.owner, share: shareHex } as const;
  if (meaning.kind === 'swap') {
    const { remove, add } = meaning;
    return { kind: 'change', change: { account: bound.safe, remove, add, fees: 0n, ...signed } };
  }
  return {
    kind: 'spend',
    spend: {
      from: bound.safe,
      outputs: outputsOf(meaning),
      fees: 0n,
      feeAsset: ETH,
      transactionId: safeHash(bound),
      ...signed,
    },
  };
}

function outputsOf(meaning: Exclude<Call, { readonly kind: 'swap' }>): readonly Output[] {
  if (meaning.kind === 'cancellation') return [];
  const asset = meaning.kind === 'coins' ? ETH : tokenAsset(meaning.token);
  return [{ address: meaning.to, memo: '', asset, units: meaning.units }];
}

/** What the house calls a token: `ethereum:0x…`, in lower case. */
export function tokenAsset(token: Address): Asset {
  return `ethereum:0x${bareOf(token)}` as Asset;
}

function refused(why: string): Explained {
  return { kind: 'refused', why };
}
