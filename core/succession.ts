/**
 * Succession: where a wallet's keys are its own for ever (Bitcoin’s descriptors), another key is another wallet. The policy pins it
 * as a hot wallet beside the one in use, later names it that one's successor, and the coins follow by sweeps.
 */

/** Of a wallet, what tells whose place is whose. */
export interface Seat {
  readonly id: string;
  readonly successor?: string | undefined;
}

/** The name of the wallet that took this one's place; undefined where none has. */
export function successorOf({ successor }: Seat): string | undefined {
  return successor;
}

/** The wallet that has its place now, successors' successors among them; itself where it has none. Of a sound policy. */
export function heirOf<S extends Seat>({ wallets }: { readonly wallets: readonly S[] }, wallet: S): S {
  const next = wallets.find(({ id }) => id === wallet.successor);
  // Soundness lets nobody be their own heir.
  return next ? heirOf({ wallets }, next) : wallet;
}

/** The names of all wallets that have had or will have one place, this one among them: a limit is the place's. */
export function lineOf(policy: { readonly wallets: readonly Seat[] }, id: string): readonly string[] {
  const wallet = policy.wallets.find((one) => one.id === id);
  if (!wallet) return [id];
  const heir = heirOf(policy, wallet);
  return policy.wallets.flatMap((one) => (heirOf(policy, one) === heir ? one.id : []));
}
