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
    | 'unknown-notice'
    | 'insufficient-funds'
    | 'customer-held'
    | 'over-payment-limit'
    | 'over-daily-limit'
    | 'not-allowlisted'
    | 'still-cooling'
    | 'not-listed'
    | 'too-late'
    | 'not-an-approver'
    | 'bad-approval'
    | 'not-held'
    | 'orphaned'
    | 'not-its-sender'
    | 'not-all-of-it'
    | 'wrong-attempt'
    | 'not-vouched'
    | 'deposits-stopped'
    | 'withdrawals-stopped'
    | 'future-price'
    | 'fees-unknown'
    | 'no-block-yet'
    | 'catching-up';
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
        readonly reason: 'withdrawal' | 'return' | 'sweep';
        readonly state:
          | 'requested'
          | 'held'
          | 'screened'
          | 'awaiting-approval'
          | 'planned'
          | 'witnessed'
          | 'signed'
          | 'sent'
          | 'unknown'
          | 'confirmed'
          | 'final'
          | 'expired'
          | 'returned'
          | 'refused'
          | 'disputed';
        readonly why: string | null;
        /** null for a return or a sweep. */
        readonly customer: string | null;
        /** The deposit that a return pays back. */
        readonly deposit: string | null;
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
        readonly state: 'credited' | 'held' | 'dust' | 'own-funds' | 'returning' | 'returned' | 'reversed';
        readonly why: string | null;
        readonly customer: string | null;
        readonly asset: string;
        readonly units: string;
        readonly transaction: string;
        readonly wallet: string;
        readonly height: number;
      };
    }
  | {
      /** Its place among all events: without gaps, and the same at each delivery. */
      readonly number: number;
      readonly kind: 'customer';
      /** <kind>.<state>, as `withdrawal.settled`. */
      readonly type: string;
      /** What it is about: <kind>:<id>. Its events come in order. */
      readonly object: string;
      /** When it happened. */
      readonly timestamp: string;
      readonly data: {
        readonly id: string;
        /** held: nothing leaves for them until somebody has looked. */
        readonly state: 'held' | 'free';
        readonly why: string | null;
      };
    }
  | {
      /** Its place among all events: without gaps, and the same at each delivery. */
      readonly number: number;
      readonly kind: 'refill';
      /** <kind>.<state>, as `withdrawal.settled`. */
      readonly type: string;
      /** What it is about: <kind>:<id>. Its events come in order. */
      readonly object: string;
      /** When it happened. */
      readonly timestamp: string;
      readonly data: {
        readonly id: string;
        readonly number: number;
        readonly state: 'asked' | 'arrived' | 'expired';
        readonly why: string;
        /** Which brought it. */
        readonly transaction: string | null;
        /** The cold wallet that shall send. */
        readonly cold: string;
        readonly hot: string;
        readonly asset: string;
        readonly amount: string;
      };
    }
  | {
      /** Its place among all events: without gaps, and the same at each delivery. */
      readonly number: number;
      readonly kind: 'service';
      /** <kind>.<state>, as `withdrawal.settled`. */
      readonly type: string;
      /** What it is about: <kind>:<id>. Its events come in order. */
      readonly object: string;
      /** When it happened. */
      readonly timestamp: string;
      readonly data: {
        /** <asset>:<service> */
        readonly id: string;
        /** stopped: the exchange stops it at once. docs/runbook.md says what that is. */
        readonly state: 'open' | 'stopped';
        readonly asset: string;
        readonly service: 'deposits' | 'trading' | 'withdrawals';
        /** Why it is stopped; or who opened it, and why. */
        readonly why: string | null;
        /** Which stop it is: the same for its three services. */
        readonly stop: number | null;
      };
    }
  | {
      /** Its place among all events: without gaps, and the same at each delivery. */
      readonly number: number;
      readonly kind: 'notice';
      /** <kind>.<state>, as `withdrawal.settled`. */
      readonly type: string;
      /** What it is about: <kind>:<id>. Its events come in order. */
      readonly object: string;
      /** When it happened. */
      readonly timestamp: string;
      readonly data: {
        readonly id: string;
        /** grave: somebody must act now. */
        readonly state: 'info' | 'warning' | 'grave';
        readonly key: string;
        readonly what: string;
      };
    };

export type Deposit = {
  /** <transaction>:<index of the output> */
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
  /** The newest block that it was found in. */
  readonly height: number;
  readonly state: 'credited' | 'held' | 'dust' | 'own-funds' | 'returning' | 'returned' | 'reversed';
  readonly customer: string | null;
  /** Why it is held, or was. */
  readonly why: string | null;
  /** Its block was taken off the chain, and whether it comes again is not known yet. */
  readonly orphaned: boolean;
  /** How often it was booked again after its block was gone. */
  readonly booking: number;
  /** When it was first booked, ms of Unix time. */
  readonly at: number;
};

