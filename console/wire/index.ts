/** Wire: what the desk and the pages say to each other. Types alone: nothing of it runs. Amounts are in the asset's usual unit, as text. */

export type Role = 'viewer' | 'operator' | 'approver' | 'keeper' | 'auditor';

/** What a role, or being an administrator, lets somebody open. The pages show what is here and decide nothing. */
export type Right = 'overview' | 'withdrawals' | 'viewings' | 'people';

export interface Me {
  /** Whoever else has the same name is another person. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly administrator: boolean;
  readonly rights: readonly Right[];
}

/** What is wrong with a request, and what to do. */
export interface Refused {
  readonly code: string;
  readonly field: string | null;
  readonly detail: string;
}

export type AssetState = 'running' | 'frozen' | 'thawing';

export interface AssetShown {
  readonly asset: string;
  /** XEM, BTC. */
  readonly symbol: string;
  readonly chain: string;
  readonly state: AssetState;
  readonly why: string | null;
  readonly claims: string;
  readonly hot: string;
  readonly cold: string;
  readonly between: string;
  /** What may be hot and between wallets, as the treasury judges; null until it has said so. */
  readonly limit: string | null;
  /** Parts of 1000 of the bar, whose whole is the larger of what is held and what is owed. */
  readonly bar: {
    readonly hot: number;
    readonly cold: number;
    readonly between: number;
    readonly limit: number | null;
    readonly claims: number;
  };
  /** Whether more is hot than may be: the treasury's own judgement. */
  readonly overLimit: boolean;
  /** Hundredths of a percent of what customers are owed. */
  readonly hotBps: number | null;
  /** Holdings less claims, by the books: what is the house's own. */
  readonly surplus: string;
  readonly short: boolean;
  readonly stopped: readonly string[];
  /** Books against chain, as watchtowers say. */
  readonly compared: {
    /** How many of them hold the books' statement against this chain, and of how many. */
    readonly towers: number;
    readonly of: number;
    /** The block at which the last one of them did: one that is stuck shows. */
    readonly at: number | null;
    /** Of this asset, or of its whole chain. */
    readonly findings: readonly string[];
  };
}

export interface ChainShown {
  readonly chain: string;
  readonly booked: number | null;
  readonly stopped: string | null;
  /** The nodes, as the watchtowers see them; the highest word of each. */
  readonly nodes: readonly {
    readonly url: string;
    readonly height: number;
    readonly behind: number;
    /** `silent`: nobody has told of it for a while, and its height is old. */
    readonly state: 'alive' | 'behind' | 'failing' | 'silent';
  }[];
}

export interface GuardShown {
  readonly name: string;
  readonly state: 'alive' | 'closed' | 'frozen' | 'blind' | 'silent' | 'spare';
  readonly why: string | null;
}

/** Why the house is not simply running, the gravest first. */
export type ReasonCode =
  | 'short'
  | 'books-differ'
  | 'frozen'
  | 'signer-frozen'
  | 'tower-frozen'
  | 'chain-stopped'
  | 'custody-silent'
  | 'signers-all-silent'
  | 'towers-all-silent'
  | 'grave-notices'
  | 'thawing'
  | 'services-stopped'
  | 'tower-silent'
  | 'signer-silent'
  | 'tower-blind'
  | 'tower-closed'
  | 'signer-closed'
  | 'not-compared'
  | 'node-silent'
  | 'node-failing'
  | 'node-behind'
  | 'too-hot'
  | 'share-too-hot'
  | 'treasury-late'
  | 'no-price'
  | 'warnings';

export interface Reason {
  readonly code: ReasonCode;
  readonly state: 'watch' | 'stopped';
  /** Assets, chains, signers, watchtowers or nodes; of notices how many. */
  readonly about: readonly string[];
}

export interface Overview {
  /** ms of Unix time, by the database's clock. */
  readonly at: number;
  /** The worst of all that is shown below. */
  readonly state: 'running' | 'watch' | 'stopped';
  readonly reasons: readonly Reason[];
  /** What watchtowers find of the books as a whole, and of no one asset. */
  readonly findings: readonly string[];
  readonly assets: readonly AssetShown[];
  readonly hotShare: { readonly bps: number | null; readonly most: number } | null;
  /** The treasury's newest round, by which limits and shares are told; null where there was none. */
  readonly treasury: {
    /** ms */
    readonly age: number;
    /** Whether it should have come long ago. */
    readonly late: boolean;
    /** Assets of which no price is new enough; and those that had none at the set moment. */
    readonly stale: readonly string[];
    readonly unset: readonly string[];
  } | null;
  readonly chains: readonly ChainShown[];
  readonly signers: readonly GuardShown[];
  readonly watchtowers: readonly GuardShown[];
  readonly flow: {
    readonly asked: number;
    readonly sent: number;
    readonly waiting: number;
    readonly forPeople: number;
    readonly disputed: number;
    /** From the request until it was sent, ms; null where nothing was sent yet. */
    readonly p99: number | null;
    readonly counted: number;
  };
  readonly notices: { readonly grave: number; readonly warning: number; readonly info: number };
  /** Since when custody has told nothing, ms; null where it never has. */
  readonly custodySilentFor: number | null;
}

export interface WithdrawalBrief {
  readonly id: string;
  readonly reason: string;
  readonly customer: string | null;
  readonly asset: string;
  readonly symbol: string;
  readonly amount: string;
  readonly address: string | null;
  readonly state: string;
  readonly requestedAt: number;
}

export interface WithdrawalPage {
  readonly items: readonly WithdrawalBrief[];
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null;
}

export interface WithdrawalShown extends WithdrawalBrief {
  readonly deposit: string | null;
  readonly wallet: string;
  readonly memo: string | null;
  readonly fee: string | null;
  readonly feeCap: string;
  readonly feeSymbol: string;
  readonly waiting: string | null;
  readonly why: string | null;
  readonly priority: string;
  readonly keyId: string | null;
  readonly expiry: number;
  readonly height: number | null;
  readonly steps: readonly {
    readonly number: number;
    readonly state: string;
    readonly why: string | null;
    readonly at: number;
  }[];
  readonly approvals: readonly { readonly person: string; readonly at: number }[];
  readonly plans: readonly {
    readonly number: number;
    readonly transaction: string;
    readonly digest: string;
    readonly at: number;
    readonly dead: string | null;
    readonly records: readonly {
      readonly signer: string;
      readonly key: string;
      readonly entry: string;
      /** Its place in the signer's journal; null until custody has read it there. */
      readonly place: number | null;
      readonly countersignatures: number;
      readonly signature: string | null;
    }[];
    readonly announcements: readonly {
      readonly node: string;
      readonly part: number;
      readonly tries: number;
      readonly at: number;
      readonly code: number | null;
      readonly message: string;
    }[];
  }[];
}

export interface Viewing {
  readonly number: number;
  readonly person: string;
  /** Names come again once somebody is gone; this never. */
  readonly personId: string;
  readonly what: 'withdrawals' | 'withdrawal';
  /** A withdrawal’s id, or a list’s filter. */
  readonly about: Readonly<Record<string, string>>;
  /** Null where a look was not finished, or somebody threw away the line that says whose data it was: look into it. */
  readonly customers: readonly string[] | null;
  readonly at: number;
}

export interface ViewingPage {
  readonly items: readonly Viewing[];
  readonly next: string | null;
}

export interface PersonShown {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly administrator: boolean;
  readonly since: number;
  readonly seen: number | null;
}

export interface Invited {
  readonly code: string;
  readonly expires: number;
}
