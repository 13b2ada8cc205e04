/** The wallet of a rotation, and the chain that it is on. */
import type { Policy, Wallet } from '@kuramori/core';
import type { House } from '../house.ts';
import { onEthereum } from './ethereum.ts';
import { onNem } from './nem.ts';
import type { OnChain } from './on-chain.ts';

/** Or why there is none, in a sentence for whoever gave the command. */
export function onChainOf(
  house: House,
  policy: Policy,
  name: string,
  /** The command that plans anew. */
  again: string,
): { readonly wallet: Wallet; readonly onChain: OnChain } | string {
  const wallet = policy.wallets.find(({ id }) => id === name);
  if (!wallet) return `the policy names no wallet ${name}: ${policy.wallets.map(({ id }) => id).join(', ')}`;
  switch (wallet.chain) {
    case 'nem':
      return { wallet, onChain: onNem({ house, policy, wallet, again }) };
    case 'ethereum': {
      const onChain = onEthereum({ house, policy, wallet, again });
      return onChain
        ? { wallet, onChain }
        : `the house’s file: ethereum: is not there: say which nodes and relayers ${name} has`;
    }
    case 'bitcoin':
    case 'litecoin':
      return `${name} is on ${wallet.chain}, where commands plan nothing yet; a wallet’s keys are its own for good there, and another takes its place (docs/succession.md)`;
    default:
      return wallet satisfies never;
  }
}