export type WithdrawalBrief = {
  readonly id: string;
  readonly reason: 'withdrawal' | 'return' | 'sweep';
  readonly state:
    | 'requested'
    | 'held'
    | 'screened'
    | 'awaiting-approval'
    | 'planned'
    | 'witnessed'
    | 'signed'
    | 'sent'
    | 'unknown'
    | 'confirmed'
    | 'final'
    | 'expired'
    | 'returned'
    | 'refused'
    | 'disputed';
  /** What is waited for; null while there is something to do. */
  readonly waiting: string | null;
  /** Why the last step was taken. */
  readonly why: string | null;
  /** null for a return or a sweep. */
  readonly customer: string | null;
  /** The deposit that a return pays back. */
  readonly deposit: string | null;
  readonly wallet: string;
  readonly asset: string;
  readonly amount: string;
  readonly feeCap: string;
  readonly fee: string | null;
  readonly priority: 'high' | 'normal' | 'low';
  /** The newest one that was planned for it. */
  readonly transaction: string | null;
  /** The transaction that paid it, as block explorers know it; null until it is booked. */
  readonly chainHash: string | null;
  /** Unix seconds: from then on the chain takes that transaction no more. */
  readonly validUntil: number | null;
  readonly height: number | null;
  /** ms of Unix time */
  readonly requestedAt: number;
  /** Unix seconds: no transaction for it is valid later. */
  readonly expiry: number;
};

