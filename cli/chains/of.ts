/** The wallet of a command, and the chain that it is on. */
import type { Policy, Wallet } from '@kuramori/core';
import type { House } from '../house.ts';
import { onBitcoin } from './bitcoin.ts';
import { onEthereum } from './ethereum.ts';
import { onNem } from './nem.ts';
import type { OnChain } from './on-chain.ts';

/** Or why there is none, in a sentence for whoever gave the command. */
export function onChainOf(
  house: House,
  policy: Policy,
  name: string,
  purpose: 'rotation' | 'payment',
): { readonly wallet: Wallet; readonly onChain: OnChain } | string {
  const again = purpose === 'rotation' ? 'kuramori rotate record' : 'kuramori refill order';
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
    case 'litecoin': {
      if (purpose === 'rotation')
        return `${name} is on ${wallet.chain}, where a wallet’s keys are its own for good: another takes its place (docs/succession.md)`;
      const onChain = onBitcoin({ house, policy, wallet, again });
      return onChain
        ? { wallet, onChain }
        : `the house’s file: ${wallet.chain}: is not there: say which nodes ${name} has`;
    }
    default:
      return wallet satisfies never;
  }
}
