/** What a transaction of Bitcoin's family does, decoded from its bytes. */
import { coinOn, type Asset } from '@kuramori/core';
import {
  addressOf,
  outpointText,
  readShare,
  type BitcoinChain,
  type Transaction,
} from '@kuramori/chains/bitcoin/codec';
import type { Ours, SeenTransaction } from '@kuramori/chains/bitcoin/node';
import type { Described } from '../described.ts';

export interface BitcoinDescribed {
  readonly kind: 'spend';
  readonly asset: Asset;
  /** `txid:vout` each. */
  readonly spends: readonly string[];
  /** To an address, where the script has one; else the script, as hex. `ours`: of a wallet of ours, such as change. */
  readonly to: readonly { readonly place: string; readonly units: bigint; readonly ours: boolean }[];
  /** Inputs and outputs that are not told one by one. */
  readonly more: number;
}

/** A transaction may have thousands of either. */
const mostTold = 32;

export function describe(
  { inputs, outputs }: Transaction,
  chain: BitcoinChain,
  { network, placeOf }: Pick<Ours, 'network' | 'placeOf'>,
): BitcoinDescribed {
  const more = Math.max(0, inputs.length - mostTold) + Math.max(0, outputs.length - mostTold);
  return {
    kind: 'spend',
    asset: coinOn(chain),
    spends: inputs.slice(0, mostTold).map(outpointText),
    to: outputs.slice(0, mostTold).map(({ script, units }) => ({
      place: addressOf(script, chain, network) ?? script.toHex().slice(0, 256),
      units,
      ours: placeOf(script.toHex()) !== undefined,
    })),
    more,
  };
}

/** The same of a share that a key signed, as hex: it names its transaction by hashes, so one of those that wait here. */
export function describeBytes(
  bytes: string,
  chain: BitcoinChain,
  ours: Pick<Ours, 'network' | 'placeOf'>,
  waiting: Iterable<Pick<SeenTransaction, 'transaction' | 'takes'>>,
): Described {
  for (const { transaction, takes } of waiting)
    if (takes.some(({ signed }) => signed.some((part) => part.bytes === bytes)))
      return describe(transaction, chain, ours);
  const why = readShare(bytes)
    ? 'no node here shows the transaction that these bytes are the hashes of'
    : 'these bytes are no share of a transaction with a key behind it';
  return { kind: 'unread', why };
}
