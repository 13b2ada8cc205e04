/**
 * Chain: what custody asks of a chain, in words that no chain owns. How each answers stands in a folder beside this file; what is
 * done with the answers - booked, planned, signed, sent, settled - is told once, for all of them, in deposit.ts and withdrawal.ts.
 */
import type { WatchedBlock, WatchedNode } from '@kuramori/chains/watched';
import type { Asset, Intent, Plain, Wallet } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import type { Arrival } from '../deposits/arrival.ts';
import type { Branch } from '../branch.ts';
import type { NewPlan, Plan } from '../withdrawals/row.ts';

/** Coins that left a wallet of ours by one transaction, whoever sent it: to one recipient, of one asset. */
export interface Spent {
  /** Under which it is booked, and no other is: the transaction's id, or `<id>:<output>` where one transaction pays several. */
  readonly transaction: string;
  /** What all transactions that make the same payment have in common; the same as `transaction` where there is but one. */
  readonly inner: string;
  readonly wallet: Wallet;
  readonly height: number;
  readonly recipient: string | null;
  readonly asset: Asset;
  readonly units: bigint;
  /** What the wallet paid the network for it, of the asset: of a transaction that pays several, its part. */
  readonly fee: bigint;
  /** What kind of transaction, and what beside the asset went with it. */
  readonly what: string;
  /** What it says to whoever gets it; '' where it says nothing. */
  readonly memo: string;
}

/** What is read of blocks at this moment. */
export type Reader<T> =
  | {
      readonly kind: 'reads';
      /** Everything that came to a wallet of ours and that we did not send. */
      readonly arrivals: (block: WatchedBlock<T>) => readonly Arrival[];
      readonly spends: (block: WatchedBlock<T>) => readonly Spent[];
    }
  /** What would be read may be wrong: nothing is booked until it is right. */
  | { readonly kind: 'stopped'; readonly why: string };

export type Fees =
  | {
      readonly kind: 'fees';
      readonly units: bigint;
      /** Whether it is just so much; else it is what a usual payment costs, and the coins that are chosen decide. */
      readonly exact: boolean;
    }
  /** As asked for it can never be paid; `field` is the request's. */
  | { readonly kind: 'refused'; readonly field: string; readonly why: string }
  /** Nobody can tell at this moment. */
  | { readonly kind: 'unknown'; readonly why: string };

export type NewPlanned =
  /** One for each intent, in their order: the same bytes. */
  | { readonly kind: 'planned'; readonly plans: readonly NewPlan[] }
  /** Not now: no coin is free, or no fee is known. `soon`: it is only behind another of ours, and keeps its turn. */
  | { readonly kind: 'wait'; readonly why: string; readonly soon?: boolean }
  /** Never, as it was asked for. */
  | { readonly kind: 'refused'; readonly why: string };

export type Announced =
  /** One node at least has every part. */
  | { readonly kind: 'taken' }
  /** None has said that it has every part, and one at least did not answer. */
  | { readonly kind: 'silence'; readonly why: string }
  /** Every node refused a part. */
  | { readonly kind: 'refused'; readonly why: string };

export interface Batching {
  /** How many payments a transaction makes at the most, and how long the first waits for others, in milliseconds. */
  readonly most: number;
  readonly gatherMs: number;
  /** Whether the blocks are gone in which the plan should have been. */
  readonly isSlow: (branch: Branch, plan: Pick<Plan, 'plan'>) => Promise<boolean>;
  /** For the same payments, out of every coin of the plan's and for a higher fee. */
  readonly hasten: (
    branch: Branch,
    intents: readonly [Intent, ...Intent[]],
    plan: Pick<Plan, 'plan'>,
    keys: readonly string[],
    mostPlanBytes: number | undefined,
  ) => Promise<NewPlanned>;
  /** For one of the payments that the plan makes, out of a coin of it at least: nobody signs the plan. */
  readonly part: (
    branch: Branch,
    intent: Intent,
    plan: Pick<Plan, 'plan' | 'digest'>,
    keys: readonly string[],
  ) => Promise<NewPlanned>;
}

export interface Chain<T = unknown> {
  readonly nodes: readonly WatchedNode<T>[];
  /** How many blocks the chain takes back by itself, at most. Deeper, an operator must look. */
  readonly deepest: number;
  /** How many payments of the wallet a block takes; and seconds between two blocks. */
  readonly pace: { readonly perBlock: number; readonly blockSeconds: number };

