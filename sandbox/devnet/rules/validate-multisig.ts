import type { Address } from '@kuramori/chains/nem/codec';
import { accountAt, isMultisig } from '../state/state.ts';
import type { Transaction } from '../wire/transaction.ts';
import type { Setting } from './validate.ts';
import { success, type Verdict } from './verdict.ts';

const maxCosigners = 32; // BlockChainConstants.MAX_ALLOWED_COSIGNATORIES_PER_ACCOUNT

/** MultisigNonOperationalValidator: a multisig account does nothing by itself, only inside a wrapper. */
export function validateNotDirect(transaction: Transaction, { state }: Setting): Verdict {
  const isChild = transaction.signature === null;
  return !isChild && isMultisig(accountAt(state, transaction.signerAddress)) ? 74 : success;
}

/** MultisigTransactionSignerValidator */
export function validateMultisigSigner(transaction: Transaction, { state }: Setting): Verdict {
  if (transaction.kind !== 'multisig') return success;
  const { cosignatoryOf } = accountAt(state, transaction.signerAddress);
  return cosignatoryOf.includes(transaction.inner.signerAddress) ? success : 71;
}

/** MultisigCosignatoryModificationValidator */
export function validateModification(transaction: Transaction, { state }: Setting): Verdict {
  if (transaction.kind !== 'modification') return success;
  const multisig = transaction.signerAddress;
  const added = new Set<Address>();
  const removed = new Set<Address>();
  for (const { type, address } of transaction.modifications) {
    const account = accountAt(state, address);
    const isCosigner = account.cosignatoryOf.includes(multisig);
    if (type === 1) {
      if (isCosigner) return 75;
      if (isMultisig(account) || address === multisig) return 81;
      added.add(address);
    } else {
      if (!isCosigner) return 71;
      removed.add(address);
    }
  }
  if (removed.size > 1) return 77;
  if (transaction.modifications.length !== added.size + removed.size) return 78;
  // No multisig of multisigs: who cosigns for another account cannot become one.
  return accountAt(state, multisig).cosignatoryOf.length > 0 ? 81 : success;
}

/** NumCosignatoryRangeValidator: a minimum of 0 means all. */
export function validateCosignerRange(transaction: Transaction, { state }: Setting): Verdict {
  if (transaction.kind !== 'modification') return success;
  const account = accountAt(state, transaction.signerAddress);
  const cosigners = transaction.modifications.reduce(
    (count, { type }) => count + (type === 1 ? 1 : -1),
    account.cosignatories.length,
  );
  const minimum = account.minCosignatories + (transaction.minCosignatoriesChange ?? 0);
  if (minimum < 0 || minimum > cosigners) return 82;
  return cosigners > maxCosigners ? 80 : success;
}

/**
 * MultisigSignaturesPresentValidator. Whom the inner modification removes counts on neither side, so all
 * others of an n-of-n suffice against one, while an m-of-n needs m without the one removed.
 */
export function validateSignaturesPresent(transaction: Transaction, { state }: Setting): Verdict {
  if (transaction.kind !== 'multisig') return success;
  const { inner, cosignatures, signerAddress } = transaction;
  const { cosignatories, minCosignatories } = accountAt(state, inner.signerAddress);
  const signers = new Set([signerAddress, ...cosignatures.map((cosignature) => cosignature.signerAddress)]);
  const expected = new Set(cosignatories);
  if (![...signers].every((signer) => expected.has(signer))) return 72;
  const changes = inner.kind === 'modification' ? inner.modifications : [];
  for (const { type, address } of changes) {
    if (type !== 2) continue;
    signers.delete(address);
    expected.delete(address);
  }
  const needsAll = minCosignatories === 0 || minCosignatories === cosignatories.length;
  const enough = needsAll ? signers.size === expected.size : signers.size >= minCosignatories;
  return enough ? success : 72;
}
