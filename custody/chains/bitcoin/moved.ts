/** Moved: what a transaction does with our wallets, in words that no chain owns: arrivals, and spends of ours. */
import { addressAt, addressOf, outpointText, type TransactionOutput } from '@kuramori/chains/bitcoin/codec';
import type { OurCoin, Ours, SeenBlock, SeenTransaction, Taken } from '@kuramori/chains/bitcoin/node';
import type { BitcoinWallet } from '@kuramori/core';
import { LedgerError } from '@kuramori/ledger';
import type { Arrival } from '../../deposits/arrival.ts';
import type { Branch } from '../../branch.ts';
import type { Spent } from '../chain.ts';

type Place = Pick<Branch, 'policy' | 'hot' | 'coin'>;

/** Everything in a block that is for us and that we did not send: between our wallets it is a move, and no deposit. */
export function arrivalsIn(branch: Place, ours: Ours, block: SeenBlock): readonly Arrival[] {
  return block.transactions.flatMap((seen) => {
    const { height, hash } = block;
    const of = { branch, height, hash };
    if (seen.takes.length === 0) return seen.pays.map((coin) => arrivalOf(of, ours, coin));
    // Of what takes from several of our wallets, or from strangers beside them, only what each wallet has more of came in.
    if (isSimple(seen)) return [];
    return [...balances(seen)].flatMap(([wallet, units]) => {
      const coin = seen.pays.find((one) => one.wallet === wallet);
      return units > 0n && coin ? nobodys(of, ours, { ...coin, units }) : [];
    });
  });
}

interface Where {
  readonly branch: Place;
  readonly height: number;
  readonly hash: string;
}

function arrivalOf(where: Where, ours: Ours, coin: OurCoin): Arrival {
  const { branch } = where;
  const bare = nobodys(where, ours, coin);
  // What no customer was ever told: a cold wallet, change, and the address where our own coins come home.
  if (bare.wallet.role === 'cold') return { ...bare, otherwise: 'to-cold' };
  if (coin.branch !== 0 || coin.index === 0) return bare;
  const mark = addressAt(ours.wallet(coin.wallet), branch.policy.network, 0, coin.index);
  return { ...bare, marks: [mark] };
}

function nobodys({ branch, height, hash }: Where, ours: Ours, coin: OurCoin): Arrival {
  return {
    id: outpointText(coin),
    transaction: coin.txid,
    wallet: ours.wallet(coin.wallet),
    sender: '',
    asset: branch.coin,
    units: coin.units,
    payload: '',
    message: null,
    marks: [],
    otherwise: 'unknown-address',
    height,
    block: hash,
  };
}

export function spendsIn(branch: Place, { transactions, height }: SeenBlock, ours: Ours): readonly Spent[] {
  return transactions.flatMap((seen) => {
    const [unknown] = unknownInputs(seen);
    if (unknown !== undefined)
      throw new LedgerError(`${unknown}: reading must begin before the wallet's first coin came (scanFrom)`);
    return seen.takes.length === 0 ? [] : spentBy(branch, ours, seen, height);
  });
}

function spentBy(branch: Place, ours: Ours, seen: SeenTransaction, height: number): readonly Spent[] {
  const [only] = seen.takes;
  if (!only || !isSimple(seen)) return joined(branch, ours, seen, height);
  const wallet = ours.wallet(only.wallet);
  const leaving = seen.transaction.outputs.flatMap((output, vout) => {
    const coin = seen.pays.find((one) => one.vout === vout);
    return coin?.wallet === wallet.id ? [] : { output, vout, coin };
  });
  const fee =
    sum(only.spent.map(({ units }) => units)) - sum(seen.transaction.outputs.map(({ units }) => units));
  const common = { wallet, height, asset: branch.coin, memo: '' };
  if (leaving.length === 0)
    return [
      {
        ...common,
        transaction: seen.id,
        inner: seen.id,
        recipient: wallet.address,
        units: 0n,
        fee,
        what: 'to itself',
      },
    ];
  return leaving.map(({ output, vout, coin }, at) => ({
    ...common,
    transaction: `${seen.id}:${vout}`,
    inner: `${seen.id}:${vout}`,
    // Wherever in a wallet of ours it is, it is there.
    recipient: coin ? ours.wallet(coin.wallet).address : recipientOf(branch, wallet, output),
    units: output.units,
    fee: feeShare(fee, leaving.length, at),
    what: 'payment',
  }));
}

/** Of a fee that several payments share each bears as much, and the first what cannot be divided. */
export function feeShare(fee: bigint, payments: number, at: number): bigint {
  const each = fee / BigInt(payments);
  return at === 0 ? fee - each * BigInt(payments - 1) : each;
}

/**
 * It takes from several of our wallets, or from strangers as well: none of ours is made so. What each wallet has less of has left
 * it, and nobody can say for what, or what of it was the fee.
 */
function joined(branch: Place, ours: Ours, seen: SeenTransaction, height: number): readonly Spent[] {
  return [...balances(seen)].flatMap(([id, units]) =>
    units >= 0n
      ? []
      : {
          transaction: `${seen.id}:${id}`,
          inner: `${seen.id}:${id}`,
          wallet: ours.wallet(id),
          height,
          recipient: null,
          asset: branch.coin,
          units: -units,
          fee: 0n,
          what: 'together with others’ coins',
          memo: '',
        },
  );
}

/** Whether one wallet of ours alone pays: then the rest of what it spends is the fee. */
function isSimple({ takes: [first, ...others], transaction }: SeenTransaction): boolean {
  return first !== undefined && others.length === 0 && first.inputs.length === transaction.inputs.length;
}

/** Wallet → what it has more of by the transaction; below 0, less. */
function balances({ takes, pays }: SeenTransaction): ReadonlyMap<string, bigint> {
  const change = new Map<string, bigint>();
  const add = (wallet: string, units: bigint) => change.set(wallet, (change.get(wallet) ?? 0n) + units);
  for (const { wallet, spent } of takes) for (const { units } of spent) add(wallet, -units);
  for (const { wallet, units } of pays) add(wallet, units);
  return change;
}

function recipientOf({ policy }: Place, { chain }: BitcoinWallet, output: TransactionOutput): string | null {
  return addressOf(output.script, chain, policy.network) ?? null;
}

/** Every input of ours whose coin nobody here knows: what it takes cannot be told. */
function unknownInputs({ takes, id }: SeenTransaction): readonly string[] {
  return takes.flatMap(({ wallet, inputs, spent }: Taken) =>
    inputs.length === spent.length ? [] : `${id} takes from ${wallet} what was never seen to come`,
  );
}

function sum(all: readonly bigint[]): bigint {
  return all.reduce((total, one) => total + one, 0n);
}
