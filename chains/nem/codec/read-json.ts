import { addressOf, type Address } from './address.ts';
import type { RefusalKind } from './explain.ts';
import { flawOf } from './flaw.ts';
import { innerHash, type TransactionHash } from './hash.ts';
import { amountOf, entriesOf, hexOf, integerOf, join, listOf, objectOf, stringOf } from './json-value.ts';
import type { Fields, JsonFlaw } from './json-value.ts';
import type { PublicKey, Signature } from './keys.ts';
import type { Mosaic } from './mosaic.ts';
import { networkByte, type NemNetwork } from './network.ts';
import { Unreadable } from './reader.ts';
import { messageType, modificationType, transactionType } from './transaction.ts';
import type {
  Cosignature,
  CosignerChange,
  Message,
  Modification,
  Multisig,
  Transaction,
  Transfer,
} from './transaction.ts';
import type { SignedCosignature } from './write-json.ts';

export type JsonRefusalKind = RefusalKind | JsonFlaw | 'cosignature-of-another';

export type FromNisJson =
  | {
      readonly kind: 'transaction';
      readonly transaction: Transaction;
      readonly signature: Signature;
      /** Of a multisig, as far as the node has them; none otherwise. */
      readonly cosignatures: readonly SignedCosignature[];
    }
  | { readonly kind: 'refused'; readonly why: JsonRefusalKind; readonly field: string };

const commonKeys = ['timeStamp', 'fee', 'type', 'deadline', 'version', 'signer'];

/**
 * Reads a transaction as a node writes it in history, unconfirmed transactions and blocks. What is read
 * keeps every rule of `explain`, so `encode` gives the bytes back and their hash can be compared with the
 * one that the node names. Signatures are not verified here: `verify` does, over those bytes. Strict: keys
 * that are missing or not known, numbers that JSON can not carry exactly and upper-case hex are refused.
 */
export function fromNisJson(value: unknown, network: NemNetwork): FromNisJson {
  try {
    const transaction = readTransaction(value, network, '');
    checkRules(transaction, '');
    const entries = entriesOf(value, '');
    const signature = hexOf(entries.get('signature'), 'signature', 64) as Signature;
    const cosignatures =
      transaction.kind === 'multisig' ? readCosignatures(entries.get('signatures'), transaction) : [];
    return { kind: 'transaction', transaction, signature, cosignatures };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { kind: 'refused', why: error.why as JsonRefusalKind, field: error.field };
  }
}

function checkRules(transaction: Transaction, at: string): void {
  const flaw = flawOf(transaction);
  if (flaw !== undefined) refuse(flaw.why, join(at, flaw.field));
}

function readTransaction(value: unknown, network: NemNetwork, at: string): Transaction {
  const entries = entriesOf(value, at);
  const type = entries.get('type');
  const kind = (['transfer', 'modification', 'multisig', 'cosignature'] as const).find(
    (known) => transactionType[known] === type,
  );
  if (kind === undefined) refuse('unknown-type', join(at, 'type'));
  const version = readVersion(entries.get('version'), network, join(at, 'version'));
  const two = kind === 'transfer' || kind === 'modification';
  if (version !== 1 && !(two && version === 2)) refuse('unknown-version', join(at, 'version'));
  // An inner transaction has no signature of its own: the wrapper's stands for it.
  const keys = at === 'otherTrans' ? commonKeys : [...commonKeys, 'signature'];
  switch (kind) {
    case 'transfer':
      return readTransfer(value, network, version, keys, at);
    case 'modification':
      return readModification(value, network, version, keys, at);
    case 'cosignature':
      return readCosignature(value, network, keys, at);
    case 'multisig':
      return readMultisig(value, network, keys, at);
    default:
      return kind satisfies never;
  }
}

function readVersion(value: unknown, network: NemNetwork, field: string): number {
  const word = integerOf(value, field, -0x8000_0000, 0x7fff_ffff);
  if (word >>> 24 !== networkByte[network]) refuse('wrong-network', field);
  return word & 0xff_ffff;
}

function readHeader(get: Fields, network: NemNetwork, at: string) {
  return {
    network,
    timeStamp: integerOf(get('timeStamp'), join(at, 'timeStamp'), 0, 0x7fff_ffff),
    signer: hexOf(get('signer'), join(at, 'signer'), 32) as PublicKey,
    fee: amountOf(get('fee'), join(at, 'fee')),
    deadline: integerOf(get('deadline'), join(at, 'deadline'), 0, 0x7fff_ffff),
  };
}

function readTransfer(
  value: unknown,
  network: NemNetwork,
  version: 1 | 2,
  common: readonly string[],
  at: string,
): Transfer {
  const own = version === 1 ? [] : ['mosaics'];
  const get = objectOf(value, [...common, 'amount', 'recipient', 'message', ...own], at);
  const list = version === 1 ? [] : listOf(get('mosaics'), join(at, 'mosaics'));
  return {
    kind: 'transfer',
    version,
    ...readHeader(get, network, at),
    recipient: stringOf(get('recipient'), join(at, 'recipient')) as Address, // `flawOf` looks at it
    amount: amountOf(get('amount'), join(at, 'amount')),
    message: readMessage(get('message'), join(at, 'message')),
    mosaics: list.map((mosaic, index) => readMosaic(mosaic, join(at, `mosaics[${index}]`))),
  };
}

