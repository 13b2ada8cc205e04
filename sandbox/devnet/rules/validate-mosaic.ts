import { fullName, mosaicsMoved } from '../state/effects.ts';
import { sameTerms, smallestUnits } from '../state/execute.ts';
import { maxQuantity } from '../wire/deserialise-mosaic.ts';
import {
  fixedAccounts,
  holdingOf,
  isNamespaceActive,
  mosaicAt,
  namespaceOwner,
  namespaceTerm,
  rootOf,
  type MosaicEntry,
  type State,
} from '../state/state.ts';
import type { MosaicDefinition, NamespaceProvision, Transaction } from '../wire/transaction.ts';
import type { Setting } from './validate.ts';
import { success, type Verdict } from './verdict.ts';

// ReservedNamespaceFilter
const reserved = new Set(['nem', 'user', 'account', 'org', 'com', 'biz', 'net', 'edu', 'mil', 'gov', 'info']);
const rent = { root: 100_000_000n, sub: 10_000_000n } as const;
const creationFee = 10_000_000n;
const maxMosaics = 10;

/** ProvisionNamespaceTransactionValidator */
export function validateNamespace(transaction: Transaction, { state, height }: Setting): Verdict {
  if (transaction.kind !== 'namespace') return success;
  const { parent, newPart, rentalFeeSink, rentalFee, signerAddress } = transaction;
  if (newPart.length > (parent === null ? 16 : 64)) return 125;
  const name = fullName(transaction);
  if (name.split('.').some((part) => reserved.has(part))) return 129;
  if (rentalFeeSink !== fixedAccounts(state.network).namespace) return 126;
  if (parent !== null) {
    const owner = namespaceOwner(state, parent);
    if (owner === undefined) return 121;
    if (!isNamespaceActive(state, rootOf(parent), height)) return 123;
    if (owner.owner !== signerAddress) return 124;
  }
  const renewal = validateRenewal(transaction, name, state, height);
  if (renewal !== success) return renewal;
  return rentalFee < (parent === null ? rent.root : rent.sub) ? 127 : success;
}

// A root can be renewed in its last month; for a month after that only by who had it.
function validateRenewal(
  { signerAddress }: NamespaceProvision,
  name: string,
  state: State,
  height: number,
): Verdict {
  const known = namespaceOwner(state, name);
  if (known === undefined) return success;
  if (name.includes('.')) return 122;
  const expiry = known.height + namespaceTerm.year;
  if (expiry - height > namespaceTerm.month) return 128;
  return known.owner !== signerAddress && expiry + namespaceTerm.month > height ? 128 : success;
}

/** MosaicDefinitionCreationTransactionValidator */
export function validateMosaicDefinition(transaction: Transaction, { state, height }: Setting): Verdict {
  if (transaction.kind !== 'mosaicDefinition') return success;
  const { definition } = transaction;
  const { namespaceId } = definition.id;
  if (!isNamespaceActive(state, namespaceId, height)) return 123;
  const owner =
    namespaceId === 'nem'
      ? fixedAccounts(state.network).namespace
      : namespaceOwner(state, namespaceId)?.owner;
  if (owner !== definition.creatorAddress) return 124;
  const known = mosaicAt(state, definition.id);
  if (known !== undefined && !mayModify(known, definition, state)) return 142;
  if (transaction.creationFeeSink !== fixedAccounts(state.network).mosaic) return 150;
  if (transaction.creationFee < creationFee) return 151;
  return validateLevy(definition, state);
}

function validateLevy(definition: MosaicDefinition, state: State): Verdict {
  if (definition.levy === null) return success;
  const { mosaicId } = definition.levy;
  const isOwn = mosaicId.namespaceId === definition.id.namespaceId && mosaicId.name === definition.id.name;
  const levied = isOwn ? definition : mosaicAt(state, mosaicId)?.definition;
  if (levied === undefined) return 141;
  return levied.properties.transferable ? success : 153;
}

function mayModify(known: MosaicEntry, changed: MosaicDefinition, state: State): boolean {
  if (sameTerms(known.definition, changed)) return known.definition.description !== changed.description;
  if (known.definition.properties.transferable !== changed.properties.transferable) return false;
  const held = holdingOf(state, changed.id, known.definition.creatorAddress);
  return held === smallestUnits(known.supply, known.definition);
}

/** MosaicSupplyChangeTransactionValidator */
export function validateSupplyChange(transaction: Transaction, { state, height }: Setting): Verdict {
  if (transaction.kind !== 'supplyChange') return success;
  const { mosaicId, supplyType, delta, signerAddress } = transaction;
  const entry = mosaicAt(state, mosaicId);
  if (entry === undefined) return 141;
  const { properties, creatorAddress } = entry.definition;
  if (!isNamespaceActive(state, mosaicId.namespaceId, height)) return 123;
  if (creatorAddress !== signerAddress) return 143;
  if (!properties.supplyMutable) return 144;
  const scale = 10n ** BigInt(properties.divisibility);
  if (supplyType === 1) return entry.supply + delta > maxQuantity / scale ? 145 : success;
  return holdingOf(state, mosaicId, signerAddress) / scale < delta ? 146 : success;
}

/** MosaicBagValidator; nem:xem is not in the bag. */
export function validateMosaicBag(transaction: Transaction, { state, height }: Setting): Verdict {
  if (transaction.kind !== 'transfer') return success;
  const bag = mosaicsMoved(transaction);
  if (bag.length > maxMosaics) return 152;
  if (bag.length > 0 && transaction.amount % 1_000_000n !== 0n) return 148;
  for (const { mosaicId } of bag) {
    const definition = mosaicAt(state, mosaicId)?.definition;
    if (definition === undefined) return 141;
    if (!isNamespaceActive(state, mosaicId.namespaceId, height)) return 123;
    const withCreator = [transaction.signerAddress, transaction.recipient].includes(
      definition.creatorAddress,
    );
    if (!withCreator && !definition.properties.transferable) return 147;
    if (definition.levy !== null && mosaicAt(state, definition.levy.mosaicId) === undefined) return 154;
  }
  return success;
}
