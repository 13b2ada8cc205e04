import type { Address } from '@kuramori/chains/nem/codec';
import { effectsOf } from '../state/effects.ts';
import { accountAt, holdingOf } from '../state/state.ts';
import { mosaicIdText, type Transaction } from '../wire/transaction.ts';
import type { Setting } from './validate.ts';
import { success, type Verdict } from './verdict.ts';

/** BalanceValidator: at no step may an account owe more than it has; what comes in earlier counts. */
export function validateBalance(transaction: Transaction, { state }: Setting): Verdict {
  const deltas = new Map<Address, bigint>();
  let short = false;
  const add = (account: Address, amount: bigint) => {
    const delta = (deltas.get(account) ?? 0n) + amount;
    deltas.set(account, delta);
    if (delta < 0n && accountAt(state, account).balance < -delta) short = true;
  };
  for (const effect of effectsOf(transaction, state)) {
    if (effect.kind === 'debit') add(effect.account, -effect.amount);
    if (effect.kind !== 'transfer') continue;
    add(effect.from, -effect.amount);
    add(effect.to, effect.amount);
  }
  return short ? 5 : success;
}

/** MosaicBalanceValidator: the same for mosaics. */
export function validateMosaicBalance(transaction: Transaction, { state }: Setting): Verdict {
  const deltas = new Map<string, bigint>();
  let short = false;
  for (const effect of effectsOf(transaction, state)) {
    if (effect.kind !== 'mosaic') continue;
    const { mosaicId, quantity } = effect.mosaic;
    const add = (account: Address, change: bigint) => {
      const key = `${account}|${mosaicIdText(mosaicId)}`;
      const delta = (deltas.get(key) ?? 0n) + change;
      deltas.set(key, delta);
      if (delta < 0n && holdingOf(state, mosaicId, account) < -delta) short = true;
    };
    add(effect.from, -quantity);
    add(effect.to, quantity);
  }
  return short ? 5 : success;
}
