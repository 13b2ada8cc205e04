/**
 * Places: the addresses that customers were sent to. What comes there is the wallet's, and stands there until it is sent on; so it
 * counts when the books are held against the chain, also after a start. Written down before it is vouched for.
 */
import { z } from 'zod';
import { Hash, Name } from '@kuramori/core';
import { bareOf, forwarderOf, type Address } from '@kuramori/chains/ethereum/codec';
import type { Ours } from '@kuramori/chains/ethereum/node';
import { Misconfigured, openLines } from '@kuramori/program';

export interface Places extends Disposable {
  /** Looks there from now on; a text says why not. */
  readonly look: (wallet: string, salt: string) => string | null;
}

/** New places in an hour: whoever has taken custody could make up customers until the disk is full. */
const mostAnHour = 100_000;

const Kept = z.strictObject({ wallet: Name, salt: Hash });

/** Throws Misconfigured where a line is damaged. */
export function openEthereumPlaces(file: string, ours: Ours, now: () => number): Places {
  const lines = openLines(file);
  for (const [index, text] of lines.lines.entries()) {
    try {
      const { wallet, salt } = Kept.parse(JSON.parse(text));
      ours.know(wallet, salt);
    } catch (cause) {
      throw new Misconfigured(
        `${file}: line ${index + 1} is damaged: restore the file, or remove it: customers’ places come back as the exchange shows them`,
        { cause },
      );
    }
  }
  let hour = { since: 0, places: 0 };
  return {
    look(wallet, salt) {
      const address = forwarderOf(ours.wallet(wallet).address as Address, salt);
      if (ours.placeOf(bareOf(address))) return null;
      const time = now();
      if (time - hour.since >= 3_600_000 || time < hour.since) hour = { since: time, places: 0 };
      if (hour.places >= mostAnHour)
        return `is the ${mostAnHour + 1}st new one within an hour: ask again later`;
      hour.places += 1;
      lines.append({ wallet, salt });
      ours.know(wallet, salt);
      return null;
    },
    [Symbol.dispose]: () => lines[Symbol.dispose](),
  };
}
