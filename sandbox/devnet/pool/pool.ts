import type { Address } from '@kuramori/chains/nem/codec';
import { execute } from '../state/execute.ts';
import type { HashCache } from '../state/hash-cache.ts';
import { addCosignature } from '../wire/serialise.ts';
import type { SignatureCheck } from '../rules/signature-check.ts';
import { isPermissible } from './spam-filter.ts';
import { accountAt, over, type State } from '../state/state.ts';
import {
  accountsOf,
  childrenOf,
  debtorOf,
  withChildren,
  type Cosignature,
  type Multisig,
  type Transaction,
} from '../wire/transaction.ts';
import { validate, type Setting } from '../rules/validate.ts';
import { isFailure, neutral, success, type Verdict } from '../rules/verdict.ts';

/** What the pool asks of the chain that it stands on. */
export interface PoolGround {
  readonly state: State;
  readonly hashes: HashCache;
  readonly height: () => number;
  readonly now: () => number;
  readonly networkByte: number;
  readonly importanceHeight: () => number;
  readonly maxTransactionsPerBlock: number;
  readonly isGenuine: SignatureCheck;
  /** False plays a harvester whose pool was patched to keep what is expired; real ones check. */
  readonly checksDeadlines: () => boolean;
  /** Told of each that is taken in; not again where the pool is rebuilt (DefaultUnconfirmedTransactions.resetState). */
  readonly admitted: (transaction: Transaction) => void;
}

/** The unconfirmed transactions, in memory only (DefaultUnconfirmedTransactions). */
export interface Pool {
  readonly add: (transaction: Transaction) => Verdict;
  /** What a peer offers: the whole batch is dropped if one of it is confirmed already. */
  readonly addBatch: (transactions: readonly Transaction[]) => void;
  /** Takes out a block's transactions and judges the rest again. */
  readonly removeAll: (transactions: readonly Transaction[]) => void;
  /** Puts back what a fork has unconfirmed. */
  readonly addReverted: (transactions: readonly Transaction[]) => void;
  readonly dropExpired: (time: number) => void;
  readonly clear: () => number;
  readonly list: () => readonly Transaction[];
  /** At most `count`, newest first: by any account named in it, and for wrappers by any cosigner. */
  readonly of: (address: Address, count: number) => readonly Transaction[];
  readonly before: (time: number) => readonly Transaction[];
}

export function openPool(ground: PoolGround): Pool {
  let entries: Transaction[] = [];
  const roots = new Set<string>();
  const children = new Set<string>();
  let state = over(ground.state);

  const reset = (kept: readonly Transaction[]) => {
    entries = [];
    roots.clear();
    children.clear();
    state = over(ground.state);
    for (const transaction of kept) admit(transaction);
  };

  const isKnown = (transaction: Transaction) =>
    withChildren(transaction).some(({ hash }) => roots.has(hash) || children.has(hash));

  // DefaultUnconfirmedState.add: signature, rules, place, and then it reserves what it spends.
  const admit = (transaction: Transaction): Verdict => {
    if (!ground.isGenuine(transaction)) return 8;
    const judged = validate(transaction, setting());
    if (isFailure(judged)) return judged;
    const placed = place(transaction);
    if (placed === success) execute(transaction, state, ground.height());
    return placed;
  };

  const take = (transaction: Transaction): Verdict => {
    const verdict = admit(transaction);
    if (verdict === success) ground.admitted(transaction);
    return verdict;
  };

  const setting = (): Setting => ({
    state,
    height: ground.height() + 1,
    now: ground.now(),
    networkByte: ground.networkByte,
    as: ground.checksDeadlines() ? 'pending-unexpired' : 'pending',
  });

  // UnconfirmedTransactionsCache.add
  const place = (transaction: Transaction): Verdict => {
    if (isKnown(transaction)) return neutral;
    if (transaction.kind === 'cosignature') return placeCosignature(transaction);
    for (const { hash } of childrenOf(transaction)) children.add(hash);
    entries.push(transaction);
    roots.add(transaction.hash);
    return success;
  };

  const placeCosignature = (cosignature: Cosignature): Verdict => {
    const at = entries.findIndex(
      (entry) => entry.kind === 'multisig' && belongs(cosignature, entry, ground.state),
    );
    const wrapper = entries[at];
    if (wrapper?.kind !== 'multisig') return 73;
    children.add(cosignature.hash);
    const cosignatures = addCosignature(wrapper.cosignatures, wrapper.signerAddress, cosignature);
    entries[at] = { ...wrapper, cosignatures };
    return success;
  };

  const permitted = (transaction: Transaction, besides: readonly Transaction[]) =>
    !isKnown(transaction) &&
    isPermissible(
      transaction,
      [...entries, ...besides],
      state,
      ground.importanceHeight(),
      ground.maxTransactionsPerBlock,
    );

  return {
    add: (transaction) => {
      if (isKnown(transaction)) return neutral;
      if (!permitted(transaction, [])) return 19;
      if (ground.hashes.hasAny([transaction])) return neutral;
      return take(transaction);
    },
    addBatch: (transactions) => {
      const filtered: Transaction[] = [];
      for (const transaction of transactions)
        if (permitted(transaction, filtered)) filtered.push(transaction);
      if (!ground.hashes.hasAny(filtered)) filtered.forEach(take);
    },
    removeAll: (transactions) => {
      const gone = new Set(transactions.map(({ hash }) => hash));
      reset(byFee(entries.filter(({ hash }) => !gone.has(hash))));
    },
    addReverted: (transactions) => transactions.forEach(take),
    dropExpired: (time) => {
      if (!ground.checksDeadlines()) return;
      const kept = entries.filter((entry) => withChildren(entry).every(({ deadline }) => deadline >= time));
      if (kept.length !== entries.length) reset(kept);
    },
    clear: () => {
      const { length } = entries;
      reset([]);
      return length;
    },
    list: () => entries,
    of: (address, count) =>
      entries
        .filter((entry) => concerns(entry, address, ground.state))
        .sort((one, other) => other.timeStamp - one.timeStamp)
        .slice(0, count),
    before: (time) => byFee(entries.filter(({ timeStamp }) => timeStamp < time)),
  };
}

/** Transaction.compareTo, the other way round: highest fee first, then oldest; else as they came. */
function byFee(transactions: readonly Transaction[]): Transaction[] {
  return transactions.toSorted((one, other) =>
    one.fee === other.fee ? one.timeStamp - other.timeStamp : one.fee > other.fee ? -1 : 1,
  );
}

/** MultisigSignatureMatchPredicate: not the wrapper's own signer, and a cosigner as of the last block. */
function belongs(cosignature: Cosignature, wrapper: Multisig, confirmed: State): boolean {
  return (
    cosignature.signerAddress !== wrapper.signerAddress &&
    cosignature.otherHash === wrapper.inner.hash &&
    debtorOf(cosignature) === wrapper.inner.signerAddress &&
    accountAt(confirmed, cosignature.signerAddress).cosignatoryOf.includes(wrapper.inner.signerAddress)
  );
}

/** ImpactfulTransactionPredicate */
function concerns(transaction: Transaction, address: Address, confirmed: State): boolean {
  if (accountsOf(transaction).has(address)) return true;
  if (transaction.kind !== 'multisig') return false;
  return accountAt(confirmed, address).cosignatoryOf.includes(transaction.inner.signerAddress);
}
