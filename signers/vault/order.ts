/**
 * The vault's part in a refill or a move between cold wallets: all that its key of a cold wallet ever signs. What it is to record follows
 * from the order and its own journal; the watchtowers have countersigned just that, or nothing is signed.
 */
import { z } from 'zod';
import {
  clear,
  countersigned,
  Countersignature,
  Hex,
  Order,
  SignedEntry,
  writtenBy,
  bytesDigest,
  entryHash,
  intentDigest,
  type Cleared,
  type Entry,
  type Network,
  type PolicyChain,
  type Wallet,
} from '@kuramori/core';
import { codecOf, conflictsWith } from '@kuramori/chains/codecs';
import { timeText } from '@kuramori/program';
import type { Journal } from '../journal.ts';
import type { Opened } from '../keystore.ts';
import { readPinned, type Pins } from '../pins.ts';
import { elsewhere } from './elsewhere.ts';
import { judgedAway, refusal } from './refusal.ts';
import { tells } from './ends.ts';
import { approved, decoded, isTyped, leaves, usedWith } from './order-shown.ts';

export const OrderRequest = z.strictObject({
  /** The signed policy file, whole. */
  policy: z.unknown(),
  order: Order,
  countersignatures: z.array(Countersignature).max(32),
  /** What proves the plan's inputs, where its chain has inputs: the whole transactions that they spend. */
  previous: z.array(Hex.min(2).max(2_000_000)).max(256).default([]),
  /** What the watchtowers hold of this vault's journal: for one that was restored. */
  journal: z.array(SignedEntry).max(10_000).default([]),
  /** What whoever carries it says beside: shown as said, and believed by nobody. */
  claims: z
    .array(z.strictObject({ what: z.string().max(20), value: z.string().max(160) }))
    .max(4)
    .default([]),
});
export type OrderRequest = z.infer<typeof OrderRequest>;

/** What an order asks of this vault, judged: people approved it, and the watchtowers have countersigned just that. */
export interface JudgedOrder {
  /** The record's. */
  readonly hash: string;
  /** The digest of what people approved. */
  readonly intent: string;
  readonly entries: readonly [...Entry[], Entry];
  readonly cleared: Cleared;
  readonly wallet: Wallet;
  readonly network: Network;
  /** Whether the journal has it already. */
  readonly recorded: boolean;
  /** Whether it was signed before, too: the same signature is given again, and nobody asked. */
  readonly answered: boolean;
  /** For the people there, decoded from the bytes and from what was verified; what was only said comes first, and says so. */
  readonly shown: readonly (readonly [what: string, value: string])[];
  /** Whether what somebody typed is the amount, and the end of the address. */
  readonly isTyped: (answer: string | null) => boolean;
}

/** By the part of the order that is not so, where no sentence of its own is said. */
const inJapanese = {
  policy: '規則のファイルの署名か内容が正しくありません。署名していません。規則を持ち直してください',
  'order.policy':
    'この金庫は、この規則の版にありません。署名していません。新しい規則で指示を作り直してください',
  'order.ask.wallet':
    'この金庫の鍵は、このウォレットのものではありません。署名していません。指示を確かめてください',
  'order.ask.plan': 'この取引は送金ではありません。署名していません。すぐに責任者に知らせてください',
  'order.ask.intents': '依頼が入っていません。署名していません。指示を作り直してください',
} as const;

function refuse(field: keyof typeof inJapanese, why: string) {
  return refusal(field, why, inJapanese[field]);
}

