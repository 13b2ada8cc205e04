/** Cold: the wallets that a hot one sweeps to and is refilled from, as the policy pins them, and what each holds by the books. */
import { ruleFor, type Asset, type Wallet } from '@kuramori/core';
import { holdingOf, type Client } from '@kuramori/ledger';
import type { Branch } from '../branch.ts';

export interface Cold {
  readonly wallet: Wallet;
  readonly holds: bigint;
}

/** The emptiest first. Where nothing is swept, the one that evacuations go to. */
export async function coldWallets(
  { policy, hot }: Branch,
  client: Client,
  asset: Asset,
): Promise<readonly Cold[]> {
  const rule = ruleFor(policy, hot.id, asset);
  const pinned = rule?.sweep?.to ?? [hot.evacuateTo];
  const held: Cold[] = [];
  for (const wallet of policy.wallets)
    if (wallet.role === 'cold' && pinned.includes(wallet.id))
      held.push({ wallet, holds: await holdingOf(client, { kind: 'cold', wallet: wallet.id }, asset) });
  return held.toSorted((a, b) => (a.holds < b.holds ? -1 : a.holds > b.holds ? 1 : 0));
}
