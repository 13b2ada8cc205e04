/** A chain key in another wallet or device, which gets what it is to sign as a PSBT (BIP 174) and gives it back. Bitcoin's family alone. */
import {
  describedKey,
  psbtForOthers,
  readDescribed,
  signatureFromOthers,
} from '@kuramori/chains/bitcoin/codec';
import type { BitcoinWallet, Network, Wallet } from '@kuramori/core';
import { Misconfigured } from '@kuramori/program';
import type { On } from '../keystore.ts';

/** What a policy pins of a key that its holder names, and the key as a descriptor has it: `[fingerprint/path]key`, as wallets show it. Throws Misconfigured. */
export function keyOfOthers(
  text: string,
  { chain, network }: On,
): { readonly chainKey: string; readonly described: string } {
  if (chain !== 'bitcoin' && chain !== 'litecoin') throw elsewhere(chain);
  const read = readDescribed(text, network);
  if (typeof read === 'string')
    throw new Misconfigured(
      `--key-in-wallet: ${read}. Take it as the wallet or device shows it, for instance [0f056943/48h/0h/0h/2h]xpub…`,
    );
  return { chainKey: read.extended, described: describedKey(read) };
}

/** What is to be signed there, and what proves its inputs. */
export interface ToSign {
  readonly plan: string;
  readonly wallet: Wallet;
  readonly network: Network;
  readonly previous: readonly string[];
}

/** Throws Misconfigured with what of the plan cannot be asked. */
export function psbtOf({ wallet, plan, network, previous }: ToSign): Uint8Array {
  const made = psbtForOthers(ofBitcoin(wallet), plan, network, previous);
  if (made.kind === 'refused') throw new Misconfigured(`order.ask.plan: ${made.why}`);
  return made.bytes;
}

/** What came back from there. */
export interface Given {
  /** Where it was read from. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Throws Misconfigured where it is not this key's signature over just that plan. */
export function signatureIn(
  { file, bytes }: Given,
  { wallet, plan }: Pick<ToSign, 'wallet' | 'plan'>,
  key: string,
): string {
  const taken = signatureFromOthers(ofBitcoin(wallet), plan, key, bytes);
  if (taken.kind === 'signature') return taken.signature;
  throw new Misconfigured(
    `${file}: ${taken.why}. Nothing of it is used: have the wallet or device sign the PSBT that this vault wrote / この金庫が書き出したPSBTへの署名として使えません。内容は一切取り込んでいません。金庫が書き出したPSBTに署名させてください`,
  );
}

function ofBitcoin(wallet: Wallet): BitcoinWallet {
  if (wallet.chain === 'bitcoin' || wallet.chain === 'litecoin') return wallet;
  throw elsewhere(wallet.chain);
}

function elsewhere(chain: string): Misconfigured {
  return new Misconfigured(
    `a key in another wallet or device signs by PSBT, for bitcoin and litecoin alone: this is ${chain}`,
  );
}
