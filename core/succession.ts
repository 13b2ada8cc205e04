/**
 * Succession: where a wallet's keys are its own for ever (Bitcoin’s descriptors), another key is another wallet. The policy pins it
 * as a hot wallet beside the one in use, later names it that one's successor, and the coins follow by sweeps.
 */
import type { Policy, Wallet } from './policy.ts';

type Wallets = Pick<Policy, 'wallets'>;

/** The name of the wallet that took this one's place; undefined where none has. */
export function successorOf(wallet: Wallet): string | undefined {
  return 'successor' in wallet ? wallet.successor : undefined;
}

/** The wallet that has its place now, successors' successors among them; itself where it has none. Of a sound policy. */
export function heirOf({ wallets }: Wallets, wallet: Wallet): Wallet {
  const next = wallets.find(({ id }) => id === successorOf(wallet));
  // Soundness lets nobody be their own heir.
  return next ? heirOf({ wallets }, next) : wallet;
}

/** The names of all wallets that have had or will have one place, this one among them: a limit is the place's. */
export function lineOf(policy: Wallets, id: string): readonly string[] {
  const wallet = policy.wallets.find((one) => one.id === id);
  if (!wallet) return [id];
  const heir = heirOf(policy, wallet);
  return policy.wallets.flatMap((one) => (heirOf(policy, one) === heir ? one.id : []));
}
