/** Case: what a judgement is about, and the closed list of its refusals. */
import type { Witnessed } from './fact.ts';
import type { History } from './history.ts';
import type { Ask } from './journal.ts';
import type { Outflows } from './outflow.ts';
import type { ColdRule, Policy, Rule } from './policy.ts';
import type { Explained } from './spend.ts';

export interface Case {
  readonly policy: Policy;
  /** The id of the signer whose signature is asked for. */
  readonly signer: string;
  readonly ask: Ask;
  /** What the chain's codec reads in the ask's bytes. */
  readonly explained: Explained;
  /** Whether the ask's bytes and another plan of the wallet can never both confirm, as the chain's codec reads them. */
  readonly conflicts: (plan: string) => boolean;
  /** Whether the chain's codec finds an evacuation's evidence validly signed by a key of the wallet; all of it. */
  readonly evidenceSigned: boolean;
  /** Whether one of those signatures may have left by our own hand: from a record that was, or may have been, let go. */
  readonly evidenceCovered: boolean;
  /** Whether the evidence is of one theft that is wholly signed, and takes every coin that the ask's bytes spend. */
  readonly races: boolean;
  readonly witnessed: Witnessed;
  /** The signer's journal up to now. */
  readonly history: History;
  /**
   * What every signer's records together say was paid; of a cold wallet, what left it by any vault's. A watchtower holds them all:
   * a limit is the wallet's, whichever of its keys sign, and a spare's journal begins empty. A signer knows its own alone, and
   * leaves it out.
   */
  readonly everyones?: Outflows;
}

export type Why =
  | 'order-policy'
  | 'another-journal'
  | 'facts-below-quorum'
  | 'facts-disagree'
  | 'time-goes-back'
  | 'unknown-wallet'
  | 'not-a-cosigner'
  | 'keys-on-chain'
  | 'no-rule'
  | 'frozen'
  | 'not-frozen'
  | 'bytes-refused'
  | 'spends-another-account'
  | 'signs-with-another-key'
  | 'authority-key-unknown'
  | 'authority-signature'
  | 'authority-role'
  | 'authority-key-early'
  | 'authority-request'
  | 'approvals-below-quorum'
  | 'intent-altered'
  | 'intent-twice'
  | 'several-assets'
  | 'several-moves'
  | 'intent-expired'
  | 'request-from-the-future'
  | 'outlives-intent'
  | 'output-without-intent'
  | 'intent-without-output'
  | 'fee-over-cap'
  | 'over-payment-limit'
  | 'over-rolling-limit'
  | 'over-first-seen-share'
  | 'denied'
  | 'denied-now'
  | 'paid-by-another-transaction'
  | 'too-many-plans'
  | 'bytes-recorded-before'
  | 'destination-not-pinned'
  | 'evidence-signature'
  | 'evidence-below-quorum'
  | 'evidence-is-covered'
  | 'number-used'
  | 'number-far-ahead'
  | 'rotation-policy'
  | 'rotation-below-quorum'
  | 'rotation-altered'
  | 'no-spare'
  | 'over-move-count'
  | 'over-balance'
  | 'outlives-order'
  | 'over-sweep-count'
  | 'over-sweep-fees'
  | 'leaves-too-little';

export interface Refused {
  readonly kind: 'refused';
  readonly why: Why;
  readonly detail: string;
  /** The rules and denials that led to it; empty where no rule was asked. */
  readonly grounds: readonly string[];
}

export function refuse(why: Why, detail: string, grounds: readonly string[] = []): Refused {
  return { kind: 'refused', why, detail, grounds };
}

/** What a rule is called in a decision. */
export function nameOf({ wallet, asset }: Pick<Rule, 'wallet' | 'asset'>): string {
  return `rule ${wallet} ${asset}`;
}

/** What a refusal by one of several standing versions begins with. */
export const bySeveral = 'by version ';

/** Whether time or people alone may undo a refusal: a denial that is lifted, a limit's hours, a version whose wait ends. */
export function mayPass({ why, detail }: { readonly why: string; readonly detail: string }): boolean {
  return why === 'denied-now' || why === 'over-rolling-limit' || detail.startsWith(bySeveral);
}

/** The one rule for this asset in the wallet of this id; undefined where the policy has none. */
export function ruleFor(policy: Pick<Policy, 'rules'>, wallet: string, asset: string): Rule | undefined {
  return policy.rules.find((rule) => rule.wallet === wallet && rule.asset === asset);
}

/** The one rule for this asset in the cold wallet of this id; undefined where nothing of it may leave. */
export function coldRuleFor(
  { coldRules = [] }: Pick<Policy, 'coldRules'>,
  wallet: string,
  asset: string,
): ColdRule | undefined {
  return coldRules.find((rule) => rule.wallet === wallet && rule.asset === asset);
}

export function sum(units: readonly bigint[]): bigint {
  return units.reduce((total, one) => total + one, 0n);
}
