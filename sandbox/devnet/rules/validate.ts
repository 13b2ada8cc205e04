import { illegal } from '../wire/failure.ts';
import { validateBalance, validateMosaicBalance } from './validate-balance.ts';
import { isFeeValid } from './minimum-fee.ts';
import {
  validateCosignerRange,
  validateModification,
  validateMultisigSigner,
  validateNotDirect,
  validateSignaturesPresent,
} from './validate-multisig.ts';
import {
  validateMosaicBag,
  validateMosaicDefinition,
  validateNamespace,
  validateSupplyChange,
} from './validate-mosaic.ts';
import { validateImportanceTransfer, validateNotRemote } from './validate-remote.ts';
import { fixedAccounts, type State } from '../state/state.ts';
import { withChildren, type Transaction } from '../wire/transaction.ts';
import { isFailure, success, type Verdict } from './verdict.ts';

/** Where and when a transaction is judged. */
export interface Setting {
  readonly state: State;
  /** The height of the block that it would be in. */
  readonly height: number;
  /** The node's time, NEM seconds. */
  readonly now: number;
  readonly networkByte: number;
  /** The pool refuses what is expired; a block asks for all signatures instead. */
  readonly as: 'pending' | 'pending-unexpired' | 'in-block';
}

type Rule = (transaction: Transaction, setting: Setting) => Verdict;

const secondsADay = 86_400;
const maxSecondsAhead = 10; // BlockChainConstants.MAX_ALLOWED_SECONDS_AHEAD_OF_TIME
const maxMessage = 1_024;

/**
 * The order of TransactionValidatorFactory.createIncompleteSingleBuilder: the first rule that refuses gives
 * the code.
 */
const rules: readonly Rule[] = [
  // DeadlineValidator
  ({ timeStamp, deadline }) => {
    if (timeStamp >= deadline) return 3;
    // TimeInstant.addDays runs over a Java int.
    if (timeStamp + secondsADay > 0x7fff_ffff) throw illegal('time must be non-negative');
    return deadline > timeStamp + secondsADay ? 4 : success;
  },
  // MinimumFeeValidator
  (transaction, { state }) => (isFeeValid(transaction, state) ? success : 17),
  // VersionTransactionValidator
  ({ kind, version }) => (isVersionValid(kind, version) ? success : 22),
  // TransactionNonFutureEntityValidator
  ({ timeStamp }, { now }) => (timeStamp > now + maxSecondsAhead ? 10 : success),
  // NemesisSinkValidator
  ({ signerAddress }, { state }) => (signerAddress === fixedAccounts(state.network).nemesis ? 18 : success),
  validateBalance,
  // TransactionNetworkValidator
  (transaction, { networkByte }) => (transaction.networkByte === networkByte ? success : 20),
  validateNotRemote,
  validateNotDirect,
  // TransferTransactionValidator
  (transaction) =>
    transaction.kind === 'transfer' && (transaction.message?.payload.length ?? 0) > maxMessage ? 6 : success,
  validateImportanceTransfer,
  validateMultisigSigner,
  // FeeSinkNonOperationalValidator
  (transaction, { state, height }) => (spendsFromSink(transaction, state) && height > 1 ? 74 : success),
  validateModification,
  validateCosignerRange,
  validateNamespace,
  validateMosaicDefinition,
  validateSupplyChange,
  validateMosaicBag,
  validateMosaicBalance,
  // TransactionDeadlineValidator (pool only): of the wrapper and all that it carries.
  (transaction, { as, now }) =>
    as === 'pending-unexpired' && withChildren(transaction).some(({ deadline }) => deadline < now)
      ? 3
      : success,
  // MultisigSignaturesPresentValidator (blocks only)
  (transaction, setting) =>
    setting.as === 'in-block' ? validateSignaturesPresent(transaction, setting) : success,
];

/** All rules on the transaction, then all on each child: cosignatures first (ChildAwareSingleTransactionValidator). */
export function validate(transaction: Transaction, setting: Setting): Verdict {
  for (const each of withChildren(transaction)) {
    for (const rule of rules) {
      const verdict = rule(each, setting);
      if (isFailure(verdict)) return verdict;
    }
  }
  return success;
}

function isVersionValid(kind: Transaction['kind'], version: number): boolean {
  return version === 1 || (version === 2 && (kind === 'transfer' || kind === 'modification'));
}

function spendsFromSink(transaction: Transaction, { network }: State): boolean {
  if (transaction.kind !== 'multisig') return false;
  const { namespace, mosaic } = fixedAccounts(network);
  return [namespace, mosaic].includes(transaction.inner.signerAddress);
}
