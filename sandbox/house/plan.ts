/** What kind of house to build: which defences, how much money, which clock. */
import { ETH, LTC, XEM, parseAmount, type Policy, type Rule } from '@kuramori/core';
import type { PinnedCode } from './release.ts';
import type { Tls } from './tls.ts';
import type { Users } from './users.ts';

/** How many online signers hold a key of the hot wallet, and how many must sign. The vault holds one more, a spare waits. */
export const layouts = {
  multisig: { online: 2, threshold: 2 },
  'three-of-five': { online: 4, threshold: 3 },
  'single-key': { online: 1, threshold: 1 },
} as const;

/** The ids of a layout's signers, the spare's last where there is one. */
export function signerIds(wallet: keyof typeof layouts): readonly string[] {
  const { online } = layouts[wallet];
  const all = online === 1 ? 1 : online + 1;
  return Array.from({ length: all }, (_, index) => `signer-${index + 1}`);
}

/** What so many watchtowers are called. */
export function towerNames(count: number): readonly TowerName[] {
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? ('watchtower' as const) : (`watchtower-${index + 1}` as const),
  );
}
export type TowerName = 'watchtower' | `watchtower-${number}`;

/** Of so many, how many must agree. */
export function towerQuorum(towers: number): number {
  return Math.floor(towers / 2) + 1;
}

/** A pager has nobody to listen to where nobody watches. */
export function hasPager({ pager, watchtower }: Pick<HousePlan, 'pager' | 'watchtower'>): boolean {
  return pager && watchtower;
}

/** Who reads chains by lines that may be bent. */
export type Reader = 'custody' | 'watchtower' | 'relayer';

export interface HousePlan {
  /** Everything of this house is below it. */
  readonly folder: string;
  /** A short path for the Unix sockets. */
  readonly sockets: string;
  /** How rooms reach each other instead of by Unix sockets; null where they do. */
  readonly tls: Tls | null;
  /** The hot wallet: 2-of-3, the production default of 3-of-5, or one key as Coincheck had it (devnet only). */
  readonly wallet: keyof typeof layouts;
  /** Micro-XEM that hot and cold hold at the beginning. */
  readonly hot: bigint;
  readonly cold: bigint;
  readonly rule: Omit<Rule, 'wallet' | 'asset'>;
  /** How long a thaw waits, and a new version of the policy, in seconds. */
  readonly thawDelay: number;
  readonly loosening: number;
  /** How long a stage of a reopening waits after the one before at most, in minutes. */
  readonly stageMinutes: number;
  /** What the policy denies, beside what no rule allows. */
  readonly denials: Policy['denials'];
  /** How custody runs its treasury. Nothing is swept where the rule allows no sweep. */
  readonly treasury: object;
  /** Whether it has wallets on Litecoin, too, with two litecoind of its own. */
  readonly litecoin: boolean;
  /** Whether these let a transaction that waits be replaced (BIP 125): Bitcoin's nodes do, and Litecoin's own only where they are told to. */
  readonly litecoinReplaces: boolean;
  /** What its rule for LTC says otherwise than the sandbox's. */
  readonly litecoinRule: Partial<HousePlan['rule']>;
  /** Whether it has Safes on an EVM chain, too, with an anvil and a relayer of its own. */
  readonly ethereum: boolean;
  /** What its rule for ETH says otherwise than the sandbox's. */
  readonly ethereumRule: Partial<HousePlan['rule']>;
  /** What these hold at the beginning; nothing, unless it says so. */
  readonly stock: Stock;
  /** Between blocks of its own EVM chain: two, unless a drill wants Ethereum's own pace. */
  readonly slotSeconds: number;
  /** Between blocks of its own Litecoin: two, unless a drill wants time for a race. 0: somebody else makes them. */
  readonly miningSeconds: number;
  readonly watchtower: boolean;
  /** How many watch: one, or three of which two must agree. */
  readonly towers: 1 | 3;
  readonly evacuates: boolean;
  readonly custody: boolean;
  /** Whether people look at it: the console's desk, beside custody. */
  readonly desk: boolean;
  /** A second custody on the same database, as an exchange runs it that wants no pause. */
  readonly secondCustody: boolean;
  /** Present where a drill drives the time. */
  readonly clockFile: string | null;
  /** Whose clock is which file: all the same one, but in chaos, where clocks go apart. */
  readonly clockOf: (reader: string) => string | null;
  /** Unix ms at which the devnet's chain begins. */
  readonly chainBegins: number;
  readonly blockSeconds: number;
  readonly gossipMs: number;
  readonly confirmations: number;
  readonly policyFile: string;
  /** Who reads which policy file: all the same one, but in a test that gives somebody another. */
  readonly policyOf: (reader: string) => string;
  /** Whose code lies where: all here, but in a test that changes somebody's. */
  readonly treeOf: (process: string) => string;
  readonly keepers: { readonly keys: readonly string[]; readonly quorum: number };
  /** Who is told of every event beside the pager. */
  readonly webhooks: readonly { readonly url: string; readonly secretFile: string }[];
  /** Whether somebody is paged: "operator", in the pager's own log. */
  readonly pager: boolean;
  /** Another way to a node for one reader of it, where a bad line is played; its own URL where there is none. */
  readonly lineTo: ((reader: Reader, url: string) => string) | null;
  /** Whether the keys of cold wallets are really made, and pinned by vaults that can move what is there: not where nobody comes back. */
  readonly vaults: boolean;
  /** Whether nobody comes back to this house after it is closed: a drill's, a test's. */
  readonly ephemeral: boolean;
  /** What a benchmark lifts, and counts; null where everything is as usual. */
  readonly load: Load | null;
  /** Whose process each one is; null where all are of the user who starts the house. */
  readonly users: Users | null;
  /** What code each kind of process may run, as it was when this house was opened: what its watchtowers pin. */
  readonly release: Promise<PinnedCode>;
  /** Server for custody's database; the sandbox's own where none is given. */
  readonly databaseUrl: string | null;
}

