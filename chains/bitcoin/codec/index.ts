// The bytes of Bitcoin's family and what they mean. No network, no clock, no I/O; beside @noble and @scure nothing is trusted.
import type { BitcoinWallet, Codec } from '@kuramori/core';
import { readAddress } from './address.ts';
import { nonceBits } from './ecdsa.ts';
import { keyId, payloadOf } from './extended-key.ts';
import { evidenceSigned, races } from './evidence.ts';
import type { BitcoinChain } from './network.ts';
import { readPlan } from './draft.ts';
import { shareOf } from './share.ts';
import { keyOf, secretFromSeed, verifyShare } from './sign.ts';
import { explainShare } from './spend.ts';
import { conflict } from './trace.ts';
import { addressAt, descriptorOf, wrongWallet } from './wallet.ts';

/** What every room asks of a chain, in words that no chain owns. */
export const bitcoin: Codec<BitcoinWallet> = {
  chains: ['bitcoin', 'litecoin'],
  nonceBits,
  wrongWallet,
  keyId,
  readAddress: (text, chain, network) => readAddress(text, ours(chain), network),
  // One after the other, so that whoever has the descriptor finds them all again.
  placeNumbers: 2 ** 31,
  placeOf: (wallet, { number }, network) =>
    number === 0 ? undefined : { address: addressAt(wallet, network, 0, number), memo: '' },
  shareOf(wallet, plan, key) {
    const read = readPlan(descriptorOf(wallet), plan);
    return read.kind === 'refused' || !payloadOf(key) ? undefined : shareOf(read.psbt.transaction, key);
  },
  explainShare,
  conflict,
  evidenceSigned,
  races,
  secretFromSeed,
  keyOf: (secret, chain, network) => keyOf(secret, ours(chain), network),
  verifyShare,
};

function ours(chain: string): BitcoinChain {
  if (chain === 'bitcoin' || chain === 'litecoin') return chain;
  throw new Error(`bitcoin: ${chain} is not of this family`);
}

// Who: networks, keys, descriptors, addresses.
export { highestRate, leastRate, mostUnits, type BitcoinChain } from './network.ts';
export { addressOf, scriptOf, type ReadScript } from './address.ts';
export { extendedFlaw } from './extended-key.ts';
export {
  branchDescriptor,
  describedKey,
  descriptorOfKeys,
  readDescribed,
  readDescriptor,
  writeDescriptor,
  type Descriptor,
  type DescriptorKey,
  type ReadDescriptor,
} from './descriptor.ts';
export { placeAt, type Place } from './place.ts';
export { addressAt, descriptorOf } from './wallet.ts';
export { descriptorKeyOf } from './sign.ts';

// What: transactions, and what they cost.
export {
  idOf,
  outpointText,
  readPrevious,
  readTransaction,
  writeTransaction,
  type Outpoint,
  type Previous,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
} from './transaction.ts';
export { dustBelow, feeOf, virtualSize, weightOf } from './weight.ts';
export { mostPreviousDigits } from './spend.ts';

// From payments to a plan, to what each key signs, to what a node takes.
export {
  planApart,
  planCancellation,
  planChild,
  planConsolidation,
  planPayments,
  planReplacement,
  planSweep,
  rateToReplace,
  type Replacement,
} from './plan.ts';
export type { Means, Payment, Planned, PlanResult } from './assemble.ts';
export { readPlan, writePlan, type Coin, type Draft, type ReadPlan } from './draft.ts';
export { isShareOf, readShare, shareOf, type Share } from './share.ts';
export { combine, type Combined } from './combine.ts';

// What others hold a key of: they are told the wallet, get the plan, and give their signature back.
export { registrationOf, type Registering, type Registration } from './registration.ts';
export { psbtForOthers, type ForOthers } from './for-others.ts';
export { signatureFromOthers, type FromOthers } from './from-others.ts';

// From the chain: what a transaction is, and whose keys made it.
export { signaturesOf, type Seen, type Signed } from './evidence.ts';
export { traceOf, type Trace } from './trace.ts';