function readMessage(value: unknown, field: string): Message {
  if (entriesOf(value, field).size === 0) return { kind: 'none' };
  const get = objectOf(value, ['payload', 'type'], field);
  const payload = hexOf(get('payload'), join(field, 'payload'));
  if (get('type') === messageType.plain) return { kind: 'plain', payload };
  if (get('type') === messageType.encrypted) return { kind: 'encrypted', payload };
  return refuse('unknown-message-type', join(field, 'type'));
}

function readMosaic(value: unknown, field: string): Mosaic {
  const get = objectOf(value, ['quantity', 'mosaicId'], field);
  const id = objectOf(get('mosaicId'), ['namespaceId', 'name'], join(field, 'mosaicId'));
  return {
    id: {
      namespaceId: stringOf(id('namespaceId'), join(field, 'mosaicId.namespaceId')),
      name: stringOf(id('name'), join(field, 'mosaicId.name')),
    },
    quantity: amountOf(get('quantity'), join(field, 'quantity')),
  };
}

function readModification(
  value: unknown,
  network: NemNetwork,
  version: 1 | 2,
  common: readonly string[],
  at: string,
): Modification {
  const own = version === 1 ? [] : ['minCosignatories'];
  const get = objectOf(value, [...common, 'modifications', ...own], at);
  const list = listOf(get('modifications'), join(at, 'modifications'));
  return {
    kind: 'modification',
    version,
    ...readHeader(get, network, at),
    modifications: list.map((change, index) => readChange(change, join(at, `modifications[${index}]`))),
    minCosignatoriesChange:
      version === 1 ? null : readRelativeChange(get('minCosignatories'), join(at, 'minCosignatories')),
  };
}

function readRelativeChange(value: unknown, field: string): number | null {
  if (entriesOf(value, field).size === 0) return null;
  const get = objectOf(value, ['relativeChange'], field);
  return integerOf(get('relativeChange'), join(field, 'relativeChange'), -0x8000_0000, 0x7fff_ffff);
}

function readChange(value: unknown, field: string): CosignerChange {
  const get = objectOf(value, ['modificationType', 'cosignatoryAccount'], field);
  const number = get('modificationType');
  const type = (['add', 'delete'] as const).find((known) => modificationType[known] === number);
  if (type === undefined) refuse('unknown-modification-type', join(field, 'modificationType'));
  const cosigner = hexOf(get('cosignatoryAccount'), join(field, 'cosignatoryAccount'), 32) as PublicKey;
  return { type, cosigner };
}

function readMultisig(value: unknown, network: NemNetwork, common: readonly string[], at: string): Multisig {
  if (at !== '') refuse('nested-multisig', join(at, 'type'));
  const get = objectOf(value, [...common, 'signatures', 'otherTrans'], at);
  const inner = readTransaction(get('otherTrans'), network, 'otherTrans');
  if (inner.kind === 'cosignature') refuse('inner-type-not-allowed', 'otherTrans.type');
  if (inner.kind === 'multisig') refuse('nested-multisig', 'otherTrans.type');
  return { kind: 'multisig', version: 1, ...readHeader(get, network, at), inner };
}

function readCosignature(
  value: unknown,
  network: NemNetwork,
  common: readonly string[],
  at: string,
): Cosignature {
  const get = objectOf(value, [...common, 'otherHash', 'otherAccount'], at);
  const hash = objectOf(get('otherHash'), ['data'], join(at, 'otherHash'));
  return {
    kind: 'cosignature',
    version: 1,
    ...readHeader(get, network, at),
    innerHash: hexOf(hash('data'), join(at, 'otherHash.data'), 32) as TransactionHash,
    multisig: stringOf(get('otherAccount'), join(at, 'otherAccount')) as Address,
  };
}

function readCosignatures(value: unknown, multisig: Multisig): readonly SignedCosignature[] {
  const hash = innerHash(multisig);
  const account = addressOf(multisig.inner.signer, multisig.network);
  return listOf(value, 'signatures').map((item, index) => {
    const at = `signatures[${index}]`;
    const transaction = readTransaction(item, multisig.network, at);
    if (transaction.kind !== 'cosignature') refuse('unknown-type', `${at}.type`);
    checkRules(transaction, at);
    // NIS MultisigTransaction.addSignature: of this inner transaction, for this account.
    if (transaction.innerHash !== hash || transaction.multisig !== account)
      refuse('cosignature-of-another', at);
    const signature = hexOf(entriesOf(item, at).get('signature'), `${at}.signature`, 64) as Signature;
    return { transaction, signature };
  });
}

function refuse(why: JsonRefusalKind, field: string): never {
  throw new Unreadable(why, field);
}
