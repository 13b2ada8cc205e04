/** A client of one NIS1 node. It believes nothing: each reply is parsed, and each transaction's hash computed again. */
import type { z } from 'zod';
import { requestJson } from '../../http.ts';
import {
  encode,
  fromNisJson,
  nemEpochMs,
  transactionHash,
  unixMsOf,
  type Announcement,
  type FromNisJson,
  type NemNetwork,
  type SignedCosignature,
  type Transaction,
} from '../codec/index.ts';
import type { Looked, Read, Unread, WatchedBlock, WatchedNode } from '../../watched.ts';
import * as reply from './reply.ts';

export interface SeenTransaction {
  readonly hash: string;
  readonly transaction: Transaction;
  readonly signature: string;
  /** The cosignatures that came with it, where it is a multisig's wrapper. */
  readonly cosignatures: readonly SignedCosignature[];
}

export type SeenBlock = WatchedBlock<SeenTransaction>;

export interface AccountState {
  readonly address: string;
  /** Micro-XEM, confirmed. */
  readonly balance: bigint;
  readonly cosigners: readonly string[];
  readonly threshold: number;
}

/** Which chain a node serves. */
export interface Served {
  /** Of the network as the node names it: 104 mainnet, -104 testnet. */
  readonly networkId: number;
  /** The hash of the first block, which names the chain; null while there is no second one to tell it. */
  readonly genesis: string | null;
}

export interface NemNode extends WatchedNode<SeenTransaction> {
  /** Milliseconds of Unix time, by the node's clock. */
  readonly time: () => Promise<Read<number>>;
  readonly served: () => Promise<Read<Served>>;
  readonly account: (address: string) => Promise<Read<AccountState>>;
  readonly unconfirmed: (address: string) => Promise<Read<Looked<SeenTransaction>>>;
  readonly announce: (
    announcement: Announcement,
  ) => Promise<Read<{ code: number; message: string; hash: string | undefined }>>;
}

export function nemNode(url: string, network: NemNetwork): NemNode {
  const get = <S extends z.ZodType>(path: string, schema: S) => ask('GET', path, undefined, schema);

  async function ask<S extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    schema: S,
  ): Promise<Read<z.output<S>>> {
    const answer = await requestJson({ url }, method, path, body);
    if (answer.kind === 'unreachable') return { kind: 'failed', detail: `${url}: ${answer.detail}` };
    if (answer.status !== 200) {
      const error = reply.ErrorReply.safeParse(answer.body);
      return {
        kind: 'failed',
        detail: `${url}${path}: ${answer.status} ${error.success ? (error.data.message ?? error.data.error) : ''}`,
      };
    }
    const read = schema.safeParse(answer.body);
    if (read.success) return { kind: 'read', value: read.data };
    const issue = read.error.issues[0];
    return { kind: 'failed', detail: `${url}${path}: ${issue?.path.join('.')} ${issue?.message}` };
  }

  const unconfirmed: NemNode['unconfirmed'] = async (address) =>
    map(
      await get(`/account/unconfirmedTransactions?address=${address}`, reply.UnconfirmedReply),
      ({ data }) => sort(data.map(({ transaction }) => see(transaction, undefined, network))),
    );

  return {
    url,
    height: async () => map(await get('/chain/height', reply.Height), ({ height }) => height),
    time: async () =>
      map(await get('/time-sync/network-time', reply.NetworkTime), (t) => nemEpochMs + t.sendTimeStamp),
    async served() {
      // NIS gives a block's hash only through the one after it.
      const [info, blocks] = await Promise.all([
        get('/node/info', reply.NodeInfo),
        ask('POST', '/local/chain/blocks-after', { height: 1 }, reply.BlocksReply),
      ]);
      if (info.kind === 'failed') return info;
      return map(blocks, ({ data: [second] }) => ({
        networkId: info.value.metaData.networkId,
        genesis: second?.block.prevBlockHash.data ?? null,
      }));
    },
    account: async (address) =>
      map(await get(`/account/get?address=${address}`, reply.AccountReply), ({ meta, account }) => ({
        address: account.address,
        balance: BigInt(account.balance),
        cosigners: meta.cosignatories.flatMap(({ publicKey }) => publicKey ?? []),
        threshold: account.multisigInfo.minCosignatories ?? 0,
      })),
    unconfirmed,
    async waiting(addresses) {
      const seen: SeenTransaction[] = [];
      const unread: Unread[] = [];
      let failed: string | null = null;
      for (const answer of await Promise.all(addresses.map(unconfirmed))) {
        if (answer.kind === 'failed') failed ??= answer.detail;
        else {
          seen.push(...answer.value.seen);
          unread.push(...answer.value.unread);
        }
      }
      return { seen, unread, failed };
    },
    // NIS: BLOCKS_LIMIT of /local/chain/blocks-after.
    blocksAtOnce: 10,
    blocksAfter: async (height) =>
      map(await ask('POST', '/local/chain/blocks-after', { height }, reply.BlocksReply), ({ data }) =>
        data.map(({ txes, block, hash }) => {
          const { seen, unread } = sort(txes.map(({ tx, hash: id }) => see(tx, id, network)));
          const time = Math.floor(unixMsOf(block.timeStamp) / 1000);
          const { height: at, prevBlockHash } = block;
          return { height: at, hash, previous: prevBlockHash.data, time, transactions: seen, unread };
        }),
      ),
    announce: async (announcement) =>
      map(
        await ask('POST', '/transaction/announce', announcement, reply.AnnounceReply),
        ({ code, message, transactionHash: id }) => ({
          code,
          message,
          hash: id.data,
        }),
      ),
  };
}

