// NEM's bytes and what they mean. No network, no clock, no I/O; beside @noble nothing is trusted.

// As one chain of several.
export { keyOf, nem, networkOf } from './codec.ts';

// Who: networks, keys, addresses.
export { networkByte, type NemNetwork } from './network.ts';
export {
  formatPrivateKey,
  parsePrivateKey,
  parsePublicKey,
  parseSignature,
  privateKeyOf,
  verify,
} from './keys.ts';
export { isDerived, nonceOf, nonceUsed, publicKeyOf, sign } from './signing.ts';
export type {
  ParsedPrivateKey,
  ParsedPublicKey,
  ParsedSignature,
  PrivateKey,
  PublicKey,
  Signature,
} from './keys.ts';
export { addressOf, addressOfHash, parseAddress, toNetwork } from './address.ts';
export type { Address, AddressFlaw, ParsedAddress } from './address.ts';

// What: transactions, and what they move.
export type {
  CosignerChange,
  Cosignature,
  Message,
  Modification,
  Multisig,
  Transaction,
  Transfer,
} from './transaction.ts';
export { compareModifications, sortModifications } from './modification.ts';
export {
  compareMosaicIds,
  formatMosaicId,
  isMosaicId,
  parseMosaicId,
  xemMosaic,
  xemProperties,
} from './mosaic.ts';
export type { Mosaic, MosaicId, MosaicProperties } from './mosaic.ts';
export { movements, multiplierOne, type Movement } from './movement.ts';
export { maxMessageLength, maxMicroXem, maxMosaics, type Flaw, type FlawKind } from './flaw.ts';

// Bytes: from a transaction, and back with its whole meaning or a reason.
export { encode } from './encode.ts';
export { explain, type Explained, type Refusal, type RefusalKind } from './explain.ts';
export { innerHash, parseTransactionHash, transactionHash } from './hash.ts';
export type { ParsedTransactionHash, TransactionHash } from './hash.ts';

// What a message says that is not in the clear.
export { decryptMessage, encryptMessage, type CipherForm, type Decrypted } from './cipher.ts';

// Around it: fees, times, and the JSON of a NIS1 node.
export { feeUnit, maxCosignatureFee, minimumFee, type MosaicLookup } from './fee.ts';
export { nemEpochMs, nemTimeOf, unixMsOf } from './time.ts';
export { toNisJson, type Json, type NisJson, type SignedCosignature } from './write-json.ts';
export { fromNisJson, type FromNisJson, type JsonRefusalKind } from './read-json.ts';

// How NEM serves the words that no chain owns: plan, explain, sign, combine.
export { actsOn, actsOnAccount, evidenceSigned } from './evidence.ts';
export {
  combine,
  shareOf,
  planPayment,
  planRotation,
  signShare,
  verifyShare,
  type Announcement,
  type Combined,
  type PaymentPlan,
  type Planned,
  type PlanResult,
  type RotationPlan,
} from './plan.ts';
export { explainShare, memoOf } from './spend.ts';
export { idsOf, traceOf, type Trace } from './trace.ts';
export { paymentsPerBlock } from './pace.ts';
export { depositPlace, isDepositMemo, readDepositMemo } from './place.ts';
