/** Codecs: which one reads a chain's bytes. Another chain is another line here. */
import type { ChainName, Codec, Wallet } from '@kuramori/core';
import { bitcoin } from './bitcoin/codec/index.ts';
import { ethereum } from './ethereum/codec/index.ts';
import { nem } from './nem/codec/codec.ts';

export { wrongAddresses, type WrongAddress } from './policy-addresses.ts';

// Each is given wallets of its own chain alone, which the type of a map cannot say.
const codecs = [nem, bitcoin, ethereum] as unknown as readonly Codec[];

/** The codec of a chain; throws where there is none. */
export function codecOf(chain: ChainName): Codec {
  const codec = codecs.find(({ chains }) => chains.includes(chain));
  if (!codec) throw new Error(`no codec reads ${chain}`);
  return codec;
}

/** Whether another plan of the wallet can never confirm beside this one. Many intents may have had one plan before: each is read once. */
export function conflictsWith(wallet: Wallet, plan: string): (other: string) => boolean {
  const { conflict } = codecOf(wallet.chain);
  const known = new Map<string, boolean>();
  return (other) => {
    const found = known.get(other) ?? conflict(wallet, plan, other);
    known.set(other, found);
    return found;
  };
}
