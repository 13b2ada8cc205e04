import type { Json } from './json.ts';
import {
  transactionTypes,
  type Levy,
  type Mosaic,
  type MosaicDefinition,
  type MosaicId,
  type Transaction,
} from '../wire/transaction.ts';

type Fields = { readonly [key: string]: Json };

/** A transaction as NIS writes it; the inner one of a multisig has no signature. */
export function transactionJson(transaction: Transaction): Fields {
  const { version, networkByte, timeStamp, signer, signature, fee, deadline } = transaction;
  return {
    type: transactionTypes[transaction.kind],
    version: (networkByte << 24) | version,
    timeStamp,
    signer,
    ...(signature === null ? {} : { signature }),
    fee,
    deadline,
    ...bodyJson(transaction),
  };
}

function bodyJson(transaction: Transaction): Fields {
  switch (transaction.kind) {
    case 'transfer': {
      const { recipient, amount, message, mosaics, version } = transaction;
      const written = message === null ? {} : { type: message.type, payload: message.payload.toHex() };
      return {
        recipient,
        amount,
        message: written,
        ...(version >= 2 ? { mosaics: mosaics.map(mosaicJson) } : {}),
      };
    }
    case 'importanceTransfer':
      return { mode: transaction.mode, remoteAccount: transaction.remote };
    case 'modification': {
      const { modifications, minCosignatoriesChange, version } = transaction;
      const changes = modifications.map(({ type, cosigner }) => ({
        modificationType: type,
        cosignatoryAccount: cosigner,
      }));
      if (version < 2) return { modifications: changes };
      const minimum = minCosignatoriesChange === null ? {} : { relativeChange: minCosignatoriesChange };
      return { modifications: changes, minCosignatories: minimum };
    }
    case 'cosignature':
      return { otherHash: { data: transaction.otherHash }, otherAccount: transaction.otherAccount };
    case 'multisig':
      return {
        otherTrans: transactionJson(transaction.inner),
        signatures: transaction.cosignatures.map(transactionJson),
      };
    case 'namespace': {
      const { rentalFeeSink, rentalFee, newPart, parent } = transaction;
      return { rentalFeeSink, rentalFee, newPart, parent };
    }
    case 'mosaicDefinition': {
      const { definition, creationFeeSink, creationFee } = transaction;
      return { mosaicDefinition: definitionJson(definition), creationFeeSink, creationFee };
    }
    case 'supplyChange': {
      const { mosaicId, supplyType, delta } = transaction;
      return { mosaicId: mosaicIdJson(mosaicId), supplyType, delta };
    }
    default:
      return transaction satisfies never;
  }
}

export function mosaicJson({ mosaicId, quantity }: Mosaic): Fields {
  return { mosaicId: mosaicIdJson(mosaicId), quantity };
}

export function mosaicIdJson({ namespaceId, name }: MosaicId): Fields {
  return { namespaceId, name };
}

export function definitionJson({ creator, id, description, properties, levy }: MosaicDefinition): Fields {
  return {
    creator,
    id: mosaicIdJson(id),
    description,
    properties: [
      { name: 'divisibility', value: `${properties.divisibility}` },
      { name: 'initialSupply', value: `${properties.initialSupply}` },
      { name: 'supplyMutable', value: `${properties.supplyMutable}` },
      { name: 'transferable', value: `${properties.transferable}` },
    ],
    levy: levy === null ? {} : levyJson(levy),
  };
}

function levyJson({ type, recipient, mosaicId, fee }: Levy): Fields {
  return { type, recipient, mosaicId: mosaicIdJson(mosaicId), fee };
}
