import { versionOf } from './encode.ts';
import type { Signature } from './keys.ts';
import { messageType, modificationType, transactionType } from './transaction.ts';
import type {
  Cosignature,
  CosignerChange,
  Message,
  Modification,
  Multisig,
  Transaction,
  Transfer,
} from './transaction.ts';

/** Another cosigner's consent as a wrapper carries it once a node has it. */
export interface SignedCosignature {
  readonly transaction: Cosignature;
  readonly signature: Signature;
}

export type Json = string | number | null | boolean | readonly Json[] | { readonly [key: string]: Json };
export type NisJson = { readonly [key: string]: Json };

/**
 * The transaction as NIS writes it in history, unconfirmed transactions and blocks; keys even stand in its
 * order. Amounts are JSON numbers: the rules of `flawOf` keep all of them below 2^53. Only a multisig has
 * cosignatures.
 */
export function toNisJson(
  transaction: Transaction,
  signature: Signature,
  cosignatures: readonly SignedCosignature[] = [],
): NisJson {
  if (transaction.kind !== 'multisig' && cosignatures.length > 0) {
    throw new Error('toNisJson: only a multisig has cosignatures');
  }
  return withSignature(transaction, { signature }, cosignatures);
}

function withSignature(
  transaction: Transaction,
  signature: { readonly signature?: Signature },
  cosignatures: readonly SignedCosignature[],
): NisJson {
  switch (transaction.kind) {
    case 'transfer':
      return transferJson(transaction, signature);
    case 'modification':
      return modificationJson(transaction, signature);
    case 'multisig':
      return multisigJson(transaction, signature, cosignatures);
    case 'cosignature':
      return cosignatureJson(transaction, signature);
    default:
      return transaction satisfies never;
  }
}

function transferJson(transfer: Transfer, signature: NisJson): NisJson {
  const mosaics = transfer.mosaics.map(({ id, quantity }) => ({
    quantity: exact(quantity),
    mosaicId: { namespaceId: id.namespaceId, name: id.name },
  }));
  return {
    timeStamp: transfer.timeStamp,
    amount: exact(transfer.amount),
    ...signature,
    fee: exact(transfer.fee),
    recipient: transfer.recipient,
    ...(transfer.version === 1 ? {} : { mosaics }),
    type: transactionType.transfer,
    deadline: transfer.deadline,
    message: messageJson(transfer.message),
    version: versionOf(transfer),
    signer: transfer.signer,
  };
}

function messageJson(message: Message): NisJson {
  return message.kind === 'none' ? {} : { payload: message.payload, type: messageType[message.kind] };
}

function modificationJson(modification: Modification, signature: NisJson): NisJson {
  const change = modification.minCosignatoriesChange;
  const minCosignatories = change === null ? {} : { relativeChange: change };
  return {
    timeStamp: modification.timeStamp,
    ...signature,
    fee: exact(modification.fee),
    ...(modification.version === 1 ? {} : { minCosignatories }),
    type: transactionType.modification,
    deadline: modification.deadline,
    version: versionOf(modification),
    signer: modification.signer,
    modifications: modification.modifications.map(changeJson),
  };
}

function changeJson({ type, cosigner }: CosignerChange): NisJson {
  return { modificationType: modificationType[type], cosignatoryAccount: cosigner };
}

function multisigJson(
  multisig: Multisig,
  signature: NisJson,
  cosignatures: readonly SignedCosignature[],
): NisJson {
  return {
    timeStamp: multisig.timeStamp,
    ...signature,
    fee: exact(multisig.fee),
    type: transactionType.multisig,
    deadline: multisig.deadline,
    version: versionOf(multisig),
    signatures: cosignatures.map((one) => cosignatureJson(one.transaction, { signature: one.signature })),
    signer: multisig.signer,
    otherTrans: withSignature(multisig.inner, {}, []),
  };
}

function cosignatureJson(cosignature: Cosignature, signature: NisJson): NisJson {
  return {
    timeStamp: cosignature.timeStamp,
    otherHash: { data: cosignature.innerHash },
    otherAccount: cosignature.multisig,
    ...signature,
    fee: exact(cosignature.fee),
    type: transactionType.cosignature,
    deadline: cosignature.deadline,
    version: versionOf(cosignature),
    signer: cosignature.signer,
  };
}

function exact(amount: bigint): number {
  const number = Number(amount);
  if (!Number.isSafeInteger(number)) throw new Error(`toNisJson: ${amount} does not fit a JSON number`);
  return number;
}
