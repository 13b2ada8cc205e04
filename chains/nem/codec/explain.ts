import type { Address } from './address.ts';
import { layOut } from './encode.ts';
import { flawOf, type FlawKind } from './flaw.ts';
import type { TransactionHash } from './hash.ts';
import type { PublicKey } from './keys.ts';
import type { Mosaic } from './mosaic.ts';
import { networkByte, type NemNetwork } from './network.ts';
import { Unreadable, reader, type ReadFlaw, type Reader } from './reader.ts';
import { messageType, modificationType, transactionType } from './transaction.ts';
import type { CosignerChange, Message, Transaction } from './transaction.ts';

export type RefusalKind =
  | FlawKind
  | ReadFlaw
  | 'unknown-type'
  | 'unknown-version'
  | 'unknown-message-type'
  | 'unknown-modification-type'
  | 'nested-multisig'
  | 'inner-type-not-allowed'
  | 'not-canonical';

export interface Refusal {
  readonly kind: 'refused';
  readonly why: RefusalKind;
  /** Where: a path such as `inner.mosaics[1].quantity`, or `bytes` for the whole. */
  readonly field: string;
}

export type Explained = { readonly kind: 'explained'; readonly transaction: Transaction } | Refusal;

/**
 * The whole meaning of non-verifiable bytes, or why they have none on this network. Bytes that are explained
 * are exactly what `encode` makes of their meaning, so no two byte strings ever mean the same. Says nothing
 * of signatures, balances or the chain's state. Throws on nothing.
 */
export function explain(bytes: Uint8Array, network: NemNetwork): Explained {
  try {
    const input = reader(bytes);
    const transaction = readTransaction(input, network, '');
    input.end('bytes');
    const flaw = flawOf(transaction);
    if (flaw !== undefined) return { kind: 'refused', ...flaw };
    // Every rule above may have a hole; this one closes them all.
    if (!isCanonical(bytes, transaction)) return { kind: 'refused', why: 'not-canonical', field: 'bytes' };
    return { kind: 'explained', transaction };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { kind: 'refused', why: error.why as RefusalKind, field: error.field };
  }
}

/** Whether the bytes are what `encode` makes of the transaction, and nothing else. */
export function isCanonical(bytes: Uint8Array, transaction: Transaction): boolean {
  return layOut(transaction).toHex() === bytes.toHex();
}

type Header = Pick<Transaction, 'network' | 'timeStamp' | 'signer' | 'fee' | 'deadline'>;

function readTransaction(input: Reader, network: NemNetwork, at: string): Transaction {
  const type = input.u32(`${at}type`);
  const kind = (['transfer', 'modification', 'multisig', 'cosignature'] as const).find(
    (known) => transactionType[known] === type,
  );
  if (kind === undefined) refuse('unknown-type', `${at}type`);
  // Before going deeper, so that no nesting can exhaust the stack.
  if (at !== '' && kind === 'multisig') refuse('nested-multisig', `${at}type`);
  if (at !== '' && kind === 'cosignature') refuse('inner-type-not-allowed', `${at}type`);
  const word = input.u32(`${at}version`);
  if (word >>> 24 !== networkByte[network]) refuse('wrong-network', `${at}version`);
  const version = word & 0xff_ffff; // NIS VerifiableEntity.getEntityVersion
  const header: Header = {
    network,
    timeStamp: input.u32(`${at}timeStamp`),
    signer: input.exactly(`${at}signer`, 32, (key) => key.hex(`${at}signer`, 32)) as PublicKey,
    fee: input.u64(`${at}fee`),
    deadline: input.u32(`${at}deadline`),
  };
  // NIS VersionTransactionValidator: two versions of these two, one of the rest.
  const two = kind === 'transfer' || kind === 'modification';
  if (version !== 1 && !(two && version === 2)) refuse('unknown-version', `${at}version`);
  switch (kind) {
    case 'transfer':
      return readTransfer(input, header, version, at);
    case 'modification':
      return readModification(input, header, version, at);
    case 'cosignature':
      return readCosignature(input, header, at);
    case 'multisig': {
      const inner = input.sized(`${at}inner`, (part) => readTransaction(part, network, 'inner.'));
      // Both are refused before anything of them is read.
      if (inner.kind === 'multisig' || inner.kind === 'cosignature') throw new Error('explain: unreachable');
      return { kind, version: 1, ...header, inner };
    }
    default:
      return kind satisfies never;
  }
}

function readTransfer(input: Reader, header: Header, version: 1 | 2, at: string): Transaction {
  const recipient = readAddress(input, `${at}recipient`);
  const amount = input.u64(`${at}amount`);
  const message = input.sized(`${at}message`, (envelope) => readMessage(envelope, `${at}message`));
  const mosaics = version === 1 ? [] : readList(input, `${at}mosaics`, (field) => readMosaic(input, field));
  return { kind: 'transfer', version, ...header, recipient, amount, message, mosaics };
}

// A count that lies runs out of bytes after a few rounds; the list never grows beyond what is there.
function readList<T>(input: Reader, field: string, read: (field: string) => T): readonly T[] {
  const count = input.u32(field);
  const list: T[] = [];
  while (list.length < count) list.push(read(`${field}[${list.length}]`));
  return list;
}

function readAddress(input: Reader, field: string): Address {
  return input.exactly(field, 40, (text) => text.latin1(field, 40)) as Address; // `flawOf` looks at it
}

function readMessage(envelope: Reader, field: string): Message {
  if (envelope.left === 0) return { kind: 'none' };
  const type = envelope.u32(field);
  const payload = envelope.sized(field, (part) => part.hex(field, part.left));
  if (type === messageType.plain) return { kind: 'plain', payload };
  if (type === messageType.encrypted) return { kind: 'encrypted', payload };
  return refuse('unknown-message-type', field);
}

function readMosaic(input: Reader, field: string): Mosaic {
  return input.sized(field, (part) => ({
    id: part.sized(`${field}.id`, (id) => ({
      namespaceId: id.sized(`${field}.id`, (text) => text.latin1(field, text.left)),
      name: id.sized(`${field}.id`, (text) => text.latin1(field, text.left)),
    })),
    quantity: part.u64(`${field}.quantity`),
  }));
}

function readModification(input: Reader, header: Header, version: 1 | 2, at: string): Transaction {
  const modifications = readList(input, `${at}modifications`, (item) => readChange(input, item));
  const field = `${at}minCosignatories`;
  const minCosignatoriesChange =
    version === 1 ? null : input.sized(field, (change) => (change.left === 0 ? null : change.i32(field)));
  return { kind: 'modification', version, ...header, modifications, minCosignatoriesChange };
}

function readChange(input: Reader, field: string): CosignerChange {
  return input.exactly(field, 40, (part) => {
    const number = part.u32(`${field}.type`);
    const type = (['add', 'delete'] as const).find((known) => modificationType[known] === number);
    if (type === undefined) refuse('unknown-modification-type', `${field}.type`);
    const cosigner = part.exactly(`${field}.cosigner`, 32, (key) => key.hex(field, 32)) as PublicKey;
    return { type, cosigner };
  });
}

function readCosignature(input: Reader, header: Header, at: string): Transaction {
  const innerHash = input.exactly(`${at}innerHash`, 36, (object) =>
    object.exactly(`${at}innerHash`, 32, (hash) => hash.hex(`${at}innerHash`, 32)),
  ) as TransactionHash;
  const multisig = readAddress(input, `${at}multisig`);
  return { kind: 'cosignature', version: 1, ...header, innerHash, multisig };
}

function refuse(why: RefusalKind, field: string): never {
  throw new Unreadable(why, field);
}