  /** All coins that there are, in smallest units; null where nothing bounds them. */
  readonly supply: bigint | null;

  /** All of a transaction that is booked: two nodes that say the same of it agree. */
  readonly essence: (seen: T) => Plain;
  /** Each name under which something of it is booked. */
  readonly names: (seen: T) => readonly string[];
  readonly reader: (branch: Branch) => Promise<Reader<T>>;
  /** What else of new blocks is kept, in the transaction that moves the cursor past them. */
  readonly keep: (branch: Branch, client: Client, blocks: readonly WatchedBlock<T>[]) => Promise<void>;
  /** Blocks above the height are gone: what `keep` kept of them is as before. In the transaction that moves the cursor back. */
  readonly takeBack: (branch: Branch, client: Client, height: number) => Promise<void>;

  /** Numbers that a customer who is new to the chain may have, the likeliest first: one whose place is another's is passed over. */
  readonly placeNumbers: (client: Client) => Promise<Iterable<number>>;
  /** The wallet with the keys that most of our nodes say act for it; as the policy has it where they say nothing alike. */
  readonly acting: (branch: Branch) => Promise<Wallet>;
  /** Why a memo cannot be sent with a payment; null where it can. */
  readonly memoFlaw: (memo: string) => string | null;

  /** What the network would take now, every signature included. */
  readonly fees: (
    branch: Branch,
    intent: Pick<Intent, 'asset' | 'destination' | 'amount' | 'expiry'>,
  ) => Fees;
  /** How often planning is tried where the bytes, or what they spend, are another intent's. */
  readonly attempts: number;
  /** One transaction for the intents over the keys of those who would sign; several only where there are batches. */
  readonly plan: (
    branch: Branch,
    intents: readonly [Intent, ...Intent[]],
    keys: readonly string[],
    attempt: number,
    /** The longest that the plan of several may be; undefined for one. */
    mostPlanBytes: number | undefined,
  ) => Promise<NewPlanned>;
  /** Where one transaction may pay several intents, and another may take its place. */
  readonly batch?: Batching;
  /** Bytes that were planned before, by a custody that has forgotten it, as plans: signers that recorded them first. */
  readonly planAgain: (
    branch: Branch,
    intents: readonly [Intent, ...Intent[]],
    bytes: string,
    signers: readonly string[],
  ) => readonly NewPlan[] | string;
  /** What a key signs of a plan, where its bytes are the same whoever signs: then one signer may stand in for another. */
  readonly shareOf?: (plan: string, key: string) => string;
  /** What proves to signers what a plan spends, where the chain has coins: whole transactions, hex. */
  readonly proof: (branch: Branch, plan: string) => Promise<readonly string[]>;
  /** Whether every block is read and booked in which the plan, proven dead by the watchtowers, could have been paid. */
  readonly isPast: (
    branch: Branch,
    plan: Pick<Plan, 'plan' | 'transaction' | 'valid_until'>,
  ) => Promise<boolean>;
  /** Announces what is due of a signed plan. Always the same bytes; another transaction is never made here. */
  readonly announce: (
    branch: Branch,
    withdrawal: string,
    plan: Pick<Plan, 'number' | 'plan' | 'transaction' | 'valid_until'>,
    /** The watchtowers see it nowhere, so what a node took it has lost (the pool is memory only). */
    missing: boolean,
  ) => Promise<Announced>;
  /**
   * What one transaction can take of all that the wallet has to an address, and what it costs; null where that is nothing, or where
   * nobody can tell what the network takes. Only where a wallet may take another's place.
   */
  readonly whole?: (
    branch: Branch,
    client: Client,
    to: string,
  ) => Promise<{ readonly amount: bigint; readonly fees: bigint } | null>;
  /** What the wallet's own coins need from time to time, whoever asks for it and however often. In the treasury's round. */
  readonly tend?: (branch: Branch, client: Client) => Promise<void>;
}

/** A chain whose transactions nobody but itself looks into: it is given back only what its own nodes gave. */
export function anyChain<T>(chain: Chain<T>): Chain {
  return chain as unknown as Chain;
}
