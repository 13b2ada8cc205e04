/** On chain: what people's commands ask of the chain that a wallet is on. Another chain is another of these. */
import type { Intent, Policy, Rotation, Wallet } from '@kuramori/core';
import type { House } from '../house.ts';

/** The unsigned transaction, and what each key signs of it. */
export interface Planned {
  /** Hex. */
  readonly plan: string;
  readonly shares: readonly { readonly key: string; readonly share: string }[];
  /** Units of the chain's coin that the wallet itself pays. */
  readonly fees: bigint;
  /** What proves its inputs, where its chain has inputs: the whole transactions that they spend, hex. */
  readonly previous?: readonly string[];
}

export interface OnChain {
  /** The wallet with the keys that the chain says act for it now; as the policy has it where the nodes say nothing alike. */
  readonly acting: () => Promise<Wallet>;
  /** `at`: milliseconds of Unix time by a watchtower's clock. Throws Stopped. */
  readonly planRotation: (wallet: Wallet, order: Order, at: number) => Promise<Planned>;
  /** Pays the intent, signed by these keys. `at` as above. Throws Stopped. */
  readonly planPayment: (
    wallet: Wallet,
    intent: Intent,
    keys: readonly string[],
    at: number,
  ) => Promise<Planned>;
  /** Sends what enough keys have signed. Throws Stopped where nobody takes it, and says what helps. */
  readonly carry: (planned: Planned, signatures: ReadonlyMap<string, string>) => Promise<void>;
  /** A rotation: null where every node has it in a block; else what keeps it, for whoever waits. Throws Stopped once it never can be. */
  readonly waitsFor: (rotation: Pick<Rotation, 'remove' | 'add'>, planned: Planned) => Promise<string | null>;
  /** What helps where it is waited for long: who was told to carry it may not. Null where there is nothing. */
  readonly instead: (planned: Planned, signatures: ReadonlyMap<string, string>) => string | null;
}

export interface Order extends Pick<Rotation, 'remove' | 'add'> {
  /** Those who shall sign: as many as the wallet's threshold. */
  readonly keys: readonly string[];
}

export interface On<W extends Wallet> {
  readonly house: House;
  readonly policy: Policy;
  readonly wallet: W;
  /** The command that plans anew. */
  readonly again: string;
}

/** What ends a command, in a line for whoever gave it. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Nodes that do not answer, for who waits. */
export function withoutThem(details: readonly string[], field: string): string {
  return `${details.join('; ')}: while that is so nothing is decided by what they would say; if it stays so, take it out of ${field} in the house’s file`;
}
