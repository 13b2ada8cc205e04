/** What a transaction does with our Safes, decoded from its bytes and from what a block shows. */
import { ETH } from '@kuramori/core';
import { meaningOf, readShare, tokenAsset, type Address } from '@kuramori/chains/ethereum/codec';
import type { Outcome, SeenTransaction } from '@kuramori/chains/ethereum/node';
import type { Described } from '../described.ts';

export interface EthereumDescribed {
  readonly kind: 'safe';
  /** Who pays for its gas: anybody may. */
  readonly by: Address | null;
  readonly executions: readonly {
    readonly safe: Address;
    /** The Safe’s own number. */
    readonly number: bigint;
    readonly means: ReturnType<typeof meaningOf>['kind'];
    readonly outcome: Outcome;
  }[];
  /** What leaves Safes of ours, whoever has it leave; of what has not happened, what would. */
  readonly pays: readonly {
    readonly from: Address;
    readonly to: Address;
    readonly asset: string;
    readonly units: bigint;
  }[];
  /** What nobody’s execution means, in sentences. */
  readonly unexplained: readonly string[];
  /** Whatever is not told one by one. */
  readonly more: number;
}

const mostTold = 16;

export function describe({ from, ok, executions, moves, unexplained }: SeenTransaction): EthereumDescribed {
  const meant = executions.flatMap(({ bound }): EthereumDescribed['pays'] => {
    const meaning = meaningOf(bound);
    if (meaning.kind !== 'coins' && meaning.kind !== 'token') return [];
    const asset = meaning.kind === 'coins' ? ETH : tokenAsset(meaning.token);
    return [{ from: bound.safe, to: meaning.to, asset, units: meaning.units }];
  });
  const left = moves
    .filter(({ way, salt }) => way === 'out' && salt === null)
    .map(({ address, other, asset, units }) => ({ from: address, to: other, asset, units }));
  const pays = ok ? left : meant;
  const refused = executions.flatMap(({ bound }) => {
    const meaning = meaningOf(bound);
    return meaning.kind === 'refused' ? meaning.why : [];
  });
  const sentences = [...refused, ...unexplained];
  const beyond = [executions, pays, sentences].map(({ length }) => Math.max(0, length - mostTold));
  return {
    kind: 'safe',
    by: from,
    executions: executions.slice(0, mostTold).map(({ bound, outcome }) => ({
      safe: bound.safe,
      number: bound.tx.nonce,
      means: meaningOf(bound).kind,
      outcome,
    })),
    pays: pays.slice(0, mostTold),
    unexplained: sentences.slice(0, mostTold),
    more: beyond.reduce((sum, one) => sum + one, 0),
  };
}

/** Of what an owner signs only a hash is left. */
export function describeBytes(bytes: string): Described {
  return {
    kind: 'unread',
    why: readShare(bytes)
      ? 'an owner signed a Safe’s hash, of which nobody here has seen the transaction'
      : 'an owner’s key signed as an account, which none of ours ever does',
  };
}
