// So that one wrong reading cannot fool wallet and node alike, symbol-sdk (development only) reads everything
// that a devnet accepts in a test once more, and both must have understood the same.
import { models } from 'symbol-sdk/nem';
import { expect } from 'vitest';
import { transactionTypes, type Mosaic, type MosaicDefinition, type Transaction } from './transaction.ts';

/** Fails the test unless symbol-sdk reads the announced bytes as the node did. */
export function expectDecodedAlike(data: Uint8Array, understood: Transaction): void {
  const read: unknown = models.NonVerifiableTransactionFactory.deserialize(data).toJson();
  expect(read).toEqual(asSdkJson(understood));
}

function asSdkJson(transaction: Transaction): object {
  const { version, networkByte, timeStamp, signer, fee, deadline } = transaction;
  return {
    type: transactionTypes[transaction.kind],
    version,
    network: networkByte,
    timestamp: timeStamp,
    signerPublicKey: signer.toUpperCase(),
    fee: `${fee}`,
    deadline,
    ...body(transaction),
  };
}

function body(transaction: Transaction): object {
  switch (transaction.kind) {
    case 'transfer': {
      const { recipient, amount, message, mosaics, version } = transaction;
      return {
        recipientAddress: text(recipient),
        amount: `${amount}`,
        ...(message === null
          ? {}
          : { message: { messageType: message.type, message: message.payload.toHex().toUpperCase() } }),
        ...(version === 1 ? {} : { mosaics: mosaics.map((mosaic) => ({ mosaic: mosaicJson(mosaic) })) }),
      };
    }
    case 'importanceTransfer':
      return { mode: transaction.mode, remotePublicKey: transaction.remote.toUpperCase() };
    case 'modification':
      return {
        modifications: transaction.modifications.map(({ type, cosigner }) => ({
          modification: { modificationType: type, cosignatoryPublicKey: cosigner.toUpperCase() },
        })),
        ...(transaction.version === 1 ? {} : { minApprovalDelta: transaction.minCosignatoriesChange }),
      };
    case 'cosignature':
      return {
        otherTransactionHash: transaction.otherHash.toUpperCase(),
        multisigAccountAddress: text(transaction.otherAccount),
      };
    case 'multisig':
      return { innerTransaction: asSdkJson(transaction.inner) };
    case 'namespace': {
      const { rentalFeeSink, rentalFee, newPart, parent } = transaction;
      const under = parent === null ? {} : { parentName: text(parent) };
      return { rentalFeeSink: text(rentalFeeSink), rentalFee: `${rentalFee}`, name: text(newPart), ...under };
    }
    case 'mosaicDefinition': {
      const { definition, creationFeeSink, creationFee } = transaction;
      return {
        mosaicDefinition: definitionJson(definition),
        rentalFeeSink: text(creationFeeSink),
        rentalFee: `${creationFee}`,
      };
    }
    case 'supplyChange':
      return {
        mosaicId: idJson(transaction.mosaicId),
        action: transaction.supplyType,
        delta: `${transaction.delta}`,
      };
    default:
      return transaction satisfies never;
  }
}

function mosaicJson({ mosaicId, quantity }: Mosaic): object {
  return { mosaicId: idJson(mosaicId), amount: `${quantity}` };
}

function idJson({ namespaceId, name }: Mosaic['mosaicId']): object {
  return { namespaceId: { name: text(namespaceId) }, name: text(name) };
}

function definitionJson({ creator, id, description, properties }: MosaicDefinition): object {
  const { divisibility, initialSupply, supplyMutable, transferable } = properties;
  const values = Object.entries({ divisibility, initialSupply, supplyMutable, transferable });
  return {
    ownerPublicKey: creator.toUpperCase(),
    id: idJson(id),
    description: text(description),
    properties: values.map(([name, value]) => ({ property: { name: text(name), value: text(`${value}`) } })),
  };
}

function text(value: string): string {
  return new TextEncoder().encode(value).toHex().toUpperCase();
}
