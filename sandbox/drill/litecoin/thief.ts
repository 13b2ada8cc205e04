/** Thieves of a wallet on Litecoin: with signers' keys, the wallet's descriptor, and what any node offers to whoever has keys. */
import { formatAmount, LTC } from '@kuramori/core';
import { descriptorOf, placeAt, type Coin } from '@kuramori/chains/bitcoin/codec';
import { z } from 'zod';
import { ChainFailed } from '../../house/chain.ts';
import { stealSecret } from '../steal.ts';
import { coinKey, walletImportFormat } from './keys.ts';
import type { Litecoin } from '../../litecoin/nodes.ts';
import type { LitecoinStage } from './stage.ts';

/** As many secrets as he has: of the first signer, or of all. */
export function stealSecrets(
  { house, deed }: Pick<LitecoinStage, 'house' | 'deed'>,
  keys: 'one' | 'all',
): readonly Uint8Array[] {
  return deed.signers.slice(0, keys === 'one' ? 1 : undefined).map(({ id }) => stealSecret(house, id));
}

export interface Taking {
  readonly coins: readonly Coin[];
  readonly to: string;
  readonly fees: bigint;
  /** Whether it says that nothing may take its place (BIP 125): the sequence of each input is final. */
  readonly final: boolean;
}

export type Sent =
  | { readonly kind: 'sent'; readonly id: string }
  | { readonly kind: 'refused'; readonly why: string };

/** Takes whole coins to one address, signed by the node's own tool with as many keys as there are. */
export async function take(
  stage: Pick<LitecoinStage, 'node' | 'nodes' | 'hot' | 'accepted'>,
  secrets: readonly Uint8Array[],
  { coins, to, fees, final }: Taking,
): Promise<Sent> {
  const { node, hot } = stage;
  const descriptor = descriptorOf(hot);
  const units = coins.reduce((sum, one) => sum + one.units, 0n) - fees;
  const sequence = final ? 0xffffffff : 0xfffffffd;
  const inputs = coins.map(({ txid, vout }) => ({ txid, vout, sequence }));
  const raw = await node('createrawtransaction', inputs, [{ [to]: formatAmount(units, LTC) }]);
  const spent = coins.map((coin) => {
    const { script, witnessScript } = placeAt(descriptor, coin.branch, coin.index);
    return {
      txid: coin.txid,
      vout: coin.vout,
      scriptPubKey: script.toHex(),
      witnessScript: witnessScript.toHex(),
      amount: formatAmount(coin.units, LTC),
    };
  });
  const keys = secrets.flatMap((secret) =>
    coins.map(({ branch, index }) => walletImportFormat(coinKey(secret, branch, index))),
  );
  const { hex } = Signed.parse(await node('signrawtransactionwithkey', raw, [...new Set(keys)], spent));
  return send(stage, hex, fees);
}

const Signed = z.object({ hex: z.string() });

/** To every node, and waits for no block. It is sent where one of them took it. */
export async function send(
  { nodes, accepted }: Pick<LitecoinStage, 'nodes' | 'accepted'>,
  hex: string,
  fees: bigint,
): Promise<Sent> {
  const answers = await Promise.all(nodes.map((node) => announce(node, hex)));
  const [first = { kind: 'refused', why: 'there is no node' }] = answers;
  const best = answers.find(({ kind }) => kind === 'sent') ?? first;
  if (best.kind === 'sent') accepted({ id: best.id, fees });
  return best;
}

export async function announce(node: Litecoin, hex: string): Promise<Sent> {
  try {
    // 0: no fee is too high for him.
    return { kind: 'sent', id: z.string().parse(await node('sendrawtransaction', hex, 0)) };
  } catch (cause) {
    if (!(cause instanceof ChainFailed)) throw cause;
    return { kind: 'refused', why: cause.message.replace(/^\S+ sendrawtransaction: /, '') };
  }
}
