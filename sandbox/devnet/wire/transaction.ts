import type { Address, NemNetwork, PublicKey } from '@kuramori/chains/nem/codec';

/** The types of NIS (core TransactionTypes). */
export const transactionTypes = {
  transfer: 0x0101,
  importanceTransfer: 0x0801,
  modification: 0x1001,
  cosignature: 0x1002,
  multisig: 0x1004,
  namespace: 0x2001,
  mosaicDefinition: 0x4001,
  supplyChange: 0x4002,
} as const;

interface Common {
  /** The version's low 24 bits and its highest byte: a node reads both as they come and judges later. */
  readonly version: number;
  readonly networkByte: number;
  /** NEM seconds. */
  readonly timeStamp: number;
  readonly signer: PublicKey;
  readonly signerAddress: Address;
  /** 128 hex digits; null for the inner transaction of a multisig, which is never signed. */
  readonly signature: string | null;
  /** Micro-XEM. */
  readonly fee: bigint;
  readonly deadline: number;
  /** Keccak-256 of the canonical bytes: what the node would write, not necessarily what it was sent. */
  readonly hash: string;
  /** The canonical bytes without signatures: what is signed and hashed. */
  readonly bytes: Uint8Array;
}

export interface MosaicId {
  readonly namespaceId: string;
  readonly name: string;
}
export interface Mosaic {
  readonly mosaicId: MosaicId;
  readonly quantity: bigint;
}
export interface CosignerChange {
  /** 1 adds, 2 deletes. */
  readonly type: number;
  readonly cosigner: PublicKey;
  readonly address: Address;
}
export interface Levy {
  /** 1 absolute, 2 of ten thousand. */
  readonly type: number;
  readonly recipient: Address;
  readonly mosaicId: MosaicId;
  readonly fee: bigint;
}
export interface MosaicProperties {
  readonly divisibility: number;
  readonly initialSupply: bigint;
  readonly supplyMutable: boolean;
  readonly transferable: boolean;
}
export interface MosaicDefinition {
  readonly creator: PublicKey;
  readonly creatorAddress: Address;
  readonly id: MosaicId;
  readonly description: string;
  readonly properties: MosaicProperties;
  readonly levy: Levy | null;
}

export interface Transfer extends Common {
  readonly kind: 'transfer';
  readonly recipient: Address;
  readonly amount: bigint;
  /** Never empty: an empty one is read as none (TransferTransaction.normalizeMessage). */
  readonly message: { readonly type: 1 | 2; readonly payload: Uint8Array } | null;
  /** Merged by id and sorted by "namespace:name" (TransferTransactionAttachment). */
  readonly mosaics: readonly Mosaic[];
}
export interface ImportanceTransfer extends Common {
  readonly kind: 'importanceTransfer';
  /** 1 activates, 2 deactivates. */
  readonly mode: number;
  readonly remote: PublicKey;
  readonly remoteAddress: Address;
}
export interface Modification extends Common {
  readonly kind: 'modification';
  /** Sorted by type, then by the address as a string (MultisigCosignatoryModification.compareTo). */
  readonly modifications: readonly CosignerChange[];
  readonly minCosignatoriesChange: number | null;
}
export interface Cosignature extends Common {
  readonly kind: 'cosignature';
  readonly otherHash: string;
  readonly otherAccount: Address;
}
export interface Multisig extends Common {
  readonly kind: 'multisig';
  readonly inner: Transaction;
  /** One a cosigner, sorted by the signer's address (MultisigSignatureTransactionComparator). */
  readonly cosignatures: readonly Cosignature[];
}
export interface NamespaceProvision extends Common {
  readonly kind: 'namespace';
  readonly rentalFeeSink: Address;
  readonly rentalFee: bigint;
  readonly newPart: string;
  readonly parent: string | null;
}
export interface MosaicDefinitionCreation extends Common {
  readonly kind: 'mosaicDefinition';
  readonly definition: MosaicDefinition;
  readonly creationFeeSink: Address;
  readonly creationFee: bigint;
}
export interface SupplyChange extends Common {
  readonly kind: 'supplyChange';
  readonly mosaicId: MosaicId;
  /** 1 creates, 2 deletes. */
  readonly supplyType: number;
  readonly delta: bigint;
}

export type Transaction =
  | Transfer
  | ImportanceTransfer
  | Modification
  | Cosignature
  | Multisig
  | NamespaceProvision
  | MosaicDefinitionCreation
  | SupplyChange;

export type Network = NemNetwork;

/** What a multisig carries: its cosignatures, then the inner transaction (MultisigTransaction.getChildTransactions). */
export function childrenOf(transaction: Transaction): readonly Transaction[] {
  return transaction.kind === 'multisig' ? [...transaction.cosignatures, transaction.inner] : [];
}

/** The transaction and its children, as NIS counts, hashes and validates them (TransactionExtensions.streamDefault). */
export function withChildren(transaction: Transaction): readonly Transaction[] {
  return [transaction, ...childrenOf(transaction)];
}

/** Who pays the fee: the multisig account for its wrapper and for the cosignatures. */
export function debtorOf(transaction: Transaction): Address {
  if (transaction.kind === 'multisig') return transaction.inner.signerAddress;
  if (transaction.kind === 'cosignature') return transaction.otherAccount;
  return transaction.signerAddress;
}

/** Every account that the transaction names (Transaction.getAccounts). */
export function accountsOf(transaction: Transaction): ReadonlySet<Address> {
  return new Set([transaction.signerAddress, ...otherAccountsOf(transaction)]);
}

function otherAccountsOf(transaction: Transaction): readonly Address[] {
  switch (transaction.kind) {
    case 'transfer':
      return [transaction.recipient];
    case 'importanceTransfer':
      return [transaction.remoteAddress];
    case 'modification':
      return transaction.modifications.map(({ address }) => address);
    case 'multisig':
      return childrenOf(transaction).flatMap((child) => Array.from(accountsOf(child)));
    case 'namespace':
      return [transaction.rentalFeeSink];
    case 'mosaicDefinition': {
      const { levy } = transaction.definition;
      return [transaction.creationFeeSink, ...(levy === null ? [] : [levy.recipient])];
    }
    case 'cosignature':
    case 'supplyChange':
      return [];
    default:
      return transaction satisfies never;
  }
}

export function mosaicIdText({ namespaceId, name }: MosaicId): string {
  return `${namespaceId}:${name}`;
}
