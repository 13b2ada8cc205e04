import { transactionHash } from '@kuramori/chains/nem/codec';
import { BytesOut } from './bytes-out.ts';
import {
  transactionTypes,
  type Cosignature,
  type Levy,
  type MosaicDefinition,
  type MosaicId,
  type Transaction,
} from './transaction.ts';

type Derived = 'bytes' | 'hash';
/** A transaction before its canonical bytes and hash are known. */
export type Unsealed<T extends Transaction = Transaction> = T extends Transaction ? Omit<T, Derived> : never;

/** Adds the canonical bytes, which alone are signed and hashed, and their hash. */
export function seal<T extends Transaction>(unsealed: Unsealed<T>): T {
  const bytes = nonVerifiable(unsealed);
  return { ...unsealed, bytes, hash: transactionHash(bytes) } as unknown as T;
}

/** The bytes with signatures, as blocks hold them (VerifiableEntity.serialize). */
export function verifiable(transaction: Transaction): Uint8Array {
  const { signature } = transaction;
  if (signature === null) throw new Error('verifiable: the transaction is not signed');
  const out = head(transaction);
  out.hex(signature);
  body(out, transaction);
  if (transaction.kind === 'multisig') {
    out.int(transaction.cosignatures.length);
    for (const cosignature of transaction.cosignatures) out.bytes(verifiable(cosignature));
  }
  return out.done();
}

function nonVerifiable(transaction: Unsealed): Uint8Array {
  const out = head(transaction);
  body(out, transaction);
  return out.done();
}

function head(transaction: Unsealed): BytesOut {
  return new BytesOut()
    .int(transactionTypes[transaction.kind])
    .int((transaction.networkByte << 24) | transaction.version)
    .int(transaction.timeStamp)
    .hex(transaction.signer);
}

function body(out: BytesOut, transaction: Unsealed): void {
  out.long(transaction.fee).int(transaction.deadline);
  switch (transaction.kind) {
    case 'transfer': {
      const { message } = transaction;
      out.string(transaction.recipient).long(transaction.amount);
      if (message === null) out.noObject();
      else out.object((inner) => inner.int(message.type).bytes(message.payload));
      if (transaction.version >= 2) {
        out.objects(transaction.mosaics, (inner, { mosaicId: id, quantity }) =>
          inner.object((bytes) => mosaicId(bytes, id)).long(quantity),
        );
      }
      return;
    }
    case 'importanceTransfer':
      out.int(transaction.mode).hex(transaction.remote);
      return;
    case 'modification': {
      const change = transaction.minCosignatoriesChange;
      out.objects(transaction.modifications, (inner, { type, cosigner }) => inner.int(type).hex(cosigner));
      if (transaction.version < 2) return;
      if (change === null) out.noObject();
      else out.object((inner) => inner.int(change));
      return;
    }
    case 'cosignature':
      out.object((inner) => inner.hex(transaction.otherHash)).string(transaction.otherAccount);
      return;
    case 'multisig':
      out.bytes(transaction.inner.bytes);
      return;
    case 'namespace':
      out.string(transaction.rentalFeeSink).long(transaction.rentalFee);
      out.string(transaction.newPart).string(transaction.parent);
      return;
    case 'mosaicDefinition':
      out.object((inner) => definition(inner, transaction.definition));
      out.string(transaction.creationFeeSink).long(transaction.creationFee);
      return;
    case 'supplyChange':
      out.object((inner) => mosaicId(inner, transaction.mosaicId));
      out.int(transaction.supplyType).long(transaction.delta);
      return;
  }
}

function mosaicId(out: BytesOut, id: MosaicId): BytesOut {
  return out.string(id.namespaceId).string(id.name);
}

function definition(out: BytesOut, { creator, id, description, properties, levy }: MosaicDefinition): void {
  out
    .hex(creator)
    .object((inner) => mosaicId(inner, id))
    .string(description);
  // DefaultMosaicProperties.asCollection: always these four, in this order, whatever the announce held.
  const values: readonly (readonly [string, string])[] = [
    ['divisibility', `${properties.divisibility}`],
    ['initialSupply', `${properties.initialSupply}`],
    ['supplyMutable', `${properties.supplyMutable}`],
    ['transferable', `${properties.transferable}`],
  ];
  out.objects(values, (inner, [name, value]) => inner.string(name).string(value));
  if (levy === null) out.noObject();
  else out.object((inner) => writeLevy(inner, levy));
}

function writeLevy(out: BytesOut, levy: Levy): void {
  out.int(levy.type).string(levy.recipient);
  out.object((inner) => mosaicId(inner, levy.mosaicId)).long(levy.fee);
}

/** Adds a cosignature where the wrapper has none of that cosigner yet; the first one counts (MultisigTransaction.addSignature). */
export function addCosignature(
  cosignatures: readonly Cosignature[],
  wrapperSigner: string,
  added: Cosignature,
): readonly Cosignature[] {
  if (added.signerAddress === wrapperSigner) return cosignatures;
  if (cosignatures.some(({ signerAddress }) => signerAddress === added.signerAddress)) return cosignatures;
  return [...cosignatures, added].sort((one, other) => (one.signerAddress < other.signerAddress ? -1 : 1));
}
