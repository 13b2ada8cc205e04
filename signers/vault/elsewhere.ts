import type { Policy, Wallet } from '@kuramori/core';
import type { Opened } from '../keystore.ts';

/** Why a wallet is on another chain than a key; undefined where it is on the same. One key of NEM has an address on every network. */
export function elsewhere(
  { on }: Pick<Opened, 'on'>,
  wallet: Wallet,
  { network }: Policy,
): string | undefined {
  const same = wallet.chain === on.chain && (on.chain === 'nem' || network === on.network);
  return same
    ? undefined
    : `${wallet.id} is on ${wallet.chain}, ${network}, and this key is for ${on.chain}, ${on.network}`;
}
