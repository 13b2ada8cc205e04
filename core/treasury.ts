/**
 * Treasury: what the house moves between its own wallets. No request leads to such an intent: its destination is pinned by
 * the policy, and its id is made of reason, wallet and the next number, so that each is one of its own.
 */
import { coinOf, XEM } from './amount.ts';
import { digest } from './canonical.ts';
import type { Intent } from './intent.ts';

export type TreasuryReason = 'evacuation' | 'sweep' | 'refill' | 'move';

export function treasuryId(reason: TreasuryReason, wallet: string, number: number): string {
  return digest('intent-id', { reason, wallet, number });
}

/**
 * How far ahead of a journal's last number the next one may be: another signer may have been asked that often alone.
 * Without it one ask could use up all numbers, and no coin would ever go home.
 */
export const mostAhead = 1_000_000;

/** What is moved, in the asset's smallest units. */
export interface Moved extends Pick<Intent, 'asset' | 'amount' | 'feeCap' | 'expiry'> {
  /** Which one of its reason and wallet it is, from 1. */
  readonly number: number;
}

/** Too much is hot: from a hot wallet to a pinned cold one. */
export function sweepIntent(from: { id: string }, to: { address: string }, moved: Moved): Intent {
  const { number, ...rest } = moved;
  const id = treasuryId('sweep', from.id, number);
  const destination = { address: to.address, memo: '' };
  return { ...rest, id, reason: 'sweep', wallet: from.id, destination };
}

/** Too little is hot: what vaults are asked to send. */
export function refillIntent(from: { id: string }, to: { address: string }, moved: Moved): Intent {
  const { number, ...rest } = moved;
  const id = treasuryId('refill', from.id, number);
  const destination = { address: to.address, memo: refillMemo(moved) };
  return { ...rest, id, reason: 'refill', wallet: from.id, destination };
}

/** From one cold wallet to another, by vaults. */
export function moveIntent(from: { id: string }, to: { address: string }, moved: Moved): Intent {
  const { number, ...rest } = moved;
  const id = treasuryId('move', from.id, number);
  const destination = { address: to.address, memo: '' };
  return { ...rest, id, reason: 'move', wallet: from.id, destination };
}

/** Tells which request the coins answer, where a payment of the chain carries text (NEM); else nothing. */
export function refillMemo({ asset, number }: Pick<Moved, 'asset' | 'number'>): string {
  return coinOf(asset) === XEM ? `refill ${number}` : '';
}
