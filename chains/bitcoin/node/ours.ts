/**
 * Ours: what of a chain is our wallets': the places in their windows, and the coins that were seen there. What an outpoint holds
 * follows from its id, so it never changes, whichever node showed it and whatever becomes of the block that it was in.
 */
import type { BitcoinWallet, Network } from '@kuramori/core';
import { outpointText, readPrevious, type Coin, type Outpoint } from '../codec/index.ts';
import { openWindows, usualGap, type Windows } from './windows.ts';

/** A coin of a wallet. */
export interface OurCoin extends Coin {
  /** The wallet's id. */
  readonly wallet: string;
}

export interface Ours extends Windows {
  readonly network: Network;
  readonly wallets: readonly BitcoinWallet[];
  readonly wallet: (id: string) => BitcoinWallet;
  readonly coin: (outpoint: string) => OurCoin | undefined;
  /** The whole transaction that a coin is an output of, hex without witnesses: what its amount is proven by. */
  readonly previous: (txid: string) => string | undefined;
  /**
   * Takes the outputs of a transaction that are ours, and gives them. Those that strangers send and that only wait (`fleeting`)
   * are kept as long as there is room: there may be as many as they like.
   */
  readonly learn: (transaction: string, fleeting: boolean) => readonly OurCoin[];
  /** A block of this height has spent it: it is forgotten once that is deep enough. */
  readonly spent: (coin: Outpoint, height: number) => void;
}

export interface Keeping {
  /** How many addresses beyond the highest used one are looked at. */
  readonly gap?: number;
  /** Blocks for which a spent coin is still known. */
  readonly spentBlocks?: number;
  /** Transactions of strangers that only wait and whose outputs are known. */
  readonly waiting?: number;
}

/** Wallets of one chain. Throws where one's descriptor cannot be read. */
export function openOurs(
  wallets: readonly BitcoinWallet[],
  network: Network,
  { gap = usualGap, spentBlocks = 2_016, waiting = 10_000 }: Keeping = {},
): Ours {
  const windows = openWindows(wallets, gap);
  const byId = new Map(wallets.map((wallet) => [wallet.id, wallet]));
  if (byId.size < wallets.length) throw new RangeError('openOurs: two wallets have one id');
  const coins = new Map<string, OurCoin>();
  /** By the transaction's id; how many of its coins are known. */
  const previous = new Map<string, { readonly hex: string; readonly coins: readonly string[] }>();
  /** The oldest first. */
  const unconfirmed = new Set<string>();
  const spentAt = new Map<string, number>();

  const forget = (txid: string): void => {
    for (const outpoint of previous.get(txid)?.coins ?? []) coins.delete(outpoint);
    previous.delete(txid);
    unconfirmed.delete(txid);
  };

  const forgetSpent = (height: number): void => {
    for (const [outpoint, at] of spentAt) {
      if (at > height - spentBlocks) break; // the rest was spent later
      spentAt.delete(outpoint);
      coins.delete(outpoint);
      const [txid = ''] = outpoint.split(':');
      if (!previous.get(txid)?.coins.some((other) => coins.has(other))) previous.delete(txid);
    }
  };

  return {
    ...windows,
    network,
    wallets,
    wallet: (id) => {
      const found = byId.get(id);
      if (!found) throw new RangeError(`openOurs: ${id} is no wallet here`);
      return found;
    },
    coin: (outpoint) => coins.get(outpoint),
    previous: (txid) => previous.get(txid)?.hex,
    learn(transaction, fleeting) {
      const read = readPrevious(transaction);
      if (!read) return [];
      const found = read.outputs.flatMap(({ units, script }, vout): OurCoin | [] => {
        const place = windows.placeOf(script.toHex());
        return place ? { ...place, txid: read.id, vout, units } : [];
      });
      if (found.length === 0) return [];
      const fresh = !previous.has(read.id);
      for (const coin of found) coins.set(outpointText(coin), coin);
      previous.set(read.id, { hex: transaction, coins: found.map(outpointText) });
      if (!fleeting) unconfirmed.delete(read.id);
      else if (fresh) unconfirmed.add(read.id);
      const [oldest] = unconfirmed;
      if (unconfirmed.size > waiting && oldest !== undefined) forget(oldest);
      return found;
    },
    spent(coin, height) {
      const outpoint = outpointText(coin);
      if (!coins.has(outpoint)) return;
      // Behind the others, so that the oldest stays first.
      spentAt.delete(outpoint);
      spentAt.set(outpoint, height);
      forgetSpent(height);
    },
  };
}
