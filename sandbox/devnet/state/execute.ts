import type { Address } from '@kuramori/chains/nem/codec';
import { effectsOf, type Effect } from './effects.ts';
import { currentLink, withLink } from './remote.ts';
import { accountAt, change, holdingKey, holdingOf, rootOf, type State } from './state.ts';
import { mosaicIdText, type MosaicDefinition, type MosaicId, type Transaction } from '../wire/transaction.ts';

/** Carries the transaction out. It has been validated: a balance below zero stops the process. */
export function execute(transaction: Transaction, state: State, height: number): void {
  for (const effect of effectsOf(transaction, state)) apply(effect, state, height);
}

function apply(effect: Effect, state: State, height: number): void {
  switch (effect.kind) {
    case 'account':
      change(state, effect.address, {});
      return;
    case 'transfer':
      credit(state, effect.from, -effect.amount);
      credit(state, effect.to, effect.amount);
      return;
    case 'debit':
      credit(state, effect.account, -effect.amount);
      return;
    case 'mosaic':
      moveMosaic(effect, state);
      return;
    case 'cosigner':
      changeCosigner(effect, state);
      return;
    case 'minimum': {
      const { minCosignatories } = accountAt(state, effect.multisig);
      change(state, effect.multisig, { minCosignatories: minCosignatories + effect.change });
      return;
    }
    case 'remote':
      linkRemote(effect, state, height);
      return;
    case 'namespace':
      provision(effect.name, effect.owner, state, height);
      return;
    case 'definition':
      define(effect.definition, state, height);
      return;
    case 'supply':
      changeSupply(effect, state);
      return;
  }
}

/** Adds micro-XEM, or takes them. Asserts that nothing falls below zero: the balance validator has looked. */
export function credit(state: State, address: Address, amount: bigint): void {
  const balance = accountAt(state, address).balance + amount;
  if (balance < 0n) throw new Error(`credit: ${address} would hold ${balance} micro-XEM`);
  change(state, address, { balance });
}

// MultisigCosignatoryModificationObserver
function changeCosigner(
  { multisig, change: { type, address } }: Effect & { kind: 'cosigner' },
  state: State,
): void {
  const { cosignatories } = accountAt(state, multisig);
  const { cosignatoryOf } = accountAt(state, address);
  const adds = type === 1;
  change(state, multisig, {
    cosignatories: adds ? including(cosignatories, address) : without(cosignatories, address),
  });
  change(state, address, {
    cosignatoryOf: adds ? including(cosignatoryOf, multisig) : without(cosignatoryOf, multisig),
  });
}

// RemoteObserver: whom a deactivation names does not matter, it ends the link that there is.
function linkRemote(
  { owner, remote: named, mode }: Effect & { kind: 'remote' },
  state: State,
  height: number,
): void {
  const account = accountAt(state, owner);
  const remote = mode === 1 ? named : currentLink(account)?.other;
  if (remote === undefined) throw new Error(`linkRemote: ${owner} has no link to end`);
  change(state, owner, { remoteLinks: withLink(account, { end: 'owner', other: remote, height, mode }) });
  const links = withLink(accountAt(state, remote), { end: 'remote', other: owner, height, mode });
  change(state, remote, { remoteLinks: links });
}

function including<T>(list: readonly T[], item: T): readonly T[] {
  return list.includes(item) ? list : [...list, item];
}

function without<T>(list: readonly T[], item: T): readonly T[] {
  return list.filter((other) => other !== item);
}

function moveMosaic(
  { from, to, mosaic: { mosaicId, quantity } }: Effect & { kind: 'mosaic' },
  state: State,
): void {
  addHolding(state, mosaicId, from, -quantity);
  addHolding(state, mosaicId, to, quantity);
  noteHolder(state, mosaicId, from);
  noteHolder(state, mosaicId, to);
}

function addHolding(state: State, mosaicId: MosaicId, address: Address, quantity: bigint): void {
  const held = holdingOf(state, mosaicId, address) + quantity;
  if (held < 0n) throw new Error(`addHolding: ${address} would hold ${held} of ${mosaicIdText(mosaicId)}`);
  state.holdings.set(holdingKey(mosaicIdText(mosaicId), address), held === 0n ? undefined : held);
}

