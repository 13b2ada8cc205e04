import { illegal } from '../wire/failure.ts';
import { mosaicAt, type MosaicEntry, type State } from '../state/state.ts';
import { smallestUnits } from '../state/execute.ts';
import { mosaicIdText, type Mosaic, type Transaction, type Transfer } from '../wire/transaction.ts';

// After the second fee fork (DefaultTransactionFeeCalculator); the devnet's forks are all at height 1, as the
// recorded chain's were.
const unit = 50_000n;
const maxCosignatureFee = 1_000_000_000n;

/** MinimumFeeValidator: nothing has a maximum but a cosignature, lest the last one drain the account. */
export function isFeeValid(transaction: Transaction, state: State): boolean {
  const minimum = unit * units(transaction, state);
  if (transaction.kind === 'cosignature' && transaction.fee > maxCosignatureFee) return false;
  return transaction.fee >= minimum;
}

// FeeUnitAwareTransactionFeeCalculator
function units(transaction: Transaction, state: State): bigint {
  if (transaction.kind === 'modification') return 10n;
  return transaction.kind === 'transfer' ? transferUnits(transaction, state) : 3n;
}

function transferUnits({ amount, message, mosaics }: Transfer, state: State): bigint {
  const forMessage = message === null ? 0n : BigInt(Math.floor(message.payload.length / 32) + 1);
  if (mosaics.length === 0) return forMessage + xemUnits(amount / 1_000_000n);
  return mosaics.reduce((sum, mosaic) => sum + mosaicUnits(mosaic, amount, state), forMessage);
}

function xemUnits(xem: bigint): bigint {
  const tenThousands = xem / 10_000n;
  return tenThousands < 1n ? 1n : tenThousands > 25n ? 25n : tenThousands;
}

function mosaicUnits({ mosaicId, quantity }: Mosaic, amount: bigint, state: State): bigint {
  const entry = mosaicAt(state, mosaicId);
  // So an unknown mosaic is an HTTP 400 and never code 141 (AbstractTransactionFeeCalculator).
  if (entry === undefined) throw illegal(`unable to find fee information for '${mosaicIdText(mosaicId)}'`);
  const { divisibility } = entry.definition.properties;
  if (divisibility === 0 && entry.supply <= 10_000n) return 1n;
  const fee =
    xemUnits(xemEquivalent(quantity, amount, entry)) -
    adjustment(smallestUnits(entry.supply, entry.definition));
  return fee < 1n ? 1n : fee;
}

function xemEquivalent(quantity: bigint, amount: bigint, { supply, definition }: MosaicEntry): bigint {
  if (supply === 0n) return 0n;
  const scale = 10n ** BigInt(definition.properties.divisibility + 6);
  return BigInt.asIntN(64, (8_999_999_999n * quantity * amount) / supply / scale);
}

// MAX_QUANTITY / total is a division of longs, before the logarithm.
function adjustment(total: bigint): bigint {
  return total > 0n ? BigInt(Math.trunc(0.8 * Math.log(Number(9_000_000_000_000_000n / total)))) : 0n;
}
