// So that one wrong reading cannot fool wallet and node alike, symbol-sdk (development only) reads everything
// that a devnet accepts in a test once more, and both must have understood the same.
import { addressOf, type PublicKey } from '@kuramori/chains/nem/codec';
import { models } from 'symbol-sdk/nem';
import { expect } from 'vitest';
import {
  transactionTypes,
  type Levy,
  type Mosaic,
  type MosaicDefinition,
  type Transaction,
} from '../wire/transaction.ts';

/** Fails the test unless symbol-sdk reads the announced bytes as the node did. */
export function expectDecodedAlike(data: Uint8Array, understood: Transaction): void {
  expect(read(inSdkOrder(data))).toEqual(asSdkJson(understood));
}

function read(data: Uint8Array): unknown {
  return models.NonVerifiableTransactionFactory.deserialize(data).toJson();
}

const changeLength = 44;

/**
 * symbol-sdk reads changes of cosigners only in the order of their addresses' bytes, where NIS wants that of
 * their text; so they are put in that order for it, and then it is only their order that it does not check.
 */
function inSdkOrder(data: Uint8Array): Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  // Of a wrapper, the inner transaction's.
  const start = view.getUint32(0, true) === transactionTypes.multisig ? 64 : 0;
  if (view.getUint32(start, true) !== transactionTypes.modification) return data;
  const from = start + 64;
  const chunks = Array.from({ length: view.getUint32(start + 60, true) }, (_, at) =>
    data.slice(from + at * changeLength, from + (at + 1) * changeLength),
  );
  const sorted = Uint8Array.from(data);
  chunks.sort((one, other) => (sdkKey(one) < sdkKey(other) ? -1 : 1));
  for (const [at, chunk] of chunks.entries()) sorted.set(chunk, from + at * changeLength);
  return sorted;
}

// Type, then the address as bytes: base32's digits stand for more than its letters, though they sort before them.
function sdkKey(chunk: Uint8Array): string {
  const publicKey = chunk.subarray(12).toHex() as PublicKey;
  return `${chunk[4]}${byteOrder(addressOf(publicKey, 'mainnet'))}`;
}

function byteOrder(address: string): string {
  return address.replaceAll(/[2-7]/g, (digit) => String.fromCodePoint(89 + Number(digit)));
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
      return { linkAction: transaction.mode, remotePublicKey: transaction.remote.toUpperCase() };
    case 'modification':
      return {
        modifications: transaction.modifications
          .toSorted(
            (one, other) =>
              one.type - other.type || (byteOrder(one.address) < byteOrder(other.address) ? -1 : 1),
          )
          .map(({ type, cosigner }) => ({
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

function definitionJson({ creator, id, description, properties, levy }: MosaicDefinition): object {
  const { divisibility, initialSupply, supplyMutable, transferable } = properties;
  const values = Object.entries({ divisibility, initialSupply, supplyMutable, transferable });
  return {
    ownerPublicKey: creator.toUpperCase(),
    id: idJson(id),
    description: text(description),
    properties: values.map(([name, value]) => ({ property: { name: text(name), value: text(`${value}`) } })),
    ...(levy === null ? {} : { levy: levyJson(levy) }),
  };
}

function levyJson({ type, recipient, mosaicId, fee }: Levy): object {
  return {
    transferFeeType: type,
    recipientAddress: text(recipient),
    mosaicId: idJson(mosaicId),
    fee: `${fee}`,
  };
}

function text(value: string): string {
  return new TextEncoder().encode(value).toHex().toUpperCase();
}