function map<A, B>(read: Read<A>, change: (value: A) => B): Read<B> {
  return read.kind === 'read' ? { kind: 'read', value: change(read.value) } : read;
}

/** What was read lately, by its text: the same transactions are shown again at every look, and by every node. */
const lately = new Map<string, Readable>();
const mostKnown = 4_096;
/** A longer one is read anew each time, so that a hostile node cannot fill the memory. Characters. */
const mostText = 8_192;

type Readable = Extract<FromNisJson, { kind: 'transaction' }> & { readonly hash: string };

/** Pure: the same text means the same. What cannot be read is not remembered. */
function readLately(
  json: unknown,
  network: NemNetwork,
): Readable | Exclude<FromNisJson, { kind: 'transaction' }> {
  const text = `${network} ${JSON.stringify(json)}`;
  const before = lately.get(text);
  if (before) return before;
  const read = fromNisJson(json, network);
  if (read.kind === 'refused') return read;
  const known = { ...read, hash: transactionHash(encode(read.transaction)) };
  const [oldest] = lately.keys();
  if (lately.size >= mostKnown && oldest !== undefined) lately.delete(oldest);
  if (text.length <= mostText) lately.set(text, known);
  return known;
}

type See = { readonly seen: SeenTransaction } | { readonly unread: Unread };

function see(json: unknown, claimed: string | undefined, network: NemNetwork): See {
  const read = readLately(json, network);
  const signer = signerOf(json);
  if (read.kind === 'refused')
    return { unread: { hash: claimed ?? null, signer, why: `${read.field} ${read.why}` } };
  const { hash } = read;
  // The hash is ours to compute: a node that names another one is not describing this transaction.
  if (claimed !== undefined && claimed !== hash) {
    return {
      unread: { hash: claimed, signer, why: `the node calls it ${claimed}, its bytes hash to ${hash}` },
    };
  }
  const { transaction, signature, cosignatures } = read;
  return { seen: { hash, transaction, signature, cosignatures } };
}

function sort(all: readonly See[]): Looked<SeenTransaction> {
  return {
    seen: all.flatMap((one) => ('seen' in one ? one.seen : [])),
    unread: all.flatMap((one) => ('unread' in one ? one.unread : [])),
  };
}

function signerOf(json: unknown): string | null {
  const signer: unknown =
    typeof json === 'object' && json !== null && 'signer' in json ? json.signer : undefined;
  return typeof signer === 'string' ? signer : null;
}
