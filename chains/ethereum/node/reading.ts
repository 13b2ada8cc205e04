import { meaningOf } from '../codec/index.ts';
import type { Reading } from '../../watched.ts';
import type { Ours } from './ours.ts';
import type { SeenTransaction } from './seen.ts';

/** How Ethereum's transactions are read: a part for each owner who signed, and for each of our keys that acted as an account. */
export function ethereumReading(ours: Ours): Reading<SeenTransaction> {
  return {
    hash: ({ hash }) => hash,
    // The plan's id is the Safe's hash: whoever pays the gas, and however often it is sent.
    ids: ({ hash, executions }) => [hash, ...executions.map((one) => one.hash)],
    account: ({ wallets: [wallet] }) => (wallet === undefined ? '' : ours.wallet(wallet).address),
    signer: ({ parts }) => parts.find(({ signer }) => signer !== '')?.signer ?? '',
    parts: ({ parts }) => parts,
    named,
    identity: ({ identity }) => identity,
  };
}

const names = {
  coins: 'a payment',
  token: 'a payment of a token',
  cancellation: 'a cancellation',
  swap: 'an owner in another’s place',
  refused: 'an execution that nobody explains',
} as const;

function named({ executions, unexplained, parts, moves, wallets }: SeenTransaction): string {
  const [why] = unexplained;
  if (why !== undefined) return why;
  const [first] = executions;
  if (first) {
    const what = names[meaningOf(first.bound).kind];
    return `${what} by ${first.wallet}${executions.length > 1 ? ` and ${executions.length - 1} more` : ''}`;
  }
  if (parts.length > 0) return `an account’s transaction by a key of ${wallets.join(' and ')}`;
  return moves.some(({ way }) => way === 'out')
    ? `deposits sent on to ${wallets.join(' and ')}`
    : `a payment to ${wallets.join(' and ')}`;
}
