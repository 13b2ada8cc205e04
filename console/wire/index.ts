/** Wire: what the desk and the pages say to each other. Types alone: nothing of it runs. Amounts are in the asset's usual unit, as text. */

export type Role = 'viewer' | 'operator' | 'approver' | 'keeper' | 'auditor';

/** What a role, or being an administrator, lets somebody open. The pages show what is here and decide nothing. */
export type Right = 'overview' | 'withdrawals' | 'viewings' | 'people';

export interface Me {
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
  /** What may be hot; null until the treasury has said so. */
  readonly limit: string | null;
  /** Parts of 1000 of the bar, whose whole is the larger of what is held and what is owed. */
  readonly bar: {
    readonly hot: number;
    readonly cold: number;
    readonly between: number;
    readonly limit: number | null;
    readonly claims: number;
  };
  /** Whether more is hot than may be. */
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
    /** The newest block at which they did. */
    readonly at: number | null;
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
    readonly error: string | null;
  }[];
}

export interface GuardShown {
  readonly name: string;
  readonly state: 'alive' | 'closed' | 'frozen' | 'blind' | 'silent' | 'spare';
  readonly why: string | null;
}

export interface Overview {
  /** ms of Unix time, by the database's clock. */
  readonly at: number;
  readonly assets: readonly AssetShown[];
  readonly hotShare: { readonly bps: number | null; readonly most: number } | null;
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
  /** Null where somebody looked and threw away the line that says so: look into it. */
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
