/** The table of the drill: which attack meets which defences. */
import type { Attack } from './attacks.ts';

export const defences = ['cold', 'watchtower', 'multisig', 'judging'] as const;
/**
 * cold: 5 % hot, the rest over three offline keys. watchtower: one watches, freezes, evacuates. multisig: the hot wallet is
 * a 2-of-3. judging: the co-signers run and judge; without it keys only lie where they lay in 2018.
 */
export type Defence = (typeof defences)[number];

export interface RowPlan {
  readonly attack: Attack;
  readonly defences: readonly Defence[];
}

const everything = ['cold', 'multisig', 'judging', 'watchtower'] as const;

export const rows: readonly RowPlan[] = [
  { attack: 'coincheck', defences: [] },
  { attack: 'coincheck', defences: ['cold'] },
  { attack: 'coincheck', defences: ['watchtower'] },
  { attack: 'no-probe', defences: ['watchtower'] },
  { attack: 'no-probe', defences: ['cold', 'watchtower'] },
  { attack: 'one-key', defences: ['multisig'] },
  { attack: 'one-key', defences: ['multisig', 'watchtower'] },
  { attack: 'custody-taken', defences: ['multisig', 'judging', 'watchtower'] },
  { attack: 'exchange-taken', defences: ['multisig', 'judging', 'watchtower'] },
  { attack: 'one-key', defences: everything },
  { attack: 'custody-taken', defences: everything },
  { attack: 'exchange-taken', defences: everything },
];

/** `kuramori drill burn`: one stolen key of the 2-of-3, and nothing for the thief. */
export const burnRows: readonly RowPlan[] = [
  { attack: 'burn-wrapper', defences: everything },
  { attack: 'burn-cosignature', defences: everything },
  { attack: 'replay-paid', defences: everything },
];
