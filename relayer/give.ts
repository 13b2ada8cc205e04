/** Give: a number of the account to a payload: judged, paid for within the caps, signed, written, and only then sent. */
import { everyKey, type EthereumWallet, type Network } from '@kuramori/core';
import {
  chainIdOf,
  encodeTransaction,
  judgeRelay,
  signRelay,
  type Address,
  type Transaction,
} from '@kuramori/chains/ethereum/codec';
import type { Fees } from '@kuramori/chains/ethereum/node';
import { log, type Clock } from '@kuramori/program';
import { mostOf, spentBy, type Journal, type Numbered } from './journal.ts';
import type { Panel } from './panel.ts';

export interface Caps extends Fees {
  /** Of one transaction. */
  readonly gasLimit: bigint;
  /** Wei in any 24 hours: all of it, and what sends deposits on. */
  readonly perDay: bigint;
  readonly sweepsPerDay: bigint;
}

export interface Desk {
  readonly network: Network;
  /** One at least. */
  readonly wallets: readonly [EthereumWallet, ...EthereumWallet[]];
  readonly secret: Uint8Array;
  /** The key's. */
  readonly account: Address;
  readonly journal: Journal;
  readonly panel: Panel;
  readonly caps: Caps;
  readonly clock: Clock;
}

export interface Payload {
  readonly wallet: EthereumWallet;
  readonly to: Address;
  /** Hex. */
  readonly data: string;
  /** Null: it sends deposits on; or it carries nothing, and fills a gap. */
  readonly plan: string | null;
}

/** What coins to oneself take. */
const gapGas = 21_000n;

/** What moves nothing, so that the numbers above can be. */
export function gapOf({ wallets: [wallet], account }: Desk): Payload {
  return { wallet, to: account, data: '', plan: null };
}

/** Whether the key may sign it, by the codec's own rule. */
export function approve({ network, account, caps }: Desk, payload: Payload, nonce: number, fees: Fees) {
  const { wallet, to, data, plan } = payload;
  const transaction: Transaction = {
    chainId: chainIdOf(network),
    nonce: BigInt(nonce),
    maxFeePerGas: fees.maxFeePerGas,
    maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
    gasLimit: data === '' ? gapGas : caps.gasLimit,
    to,
    value: 0n,
    data,
  };
  // Spares as well: a rotation brings them in, and the Safe itself asks who its owners are.
  const keyed = { ...wallet, cosigners: everyKey(wallet) };
  const judged = judgeRelay(
    keyed,
    { transaction: encodeTransaction(transaction), plan },
    account,
    network,
    caps,
  );
  return judged.kind === 'refused' ? judged : { ...judged, transaction };
}

/**
 * Null once it is written and sent; else why it is not, and then nothing was. Where the number has transactions already it takes
 * their place: the journal takes only what differs by its fees alone.
 */
export async function give(
  desk: Desk,
  payload: Payload,
  nonce: number,
  fees: Fees,
  coins: bigint,
): Promise<string | null> {
  const { journal, caps, clock, panel, secret } = desk;
  const judged = approve(desk, payload, nonce, fees);
  if (judged.kind === 'refused') return judged.why;
  const most = mostOf(judged.transaction);
  const before = journal.numbered(nonce);
  const replaced = before ? spentBy([before], clock.now()) : 0n;
  const spent = spentBy(journal.numbers(), clock.now()) - replaced + most;
  if (spent > caps.perDay) return `it would be ${spent} wei in 24 hours, of at most ${caps.perDay}`;
  const isSweep = payload.plan === null && payload.data !== '';
  if (isSweep) {
    const swept = spentBy(journal.numbers().filter(isOfSweep), clock.now()) - replaced + most;
    if (swept > caps.sweepsPerDay)
      return `deposits sent on would be ${swept} wei in 24 hours, of at most ${caps.sweepsPerDay}: the rest is kept for payments`;
  }
  if (most > coins) return `it may cost ${most} wei, and the account has ${coins}`;
  const { raw, hash } = signRelay(secret, judged.approved);
  const { wallet, plan, data } = payload;
  const carries = data === '' ? null : { wallet: wallet.id, plan };
  journal.append({ kind: 'sends', at: clock.now(), nonce, carries, raw });
  log('sent', { nonce, hash, said: await panel.announce(raw) });
  return null;
}

function isOfSweep({ carries }: Numbered): boolean {
  return carries !== null && carries.execution === null;
}
