import { flawOf } from './flaw.ts';
import type { Mosaic } from './mosaic.ts';
import { networkByte } from './network.ts';
import { messageType, modificationType, transactionType } from './transaction.ts';
import type { Cosignature, Modification, Transaction, Transfer } from './transaction.ts';
import { writer, type Writer } from './writer.ts';

/**
 * The non-verifiable bytes: those that are hashed, signed and announced as `data`. No signature is in them.
 * Throws on a transaction that breaks a rule of `flawOf`, which only a programmer's mistake can build.
 */
export function encode(transaction: Transaction): Uint8Array {
  const flaw = flawOf(transaction);
  if (flaw !== undefined) throw new Error(`encode: ${flaw.field} is refused, ${flaw.why}`);
  return layOut(transaction);
}

/** `encode` without its check. Layout: NIS VerifiableEntity and Transaction; all numbers little endian. */
export function layOut(transaction: Transaction): Uint8Array {
  const out = writer();
  out.u32(transactionType[transaction.kind]);
  out.i32(versionOf(transaction));
  out.u32(transaction.timeStamp);
  out.sized((key) => key.hex(transaction.signer, 32));
  out.u64(transaction.fee);
  out.u32(transaction.deadline);
  layOutBody(out, transaction);
  return out.bytes();
}

/** The version word: the network's byte, which makes it negative on the testnet, then the entity's version. */
export function versionOf({ network, version }: Pick<Transaction, 'network' | 'version'>): number {
  return (networkByte[network] << 24) | version;
}

function layOutBody(out: Writer, transaction: Transaction): void {
  switch (transaction.kind) {
    case 'transfer':
      return layOutTransfer(out, transaction);
    case 'modification':
      return layOutModification(out, transaction);
    case 'cosignature':
      return layOutCosignature(out, transaction);
    case 'multisig':
      return out.sized((inner) => inner.hex(layOut(transaction.inner).toHex()));
    default:
      return transaction satisfies never;
  }
}

function layOutTransfer(out: Writer, transfer: Transfer): void {
  const { recipient, amount, message, mosaics, version } = transfer;
  out.sized((address) => address.ascii(recipient));
  out.u64(amount);
  out.sized((envelope) => {
    if (message.kind === 'none') return; // an envelope of no bytes
    envelope.u32(messageType[message.kind]);
    envelope.sized((payload) => payload.hex(message.payload));
  });
  if (version === 1) {
    if (mosaics.length > 0) throw new Error('encode: a transfer of version 1 carries no mosaics');
    return;
  }
  out.u32(mosaics.length);
  for (const mosaic of mosaics) out.sized((inner) => layOutMosaic(inner, mosaic));
}

function layOutMosaic(out: Writer, { id, quantity }: Mosaic): void {
  out.sized((inner) => {
    inner.sized((text) => text.ascii(id.namespaceId));
    inner.sized((text) => text.ascii(id.name));
  });
  out.u64(quantity);
}

function layOutModification(out: Writer, modification: Modification): void {
  const { modifications, minCosignatoriesChange, version } = modification;
  out.u32(modifications.length);
  for (const { type, cosigner } of modifications) {
    out.sized((change) => {
      change.u32(modificationType[type]);
      change.sized((key) => key.hex(cosigner, 32));
    });
  }
  if (version === 1) {
    if (minCosignatoriesChange !== null) {
      throw new Error('encode: a modification of version 1 has no minCosignatoriesChange');
    }
    return;
  }
  // NIS writes an object that is not there as no bytes, so "no change" and "a change of 0" are different bytes.
  out.sized((change) => {
    if (minCosignatoriesChange !== null) change.i32(minCosignatoriesChange);
  });
}

function layOutCosignature(out: Writer, { innerHash, multisig }: Cosignature): void {
  out.sized((object) => object.sized((hash) => hash.hex(innerHash, 32)));
  out.sized((address) => address.ascii(multisig));
}
