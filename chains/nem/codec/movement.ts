import { formatMosaicId, xemMosaic } from './mosaic.ts';
import type { Transfer } from './transaction.ts';

/** The asset's text, `nem:xem` for XEM, and smallest units of it (micro-XEM). */
export interface Movement {
  readonly asset: string;
  readonly quantity: bigint;
}

/** `amount` of a transfer with mosaics that carries each of them once. */
export const multiplierOne = 1_000_000n;

/**
 * What the transfer really takes from its signer and gives to its recipient; fee and levies apart. Without
 * mosaics that is `amount` micro-XEM. With mosaics no XEM moves by itself: `amount` multiplies each quantity,
 * in millionths, rounded down as NIS TransferTransaction.getRawQuantity does (it never has to round on a
 * chain, where MosaicBagValidator lets only whole multipliers pass). A movement may be 0.
 */
export function movements(transfer: Transfer): readonly Movement[] {
  if (transfer.mosaics.length === 0) return [{ asset: formatMosaicId(xemMosaic), quantity: transfer.amount }];
  return transfer.mosaics.map(({ id, quantity }) => ({
    asset: formatMosaicId(id),
    quantity: (quantity * transfer.amount) / multiplierOne,
  }));
}