export type Withdrawal = {
  readonly id: string;
  readonly reason: 'withdrawal' | 'return' | 'sweep';
  readonly state:
    | 'requested'
    | 'held'
    | 'screened'
    | 'awaiting-approval'
    | 'planned'
    | 'witnessed'
    | 'signed'
    | 'sent'
    | 'unknown'
    | 'confirmed'
    | 'final'
    | 'expired'
    | 'returned'
    | 'refused'
    | 'disputed';
  /** What is waited for; null while there is something to do. */
  readonly waiting: string | null;
  /** Why the last step was taken. */
  readonly why: string | null;
  /** null for a return or a sweep. */
  readonly customer: string | null;
  /** The deposit that a return pays back. */
  readonly deposit: string | null;
  readonly wallet: string;
  readonly asset: string;
  readonly amount: string;
  readonly feeCap: string;
  readonly fee: string | null;
  readonly priority: 'high' | 'normal' | 'low';
  /** The newest one that was planned for it. */
  readonly transaction: string | null;
  /** The transaction that paid it, as block explorers know it; null until it is booked. */
  readonly chainHash: string | null;
  /** Unix seconds: from then on the chain takes that transaction no more. */
  readonly validUntil: number | null;
  readonly height: number | null;
  /** ms of Unix time */
  readonly requestedAt: number;
  /** Unix seconds: no transaction for it is valid later. */
  readonly expiry: number;
  /** Its place in the line, and when its turn should come; null where it waits for none. */
  readonly turn: {
    readonly ahead: number;
    /** ms of Unix time */
    readonly turnAt: number;
    /** ms of Unix time */
    readonly confirmedAt: number;
  } | null;
  /** null where the policy asks nobody. */
  readonly approvals: {
    /** What people sign who approve it. */
    readonly intent: string;
    readonly asked: readonly {
      /** `rule`, or the name of the denial that they lift. */
      readonly by: string;
      readonly quorum: number;
      readonly people: readonly string[];
      /** Whether it waits for them; the others are asked only where the signers say so. */
      readonly certain: boolean;
    }[];
    readonly given: readonly string[];
  } | null;
  /** The oldest first. All but the newest are dead, or the newest can never confirm beside them. */
  readonly plans: readonly {
    readonly number: number;
    readonly transaction: string;
  }[];
  readonly history: readonly {
    readonly state:
      | 'requested'
      | 'held'
      | 'screened'
      | 'awaiting-approval'
      | 'planned'
      | 'witnessed'
      | 'signed'
      | 'sent'
      | 'unknown'
      | 'confirmed'
      | 'final'
      | 'expired'
      | 'returned'
      | 'refused'
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

export type Allowlist = {
  readonly customer: string;
  /** on: paid to nothing but these. */
  readonly mode: 'on' | 'off';
  /** When it ends, where it was turned off; ms of Unix time. */
  readonly offAt: number | null;
  readonly destinations: readonly {
    readonly address: string;
    readonly memo: string;
    readonly label: string;
    /** ms of Unix time */
    readonly addedAt: number;
    /** ms of Unix time */
    readonly usableAt: number;
  }[];
};

export type Refill = {
  readonly id: string;
  readonly number: number;
  /** The cold wallet that shall send. */
  readonly cold: string;
  readonly hot: string;
  readonly asset: string;
  readonly amount: string;
  readonly feeCap: string;
  /** Unix seconds: from then on it is asked no more. */
  readonly expiry: number;
  readonly why: string;
  /** ms of Unix time */
  readonly askedAt: number;
  readonly state: 'asked' | 'arrived' | 'expired';
  readonly endedAt: number | null;
  /** The transaction that brought it. */
  readonly endedBy: string | null;
  /** What the vault signs, and nothing else. */
  readonly intent: {
    readonly id: string;
    readonly reason: 'withdrawal' | 'return' | 'evacuation' | 'sweep' | 'refill' | 'move';
    readonly wallet: string;
    readonly asset: string;
    readonly destination: {
      readonly address: string;
      readonly memo: string;
    };
    readonly amount: string;
    readonly feeCap: string;
    readonly expiry: number;
  };
  /** Of the intent: what people at the vault compare. */
  readonly digest: string;
};

export type Voucher = {
  readonly voucher: {
    readonly exchange: string;
    readonly customer: string;
    readonly number: number;
    readonly asset: string;
    readonly network: 'mainnet' | 'testnet' | 'devnet';
    readonly wallet: string;
    readonly place: {
      readonly address: string;
      readonly memo: string;
    };
    readonly policy: string;
    readonly at: number;
  };
  readonly watchtower: string;
  readonly signature: string;
};

export type Totals = {
  readonly totals: {
    readonly network: 'mainnet' | 'testnet' | 'devnet';
    readonly exchange: string;
    readonly at: number;
    readonly sequence: number;
    readonly blocks: readonly {
      readonly chain: 'nem' | 'bitcoin' | 'litecoin' | 'ethereum';
      readonly height: number;
      readonly hash: string;
    }[];
    readonly assets: readonly {
      readonly asset: string;
      readonly claims: string;
      readonly due: string;
      readonly own: string;
      readonly holdings: readonly {
        readonly wallet: string;
        readonly kind: 'hot' | 'cold' | 'in-transit';
        readonly units: string;
        readonly leaving: readonly {
          readonly transaction: string;
          readonly units: string;
        }[];
        readonly unsettled: string;
      }[];
    }[];
  };
  readonly signature: string;
};

export type OpenCustomerBody = {
  readonly customer: string;
  readonly asset?: string;
};

export type OpenCustomerAnswer = {
  readonly customer: string;
  readonly asset: string;
  readonly address: string;
  /** What a deposit must carry to be this customer’s; empty where the address says it. */
  readonly message: string;
  readonly number: number;
  /** A quorum of watchtowers’ word for it. */
  readonly vouchers: readonly Voucher[];
};

export type ShowBalancesAnswer = {
  readonly customer: string;
  /** Why nothing leaves for them; null where it may. */
  readonly held: string | null;
  readonly balances: readonly {
    readonly asset: string;
    readonly balance: string;
    /** The part that pending withdrawals and orders hold. */
    readonly held: string;
    readonly available: string;
  }[];
};

export type LiftHoldBody = {
  readonly customer: string;
  readonly why: string;
};

export type LiftHoldAnswer = {
  readonly customer: string;
  /** Why they were held. */
  readonly lifted: string;
};

export type PostOperationsBody = {
  readonly operations: readonly (
    | {
        readonly kind: 'trade';
        /** Made by the exchange: the idempotency key of this one operation. */
        readonly id: string;
        readonly legs: readonly {
          /** null: the exchange’s own fee. */
          readonly customer: string | null;
          readonly asset: string;
          /** Smallest units: what is got, below 0 what is given. */
          readonly units: string;
          /** The reservation that it is given from. */
          readonly hold?: string;
        }[];
        /** What the reservations in it have left is free again. */
        readonly closes?: boolean;
      }
    | {
        readonly kind: 'hold';
        /** Made by the exchange: the idempotency key of this one operation. */
        readonly id: string;
        readonly customer: string;
        readonly asset: string;
        readonly units: string;
        /** When it ends by itself. */
        readonly expires?: string;
      }
    | {
        readonly kind: 'release';
        /** The reservation’s. */
        readonly id: string;
      }
  )[];
};

export type PostOperationsAnswer = {
  readonly results: readonly {
    readonly id: string;
    /** 201 done now, 200 done before, 409 another body under this id, 422 refused, 503 not decided: send it again later. */
    readonly status: number;
    readonly why:
      | (
          | 'other-body'
          | 'overdraft'
          | 'claims-above-holdings'
          | 'needs-two-people'
          | 'already-claimed'
          | 'unknown-hold'
          | 'hold-posted'
          | 'hold-voided'
          | 'hold-expired'
          | 'over-hold'
          | 'over-fee-cap'
          | 'trading-stopped'
        )
      | null;
    readonly detail: string | null;
  }[];
};

export type ShowStatementAnswer = {
  readonly items: readonly {
    /** 1, 2, 3 … without gaps: a missing one shows. */
    readonly version: number;
    readonly transfer: string;
    readonly kind: string;
    readonly about: string;
    /** Smallest units; below 0 what went. */
    readonly amount: string;
    /** After this entry. */
    readonly balance: string;
    readonly at: string;
  }[];
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null;
};

export type ShowBalanceAsOfAnswer = {
  readonly customer: string;
  readonly asset: string;
  readonly at: string;
  readonly balance: string;
};

export type ListDepositsAnswer = {
  readonly items: readonly Deposit[];
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null;
};

export type ClaimDepositBody = {
  readonly deposit: string;
  readonly customer: string | null;
  readonly why: string;
};

export type ClaimDepositAnswer = {
  readonly deposit: string;
  readonly state: 'credited' | 'held' | 'dust' | 'own-funds' | 'returning' | 'returned' | 'reversed';
  readonly customer: string | null;
  readonly asset: string;
  readonly units: string;
};

export type ClaimOwnFundsBody = {
  readonly deposit: string;
};

export type RequestReturnBody = {
  readonly deposit: string;
  readonly asset: string;
  readonly amount: string;
  readonly destination: {
    readonly address: string;
    readonly memo: string;
  };
  readonly feeCap: string;
  readonly attempt?: number;
};

export type RequestReturnAnswer = {
  readonly id: string;
  readonly state:
    | 'requested'
    | 'held'
    | 'screened'
    | 'awaiting-approval'
    | 'planned'
    | 'witnessed'
    | 'signed'
    | 'sent'
    | 'unknown'
    | 'confirmed'
    | 'final'
    | 'expired'
    | 'returned'
    | 'refused'
    | 'disputed';
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
  readonly priority?: 'high' | 'normal' | 'low';
};

export type RequestWithdrawalAnswer = {
  readonly id: string;
  readonly state:
    | 'requested'
    | 'held'
    | 'screened'
    | 'awaiting-approval'
    | 'planned'
    | 'witnessed'
    | 'signed'
    | 'sent'
    | 'unknown'
    | 'confirmed'
    | 'final'
    | 'expired'
    | 'returned'
    | 'refused'
    | 'disputed';
};

export type QuoteWithdrawalBody = {
  readonly asset: string;
  readonly amount: string;
  readonly destination: {
    readonly address: string;
    readonly memo: string;
  };
};

export type QuoteWithdrawalAnswer = {
  readonly asset: string;
  readonly amount: string;
  readonly fees: string;
  readonly feeAsset: string;
  readonly total: string;
  /** ms of Unix time */
  readonly until: number;
};

export type ListWithdrawalsAnswer = {
  readonly items: readonly WithdrawalBrief[];
  /** The cursor of the next page; null where this is the last one. */
  readonly next: string | null;
};

export type CancelWithdrawalBody = {};

export type CancelWithdrawalAnswer = {
  readonly id: string;
  readonly state:
    | 'requested'
    | 'held'
    | 'screened'
    | 'awaiting-approval'
    | 'planned'
    | 'witnessed'
    | 'signed'
    | 'sent'
    | 'unknown'
    | 'confirmed'
    | 'final'
    | 'expired'
    | 'returned'
    | 'refused'
    | 'disputed';
};

export type ApproveWithdrawalBody = {
  readonly person: string;
  readonly signature?: string;
  readonly assertion?: {
    readonly credential: string;
    readonly authenticatorData: string;
    readonly clientDataJSON: string;
    readonly signature: string;
  };
};

export type ApproveWithdrawalAnswer = {
  readonly id: string;
  /** `enough`, or how many of how many. */
  readonly approvals: string;
};

export type DecideScreeningBody = {
  readonly verdict: 'pass' | 'refuse';
  readonly by: string;
  readonly why: string;
};

export type AddDestinationBody = {
  readonly customer: string;
  readonly destination: {
    readonly address: string;
    readonly memo: string;
  };
  readonly label?: string;
};

export type RemoveDestinationBody = {
  readonly customer: string;
  readonly destination: {
    readonly address: string;
    readonly memo: string;
  };
};

export type SetAllowlistBody = {
  readonly customer: string;
  readonly mode: 'on' | 'off';
};

export type ShowLimitsAnswer = {
  readonly customer: string;
  readonly tier: string;
  readonly limits: readonly {
    readonly asset: string;
    readonly perDay: string | null;
    readonly by: 'tier' | 'customer';
  }[];
  readonly coming: readonly {
    readonly scope: 'tier' | 'customer';
    readonly asset: string;
    readonly perDay: string | null;
    /** ms of Unix time */
    readonly from: number;
  }[];
};

export type SetLimitBody =
  | {
      readonly scope: 'customer';
      readonly name: string;
      readonly asset: string;
      readonly perDay: string | null;
    }
  | {
      readonly scope: 'tier';
      readonly name: string;
      readonly asset: string;
      readonly perDay: string | null;
    };

export type SetLimitAnswer = {
  readonly scope: 'customer' | 'tier';
  readonly name: string;
  readonly asset: string;
  readonly perDay: string | null;
  /** ms of Unix time */
  readonly from: number;
};

export type SetTierBody = {
  readonly customer: string;
  readonly tier: string;
};

export type SetTierAnswer = {
  readonly customer: string;
  readonly tier: string;
  /** ms of Unix time */
  readonly from: number;
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

export type ShowTreasuryAnswer = {
  /** ms of Unix time */
  readonly at: number;
  readonly refillHours: number;
  readonly hotShare: {
    /** The policy’s, in hundredths of a percent. */
    readonly most: number;
    /** Hundredths of a percent; null for want of fresh prices. */
    readonly now: number | null;
    /** By the prices of the newest set moment. */
    readonly set: number | null;
    /** ms of Unix time */
    readonly moment: number;
    /** Assets whose price is too old. */
    readonly stale: readonly string[];
    /** Assets that had no price at the set moment. */
    readonly unset: readonly string[];
  };
  readonly assets: readonly {
    readonly asset: string;
    readonly hot: string;
    readonly cold: string;
    /** What customers are owed. */
    readonly claims: string;
    /** Of the hot coins, what accepted payments will take. */
    readonly promised: string;
    /** Of the hot coins, what is on its way to cold. */
    readonly sweeping: string;
    /** What is expected to leave in an hour. */
    readonly anHour: string;
    /** What may be hot. */
    readonly limit: string;
    /** Expected outflow × refill time, or the share of all by value. */
    readonly by: 'need' | 'share';
    /** The next 24 hours, from what the same hours of the last week brought. */
    readonly forecast: readonly {
      /** ms of Unix time */
      readonly from: number;
      readonly out: string;
      readonly in: string;
      /** Below zero, so much is missing. */
      readonly left: string;
    }[];
  }[];
};

export type ListRefillsAnswer = {
  readonly refills: readonly Refill[];
};

export type TellPricesBody = {
  /** When these were the prices, ms of Unix time. */
  readonly at: number;
  readonly prices: readonly {
    readonly asset: string;
    readonly yen: string;
    /** For how many smallest units: 1000000 for one XEM. */
    readonly per: string;
  }[];
};

export type TellPricesAnswer = {
  /** ms of Unix time */
  readonly at: number;
  readonly kept: number;
};

export type ListServicesAnswer = {
  /** Whether enough signers and watchtowers have answered since custody started; until then everything counts as stopped. */
  readonly known: boolean;
  readonly services: readonly {
    readonly asset: string;
    readonly service: 'deposits' | 'trading' | 'withdrawals';
    readonly state: 'open' | 'stopped';
    /** Why it is stopped; or who opened it last, and why. */
    readonly why: string | null;
    readonly stop: number | null;
    readonly since: string;
  }[];
  readonly stops: readonly {
    readonly stop: number;
    readonly asset: string;
    readonly why: string;
    readonly began: string;
    /** When all three were stopped. */
    readonly stopped: string | null;
    /** Since when nobody says that it is frozen, and enough signers and watchtowers answer. */
    readonly thawed: string | null;
    /** What is opened next; null before all is stopped and thawed. */
    readonly next: {
      readonly service: 'deposits' | 'trading' | 'withdrawals';
      readonly notBefore: string;
      /** How many must say so. */
      readonly people: number;
      /** Who has. */
      readonly confirmed: readonly string[];
    } | null;
  }[];
};

export type ShowStatusAnswer = {
  readonly network: string;
  readonly exchange: string;
  /** The digest of the policy that custody holds. */
  readonly policy: string;
  /** ms of Unix time */
  readonly at: number;
  readonly chains: Readonly<
    Record<
      string,
      {
        readonly confirmations: number;
        readonly scan: {
          readonly height: number;
          readonly target: number | null;
          readonly stopped: string | null;
          readonly [more: string]: unknown;
        };
        readonly [more: string]: unknown;
      }
    >
  >;
  readonly webhooks: readonly {
    readonly webhook: string;
    readonly due: number;
    readonly parked: number;
    readonly oldest: number | null;
  }[];
  readonly [more: string]: unknown;
};

export type AcknowledgeNoticeBody = {
  readonly notice: number;
  readonly why: string;
};

export type AcknowledgeNoticeAnswer = {
  readonly notice: number;
  readonly acknowledged: true;
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
  /** Makes a customer known, and says where their coins shall go. The same place at each call, with fresh vouchers: show it only where `vouchedDeposit` of the client takes it. */
  readonly openCustomer: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: OpenCustomerBody;
    readonly answer: OpenCustomerAnswer;
    readonly problem: CommonCode | 'key-reused' | 'not-json' | 'not-vouched' | 'deposits-stopped';
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
  /** An operator has looked: withdrawals of a held customer go again. */
  readonly liftHold: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: LiftHoldBody;
    readonly answer: LiftHoldAnswer;
    readonly problem: CommonCode | 'key-reused' | 'not-json' | 'unknown-customer' | 'not-held';
  };
  /** Posts up to 500 trades and reservations. Each is decided by itself, in order, once for its id, and is on the disk when the answer comes. */
  readonly postOperations: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: PostOperationsBody;
    readonly answer: PostOperationsAnswer;
    readonly problem: CommonCode | 'key-reused' | 'not-json' | 'unknown-customer';
  };
  /** A customer’s entries, the oldest first, each with the balance after it. */
  readonly showStatement: {
    readonly params: {
      readonly customer: string;
      readonly asset: string;
    };
    readonly query: {
      /** From this moment on. */
      readonly from?: string;
      /** Before this moment. */
      readonly to?: string;
      /** How many; 50 if not given. */
      readonly limit?: number;
      /** `next` of the page before, unchanged, with the same filter. */
      readonly cursor?: string;
    };
    readonly body: undefined;
    readonly answer: ShowStatementAnswer;
    readonly problem: CommonCode;
  };
  /** A customer’s balance just before a moment. */
  readonly showBalanceAsOf: {
    readonly params: {
      readonly customer: string;
      readonly asset: string;
    };
    readonly query: {
      readonly at: string;
    };
    readonly body: undefined;
    readonly answer: ShowBalanceAsOfAnswer;
    readonly problem: CommonCode;
  };
  /** Deposits, the newest first. */
  readonly listDeposits: {
    readonly params: undefined;
    readonly query: {
      readonly state?: 'credited' | 'held' | 'dust' | 'own-funds' | 'returning' | 'returned' | 'reversed';
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
  /** Says whose a held deposit is, and why. */
  readonly claimDeposit: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: ClaimDepositBody;
    readonly answer: ClaimDepositAnswer;
    readonly problem:
      | CommonCode
      | 'unknown-deposit'
      | 'key-reused'
      | 'not-json'
      | 'not-held'
      | 'unknown-customer';
  };
  /** Says that a held deposit is the house’s own: funds that it brought in itself. */
  readonly claimOwnFunds: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: ClaimOwnFundsBody;
    readonly answer: ClaimDepositAnswer;
    readonly problem: CommonCode | 'unknown-deposit' | 'key-reused' | 'not-json' | 'not-held';
  };
  /** Pays a held deposit back to its sender, less the network’s fees. From then on it is a withdrawal like any other. */
  readonly requestReturn: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: RequestReturnBody;
    readonly answer: RequestReturnAnswer;
    readonly problem:
      | CommonCode
      | 'unknown-deposit'
      | 'key-reused'
      | 'not-json'
      | 'not-held'
      | 'not-its-sender'
      | 'not-all-of-it'
      | 'wrong-attempt'
      | 'over-payment-limit'
      | 'orphaned'
      | 'catching-up'
      | 'withdrawals-stopped';
  };
  /** Asks for a payment to a customer. The signed request itself is what co-signers and watchtowers judge. */
  readonly requestWithdrawal: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: RequestWithdrawalBody;
    readonly answer: RequestWithdrawalAnswer;
    readonly problem:
      | CommonCode
      | 'key-reused'
      | 'not-json'
      | 'unknown-customer'
      | 'customer-held'
      | 'insufficient-funds'
      | 'over-payment-limit'
      | 'over-daily-limit'
      | 'not-allowlisted'
      | 'still-cooling'
      | 'catching-up'
      | 'withdrawals-stopped';
  };
  /** Withdrawals and returns, the newest first. */
  readonly listWithdrawals: {
    readonly params: undefined;
    readonly query: {
      readonly state?:
        | 'requested'
        | 'held'
        | 'screened'
        | 'awaiting-approval'
        | 'planned'
        | 'witnessed'
        | 'signed'
        | 'sent'
        | 'unknown'
        | 'confirmed'
        | 'final'
        | 'expired'
        | 'returned'
        | 'refused'
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
  /** What a payment would cost now, with the same checks; nothing is held. A fee cap of `fees` is enough until then. */
  readonly quoteWithdrawal: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: QuoteWithdrawalBody;
    readonly answer: QuoteWithdrawalAnswer;
    readonly problem: CommonCode | 'key-reused' | 'not-json' | 'over-payment-limit' | 'fees-unknown';
  };
  /** A withdrawal, its whole history, when its turn comes, who signed, and what each node answered. */
  readonly showWithdrawal: {
    readonly params: {
      readonly id: string;
    };
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: Withdrawal;
    readonly problem: CommonCode | 'unknown-withdrawal';
  };
  /** Takes a withdrawal back, until it is planned. */
  readonly cancelWithdrawal: {
    readonly params: {
      readonly id: string;
    };
    readonly query: undefined;
    readonly body: CancelWithdrawalBody;
    readonly answer: CancelWithdrawalAnswer;
    readonly problem:
      | CommonCode
      | 'unknown-withdrawal'
      | 'key-reused'
      | 'not-json'
      | 'too-late'
      | 'catching-up';
  };
  /** Hands on a person’s signature over a withdrawal. Co-signers and watchtowers verify it by themselves. */
  readonly approveWithdrawal: {
    readonly params: {
      readonly id: string;
    };
    readonly query: undefined;
    readonly body: ApproveWithdrawalBody;
    readonly answer: ApproveWithdrawalAnswer;
    readonly problem:
      | CommonCode
      | 'unknown-withdrawal'
      | 'key-reused'
      | 'not-json'
      | 'not-an-approver'
      | 'bad-approval'
      | 'too-late';
  };
  /** A person’s word on a payment that the screen holds. */
  readonly decideScreening: {
    readonly params: {
      readonly id: string;
    };
    readonly query: undefined;
    readonly body: DecideScreeningBody;
    readonly answer: CancelWithdrawalAnswer;
    readonly problem: CommonCode | 'unknown-withdrawal' | 'key-reused' | 'not-json' | 'too-late';
  };
  /** Where a customer may be paid, and from when. */
  readonly showAllowlist: {
    readonly params: {
      readonly customer: string;
    };
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: Allowlist;
    readonly problem: CommonCode;
  };
  /** Adds an address to a customer’s list; it can be used after the cooling time. */
  readonly addDestination: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: AddDestinationBody;
    readonly answer: Allowlist;
    readonly problem: CommonCode | 'unknown-customer' | 'key-reused' | 'not-json';
  };
  /** Takes an address off a customer’s list, at once. */
  readonly removeDestination: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: RemoveDestinationBody;
    readonly answer: Allowlist;
    readonly problem: CommonCode | 'key-reused' | 'not-json' | 'not-listed';
  };
  /** Turns a customer’s allowlist on, at once, or off, after the cooling time. */
  readonly setAllowlist: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: SetAllowlistBody;
    readonly answer: Allowlist;
    readonly problem: CommonCode | 'unknown-customer' | 'key-reused' | 'not-json';
  };
  /** What may leave for a customer in 24 hours, now and from when on otherwise. */
  readonly showLimits: {
    readonly params: {
      readonly customer: string;
    };
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: ShowLimitsAnswer;
    readonly problem: CommonCode | 'unknown-customer';
  };
  /** Sets what may leave in 24 hours for a customer or a tier: lower at once, higher after the cooling time. */
  readonly setLimit: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: SetLimitBody;
    readonly answer: SetLimitAnswer;
    readonly problem: CommonCode | 'unknown-customer' | 'key-reused' | 'not-json';
  };
  /** Puts a customer into a tier: into a lower one at once, into a higher one after the cooling time. */
  readonly setTier: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: SetTierBody;
    readonly answer: SetTierAnswer;
    readonly problem: CommonCode | 'unknown-customer' | 'key-reused' | 'not-json';
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
  /** How much of each asset is hot and may be, and how it is expected to go on. */
  readonly showTreasury: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: ShowTreasuryAnswer;
    readonly problem: CommonCode;
  };
  /** What the vaults were asked for, the newest first; at most the last hundred. */
  readonly listRefills: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: ListRefillsAnswer;
    readonly problem: CommonCode;
  };
  /** Says what assets cost. It moves nothing: it can raise what may be hot as far as what is needed, never above it, and lower nothing. */
  readonly tellPrices: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: TellPricesBody;
    readonly answer: TellPricesAnswer;
    readonly problem: CommonCode | 'key-reused' | 'not-json' | 'future-price';
  };
  /** Which services of which asset are open and which stopped, and how far the reopening is. What an exchange looks at when it starts; then it hears by webhook. */
  readonly listServices: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: ListServicesAnswer;
    readonly problem: CommonCode;
  };
  /** The books’ sums at the newest booked block, signed by the key that the policy pins for the books. */
  readonly showTotals: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: Totals;
    readonly problem: CommonCode | 'no-block-yet';
  };
  /** The whole house at a glance. What is silent is shown as silent. */
  readonly showStatus: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: undefined;
    readonly answer: ShowStatusAnswer;
    readonly problem: CommonCode;
  };
  /** An operator says that they know of a notice in the status, and what they do about it. */
  readonly acknowledgeNotice: {
    readonly params: undefined;
    readonly query: undefined;
    readonly body: AcknowledgeNoticeBody;
    readonly answer: AcknowledgeNoticeAnswer;
    readonly problem: CommonCode | 'unknown-notice' | 'key-reused' | 'not-json';
  };
}