/** Throws Misconfigured with the field that is not so. Nothing is signed or written here. `now`: this machine's clock. `isOut`: whether a signature of what was recorded is out. */
export function judgedOrder(
  keys: Opened,
  pins: Pins,
  journal: Pick<Journal, 'history' | 'byHash'>,
  request: OrderRequest,
  now: number,
  isOut: (bytes: { readonly plan: string; readonly share: string }) => boolean,
): JudgedOrder {
  const { order, countersignatures, previous } = request;
  const { ask } = order;
  const { chain: versions, version, own } = named(keys, pins, request);
  const { policy } = version;
  const wallet = policy.wallets.find(({ id }) => id === ask.wallet);
  if (wallet?.role !== 'cold')
    throw refusal(
      'order.ask.wallet',
      `${ask.wallet} is no cold wallet: of a hot one this key signs rotations (rotate), and nothing else`,
      `${ask.wallet} はコールドウォレットではありません。この鍵がホットウォレットについて署名するのは鍵の交代（rotate）だけです`,
    );
  const mine = wallet.cosigners.find(({ vault }) => vault === own);
  if (mine?.publicKey !== keys.chainKey)
    throw refuse('order.ask.wallet', `${wallet.id} has not the key of this vault, ${keys.chainKey}`);
  const other = elsewhere(keys, wallet, policy);
  if (other !== undefined) throw refuse('order.ask.wallet', other);
  const codec = codecOf(wallet.chain);
  const explained = codec.explainShare(wallet, ask.plan, ask.share, policy.network, previous);
  if (explained.kind === 'refused')
    throw refusal(
      'order.ask.plan',
      explained.why,
      '取引のバイト列が読み取れないか、変えられています。署名していません。指示を作り直してください',
    );
  if (explained.kind !== 'spend') throw refuse('order.ask.plan', 'changes who may sign, and spends nothing');
  const [part] = ask.intents;
  if (!part) throw refuse('order.ask.intents', 'are none');
  const { spend } = explained;
  const { intent } = part;
  for (const { what, value } of request.claims)
    if (tells(`${what} ${value}`, intentDigest(intent)))
      throw refusal(
        'claims',
        'tell the intent’s digest, which people are to bring from those who approved it: whoever wrote this file wants it typed unasked. Nothing is signed; tell everybody',
        '依頼のダイジェストが書き込まれています。これは承認した人から聞くべきものです。署名していません。全員に知らせてください',
      );
  const known = journal.byHash(journal.history().records.get(bytesDigest(ask.share)) ?? '');
  const entries = known
    ? ([known.entry] as const)
    : written(order, versions, journal, {
        explained,
        conflicts: conflictsWith(wallet, ask.plan),
      });
  const record = entries.at(-1) as Entry;
  const clearance = clear(policy, record, countersignatures);
  if (clearance.kind === 'refused') {
    const words = countersigned(policy, entryHash(record), countersignatures);
    throw refusal(
      'countersignatures',
      `${words} of the ${policy.watchtowers.quorum} watchtowers that it takes have countersigned what this vault is to record: entry ${record.seq}, after ${record.prev.slice(0, 16)}…. If they go by another journal of this vault, have the order made anew with this vault’s last answer, or with --journal for a vault that was restored`,
      'この金庫がこれから記録する内容に、必要な数の監視塔の連署がありません。署名していません。指示を作り直してください',
    );
  }
  const answered = known !== undefined && isOut(ask);
  // What was signed before is given again: the signature is out.
  if (!answered && spend.validUntil !== null && now >= spend.validUntil * 1000)
    throw refusal(
      'order.ask.plan',
      `the chain takes it no more since ${timeText(spend.validUntil * 1000)}, by this machine’s clock (${timeText(now)}): have it ordered anew, or set the clock right`,
      'この取引は、この機械の時計ではもうチェーンに受け付けられません。署名していません。指示を作り直すか、時計を合わせてください',
    );
  if (!answered && now >= intent.expiry * 1000)
    throw refusal(
      'order.ask.intents',
      `expired at ${timeText(intent.expiry * 1000)}, by this machine’s clock (${timeText(now)}): have it asked for anew, or set the clock right`,
      'この依頼は、この機械の時計では期限が過ぎています。署名していません。依頼からやり直すか、時計を合わせてください',
    );
  return {
    hash: entryHash(record),
    intent: intentDigest(intent),
    entries,
    cleared: clearance.cleared,
    wallet,
    network: policy.network,
    recorded: known !== undefined,
    answered,
    shown: [
      ...request.claims.map(({ what, value }) => [`claimed: ${what}`, value] as const),
      ...decoded(policy, wallet, spend),
      ['leaves', leaves(policy, order)],
      ['by policy', `version ${policy.version} of ${versions.length} in this file, ${version.digest}`],
      ['approved', approved(policy, part)],
      [
        'ordered',
        `at ${timeText(record.at)} by the watchtowers’ clocks; by this machine’s it is ${timeText(now)}`,
      ],
      [
        'countersigned',
        `by ${countersigned(policy, entryHash(record), countersignatures)} of ${policy.watchtowers.keys.length} watchtowers, as entry ${record.seq} of this vault’s journal`,
      ],
      ['with it', usedWith(policy, journal, intent, record.at)],
    ],
    isTyped: (answer) => isTyped(answer, intent),
  };
}

/** What the policy calls this vault; the order must be its own. Throws Misconfigured. */
export function ownName(keys: Opened, pins: Pins, request: OrderRequest): string {
  return named(keys, pins, request).own;
}

/** The same by the newest version of a policy file that names it. */
export function nameIn(keys: Opened, pins: Pins, file: unknown): string {
  const read = readPinned(file, pins);
  if (read.kind === 'refused') throw refusal(`policy.${read.field}`, read.why, inJapanese.policy);
  for (const { policy } of read.chain.toReversed()) {
    const own = policy.vaults?.find(({ recordKey }) => recordKey === keys.record.publicKey);
    if (own) return own.id;
  }
  throw refusal('policy', 'no version pins a vault with this record key', inJapanese['order.policy']);
}

function named(keys: Opened, pins: Pins, { policy: file, order }: OrderRequest) {
  const read = readPinned(file, pins);
  if (read.kind === 'refused') throw refusal(`policy.${read.field}`, read.why, inJapanese.policy);
  const version = read.chain.find(({ digest }) => digest === order.policy);
  if (!version) throw refuse('order.policy', 'is no version of the policy that comes with it');
  const { policy } = version;
  const own = policy.vaults?.find(({ recordKey }) => recordKey === keys.record.publicKey);
  if (!own)
    throw refuse(
      'order.policy',
      `version ${policy.version} pins no vault with this record key: nothing is signed by it`,
    );
  if (own.id !== order.vault)
    throw refusal(
      'order.vault',
      `is for ${order.vault}, and this is ${own.id}: bring it the order that is its own`,
      `${order.vault} への指示で、この金庫は ${own.id} です。署名していません。この金庫への指示を持ってきてください`,
    );
  return { chain: read.chain, version, own: own.id };
}

function written(
  order: Order,
  chain: PolicyChain,
  journal: Pick<Journal, 'history'>,
  read: Parameters<typeof writtenBy>[3],
): readonly [...Entry[], Entry] {
  const found = writtenBy(order, chain, journal.history(), read);
  if (found.kind === 'refused') throw judgedAway(found);
  return found.entries;
}
