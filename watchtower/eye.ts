/**
 * Eye: all by which one chain is seen, and what by it can be said of a wallet or a plan. One that does not see says why, and
 * witnesses nothing; the eyes on other chains go on. Each chain's is made by a file of its own under chains/.
 */
import type {
  Asset,
  ChainName,
  Control,
  Dead,
  Fate,
  PlaceOf,
  Wallet,
  WatchtowerStatus,
} from '@kuramori/core';
import type { SignedPart } from '@kuramori/chains/watched';
import type { Alarm } from './alarm.ts';
import type { Archive } from './archive.ts';
import type { Described } from './described.ts';
import type { Followed } from './follow.ts';
import type { Named, Ours } from './ours.ts';
import type { Sampled } from './sample.ts';
import type { ChainSigns } from './signs/on-chain.ts';
import type { Signs } from './signs/thresholds.ts';
import type { At, View } from './view.ts';

/** A wallet by our own nodes, at one moment of our own clock. */
export interface Sight {
  readonly at: number;
  /** Of the asset that was asked for, confirmed: the least that any node states. */
  readonly balance: bigint;
  /** Whose keys act for it; null where the nodes do not say the same. */
  readonly control: Control | null;
}

/** What left a wallet by what is called by an id: all that went to others, and every fee. */
export interface Gone {
  /** The transaction's; on Ethereum the plan's too, since one transaction may carry several. */
  readonly transaction: string;
  readonly asset: Asset;
  readonly units: bigint;
}

/** The same, in a block of a node. */
export interface Left extends Gone {
  readonly chain: ChainName;
  readonly node: string;
  readonly wallet: string;
  readonly height: number;
}

/** A customer of an exchange, and the number of their place. */
export type Whose = Pick<PlaceOf, 'exchange' | 'customer' | 'number'>;

export interface Eye extends Disposable {
  readonly chain: ChainName;
  /** How often its nodes are looked at. */
  readonly pollMs: number;
  /** By how many blocks books that take nothing before it is final are behind the newest one; 0 where they go by depth. */
  readonly finalAfter: number;
  readonly followed: () => readonly Followed<unknown>[];
  readonly see: () => View;
  /** What the wallet is now, and has of an asset of its chain; a text says why nothing can be told. */
  readonly witness: (wallet: Wallet, asset: Asset) => Promise<Sight | string>;
  /** What it holds, also while nothing is clear; null where that cannot be told. Good for an order, and for no judgement. */
  readonly holds: (wallet: Wallet) => Promise<bigint | null>;
  /** By which block a plan of the wallet is dead; undefined while it may still confirm, or we cannot see. */
  readonly deadBy: (wallet: Wallet, plan: string) => Dead['proof'] | undefined;
  /** Undefined where the bytes are no plan of the wallet. */
  readonly fate: (wallet: Wallet, plan: string) => Fate | undefined;
  /** What proves a plan's inputs, as seen here; a text names what was not. Nothing where the chain has no inputs. */
  readonly previous: (wallet: Wallet, plan: string) => readonly string[] | string;
  /**
   * From now on, and after a start, coins are looked for at a customer's place; a text says why they would not be seen there.
   * Nobody is sent where nobody looks.
   */
  readonly lookAtPlace: (wallet: Wallet, whose: Whose) => string | null;
  /** Signed bytes, told to people. */
  readonly describeBytes: (bytes: string) => Described;
  readonly planHome: (asked: Homing) => Promise<Homeward>;
  /** What each wallet holds at the block, by every node. */
  readonly sample: (wallets: readonly Named[], at: At) => Promise<Sampled>;
  readonly signs: ChainSigns;
  readonly status: () => WatchtowerStatus['chains'][number];
  /** Looks until it is disposed of; settles then. */
  readonly watch: () => Promise<unknown>;
}

/** What may leave a wallet for home: what a rule of the policy is of. */
export interface Worth {
  readonly asset: Asset;
  /** The most that the policy lets be paid as fees where they are in this asset. */
  readonly feeCap: bigint;
  /** What `per` smallest units count for, as the keepers set it; null where they did not. */
  readonly value: { readonly yen: bigint; readonly per: bigint } | null;
}

/** What is asked of a chain so that a wallet's coins can go home. */
export interface Homing {
  readonly wallet: Wallet;
  /** The pinned cold address. */
  readonly home: string;
  /** Of the chain's coin. */
  readonly balance: bigint;
  /** The chain keys of the signers that are ready, as many as it takes. */
  readonly keys: readonly string[];
  /** The most that the policy lets be paid as fees in the chain's coin. */
  readonly feeCap: bigint;
  /** Of coins that a wholly signed theft takes, the share that the policy lets be paid to be before it: hundredths of a percent. */
  readonly outbidBps: number;
  /** What is shown to the signers where no other theft is. */
  readonly evidence: SignedPart;
  /** The most bytes that a plan may have whose record shows this evidence. */
  readonly room: (evidence: readonly SignedPart[]) => number;
  /** Everything that may go home, the coin among it. */
  readonly worth: readonly Worth[];
  /** Which of the policy's watchtowers asks, from 0. */
  readonly rank: number;
}

export type Homeward =
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'refused'; readonly why: string }
  | {
      readonly kind: 'planned';
      readonly asset: Asset;
      readonly plan: string;
      readonly shares: readonly { readonly key: string; readonly share: string }[];
      readonly units: bigint;
      readonly fees: bigint;
      /** Unix seconds: until then the intent lives. */
      readonly expiry: number;
      readonly previous: readonly string[];
      /** Whether more can be planned at once, before a look shows this one; else the same would be planned again. */
      readonly more?: boolean;
      /** A theft that it outbids, by each key that signed it: evidence of it is shown to the signers. */
      readonly against?: readonly SignedPart[];
      /** Chain key → signature. */
      readonly send: (signatures: ReadonlyMap<string, string>) => Promise<Sent>;
    }
  /** Signed before, and nobody has taken it yet: it is offered again. */
  | {
      readonly kind: 'signed';
      readonly asset: Asset;
      readonly plan: string;
      readonly units: bigint;
      readonly fees: bigint;
      readonly send: () => Promise<Sent>;
    };

export type Sent =
  | { readonly kind: 'refused'; readonly why: string }
  | {
      readonly kind: 'announced';
      /** What each node said to each transaction. */
      readonly answers: readonly {
        readonly node: string;
        readonly transaction: string;
        readonly said: string;
      }[];
      /** Whether of each transaction some node took it. */
      readonly taken: boolean;
      /** What anybody may send in our stead, where it takes no key of ours: people are to be told. */
      readonly sendable?: { readonly to: string; readonly data: string };
    };

/** What every eye is opened with. */
export interface Around {
  readonly ours: Ours;
  readonly alarm: Pick<Alarm, 'through' | 'sign'>;
  readonly archive: Pick<Archive, 'released'>;
  /** Whether a record covers a signature that is seen. */
  readonly isCovered: (part: SignedPart) => boolean;
  readonly now: () => number;
  /** A node that has not answered for so long is lost. Milliseconds. */
  readonly silenceMs: number;
  readonly signs: Signs;
  /** Where this watchtower writes. */
  readonly folder: string;
}

export type OpenEye = (around: Around) => Eye;
