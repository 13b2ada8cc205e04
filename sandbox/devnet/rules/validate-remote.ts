import type { Address } from '@kuramori/chains/nem/codec';
import { changedRecently, currentLink, remoteStatus } from '../state/remote.ts';
import { accountAt, isMultisig, type State } from '../state/state.ts';
import { accountsOf, type ImportanceTransfer, type Transaction } from '../wire/transaction.ts';
import type { Setting } from './validate.ts';
import { success, type Verdict } from './verdict.ts';

/** RemoteNonOperationalValidator: who harvests for another neither pays nor is paid. */
export function validateNotRemote(transaction: Transaction, { state, height }: Setting): Verdict {
  const isOperational = (address: Address): boolean => {
    const account = accountAt(state, address);
    const status = remoteStatus(account, height);
    return currentLink(account)?.end !== 'remote' || status === 'NOT_SET' || status === 'REMOTE_INACTIVE';
  };
  if (!isOperational(transaction.signerAddress)) return 66;
  if (transaction.kind === 'importanceTransfer') return success;
  return [...accountsOf(transaction)].every(isOperational) ? success : 66;
}

/** ImportanceTransferTransactionValidator: the remote account first, then the owner. */
export function validateImportanceTransfer(transaction: Transaction, { state, height }: Setting): Verdict {
  if (transaction.kind !== 'importanceTransfer') return success;
  const remote = validateRemote(transaction, state, height);
  return remote === success ? validateOwner(transaction, state, height) : remote;
}

function validateRemote(transfer: ImportanceTransfer, state: State, height: number): Verdict {
  const remote = accountAt(state, transfer.remoteAddress);
  if (changedRecently(remote, height)) return 63;
  const link = currentLink(remote);
  if (link?.end !== 'remote' || link.other === transfer.signerAddress) return success;
  const status = remoteStatus(remote, height);
  return status === 'REMOTE_INACTIVE' || status === 'NOT_SET' ? success : 64;
}

function validateOwner(transfer: ImportanceTransfer, state: State, height: number): Verdict {
  const owner = accountAt(state, transfer.signerAddress);
  if (changedRecently(owner, height)) return 63;
  const link = currentLink(owner);
  if (transfer.mode === 2) return link === undefined || link.mode === 2 ? 65 : success;
  if (isInUse(transfer.remoteAddress, state)) return 62;
  return link?.mode === 1 ? 64 : success;
}

// After the remote account fork: no XEM, mosaics, namespaces, cosigners, nor accounts to cosign for.
function isInUse(address: Address, state: State): boolean {
  const account = accountAt(state, address);
  if (account.balance !== 0n || account.mosaicIds.length > 0) return true;
  if (isMultisig(account) || account.cosignatoryOf.length > 0) return true;
  return [...state.roots.entries()].some(([, { owner }]) => owner === address);
}
