import type { Address, PublicKey } from '@kuramori/chains/nem/codec';
import { broken } from '../wire/failure.ts';
import { isXem, mosaicAt, type State } from './state.ts';
import {
  debtorOf,
  type CosignerChange,
  type Levy,
  type Mosaic,
  type MosaicDefinition,
  type MosaicId,
  type Transaction,
  type Transfer,
} from '../wire/transaction.ts';

/** What a transaction does, step by step: NIS's notifications, in its order (Transaction.transfer). */
export type Effect =
  | { readonly kind: 'account'; readonly address: Address; readonly publicKey?: PublicKey }
  | { readonly kind: 'transfer'; readonly from: Address; readonly to: Address; readonly amount: bigint }
  | { readonly kind: 'debit'; readonly account: Address; readonly amount: bigint }
  | { readonly kind: 'mosaic'; readonly from: Address; readonly to: Address; readonly mosaic: Mosaic }
  | { readonly kind: 'cosigner'; readonly multisig: Address; readonly change: CosignerChange }
  | { readonly kind: 'minimum'; readonly multisig: Address; readonly change: number }
  | { readonly kind: 'remote'; readonly owner: Address; readonly remote: Address; readonly mode: number }
  | { readonly kind: 'namespace'; readonly owner: Address; readonly name: string }
  | { readonly kind: 'definition'; readonly definition: MosaicDefinition }
  | {
      readonly kind: 'supply';
      readonly mosaicId: MosaicId;
      readonly supplyType: number;
      readonly delta: bigint;
    };

/** The effects of the transaction with all that it carries; its fee comes last. Throws NisFailure where NIS throws. */
export function effectsOf(transaction: Transaction, state: State): readonly Effect[] {
  const fee: Effect = { kind: 'debit', account: debtorOf(transaction), amount: transaction.fee };
  return [...ownEffects(transaction, state), fee];
}

function ownEffects(transaction: Transaction, state: State): readonly Effect[] {
  const signer = transaction.signerAddress;
  switch (transaction.kind) {
    case 'transfer':
      return transferEffects(transaction, state);
    case 'importanceTransfer':
      return [
        { kind: 'account', address: transaction.remoteAddress, publicKey: transaction.remote },
        { kind: 'remote', owner: signer, remote: transaction.remoteAddress, mode: transaction.mode },
      ];
    case 'modification': {
      const changes = transaction.modifications.flatMap((change): readonly Effect[] => [
        { kind: 'account', address: change.address, publicKey: change.cosigner },
        { kind: 'cosigner', multisig: signer, change },
      ]);
      const minimum = transaction.minCosignatoriesChange;
      return minimum === null
        ? changes
        : [...changes, { kind: 'minimum', multisig: signer, change: minimum }];
    }
    case 'cosignature':
      return [];
    case 'multisig':
      return [
        ...transaction.cosignatures.flatMap((cosignature) => effectsOf(cosignature, state)),
        ...effectsOf(transaction.inner, state),
      ];
    case 'namespace':
      return [
        { kind: 'account', address: transaction.rentalFeeSink },
        { kind: 'transfer', from: signer, to: transaction.rentalFeeSink, amount: transaction.rentalFee },
        { kind: 'namespace', owner: signer, name: fullName(transaction) },
      ];
    case 'mosaicDefinition':
      return [
        { kind: 'definition', definition: transaction.definition },
        { kind: 'transfer', from: signer, to: transaction.creationFeeSink, amount: transaction.creationFee },
      ];
    case 'supplyChange': {
      const { mosaicId, supplyType, delta } = transaction;
      return [{ kind: 'supply', mosaicId, supplyType, delta }];
    }
    default:
      return transaction satisfies never;
  }
}

/** ProvisionNamespaceTransaction.getResultingNamespaceId */
export function fullName({
  parent,
  newPart,
}: {
  readonly parent: string | null;
  readonly newPart: string;
}): string {
  return parent === null ? newPart : `${parent}.${newPart}`;
}

function transferEffects(transfer: Transfer, state: State): readonly Effect[] {
  const { signerAddress: from, recipient: to } = transfer;
  const effects: Effect[] = [{ kind: 'account', address: to }];
  const xem = xemMoved(transfer);
  if (xem !== null) effects.push({ kind: 'transfer', from, to, amount: xem });
  for (const mosaic of mosaicsMoved(transfer)) {
    effects.push({ kind: 'mosaic', from, to, mosaic });
    const levy = levyOn(mosaic, state);
    if (levy !== null) effects.push(levyEffect(levy, from));
  }
  return effects;
}

function levyEffect(levy: Levy, from: Address): Effect {
  const { recipient: to, mosaicId, fee } = levy;
  return isXem(mosaicId)
    ? { kind: 'transfer', from, to, amount: fee }
    : { kind: 'mosaic', from, to, mosaic: { mosaicId, quantity: fee } };
}

/** The XEM that moves: the amount, or with mosaics the amount's share of nem:xem, if that is among them. */
function xemMoved({ amount, mosaics }: Transfer): bigint | null {
  if (mosaics.length === 0) return amount;
  const xem = mosaics.find(({ mosaicId }) => isXem(mosaicId));
  return xem === undefined ? null : multiplied(xem.quantity, amount);
}

/** The other mosaics, multiplied (TransferTransaction.getMosaics). */
export function mosaicsMoved({ amount, mosaics }: Transfer): readonly Mosaic[] {
  return mosaics
    .filter(({ mosaicId }) => !isXem(mosaicId))
    .map(({ mosaicId, quantity }) => ({ mosaicId, quantity: multiplied(quantity, amount) }));
}

function multiplied(quantity: bigint, amount: bigint): bigint {
  const product = (quantity * amount) / 1_000_000n;
  // TransferTransaction.getRawQuantity: longValueExact
  if (product >= 2n ** 63n) throw broken('BigInteger out of long range', 'java.lang.ArithmeticException');
  return product;
}

/** DefaultMosaicTransferFeeCalculator: absolute, or so many of ten thousand of what moves; none if it is 0. */
function levyOn({ mosaicId, quantity }: Mosaic, state: State): Levy | null {
  const levy = mosaicAt(state, mosaicId)?.definition.levy ?? null;
  if (levy === null) return null;
  const fee = levy.type === 1 ? levy.fee : BigInt.asIntN(64, quantity * levy.fee) / 10_000n;
  return fee === 0n ? null : { ...levy, fee };
}
