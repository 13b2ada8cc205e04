import { addressOf, type Address } from '@kuramori/chains/nem/codec';
import { BytesIn } from './bytes-in.ts';
import { broken, illegal, mismatched } from './failure.ts';
import {
  maxQuantity,
  namespaceId,
  namespacePart,
  readDefinition,
  readMosaicId,
  readMosaics,
} from './deserialise-mosaic.ts';
import { addCosignature, seal, type Unsealed } from './serialise.ts';
import {
  transactionTypes,
  type Cosignature,
  type CosignerChange,
  type Modification,
  type Network,
  type Transaction,
  type Transfer,
} from './transaction.ts';
import { amount, instant, publicKey, quantity, readAddress, signatureText } from './wire-values.ts';

/** Whether the bytes hold signatures, as in blocks, or not, as in announces. */
export type Form = 'verifiable' | 'non-verifiable';

/** Reads what NIS reads, which is more than what it accepts later; throws NisFailure (TransactionFactory). */
export function deserialise(bytes: Uint8Array, form: Form, network: Network): Transaction {
  return readTransaction(new BytesIn(bytes), form, network);
}

type Kind = Transaction['kind'];
const kinds = new Map<number, Kind>(
  Object.entries(transactionTypes).map(([kind, type]) => [type, kind as Kind]),
);

export function readTransaction(from: BytesIn, form: Form, network: Network): Transaction {
  const type = from.int('type');
  const kind = kinds.get(type);
  if (kind === undefined) throw illegal(`Unknown transaction type: ${type}`);
  const version = from.int('version');
  const timeStamp = instant(from.int('timeStamp'));
  const signer = publicKey(from.bytes('signer'));
  const common = {
    version: version & 0xffffff,
    networkByte: version >>> 24,
    timeStamp,
    signer,
    signerAddress: addressOf(signer, network),
    signature: form === 'verifiable' ? signatureText(from.bytes('signature')) : null,
    fee: amount(from.long('fee')),
    deadline: instant(from.int('deadline')),
  };
  return readBody(from, kind, common, form, network);
}

type CommonFields = Omit<Unsealed<Cosignature>, 'kind' | 'otherHash' | 'otherAccount'>;

function readBody(
  from: BytesIn,
  kind: Kind,
  common: CommonFields,
  form: Form,
  network: Network,
): Transaction {
  switch (kind) {
    case 'transfer':
      return readTransfer(from, common, network);
    case 'importanceTransfer': {
      const mode = from.int('mode');
      const remote = publicKey(from.bytes('remoteAccount'));
      if (mode !== 1 && mode !== 2) throw mismatched('mode');
      return seal({ ...common, kind, mode, remote, remoteAddress: addressOf(remote, network) });
    }
    case 'modification':
      return readModification(from, common, network);
    case 'cosignature': {
      const otherHash = from.object('otherHash', (inner) => inner.bytes('data')).toHex();
      return seal({ ...common, kind, otherHash, otherAccount: readAddress(from, 'otherAccount', network) });
    }
    case 'multisig': {
      const inner = from.object('otherTrans', (bytes) => readTransaction(bytes, 'non-verifiable', network));
      let cosignatures: readonly Cosignature[] = [];
      if (form === 'verifiable') {
        for (const cosignature of from.objects('signatures', (bytes) =>
          readTransaction(bytes, form, network),
        )) {
          cosignatures = withCosignature(cosignatures, cosignature, inner, common.signerAddress);
        }
      }
      return seal({ ...common, kind, inner, cosignatures });
    }
    case 'namespace': {
      const rentalFeeSink = readAddress(from, 'rentalFeeSink', network);
      const rentalFee = amount(from.long('rentalFee'));
      const newPart = namespacePart(from.string('newPart'));
      const parent = from.optionalString('parent');
      return seal({
        ...common,
        kind,
        rentalFeeSink,
        rentalFee,
        newPart,
        parent: parent === undefined ? null : namespaceId(parent),
      });
    }
    case 'mosaicDefinition': {
      const definition = from.object('mosaicDefinition', (bytes) => readDefinition(bytes, network));
      const creationFeeSink = readAddress(from, 'creationFeeSink', network);
      const creationFee = amount(from.long('creationFee'));
      if (definition.creatorAddress !== common.signerAddress) {
        throw illegal('transaction signer and mosaic definition creator must be identical');
      }
      return seal({ ...common, kind, definition, creationFeeSink, creationFee });
    }
    case 'supplyChange': {
      const mosaicId = from.object('mosaicId', readMosaicId);
      const supplyType = from.int('supplyType');
      const delta = quantity(from.long('delta'));
      if (delta < 1n || delta > maxQuantity)
        throw illegal(`delta must be between 1 and ${maxQuantity} inclusive`);
      if (supplyType !== 1 && supplyType !== 2) throw illegal('supply type validity must be true');
      return seal({ ...common, kind, mosaicId, supplyType, delta });
    }
    default:
      return kind satisfies never;
  }
}

function readTransfer(from: BytesIn, common: CommonFields, network: Network): Transaction {
  const recipient = readAddress(from, 'recipient', network);
  const sent = amount(from.long('amount'));
  const message = from.optionalObject('message', (inner) => {
    const type = inner.int('type');
    if (type !== 1 && type !== 2) throw illegal(`Unknown message type: ${type}`);
    return { type, payload: inner.bytes('payload') } as const;
  });
  const mosaics = common.version >= 2 ? readMosaics(from) : [];
  return seal<Transfer>({
    ...common,
    kind: 'transfer',
    recipient,
    amount: sent,
    message: message === undefined || message.payload.length === 0 ? null : message,
    mosaics,
  });
}

function readModification(from: BytesIn, common: CommonFields, network: Network): Transaction {
  const modifications = from.objects('modifications', (inner): CosignerChange => {
    const type = inner.int('modificationType');
    const cosigner = publicKey(inner.bytes('cosignatoryAccount'));
    if (type !== 1 && type !== 2) throw illegal('invalid mode');
    return { type, cosigner, address: addressOf(cosigner, network) };
  });
  const change =
    common.version >= 2
      ? from.optionalObject('minCosignatories', (inner) => inner.int('relativeChange'))
      : undefined;
  if (modifications.length === 0 && change === undefined) {
    throw illegal(
      common.version >= 2
        ? 'Either cosignatory modifications or change of minimum cosignatories must be present'
        : 'Cosignatory modifications cannot be empty',
    );
  }
  modifications.sort(
    (one, other) =>
      one.type - other.type || (one.address < other.address ? -1 : one.address > other.address ? 1 : 0),
  );
  return seal<Modification>({
    ...common,
    kind: 'modification',
    modifications,
    minCosignatoriesChange: change ?? null,
  });
}

function withCosignature(
  known: readonly Cosignature[],
  added: Transaction,
  inner: Transaction,
  wrapperSigner: Address,
): readonly Cosignature[] {
  if (added.kind !== 'cosignature')
    throw broken('not a MultisigSignatureTransaction', 'java.lang.ClassCastException');
  if (added.otherHash !== inner.hash) {
    throw illegal('trying to add a signature for another transaction to a multisig transaction');
  }
  if (added.otherAccount !== inner.signerAddress)
    throw illegal('trying to add a signature with an unexpected debtor');
  return addCosignature(known, wrapperSigner, added);
}
