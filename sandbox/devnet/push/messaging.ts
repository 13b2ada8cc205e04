/** What the node tells whoever listens: blocks, and what concerns accounts that somebody has named to it (MessagingService). */
import type { Address } from '@kuramori/chains/nem/codec';
import type { Block } from '../chain/block.ts';
import { accountJson } from '../http/account-json.ts';
import { blockJson, rowJson } from '../http/block-json.ts';
import { jsonText, type Json } from '../http/json.ts';
import { transactionJson } from '../http/transaction-json.ts';
import type { NodeCore } from '../node.ts';
import type { Transaction } from '../wire/transaction.ts';
import type { Broker } from './broker.ts';

export interface Messaging {
  /** Of any session, for as long as the node runs. */
  readonly observe: (address: Address) => void;
  /** Blocks that are the chain's now, lowest first. */
  readonly blocks: (blocks: readonly Block[]) => void;
  readonly block: (block: Block) => void;
  readonly unconfirmed: (transaction: Transaction) => void;
  readonly account: (address: Address) => void;
  readonly recent: (address: Address) => void;
  readonly pending: (address: Address) => void;
  readonly error: (message: string | null) => void;
}

/** MessagingService.JS_MAX_SAFE_INTEGER: the height of what has none. */
const noHeight = Number.MAX_SAFE_INTEGER;
/** MessagingService.pushUnconfirmed */
const mostPending = 10;
/** DefaultPage */
const pageSize = 25;

export function openMessaging(core: NodeCore, broker: Broker): Messaging {
  const observed = new Set<Address>();

  function push(topic: string, json: () => Json): void {
    // JsonSerializationPolicy ends each body with a line feed.
    if (broker.isHeard(topic)) broker.publish(topic, `${jsonText(json())}\r\n`);
  }

  /** Gives whom it concerns, of those that are observed. */
  function transaction(prefix: string, height: number, one: Transaction): readonly Address[] {
    const concerned = concernedBy(one).filter((address) => observed.has(address));
    // Once for each part that an account has in it: who pays himself hears of it twice.
    for (const address of concerned)
      push(`/${prefix}/${address}`, () => rowJson({ id: 0, height, transaction: one }));
    return concerned;
  }

  function account(address: Address): void {
    push(`/account/${address}`, () => accountJson(core, address));
  }

  function block(one: Block): void {
    push('/blocks', () => blockJson(one));
    const changed = one.transactions.flatMap((each) => transaction('transactions', one.height, each));
    for (const address of new Set([...changed, one.signerAddress])) account(address);
  }

  function unconfirmed(one: Transaction): void {
    push('/unconfirmed', () => transactionJson(one));
    transaction('unconfirmed', noHeight, one);
  }

  return {
    observe: (address) => void observed.add(address),
    blocks(blocks) {
      const [first] = blocks;
      if (first) push('/blocks/new', () => ({ height: first.height }));
      blocks.forEach(block);
    },
    block,
    unconfirmed,
    account,
    recent(address) {
      const page = () => core.chain.history.page(address, 'all', Infinity, pageSize);
      push(`/recenttransactions/${address}`, () => ({ data: page().map(rowJson) }));
    },
    pending: (address) => core.pool.of(address, mostPending).forEach(unconfirmed),
    error(message) {
      push('/errors', () => ({ timeStamp: core.now(), error: 'Bad Request', message, status: 400 }));
    },
  };
}

/** MessagingService.pushTransaction: of a wrapper its signer, and whom the inner one names; a cosignature concerns nobody. */
function concernedBy(one: Transaction): readonly Address[] {
  switch (one.kind) {
    case 'transfer':
      return [one.signerAddress, one.recipient];
    case 'importanceTransfer':
      return [one.signerAddress, one.remoteAddress];
    case 'modification':
      return [one.signerAddress, ...one.modifications.map(({ address }) => address)];
    case 'multisig':
      return [one.signerAddress, ...concernedBy(one.inner)];
    case 'mosaicDefinition': {
      const { levy } = one.definition;
      return levy === null ? [one.signerAddress] : [one.signerAddress, levy.recipient];
    }
    case 'namespace':
    case 'supplyChange':
      return [one.signerAddress];
    case 'cosignature':
      return [];
    default:
      return one satisfies never;
  }
}
