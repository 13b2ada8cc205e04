/**
 * Signs on EVM chains. Balances are proven block by block, and each node's blocks say at once what falls without a spend; nonces
 * are in no signature's sight but the signers' own; nothing ends by a deadline: those signs are NEM's.
 */
import { ETH, type Network } from '@kuramori/core';
import { meaningOf, tokenAsset } from '@kuramori/chains/ethereum/codec';
import {
  wrongChain,
  type EthereumNode,
  type Move,
  type SeenTransaction,
} from '@kuramori/chains/ethereum/node';
import type { Gone } from '../eye.ts';
import type { Flow } from '../signs/flows.ts';
import type { ChainSigns, Found } from '../signs/on-chain.ts';
import type { Sighting } from '../signs/sighting.ts';

export function openEthereumSigns(
  nodes: readonly EthereumNode[],
  network: Network,
  firstBlock: string | undefined,
  guards: () => readonly Sighting[],
): Partial<ChainSigns> & Pick<ChainSigns, 'look'> {
  return {
    look: () => ({ guardApart: guards() }),
    async ask(seldom): Promise<Found> {
      if (!seldom) return {};
      const found = await Promise.all(
        nodes.map(async ({ url, served }) => {
          const said = await served();
          const why = said.kind === 'read' ? wrongChain(said.value, network, firstBlock) : undefined;
          return why === undefined ? [] : { key: url, once: why, fields: { node: url, why } };
        }),
      );
      return { anotherChain: found.flat() };
    },
  };
}

/** What a transaction does to each Safe of ours, in wei. Gas is not the Safe's to pay. */
export function ethereumFlows(
  { hash, moves }: SeenTransaction,
  addressOf: (wallet: string) => string,
): readonly Flow[] {
  const coins = moves.filter(({ asset, salt }) => asset === ETH && salt === null);
  return [...new Set(coins.map(({ wallet }) => wallet))].map((wallet) => {
    const mine = coins.filter((one) => one.wallet === wallet);
    const [by] = mine;
    return {
      hash,
      account: addressOf(wallet),
      left: sum(mine, 'out'),
      came: sum(mine, 'in'),
      by: by?.way === 'out' ? by.address : (by?.other ?? ''),
    };
  });
}

function sum(moves: readonly Move[], way: Move['way']): bigint {
  return moves.reduce((units, one) => (one.way === way ? units + one.units : units), 0n);
}

/**
 * What a wallet's executions paid, each under its plan's id; under the transaction's as well where it carries no other. What
 * leaves by no execution is nobody's payment, and explains nothing.
 */
export function goneBy({ hash, executions }: SeenTransaction, wallet: string): readonly Gone[] {
  const paid = executions.flatMap((one): Gone | [] => {
    const meaning = meaningOf(one.bound);
    if (one.wallet !== wallet || one.outcome !== 'done') return [];
    if (meaning.kind === 'coins') return { transaction: one.hash, asset: ETH, units: meaning.units };
    if (meaning.kind !== 'token') return [];
    return { transaction: one.hash, asset: tokenAsset(meaning.token), units: meaning.units };
  });
  const [only] = paid;
  return only && executions.length === 1 ? [only, { ...only, transaction: hash }] : paid;
}
