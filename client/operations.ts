/** Generated from custody’s routes: `npm run generate` writes it, and a test compares. Do not edit. */
export type Problem = {
  /** urn:kuramori:problem:<code> */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code:
    | 'malformed'
    | 'unsigned'
    | 'unknown-key'
    | 'key-not-yet'
    | 'bad-signature'
    | 'bad-times'
    | 'expired'
    | 'foreign-address'
    | 'wrong-role'
    | 'no-route'
    | 'key-reused'
    | 'too-long'
    | 'not-json'
    | 'too-many-requests'
    | 'fault'
    | 'unknown-customer'
    | 'unknown-withdrawal'
    | 'unknown-deposit'
    | 'unknown-webhook'
    | 'insufficient-funds'
    | 'not-held';
  /** The field that is wrong; null where it is none. */
  readonly field: string | null;
  /** One sentence: the field, what is wrong, and what to do. */
  readonly detail: string;
  /** All of them, where several fields are wrong. */
  readonly errors?: readonly {
    readonly field: string;
    readonly detail: string;
  }[];
};

export type Event =
  | {
      /** Its place among all events: without gaps, and the same at each delivery. */
      readonly number: number;
      readonly kind: 'withdrawal';
      /** <kind>.<state>, as `withdrawal.settled`. */
      readonly type: string;
      /** What it is about: <kind>:<id>. Its events come in order. */
      readonly object: string;
      /** When it happened. */
      readonly timestamp: string;
      readonly data: {
        readonly id: string;
        readonly state:
          | 'requested'
          | 'planned'
          | 'witnessed'
          | 'signed'
          | 'sent'
          | 'unknown'
          | 'confirmed'
          | 'settled'
          | 'refused'
          | 'expired'
          | 'disputed';
        readonly why: string | null;
        readonly customer: string;
        readonly asset: string;
        readonly amount: string;
        readonly fee: string | null;
        readonly transaction: string | null;
        readonly height: number | null;
      };
    }
  | {
      /** Its place among all events: without gaps, and the same at each delivery. */
      readonly number: number;
      readonly kind: 'deposit';
      /** <kind>.<state>, as `withdrawal.settled`. */
      readonly type: string;
      /** What it is about: <kind>:<id>. Its events come in order. */
      readonly object: string;
      /** When it happened. */
      readonly timestamp: string;
      readonly data: {
        readonly id: string;
        readonly state: 'credited' | 'held' | 'own-funds';
        readonly why: string | null;
        readonly customer: string | null;
        readonly asset: string;
        readonly units: string;
        readonly transaction: string;
        readonly wallet: string;
        readonly height: number;
      };
    };

export type Deposit = {
  /** <transaction>:<index of the movement> */
  readonly id: string;
  readonly transaction: string;
  readonly wallet: string;
  readonly sender: string;
  readonly asset: string;
  readonly units: string;
  /** As text; null where it is none. */
  readonly message: string | null;
  /** The message’s bytes as hex. */
  readonly payload: string;
  readonly height: number;
  readonly state: 'credited' | 'held' | 'own-funds';
  readonly customer: string | null;
  /** Why it is held, or was. */
  readonly why: string | null;
  /** When it was booked, ms of Unix time. */
  readonly at: number;
};

export type WithdrawalBrief = {
  readonly id: string;
  readonly state:
    | 'requested'
    | 'planned'
    | 'witnessed'
    | 'signed'
    | 'sent'
    | 'unknown'
    | 'confirmed'
    | 'settled'
    | 'refused'
    | 'expired'
    | 'disputed';
  /** What is waited for; null while there is something to do. */
  readonly waiting: string | null;
  /** Why the last step was taken. */
  readonly why: string | null;
  readonly customer: string;
  readonly wallet: string;
  readonly asset: string;
  readonly amount: string;
  readonly feeCap: string;
  readonly fee: string | null;
  readonly transaction: string | null;
  /** Unix seconds: from then on the chain takes it no more. */
  readonly validUntil: number | null;
  readonly height: number | null;
  /** ms of Unix time */
  readonly requestedAt: number;
};

