/** State: where the money of a case is after some of its movements. The one thing in the tracer that changes. */
import type { Case } from './case.ts';
import { nothing, type Holding, type Rule } from './rules/rule.ts';
import type { Setting } from './setting.ts';

/** Sums of taint of one asset. Under a rule that conserves: stolen + gotByExchange + risen = held + ended + givenByExchange. */
export interface Sums {
  stolen: bigint;
  gotByExchange: bigint;
  givenByExchange: bigint;
  /** What a rise of the price has added, in a case of values. */
  risen: bigint;
  held: bigint;
  /** At services, burned, and paid as fees. */
  ended: bigint;
}

/** Of one account and asset, over all time. */
export interface Flow {
  received: bigint;
  sent: bigint;
  taintReceived: bigint;
  taintSent: bigint;
  /** Sent beyond all that was seen to arrive: money from before the case, or that the case does not show. */
  unseen: bigint;
  /** Part of `unseen` that a rise of the price explains. */
  risen: bigint;
  /** Taint that began here: what a source had stolen, and what a rise of the price added. */
  added: bigint;
}

export interface State {
  readonly of: Case;
  readonly rule: Rule;
  readonly setting: Setting;
  /** The next row. */
  row: number;
  readonly holdings: Holding[];
  readonly flows: Flow[];
  readonly sums: Sums[];
  /** Of each account: how many spends were for the most part of money that nobody saw it get. */
  readonly unseenSpends: Uint32Array;
  /** 1 for an account that is presumed a service. */
  readonly presumed: Uint8Array;
  /** The row that brought the first taint; -1 before. */
  readonly reachedBy: Int32Array;
  /** Row → taint that it carried, where that is any. */
  readonly carried: Map<number, bigint>;
  /** Row → taint that arrived by it, where that is any: other than what it carried where it is a side of an exchange. */
  readonly arrived: Map<number, bigint>;
  /** How each applied block is taken back, newest last. */
  readonly undo: Undo[];
}

export interface Undo {
  readonly row: number;
  readonly back: (() => void)[];
}

const noFlow = (): Flow => ({
  received: 0n,
  sent: 0n,
  taintReceived: 0n,
  taintSent: 0n,
  unseen: 0n,
  risen: 0n,
  added: 0n,
});
const noSums = (): Sums => ({
  stolen: 0n,
  gotByExchange: 0n,
  givenByExchange: 0n,
  risen: 0n,
  held: 0n,
  ended: 0n,
});

export function openState(of: Case, rule: Rule, setting: Setting): State {
  const { accounts, assets, slotAccount } = of.table;
  return {
    of,
    rule,
    setting,
    row: 0,
    holdings: slotAccount.map(() => nothing),
    flows: slotAccount.map(noFlow),
    sums: assets.map(noSums),
    unseenSpends: new Uint32Array(accounts.length),
    presumed: new Uint8Array(accounts.length),
    reachedBy: new Int32Array(accounts.length).fill(-1),
    carried: new Map(),
    arrived: new Map(),
    undo: [],
  };
}