/** Units that the hot Safe and the cold one hold, of the coin and of each token alike; and how many tokens are listed. */
export interface Stock {
  readonly hot: bigint;
  readonly cold: bigint;
  readonly tokens: number;
}

/** A house under load: custody paces nothing, and the network's blocks are large enough for what it pays. */
export interface Load {
  /** Payments that custody may have under way; requests a second that the exchange's key may make. */
  readonly inFlight: number;
  readonly requestsPerSecond: number;
  /** nis.maxTransactionsPerBlock, as a private network may set it. */
  readonly transactionsPerBlock: number;
}

const xem = (text: string) => parseAmount(text, XEM);

/** Limits of a mid-sized exchange, as the sandbox and the drills have them unless they say otherwise. */
export const usualRule: HousePlan['rule'] = {
  perPayment: xem('500000'),
  rolling: { hours: 24, units: xem('1000000') },
  firstSeen: { hours: 24, shareBps: 100 },
  feeCap: xem('5'),
};

/** What a house is given; the rest follows from its folder. */
export type PlanInput = Omit<
  HousePlan,
  'sockets' | 'tls' | 'policyFile' | 'keepers' | 'users' | 'release' | Usual
> &
  Partial<Pick<HousePlan, Usual>> & {
    /** How rooms reach each other: by Unix sockets, or by TLS as between hosts, which takes openssl. */
    readonly between?: 'sockets' | 'tls';
  };
type Usual =
  | 'vaults'
  | 'litecoin'
  | 'litecoinReplaces'
  | 'litecoinRule'
  | 'ethereum'
  | 'ethereumRule'
  | 'stock'
  | 'slotSeconds'
  | 'miningSeconds'
  | 'towers'
  | 'policyOf'
  | 'treeOf'
  | 'lineTo'
  | 'clockOf'
  | 'secondCustody'
  | 'desk'
  | 'load'
  | 'treasury'
  | 'thawDelay'
  | 'stageMinutes'
  | 'loosening'
  | 'denials'
  | 'webhooks'
  | 'pager';

/** The whole house on a quick devnet, serving: what `kuramori up` opens. Its coins are brought in later. */
export function servingHouse(folder: string): PlanInput {
  return {
    folder,
    wallet: 'multisig',
    hot: 0n,
    cold: 0n,
    rule: {
      ...usualRule,
      sweep: { to: ['cold-xem'], perDay: { count: 24, fees: xem('50') }, leave: xem('100000') },
    },
    // A million XEM a day, as the theft's exchange had it at the end of 2017.
    treasury: {
      leastOutflow: [
        { asset: XEM, perHour: xem('40000').toString() },
        { asset: LTC, perHour: parseAmount('0.5', LTC).toString() },
        { asset: ETH, perHour: parseAmount('0.05', ETH).toString() },
      ],
      everySeconds: 2,
    },
    watchtower: true,
    evacuates: true,
    custody: true,
    clockFile: null,
    // A little in the past, so that the first block is due at once.
    chainBegins: Date.now() - 10_000,
    blockSeconds: 1,
    gossipMs: 200,
    confirmations: 3,
    webhooks: [],
    pager: true,
    ephemeral: false,
    databaseUrl: null,
  };
}
