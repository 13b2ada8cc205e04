import type { Address, PublicKey } from '@kuramori/chains/nem/codec';
import { javaOrder } from './java-order.ts';
import { JavaDouble, type Json } from './json.ts';
import type { NodeCore } from '../node.ts';
import { accountAt } from '../state/state.ts';

/** AccountMetaDataPair: what /account/get answers; who asks by key is shown it, even if nobody knows the account. */
export function accountJson(node: NodeCore, address: Address, key?: PublicKey): Json {
  return { meta: accountMetaJson(node, address), account: accountInfoJson(node, address, key) };
}

/** AccountMetaDataFactory. Remote harvesting does not exist here, so it is always inactive. */
export function accountMetaJson(node: NodeCore, address: Address): Json {
  const { cosignatories, cosignatoryOf } = accountAt(node.chain.state, address);
  const unlocked = node.config.harvest !== undefined && address === harvesterAddress(node);
  const infos = (addresses: readonly Address[]) =>
    javaOrder(addresses).map((other) => accountInfoJson(node, other as Address));
  return {
    status: unlocked ? 'UNLOCKED' : 'LOCKED',
    remoteStatus: 'INACTIVE',
    cosignatoryOf: infos(cosignatoryOf),
    cosignatories: infos(cosignatories),
  };
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
