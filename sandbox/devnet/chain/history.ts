import type { Address } from '@kuramori/chains/nem/codec';
import { accountAt, type State } from '../state/state.ts';
import type { MosaicDefinitionCreation, Transaction } from '../wire/transaction.ts';

/** A confirmed transaction, as NIS's database has it. */
export interface Row {
  readonly id: number;
  readonly height: number;
  readonly transaction: Transaction;
}

/** The next numbers that NIS's database would give; it never gives one twice, whatever is rewritten. */
export interface Numbers {
  /** Of a transaction. */
  readonly row: number;
  /** Of a mosaic's definition. */
  readonly definition: number;
}

export type Direction = 'incoming' | 'outgoing' | 'all';

/** The confirmed transactions by account: what NIS reads from its database. */
export interface History {
  /** Notes a block whose state is `state`, with the numbers that it had before; gives back what takes it out again. */
  readonly add: (
    height: number,
    transactions: readonly Transaction[],
    state: State,
    numbers?: Numbers,
  ) => () => void;
  readonly next: () => Numbers;
  readonly goOnFrom: (numbers: Numbers) => void;
  /** Newest first, with ids below `before`. */
  readonly page: (address: Address, direction: Direction, before: number, size: number) => readonly Row[];
  readonly find: (hash: string) => Row | undefined;
  /** The number of a mosaic's definition, counted from 1. */
  readonly definitionId: (mosaic: string) => number | undefined;
}

export function openHistory(): History {
  let next: Numbers = { row: 1, definition: 1 };
  const byHash = new Map<string, Row>();
  const incoming = new Map<Address, Row[]>();
  const outgoing = new Map<Address, Row[]>();
  const definitions = new Map<string, number>();

  const note = (rows: Map<Address, Row[]>, address: Address, row: Row) => {
    const list = rows.get(address) ?? [];
    // A multisig that pays itself, say, is one row, not two.
    if (list.at(-1)?.id !== row.id) list.push(row);
    rows.set(address, list);
  };

  const add: History['add'] = (height, transactions, state, numbers = next) => {
    const ids = assignIds(transactions, numbers.row);
    let definition = numbers.definition;
    const rows = transactions
      .map((transaction): Row => ({ id: ids.of.get(transaction) ?? 0, height, transaction }))
      .sort((one, other) => one.id - other.id);
    for (const row of rows) {
      byHash.set(row.transaction.hash, row);
      for (const address of sendersOf(row.transaction, state)) note(outgoing, address, row);
      for (const address of recipientsOf(row.transaction)) note(incoming, address, row);
      for (const id of definedBy(row.transaction)) definitions.set(id, definition++);
    }
    next = { row: Math.max(next.row, ids.next), definition: Math.max(next.definition, definition) };
    return () => {
      for (const { transaction } of rows) {
        byHash.delete(transaction.hash);
        for (const address of sendersOf(transaction, state)) drop(outgoing, address, numbers.row);
        for (const address of recipientsOf(transaction)) drop(incoming, address, numbers.row);
      }
    };
  };

  return {
    add,
    next: () => next,
    goOnFrom: (numbers) => {
      next = numbers;
    },
    page: (address, direction, before, size) => {
      const ins = direction === 'outgoing' ? [] : (incoming.get(address) ?? []);
      const outs = direction === 'incoming' ? [] : (outgoing.get(address) ?? []);
      const found = new Map(
        [...last(ins, before, size), ...last(outs, before, size)].map((row) => [row.id, row]),
      );
      return [...found.values()].sort((one, other) => other.id - one.id).slice(0, size);
    },
    find: (hash) => byHash.get(hash),
    definitionId: (mosaic) => definitions.get(mosaic),
  };
}

function drop(rows: Map<Address, Row[]>, address: Address, from: number): void {
  rows.set(
    address,
    (rows.get(address) ?? []).filter(({ id }) => id < from),
  );
}

function last(rows: readonly Row[], before: number, size: number): readonly Row[] {
  const found: Row[] = [];
  for (let at = rows.length - 1; at >= 0 && found.length < size; at -= 1) {
    const row = rows[at];
    if (row !== undefined && row.id < before) found.push(row);
  }
  return found;
}

// The order in which Hibernate saves a block: its lists by name. All but transfers and namespaces are in
// their list even when they are inside a wrapper, and so come before it; the recordings' ids agree.
const saved = [
  'importanceTransfer',
  'mosaicDefinition',
  'supplyChange',
  'modification',
  'multisig',
  'namespace',
  'transfer',
] as const;

function assignIds(transactions: readonly Transaction[], first: number) {
  const of = new Map<Transaction, number>();
  let next = first;
  for (const kind of saved) {
    for (const transaction of transactions) {
      if (transaction.kind === kind) {
        of.set(transaction, next++);
        if (transaction.kind !== 'multisig') continue;
        const savesInner = transaction.inner.kind === 'transfer' || transaction.inner.kind === 'namespace';
        next += transaction.cosignatures.length + (savesInner ? 1 : 0);
      } else if (transaction.kind === 'multisig' && transaction.inner.kind === kind) {
        if (kind !== 'namespace' && kind !== 'transfer') next += 1;
      }
    }
  }
  return { of, next };
}

/** Who finds it under outgoing: the signer; of a wrapper, the multisig account and all its cosigners (BlockDaoImpl). */
function sendersOf(transaction: Transaction, state: State): readonly Address[] {
  if (transaction.kind !== 'multisig') return [transaction.signerAddress];
  const multisig = transaction.inner.signerAddress;
  return [...new Set([multisig, ...accountAt(state, multisig).cosignatories])];
}

/** Who finds it under incoming (the TransactionRetrievers, and TransactionRegistry for what is inside a wrapper). */
function recipientsOf(transaction: Transaction): readonly Address[] {
  switch (transaction.kind) {
    case 'transfer':
      return [transaction.recipient];
    case 'importanceTransfer':
      return [transaction.remoteAddress];
    case 'modification':
      return [...new Set(transaction.modifications.map(({ address }) => address))];
    case 'namespace':
      return [transaction.rentalFeeSink];
    case 'multisig': {
      const { inner } = transaction;
      return inner.kind === 'mosaicDefinition' ? sinksOf(inner) : recipientsOf(inner);
    }
    case 'mosaicDefinition':
    case 'supplyChange':
    case 'cosignature':
      return [];
    default:
      return transaction satisfies never;
  }
}

// Whom a definition inside a wrapper pays, now or with each transfer; alone it has no recipients.
function sinksOf({ creationFeeSink, definition: { levy, creatorAddress } }: MosaicDefinitionCreation) {
  const paid = levy === null || levy.recipient === creatorAddress ? [] : [levy.recipient];
  return [...new Set([creationFeeSink, ...paid])];
}

function definedBy(transaction: Transaction): readonly string[] {
  const inner = transaction.kind === 'multisig' ? transaction.inner : transaction;
  if (inner.kind !== 'mosaicDefinition') return [];
  return [`${inner.definition.id.namespaceId}:${inner.definition.id.name}`];
}
