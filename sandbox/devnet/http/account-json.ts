import type { Address, PublicKey } from '@kuramori/chains/nem/codec';
import { javaOrder } from './java-order.ts';
import { JavaDouble, type Json } from './json.ts';
import type { NodeCore } from '../node.ts';
import { remoteStatus } from '../state/remote.ts';
import { accountAt } from '../state/state.ts';
import { broken } from '../wire/failure.ts';

/** AccountMetaDataPair: what /account/get answers; who asks by key is shown it, even if nobody knows the account. */
export function accountJson(node: NodeCore, address: Address, key?: PublicKey): Json {
  return { meta: accountMetaJson(node, address), account: accountInfoJson(node, address, key) };
}

/** AccountMetaDataFactory */
export function accountMetaJson(node: NodeCore, address: Address): Json {
  const { cosignatories, cosignatoryOf } = accountAt(node.chain.state, address);
  const unlocked = node.config.harvest !== undefined && address === harvesterAddress(node);
  const infos = (addresses: readonly Address[]) =>
    javaOrder(addresses).map((other) => accountInfoJson(node, other as Address));
  return {
    status: unlocked ? 'UNLOCKED' : 'LOCKED',
    remoteStatus: accountRemoteStatus(node, address),
    cosignatoryOf: infos(cosignatoryOf),
    cosignatories: infos(cosignatories),
  };
}

// RemoteStatus.toAccountRemoteStatus; what is pending counts as begun.
function accountRemoteStatus({ chain, pool }: NodeCore, address: Address): string {
  const status = remoteStatus(accountAt(chain.state, address), chain.height());
  const shown = status.startsWith('REMOTE') ? 'REMOTE' : status === 'NOT_SET' ? 'INACTIVE' : status.slice(6);
  if (!pool.of(address, Infinity).some(({ kind }) => kind === 'importanceTransfer')) return shown;
  if (shown === 'INACTIVE') return 'ACTIVATING';
  if (shown === 'ACTIVE') return 'DEACTIVATING';
  const message = 'unexpected remote state for account with pending importance transfer';
  throw broken(message, 'java.lang.IllegalStateException');
}

// All balance is vested at once, as on the recorded chain.
function accountInfoJson({ chain }: NodeCore, address: Address, key?: PublicKey): Json {
  const { balance, harvestedBlocks, importance, cosignatories, minCosignatories } = accountAt(
    chain.state,
    address,
  );
  return {
    address,
    publicKey: chain.publicKeyOf(address) ?? key ?? null,
    balance,
    vestedBalance: balance,
    harvestedBlocks,
    label: null,
    importance: new JavaDouble(importance?.value ?? 0),
    multisigInfo:
      cosignatories.length === 0 ? {} : { cosignatoriesCount: cosignatories.length, minCosignatories },
  };
}

function harvesterAddress({ chain }: NodeCore): Address | undefined {
  return chain.at(1)?.block.signerAddress;
}
