/**
 * Signs on Bitcoin's family. Balances are added up from blocks here, so none can fall without a spend; nonces are in no signature's
 * sight but the signers' own; nothing ends by a deadline: those signs are NEM's.
 */
import type { Network, Wallet } from '@kuramori/core';
import type { BitcoinChain } from '@kuramori/chains/bitcoin/codec';
import { wrongChain, type BitcoinNode, type Ours, type SeenTransaction } from '@kuramori/chains/bitcoin/node';
import type { Flow } from '../signs/flows.ts';
import type { ChainSigns, Found } from '../signs/on-chain.ts';

export function openBitcoinSigns(
  nodes: readonly BitcoinNode[],
  chain: BitcoinChain,
  network: Network,
): Partial<ChainSigns> & Pick<ChainSigns, 'look'> {
  return {
    look: () => ({}),
    async ask(seldom): Promise<Found> {
      if (!seldom) return {};
      const found = await Promise.all(
        nodes.map(async ({ url, served }) => {
          const said = await served();
          const why = said.kind === 'read' ? wrongChain(said.value, chain, network) : undefined;
          return why === undefined ? [] : { key: url, once: why, fields: { node: url, why } };
        }),
      );
      return { anotherChain: found.flat() };
    },
  };
}

/** What a transaction does to each wallet of ours, in units of its coin: change that comes back has not left. */
export function bitcoinFlows(seen: SeenTransaction, ours: Pick<Ours, 'wallet'>): readonly Flow[] {
  const [by] = seen.takes;
  return seen.wallets.flatMap((name): Flow | [] => {
    const left = leftBy(seen, name) ?? 0n;
    const came = left === 0n ? paidTo(seen, name) : 0n;
    return left === 0n && came === 0n
      ? []
      : {
          hash: seen.id,
          account: ours.wallet(name).address,
          left,
          came,
          by: by ? ours.wallet(by.wallet).address : '',
        };
  });
}

/** All that goes to others, and the fee; null where it takes nothing, or what it takes is not known wholly. */
export function leftBy(seen: SeenTransaction, wallet: Wallet['id']): bigint | null {
  const taken = seen.takes.find((one) => one.wallet === wallet);
  if (!taken || taken.spent.length < taken.inputs.length) return null;
  return taken.spent.reduce((sum, { units }) => sum + units, 0n) - paidTo(seen, wallet);
}

function paidTo({ pays }: SeenTransaction, wallet: string): bigint {
  return pays.reduce((sum, coin) => (coin.wallet === wallet ? sum + coin.units : sum), 0n);
}