export type Withdrawal = {
  readonly id: string;
  readonly state:
    | 'requested'
    | 'planned'
    | 'witnessed'
    | 'signed'
    | 'sent'
    | 'unknown'
    | 'confirmed'
    | 'settled'
    | 'refused'
    | 'expired'
    | 'disputed';
  /** What is waited for; null while there is something to do. */
  readonly waiting: string | null;
  /** Why the last step was taken. */
  readonly why: string | null;
  readonly customer: string;
  readonly wallet: string;
  readonly asset: string;
  readonly amount: string;
  readonly feeCap: string;
  readonly fee: string | null;
  readonly transaction: string | null;
  /** Unix seconds: from then on the chain takes it no more. */
  readonly validUntil: number | null;
  readonly height: number | null;
  /** ms of Unix time */
  readonly requestedAt: number;
  readonly history: readonly {
    readonly state:
      | 'requested'
      | 'planned'
      | 'witnessed'
      | 'signed'
      | 'sent'
      | 'unknown'
      | 'confirmed'
      | 'settled'
      | 'refused'
      | 'expired'
      | 'disputed';
    readonly why: string | null;
    /** ms of Unix time */
    readonly at: number;
  }[];
  readonly signers: readonly {
    readonly signer: string;
    readonly record: string;
  }[];
  readonly announcements: readonly {
    readonly part: number;
    readonly node: string;
    readonly tries: number;
    /** ms of Unix time */
    readonly at: number;
    /** The node’s answer; null where it gave none. */
    readonly code: number | null;
    readonly message: string;
  }[];
};

export type Delivery = {
  readonly event: number;
  readonly object: string;
  /** parked: given up after three days, or behind such a one: nothing is sent until it is replayed. */
  readonly state: 'due' | 'accepted' | 'parked';
  readonly tries: number;
  /** ms of Unix time */
  readonly nextAt: number;
  /** What the newest attempt came to. */
  readonly answer: string | null;
};

export type OpenCustomerBody = {
  readonly customer: string;
};

export type OpenCustomerAnswer = {
  readonly customer: string;
  readonly asset: string;
  readonly address: string;
  /** What a deposit must carry to be this customer’s. */
  readonly message: string;
};

export type ShowBalancesAnswer = {
  readonly customer: string;
  readonly balances: readonly {
    readonly asset: string;
    readonly balance: string;
    /** The part that pending withdrawals hold. */
    readonly held: string;
    readonly available: string;
  }[];
};

export type ListDepositsAnswer = {
  readonly items: readonly Deposit[];
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null;
};

export type ClaimOwnFundsBody = {
  readonly deposit: string;
};

export type ClaimOwnFundsAnswer = {
  readonly deposit: string;
  readonly state: 'own-funds';
  readonly asset: string;
  readonly units: string;
};

export type RequestWithdrawalBody = {
  readonly customer: string;
  readonly asset: string;
  readonly amount: string;
  readonly destination: {
    readonly address: string;
    readonly memo: string;
  };
  readonly feeCap: string;
};

export type RequestWithdrawalAnswer = {
  readonly id: string;
  readonly state:
    | 'requested'
    | 'planned'
    | 'witnessed'
    | 'signed'
    | 'sent'
    | 'unknown'
    | 'confirmed'
    | 'settled'
    | 'refused'
    | 'expired'
    | 'disputed';
};

export type ListWithdrawalsAnswer = {
  readonly items: readonly WithdrawalBrief[];
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null;
};

export type ListEventsAnswer = {
  readonly items: readonly Event[];
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null;
};

export type ListDeliveriesAnswer = {
  readonly items: readonly Delivery[];
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null;
};

export type ReplayEventsBody = {
  /** The number of the first event. */
  readonly from: number;
  /** The number of the last one; if not given, all. */
  readonly to?: number;
};

export type ReplayEventsAnswer = {
  readonly count: number;
  readonly from: number | null;
  readonly to: number | null;
  /** How many stay parked, since an earlier event of their object is parked and was not replayed. */
  readonly heldBack: number;
};

export type ShowStatusAnswer = {
  readonly network: string;
  readonly exchange: string;
  /** The digest of the policy that custody holds. */
  readonly policy: string;
  /** ms of Unix time */
  readonly at: number;
  readonly scan: {
    readonly height: number;
    readonly target: number | null;
    readonly stopped: string | null;
    readonly [more: string]: unknown;
  };
  readonly webhooks: readonly {
    readonly webhook: string;
    readonly due: number;
    readonly parked: number;
    readonly oldest: number | null;
  }[];
  readonly [more: string]: unknown;
};

/** What can be wrong with every request. */
export type CommonCode =
  | 'malformed'
  | 'unsigned'
  | 'unknown-key'
  | 'key-not-yet'
  | 'bad-signature'
  | 'bad-times'
  | 'expired'
  | 'foreign-address'
  | 'wrong-role'
  | 'too-long'
  | 'too-many-requests'
  | 'fault';

