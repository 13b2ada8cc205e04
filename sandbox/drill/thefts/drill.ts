/** A drill: one of the great thefts, driven by its thief's steps against a whole house, and what it meets there. */
import type { Rule } from '@kuramori/core';
import type { Defence } from './defences.ts';
import type { PlanInput } from '../../house/plan.ts';
import type { EthereumStage } from '../ethereum/stage.ts';
import type { LitecoinStage } from '../litecoin/stage.ts';
import type { Stage } from '../stage.ts';

/**
 * KEY: the thief signs outside our system. PATH: by our own path. LEDGER: the books alone. WEAPON: false alarms, to stop
 * the exchange. HONEST: nobody is a thief, and nothing may stop.
 */
export type Kind = 'KEY' | 'PATH' | 'LEDGER' | 'WEAPON' | 'HONEST';

export interface Scene extends Stage {
  /** Micro-XEM in the hot wallet at the beginning, and of everything. */
  readonly hot: bigint;
  readonly whole: bigint;
  readonly has: (defence: Defence) => boolean;
  readonly step: (text: string) => void;
  /** Written into the result: what an honest customer, or the exchange, was refused. */
  readonly note: (text: string) => void;
}

interface Told {
  /** Of the replay vector, or our own. */
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  /** The theft it replays. */
  readonly after: string;
  /** What is counted down, or left out; empty where nothing is. */
  readonly scaled: string;
  /** The defences that stand in its way; each is switched off in turn. */
  readonly defences: readonly Defence[];
}

export interface NemDrill extends Told {
  readonly chain?: 'nem';
  /** The 2-of-3, unless it says otherwise; without `multisig` it is one key. */
  readonly wallet?: 'three-of-five';
  readonly plan?: Omit<Partial<PlanInput>, 'wallet' | 'rule'>;
  /** Whom the rule asks to approve what is large; nobody, unless it says so. */
  readonly approvals?: Rule['approvals'];
  /** Whether somebody may stop the house once, as any one can: what counts is whether it still stands still at the end. */
  readonly stopsOnce?: true;
  readonly attack: (scene: Scene) => Promise<void>;
}

interface Telling {
  readonly has: (defence: Defence) => boolean;
  readonly step: (text: string) => void;
  readonly note: (text: string) => void;
}

export interface EthereumScene extends EthereumStage, Telling {}

/** Against Safes, on the wall clock; always a 2-of-3, whose third key is offline. */
export interface EthereumDrill extends Told {
  readonly chain: 'ethereum';
  readonly kind: 'KEY' | 'PATH';
  /** How many tokens are listed beside the coin. */
  readonly tokens: number;
  readonly plan?: Pick<Partial<PlanInput>, 'towers' | 'slotSeconds'>;
  readonly attack: (scene: EthereumScene) => Promise<void>;
}

export interface LitecoinScene extends LitecoinStage, Telling {}

/** Against wallets on two real nodes, on the wall clock; always a 2-of-3, whose third key is offline. */
export interface LitecoinDrill extends Told {
  readonly chain: 'litecoin';
  readonly kind: 'KEY' | 'PATH';
  readonly plan?: Pick<Partial<PlanInput>, 'towers' | 'miningSeconds' | 'litecoinReplaces'>;
  readonly attack: (scene: LitecoinScene) => Promise<void>;
}

export type Drill = NemDrill | EthereumDrill | LitecoinDrill;