// AccountInfoMosaicIdsObserver: the creator keeps the id even with none left.
function noteHolder(state: State, mosaicId: MosaicId, address: Address): void {
  const id = mosaicIdText(mosaicId);
  const isCreator = state.mosaics.get(id)?.definition.creatorAddress === address;
  const { mosaicIds } = accountAt(state, address);
  const keeps = isCreator || holdingOf(state, mosaicId, address) !== 0n;
  change(state, address, { mosaicIds: keeps ? including(mosaicIds, id) : without(mosaicIds, id) });
}

// DefaultNamespaceCache.add: the same owner keeps sub-namespaces and mosaics, a new one starts with neither.
function provision(name: string, owner: Address, state: State, height: number): void {
  const root = rootOf(name);
  const before = state.roots.get(root);
  if (name !== root) {
    if (before === undefined) throw new Error(`provision: ${root} does not exist`);
    state.roots.set(root, { ...before, children: including(before.children, name) });
    return;
  }
  const keeps = before !== undefined && before.owner === owner;
  if (before !== undefined && !keeps) dropMosaicsUnder(root, state);
  state.roots.set(root, { owner, height, children: keeps ? before.children : [] });
}

function dropMosaicsUnder(root: string, state: State): void {
  const ids = [...state.mosaics.entries()]
    .map(([id]) => id)
    .filter((id) => rootOf(id.split(':')[0] ?? '') === root);
  for (const id of ids) state.mosaics.set(id, undefined);
  const gone = [...state.holdings.entries()]
    .map(([key]) => key)
    .filter((key) => ids.includes(key.split('|')[0] ?? ''));
  for (const key of gone) state.holdings.set(key, undefined);
}

// Mosaics.add: a new description keeps supply and holders; anything else starts again with the creator.
function define(definition: MosaicDefinition, state: State, height: number): void {
  const id = mosaicIdText(definition.id);
  const before = state.mosaics.get(id);
  if (before !== undefined && sameTerms(before.definition, definition)) {
    state.mosaics.set(id, { ...before, definition, height });
  } else {
    const held = Array.from(state.holdings.entries(), ([key]) => key).filter((key) =>
      key.startsWith(`${id}|`),
    );
    for (const key of held) state.holdings.set(key, undefined);
    const supply = definition.properties.initialSupply;
    state.mosaics.set(id, { definition, supply, height });
    addHolding(state, definition.id, definition.creatorAddress, smallestUnits(supply, definition));
  }
  noteHolder(state, definition.id, definition.creatorAddress);
}

/** Whether only the description can differ: properties and levy are the same. */
export function sameTerms(one: MosaicDefinition, other: MosaicDefinition): boolean {
  return termsOf(one) === termsOf(other);
}

function termsOf({ properties: p, levy }: MosaicDefinition): string {
  const charge = levy === null ? [] : [levy.type, levy.recipient, mosaicIdText(levy.mosaicId), levy.fee];
  return [p.divisibility, p.initialSupply, p.supplyMutable, p.transferable, ...charge].join();
}

/** Whole units in smallest ones (MosaicUtils.toQuantity). */
export function smallestUnits(supply: bigint, { properties }: MosaicDefinition): bigint {
  return supply * 10n ** BigInt(properties.divisibility);
}

// MosaicSupplyChangeObserver
function changeSupply({ mosaicId, supplyType, delta }: Effect & { kind: 'supply' }, state: State): void {
  const id = mosaicIdText(mosaicId);
  const entry = state.mosaics.get(id);
  if (entry === undefined) throw new Error(`changeSupply: ${id} does not exist`);
  const sign = supplyType === 1 ? 1n : -1n;
  const { creatorAddress } = entry.definition;
  state.mosaics.set(id, { ...entry, supply: entry.supply + sign * delta });
  addHolding(state, mosaicId, creatorAddress, sign * smallestUnits(delta, entry.definition));
  if (supplyType === 1 || holdingOf(state, mosaicId, creatorAddress) !== 0n) return;
  change(state, creatorAddress, { mosaicIds: without(accountAt(state, creatorAddress).mosaicIds, id) });
}
