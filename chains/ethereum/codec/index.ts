// Ethereum's bytes and what they mean, for Safes on any EVM chain. No network, no clock, no I/O.
import type { Codec, EthereumWallet } from '@kuramori/core';
import { isAddress, parseAddress } from './address.ts';
import { conflict, evidenceSigned } from './evidence.ts';
import { keyOf, verifyShare } from './key.ts';
import { secretFromSeed } from './seed.ts';
import { depositPlace } from './place.ts';
import { readPlan } from './plan.ts';
import { shareOf } from './share.ts';
import { explainShare } from './spend.ts';
import { wrongWallet } from './wallet.ts';

/** How Ethereum serves the words that no chain owns. */
export const ethereum: Codec<EthereumWallet> = {
  chains: ['ethereum'],
  nonceBits: 256,
  wrongWallet,
  keyId: (publicKey) => publicKey,
  readAddress: (text) => parseAddress(text),
  // Made from the number and the customer, as NEM's.
  placeNumbers: 16,
  placeOf: (wallet, whose, network) => depositPlace(network, wallet, whose),
  shareOf(_, plan, key) {
    const read = readPlan(plan);
    return read.kind === 'plan' && isAddress(key) ? shareOf(read.bound, key) : undefined;
  },
  explainShare,
  conflict,
  evidenceSigned,
  // Signatures bind no gas price: the relayer bids, within caps of its own.
  races: () => false,
  secretFromSeed,
  keyOf,
  verifyShare,
};

// Who: chains, addresses, where a customer's coins go.
export { chainIdOf } from './network.ts';
export {
  bareOf,
  checksummed,
  isAddress,
  parseAddress,
  zeroAddress,
  type Address,
  type AddressFlaw,
  type ParsedAddress,
} from './address.ts';
export { depositPlace, saltOf } from './place.ts';
export {
  deployer,
  encodeSweep,
  factoryDeployment,
  forwarderOf,
  sweepFactory,
  type Flush,
} from './forwarder.ts';
export { create2 } from './create2.ts';
export { guardDeployment, guardKeysOf, guardOf, readGuard, type GuardKeys } from './guard.ts';

// What: a Safe's transactions, and the calls that they make.
export { domainOf, safeHash, type Bound, type SafeTx } from './safe.ts';
export { callOf, sentinel, type Call, type RawCall, type ReadCall } from './calldata.ts';
export { meaningOf } from './meaning.ts';
export { encodePlan, readPlan, type ReadPlan } from './plan.ts';
export { readShare, shareOf, type Share } from './share.ts';
export { tokenAsset } from './spend.ts';

// How contracts are asked, and what they answer.
export { addressIn, selectorOf, word, wordsOf } from './abi.ts';
export { numberOf } from './hex.ts';
export { recover } from './signature.ts';

// An owner's key that an HSM has: what it signs, and what a Safe takes of its answer.
export { hashToSign, ownerOfPoint, signatureOf } from './key.ts';

// Planning, and what is sent once enough have signed.
export {
  planCancellation,
  planPayment,
  planRotation,
  tokenOf,
  type PaymentPlan,
  type Planned,
  type Planning,
  type PlanResult,
  type RotationPlan,
} from './planning.ts';
export { combine, type Combined } from './combine.ts';
export {
  agreementsOf,
  announcedTopic,
  encodeExecution,
  readAnnounced,
  readExecution,
  type Agreement,
  type Announced,
  type Execution,
  type ReadExecution,
} from './execution.ts';

// The relayer's own transactions, which carry it.
export { encodeTransaction, readTransaction, type ReadTransaction, type Transaction } from './transaction.ts';
export {
  judgeRelay,
  relayerOf,
  signRelay,
  type RelayApproved,
  type RelayAsk,
  type RelayCaps,
  type Relayed,
  type RelayJudgement,
} from './relay.ts';