export const operations = {
  openCustomer: { method: 'POST', path: '/v1/customers' },
  showBalances: { method: 'GET', path: '/v1/customers/{customer}/balances' },
  liftHold: { method: 'POST', path: '/v1/customers/lift' },
  postOperations: { method: 'POST', path: '/v1/operations' },
  showStatement: { method: 'GET', path: '/v1/customers/{customer}/statements/{asset}' },
  showBalanceAsOf: { method: 'GET', path: '/v1/customers/{customer}/balances/{asset}' },
  listDeposits: { method: 'GET', path: '/v1/deposits' },
  claimDeposit: { method: 'POST', path: '/v1/deposits/claims' },
  claimOwnFunds: { method: 'POST', path: '/v1/house/own-funds' },
  requestReturn: { method: 'POST', path: '/v1/returns' },
  requestWithdrawal: { method: 'POST', path: '/v1/withdrawals' },
  listWithdrawals: { method: 'GET', path: '/v1/withdrawals' },
  quoteWithdrawal: { method: 'POST', path: '/v1/withdrawals/quote' },
  showWithdrawal: { method: 'GET', path: '/v1/withdrawals/{id}' },
  cancelWithdrawal: { method: 'POST', path: '/v1/withdrawals/{id}/cancel' },
  approveWithdrawal: { method: 'POST', path: '/v1/withdrawals/{id}/approvals' },
  decideScreening: { method: 'POST', path: '/v1/withdrawals/{id}/screening' },
  showAllowlist: { method: 'GET', path: '/v1/customers/{customer}/allowlist' },
  addDestination: { method: 'POST', path: '/v1/allowlist/destinations' },
  removeDestination: { method: 'POST', path: '/v1/allowlist/destinations/remove' },
  setAllowlist: { method: 'POST', path: '/v1/allowlist/mode' },
  showLimits: { method: 'GET', path: '/v1/customers/{customer}/limits' },
  setLimit: { method: 'POST', path: '/v1/limits' },
  setTier: { method: 'POST', path: '/v1/tiers' },
  listEvents: { method: 'GET', path: '/v1/events' },
  listDeliveries: { method: 'GET', path: '/v1/webhooks/{webhook}/deliveries' },
  replayEvents: { method: 'POST', path: '/v1/webhooks/{webhook}/replay' },
  showTreasury: { method: 'GET', path: '/v1/treasury' },
  listRefills: { method: 'GET', path: '/v1/refills' },
  tellPrices: { method: 'POST', path: '/v1/prices' },
  listServices: { method: 'GET', path: '/v1/services' },
  showTotals: { method: 'GET', path: '/v1/totals' },
  showStatus: { method: 'GET', path: '/v1/status' },
  acknowledgeNotice: { method: 'POST', path: '/v1/notices/acknowledge' },
} as const;
