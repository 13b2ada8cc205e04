import { parseAddress } from './address.ts';
import { compareModifications } from './modification.ts';
import {
  compareMosaicIds,
  formatMosaicId,
  isMosaicId,
  maxQuantity,
  xemMosaic,
  type Mosaic,
} from './mosaic.ts';
import { movements } from './movement.ts';
import type { CosignerChange, Modification, Transaction, Transfer } from './transaction.ts';

/** Why a transaction can have no meaning on its network, whatever the state of the chain. */
export type FlawKind =
  | 'wrong-network'
  | 'time-out-of-range'
  | 'deadline-not-after-timestamp'
  | 'amount-out-of-range'
  | 'not-an-address'
  | 'empty-message'
  | 'message-too-long'
  | 'too-many-mosaics'
  | 'invalid-mosaic-name'
  | 'mosaics-out-of-order'
  | 'duplicate-mosaic'
  | 'no-modification'
  | 'modifications-out-of-order'
  | 'duplicate-modification';

export interface Flaw {
  readonly why: FlawKind;
  /** Where: a path such as `inner.mosaics[1].quantity`. */
  readonly field: string;
}

/** All the micro-XEM there are; NIS MosaicConstants.MOSAIC_DEFINITION_XEM. */
export const maxMicroXem = 8_999_999_999_000_000n;
/** Bytes; NIS TransferTransactionValidator. */
export const maxMessageLength = 1024;
/** NIS BlockChainConstants.MAX_ALLOWED_MOSAICS_PER_TRANSFER; MosaicBagValidator does not count nem:xem. */
export const maxMosaics = 10;
// NIS keeps times in a signed int and refuses negative ones (TimeInstant).
const maxTime = 0x7fff_ffff;

/**
 * The first rule of the network that the transaction breaks by itself, or undefined. `encode` and `explain`
 * share these rules, so that whatever one writes the other reads.
 */
export function flawOf(transaction: Transaction): Flaw | undefined {
  return commonFlaw(transaction) ?? ownFlaw(transaction);
}

function ownFlaw(transaction: Transaction): Flaw | undefined {
  switch (transaction.kind) {
    case 'transfer':
      return transferFlaw(transaction);
    case 'modification':
      return modificationFlaw(transaction);
    case 'cosignature':
      return addressFlaw(transaction.multisig, transaction, 'multisig');
    case 'multisig': {
      if (transaction.inner.network !== transaction.network)
        return { why: 'wrong-network', field: 'inner.version' };
      const flaw = flawOf(transaction.inner);
      return flaw && { ...flaw, field: `inner.${flaw.field}` };
    }
    default:
      return transaction satisfies never;
  }
}

function commonFlaw({ timeStamp, deadline, fee }: Transaction): Flaw | undefined {
  if (!isTime(timeStamp)) return { why: 'time-out-of-range', field: 'timeStamp' };
  if (!isTime(deadline)) return { why: 'time-out-of-range', field: 'deadline' };
  // NIS DeadlineValidator. Its upper bound, a day, is policy of the pool and not of the meaning.
  if (deadline <= timeStamp) return { why: 'deadline-not-after-timestamp', field: 'deadline' };
  if (!isWithin(fee, maxMicroXem)) return { why: 'amount-out-of-range', field: 'fee' };
  return undefined;
}

function transferFlaw(transfer: Transfer): Flaw | undefined {
  return (
    addressFlaw(transfer.recipient, transfer, 'recipient') ??
    messageFlaw(transfer) ??
    mosaicsFlaw(transfer.mosaics) ??
    amountFlaw(transfer)
  );
}

function messageFlaw({ message }: Transfer): Flaw | undefined {
  if (message.kind === 'none') return undefined;
  // NIS reads an empty message but writes none (TransferTransaction.normalizeMessage), so it never verifies.
  if (message.payload === '') return { why: 'empty-message', field: 'message' };
  if (message.payload.length > 2 * maxMessageLength) return { why: 'message-too-long', field: 'message' };
  return undefined;
}

function mosaicsFlaw(mosaics: readonly Mosaic[]): Flaw | undefined {
  const xem = formatMosaicId(xemMosaic);
  const counted = mosaics.filter(({ id }) => formatMosaicId(id) !== xem).length;
  if (counted > maxMosaics) return { why: 'too-many-mosaics', field: 'mosaics' };
  for (const [at, { id, quantity }] of mosaics.entries()) {
    if (!isMosaicId(id)) return { why: 'invalid-mosaic-name', field: `mosaics[${at}].id` };
    if (!isWithin(quantity, maxQuantity))
      return { why: 'amount-out-of-range', field: `mosaics[${at}].quantity` };
    const before = mosaics[at - 1];
    const order = before === undefined ? -1 : compareMosaicIds(before.id, id);
    if (order === 0) return { why: 'duplicate-mosaic', field: `mosaics[${at}]` };
    if (order > 0) return { why: 'mosaics-out-of-order', field: `mosaics[${at}]` };
  }
  return undefined;
}

// With mosaics `amount` is a multiplier, and what can not exist is their product. The bound on the multiplier
// itself keeps it exact in JSON; NIS would let it grow to 2^63.
function amountFlaw(transfer: Transfer): Flaw | undefined {
  const bound = transfer.mosaics.length === 0 ? maxMicroXem : maxQuantity;
  if (!isWithin(transfer.amount, bound)) return { why: 'amount-out-of-range', field: 'amount' };
  const at = movements(transfer).findIndex(({ quantity }) => !isWithin(quantity, maxQuantity));
  return at === -1 ? undefined : { why: 'amount-out-of-range', field: `mosaics[${at}].quantity` };
}

function modificationFlaw(modification: Modification): Flaw | undefined {
  const { modifications, minCosignatoriesChange, network } = modification;
  if (modifications.length === 0 && minCosignatoriesChange === null) {
    return { why: 'no-modification', field: 'modifications' };
  }
  const seen = new Set<CosignerChange['cosigner']>();
  for (const [at, change] of modifications.entries()) {
    const before = modifications[at - 1];
    // Adding and deleting the same cosigner at once is refused too: NIS can apply no such pair.
    if (seen.has(change.cosigner)) return { why: 'duplicate-modification', field: `modifications[${at}]` };
    if (before !== undefined && compareModifications(before, change, network) > 0) {
      return { why: 'modifications-out-of-order', field: `modifications[${at}]` };
    }
    seen.add(change.cosigner);
  }
  return undefined;
}

function addressFlaw(address: string, { network }: Transaction, field: string): Flaw | undefined {
  const parsed = parseAddress(address, network);
  if (parsed.kind === 'address') return undefined;
  return { why: parsed.why === 'wrong-network' ? 'wrong-network' : 'not-an-address', field };
}

function isTime(time: number): boolean {
  return Number.isInteger(time) && time >= 0 && time <= maxTime;
}

function isWithin(amount: bigint, bound: bigint): boolean {
  return amount >= 0n && amount <= bound;
}
