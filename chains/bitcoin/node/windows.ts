/**
 * Windows: which scripts are a wallet's. Its descriptor has 2^31 addresses on each branch, so those are looked for that lie up to a
 * gap beyond the highest one that was paid or that somebody told of.
 */
import type { BitcoinWallet } from '@kuramori/core';
import { descriptorOf, placeAt } from '../codec/index.ts';

export interface OurPlace {
  /** The wallet's id. */
  readonly wallet: string;
  readonly branch: 0 | 1;
  readonly index: number;
}

export interface Windows {
  /** By the script that pays there, hex. */
  readonly placeOf: (script: string) => OurPlace | undefined;
  /** This address may be paid: it was shown to a customer, or a plan has change there. */
  readonly know: (wallet: string, branch: 0 | 1, index: number) => void;
  /** The first index beyond all that were paid or told. */
  readonly next: (wallet: string, branch: 0 | 1) => number;
  /** Grows when somebody tells of an address that was looked for by nobody: what was passed over may be ours. */
  readonly surprises: () => number;
}

/** BIP 44 has 20; whoever shows addresses to customers has many at once that nobody has paid yet. */
export const usualGap = 100;

interface Branch {
  readonly wallet: BitcoinWallet;
  readonly branch: 0 | 1;
  highest: number;
  derived: number;
}

export function openWindows(wallets: readonly BitcoinWallet[], gap: number): Windows {
  const places = new Map<string, OurPlace>();
  const branches = wallets.flatMap((wallet) =>
    ([0, 1] as const).map((branch): Branch => ({ wallet, branch, highest: -1, derived: 0 })),
  );
  let surprises = 0;
  let derivedAll = false;

  const branchOf = (id: string, branch: 0 | 1): Branch => {
    const found = branches.find((one) => one.wallet.id === id && one.branch === branch);
    if (!found) throw new RangeError(`openWindows: ${id} is no wallet here`);
    return found;
  };

  /** Deriving an address takes a millisecond, and each is derived once. */
  const derive = (one: Branch): void => {
    const descriptor = descriptorOf(one.wallet);
    for (; one.derived <= one.highest + gap; one.derived += 1) {
      const { script } = placeAt(descriptor, one.branch, one.derived);
      places.set(script.toHex(), { wallet: one.wallet.id, branch: one.branch, index: one.derived });
    }
  };

  const reach = (one: Branch, index: number): void => {
    if (index <= one.highest) return;
    one.highest = index;
    if (derivedAll) derive(one);
  };

  return {
    placeOf(script) {
      if (!derivedAll) for (const one of branches) derive(one);
      derivedAll = true;
      const found = places.get(script);
      if (found) reach(branchOf(found.wallet, found.branch), found.index);
      return found;
    },
    know(wallet, branch, index) {
      const one = branchOf(wallet, branch);
      if (derivedAll && index >= one.derived) surprises += 1;
      reach(one, index);
    },
    next: (wallet, branch) => branchOf(wallet, branch).highest + 1,
    surprises: () => surprises,
  };
}