export interface Operations {
  /** Makes a customer known, and says where their coins shall go. The same answer at each call. */
  readonly openCustomer: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: OpenCustomerBody;
    readonly answer: OpenCustomerAnswer;
    readonly problem: CommonCode | 'key-reused' | 'not-json';
  };
  /** What a customer has of each asset; no entry where nothing was ever booked. */
  readonly showBalances: {
    readonly params: {
      readonly customer: string;
    };
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: ShowBalancesAnswer;
    readonly problem: CommonCode | 'unknown-customer';
  };
  /** Deposits, the newest block first. */
  readonly listDeposits: {
    readonly params: undefined;
    readonly query: {
      readonly state?: 'credited' | 'held' | 'own-funds';
      readonly customer?: string;
      /** How many; 50 if not given. */
      readonly limit?: number;
      /** `next` of the page before, unchanged, with the same filter. */
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly answer: ListDepositsAnswer;
    readonly problem: CommonCode;
  };
  /** Says that a held deposit is the house’s own: funds that it brought in itself. */
  readonly claimOwnFunds: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: ClaimOwnFundsBody;
    readonly answer: ClaimOwnFundsAnswer;
    readonly problem: CommonCode | 'unknown-deposit' | 'key-reused' | 'not-json' | 'not-held';
  };
  /** Asks for a payment to a customer. The signed request itself is what co-signers and watchtowers judge. */
  readonly requestWithdrawal: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: RequestWithdrawalBody;
    readonly answer: RequestWithdrawalAnswer;
    readonly problem: CommonCode | 'key-reused' | 'not-json' | 'unknown-customer' | 'insufficient-funds';
  };
  /** Withdrawals, the newest first. */
  readonly listWithdrawals: {
    readonly params: undefined;
    readonly query: {
      readonly state?:
        | 'requested'
        | 'planned'
        | 'witnessed'
        | 'signed'
        | 'sent'
        | 'unknown'
        | 'confirmed'
        | 'settled'
        | 'refused'
        | 'expired'
        | 'disputed';
      readonly customer?: string;
      /** How many; 50 if not given. */
      readonly limit?: number;
      /** `next` of the page before, unchanged, with the same filter. */
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly answer: ListWithdrawalsAnswer;
    readonly problem: CommonCode;
  };
  /** A withdrawal, its whole history, who signed, and what each node answered. */
  readonly showWithdrawal: {
    readonly params: {
      readonly id: string;
    };
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: Withdrawal;
    readonly problem: CommonCode | 'unknown-withdrawal';
  };
  /** Events in their order, the oldest first. There is always a next cursor: ask again with it for what comes later. */
  readonly listEvents: {
    readonly params: undefined;
    readonly query: {
      /** How many; 50 if not given. */
      readonly limit?: number;
      /** `next` of the page before, unchanged, with the same filter. */
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly answer: ListEventsAnswer;
    readonly problem: CommonCode;
  };
  /** What was sent to a webhook, what waits, and what was given up; the oldest event first. */
  readonly listDeliveries: {
    readonly params: {
      readonly webhook: string;
    };
    readonly query: {
      readonly state?: 'due' | 'accepted' | 'parked';
      /** How many; 50 if not given. */
      readonly limit?: number;
      /** `next` of the page before, unchanged, with the same filter. */
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly answer: ListDeliveriesAnswer;
    readonly problem: CommonCode | 'unknown-webhook';
  };
  /** Sends events again, with the ids that they had, in order; at most 10000 at once, the oldest first. */
  readonly replayEvents: {
    readonly params: {
      readonly webhook: string;
    };
    readonly query: undefined;
    readonly body: ReplayEventsBody;
    readonly answer: ReplayEventsAnswer;
    readonly problem: CommonCode | 'unknown-webhook' | 'key-reused' | 'not-json';
  };
  /** The whole house at a glance. What is silent is shown as silent. */
  readonly showStatus: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: ShowStatusAnswer;
    readonly problem: CommonCode;
  };
}

export const operations = {
  openCustomer: { method: 'POST', path: '/v1/customers' },
  showBalances: { method: 'GET', path: '/v1/customers/{customer}/balances' },
  listDeposits: { method: 'GET', path: '/v1/deposits' },
  claimOwnFunds: { method: 'POST', path: '/v1/house/own-funds' },
  requestWithdrawal: { method: 'POST', path: '/v1/withdrawals' },
  listWithdrawals: { method: 'GET', path: '/v1/withdrawals' },
  showWithdrawal: { method: 'GET', path: '/v1/withdrawals/{id}' },
  listEvents: { method: 'GET', path: '/v1/events' },
  listDeliveries: { method: 'GET', path: '/v1/webhooks/{webhook}/deliveries' },
  replayEvents: { method: 'POST', path: '/v1/webhooks/{webhook}/replay' },
  showStatus: { method: 'GET', path: '/v1/status' },
} as const;
