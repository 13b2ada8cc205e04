import { compareMosaicIds, maxQuantity, xemMosaic, xemProperties } from './mosaic.ts';
import type { Mosaic, MosaicId, MosaicProperties } from './mosaic.ts';
import type { Transaction, Transfer } from './transaction.ts';

/** Looks up a mosaic other than nem:xem; undefined if it is not known. */
export type MosaicLookup = (id: MosaicId) => MosaicProperties | undefined;

/** Micro-XEM: 0.05 XEM, the unit since the second fee fork (mainnet height 1,250,000). */
export const feeUnit = 50_000n;
/** Micro-XEM: a cosignature must not pay more (NIS AbstractTransactionFeeCalculator.isFeeValid). */
export const maxCosignatureFee = 1_000_000_000n;

/**
 * The least fee in micro-XEM that NIS accepts since the second fee fork, for this transaction alone: a
 * multisig's inner transaction and its cosignatures pay their own on top. Undefined if the lookup does not
 * know a mosaic. Source: NIS FeeUnitAwareTransactionFeeCalculator, AbstractTransactionFeeCalculator.
 */
export function minimumFee(transaction: Exclude<Transaction, Transfer>): bigint;
export function minimumFee(transaction: Transaction, lookup?: MosaicLookup): bigint | undefined;
export function minimumFee(
  transaction: Transaction,
  lookup: MosaicLookup = () => undefined,
): bigint | undefined {
  switch (transaction.kind) {
    case 'transfer': {
      const units = transferUnits(transaction, lookup);
      return units === undefined ? undefined : feeUnit * (units + messageUnits(transaction));
    }
    case 'modification':
      return feeUnit * 10n;
    case 'multisig':
    case 'cosignature':
      return feeUnit * 3n;
    default:
      return transaction satisfies never;
  }
}

function messageUnits({ message }: Transfer): bigint {
  return message.kind === 'none' ? 0n : BigInt(message.payload.length / 2) / 32n + 1n;
}

function transferUnits({ amount, mosaics }: Transfer, lookup: MosaicLookup): bigint | undefined {
  if (mosaics.length === 0) return xemUnits(amount / 1_000_000n);
  let units = 0n;
  for (const mosaic of mosaics) {
    const properties = compareMosaicIds(mosaic.id, xemMosaic) === 0 ? xemProperties : lookup(mosaic.id);
    if (properties === undefined) return undefined;
    units += mosaicUnits(amount, mosaic, properties);
  }
  return units;
}

function xemUnits(wholeXem: bigint): bigint {
  const steps = wholeXem / 10_000n;
  if (steps < 1n) return 1n;
  return steps > 25n ? 25n : steps;
}

function mosaicUnits(
  amount: bigint,
  { quantity }: Mosaic,
  { supply, divisibility }: MosaicProperties,
): bigint {
  if (divisibility === 0 && supply <= 10_000n) return 1n; // what NEM calls a small business mosaic
  const equivalent =
    supply === 0n
      ? 0n
      : (xemProperties.supply * quantity * amount) / supply / 10n ** BigInt(divisibility + 6);
  // Java's BigInteger.longValue keeps the lowest 64 bits.
  const units = xemUnits(BigInt.asIntN(64, equivalent)) - rarity(supply * 10n ** BigInt(divisibility));
  return units < 1n ? 1n : units;
}

/**
 * The discount of a rare mosaic, (long) (0.8 * Math.log(9e15 / total)) in Java, where the division is of
 * integers. Java promises Math.log within one unit in the last place and V8's, a port of fdlibm, is as
 * close. The results can only differ if 0.8 * log falls that near a whole number, and for no total between 1
 * and 9e15 it does: minimum-fee.test.ts measures the nearest.
 */
function rarity(total: bigint): bigint {
  if (total <= 0n || total > maxQuantity) return 0n; // above it no mosaic exists
  return BigInt(Math.trunc(0.8 * Math.log(Number(maxQuantity / total))));
}
