/** Coins of a test wallet, with the transactions that brought them. */
import {
  idOf,
  placeAt,
  descriptorOf,
  writeTransaction,
  type Coin,
  type Means,
  type Transaction,
} from '../index.ts';
import type { Held } from './wallet.ts';

export interface Funded {
  readonly coins: readonly Coin[];
  /** The whole transactions, hex: one a coin. */
  readonly previous: readonly string[];
}

/** One coin of each amount, at alternating branches and rising indexes, each of a transaction of its own. */
export function fundedBy({ wallet }: Held, amounts: readonly bigint[]): Funded {
  const descriptor = descriptorOf(wallet);
  const each = amounts.map((units, index) => {
    const branch = index % 2 === 0 ? 0 : 1;
    const transaction: Transaction = {
      version: 2,
      inputs: [
        {
          txid: (index + 1).toString(16).padStart(64, '0'),
          vout: 0,
          sequence: 0xffffffff,
          scriptSig: new Uint8Array(0),
          witness: [Uint8Array.of(1)],
        },
      ],
      outputs: [
        { units: 1_000n, script: Uint8Array.of(0, 20, ...new Uint8Array(20)) },
        { units, script: placeAt(descriptor, branch, index).script },
      ],
      lockTime: 0,
    };
    const coin: Coin = { txid: idOf(transaction), vout: 1, units, branch, index };
    return { coin, hex: writeTransaction(transaction).toHex() };
  });
  return { coins: each.map(({ coin }) => coin), previous: each.map(({ hex }) => hex) };
}

/** What a plan of a wallet's coins is made of, at a usual time. */
export function meansOf({ wallet, network }: Held, coins: readonly Coin[]): Means {
  return { wallet, network, coins, feeRate: 5_000n, usualRate: 5_000n, change: 1, lockTime: 5, seed: 's' };
}
