/**
 * Places: up to which index customers were sent to a wallet's addresses. An address that nobody has paid yet lies beyond all that
 * blocks tell of, and coins that come there later must be seen; so what was vouched for is written down before it is.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Ours as Coins } from '@kuramori/chains/bitcoin/node';
import { Misconfigured, replaceFile } from '@kuramori/program';

export interface Places {
  /** Looks there from now on. A text says why not: who asks for a far number would have us derive addresses for years. */
  readonly look: (wallet: string, number: number) => string | null;
}

/** Wallet's name → the highest index of branch 0. */
const Kept = z.record(z.string(), z.int().nonnegative());

/** Throws Misconfigured where the file is damaged. */
export function openPlaces(file: string, coins: Pick<Coins, 'know' | 'next'>, gap: number): Places {
  const kept = new Map(Object.entries(read(file)));
  for (const [wallet, highest] of kept) coins.know(wallet, 0, highest);
  return {
    look(wallet, number) {
      const most = coins.next(wallet, 0) + gap;
      if (number >= most)
        return `is ${number}, and nobody here looks beyond ${most - 1}: customers’ numbers follow one another`;
      if (number <= (kept.get(wallet) ?? -1)) return null;
      kept.set(wallet, number);
      replaceFile(file, `${JSON.stringify(Object.fromEntries(kept))}\n`);
      coins.know(wallet, 0, number);
      return null;
    },
  };
}

function read(file: string): z.output<typeof Kept> {
  if (!existsSync(file)) return {};
  try {
    return Kept.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Misconfigured(
      `${file}: is damaged: restore it, or remove it and set gap to the highest number of a customer’s place`,
      { cause },
    );
  }
}
