/** Ledgers: what each node's blocks did with our wallets, counted node by node, and what all of them come to. */
import type { Dead } from '@kuramori/core';
import type { Trace } from '@kuramori/chains/bitcoin/codec';
import {
  openHoldings,
  type HeldCoin,
  type Holdings,
  type SeenBlock,
  type SeenTransaction,
} from '@kuramori/chains/bitcoin/node';

export interface Ledgers {
  readonly took: (block: SeenBlock, url: string) => void;
  /** The node took its newest block back. */
  readonly back: (height: number, url: string) => void;
  /** Why one of them cannot count any more; null where all can. */
  readonly flaw: () => string | null;
  /** What all say that a wallet holds after a block; undefined where they do not say the same. */
  readonly balanceAt: (wallet: string, height: number) => bigint | undefined;
  /** The least that any says it holds now; null where none says anything. */
  readonly least: (wallet: string) => bigint | null;
  /** The block that ends a plan, so deep, where all name the same. */
  readonly endedBy: (trace: Trace, depth: number) => Dead['proof'] | undefined;
  /** What of a wallet could go home, and what something spends that only waits. The nodes agree. */
  readonly coins: (wallet: string, waits: readonly SeenTransaction[]) => readonly HeldCoin[];
}

interface Ledger {
  holdings: Holdings;
  flaw: string | null;
}

/** `from`: the first block, of which nothing is read. */
export function openLedgers(urls: readonly string[], from: number): Ledgers {
  const ledgers = new Map<string, Ledger>(urls.map((url) => [url, { holdings: openHoldings(), flaw: null }]));
  const all = () => [...ledgers.values()];
  function ledgerOf(url: string): Ledger {
    const found = ledgers.get(url);
    if (!found) throw new Error(`${url} is none of the nodes`);
    return found;
  }
  return {
    took(block, url) {
      const ledger = ledgerOf(url);
      const took = ledger.holdings.take(block);
      if (took.kind === 'refused')
        ledger.flaw ??= `block ${block.height} of ${url} fits nowhere: ${took.why}`;
    },
    back(height, url) {
      const ledger = ledgerOf(url);
      if (height <= from) ledger.holdings = openHoldings();
      else if (!ledger.holdings.undo())
        ledger.flaw ??= `${url} rewrote its chain deeper than blocks are kept here: start this watchtower again`;
    },
    flaw: () => all().find((ledger) => ledger.flaw !== null)?.flaw ?? null,
    balanceAt(wallet, height) {
      const held = all().map(({ holdings }) => holdings.balance(wallet, height));
      return held.every((units) => units === held[0]) ? held[0] : undefined;
    },
    least(wallet) {
      const held = all().flatMap(({ holdings }) => {
        const height = holdings.tip()?.height;
        return (height === undefined ? undefined : holdings.balance(wallet, height)) ?? [];
      });
      return held.length === 0 ? null : held.reduce((one, other) => (one < other ? one : other));
    },
    endedBy(trace, depth) {
      const [first, ...others] = all().map(({ holdings }) => holdings.endedBy(trace, depth));
      const same = others.every((one) => one?.height === first?.height && one?.hash === first?.hash);
      return same ? first : undefined;
    },
    coins(wallet, waits) {
      const [ledger] = all();
      if (!ledger) return [];
      ledger.holdings.wait(waits);
      const free = ledger.holdings.spendable(wallet, { confirmations: 1, unconfirmedChange: true });
      return [...free, ...ledger.holdings.coins(wallet).filter(({ spentBy }) => spentBy !== null)];
    },
  };
}
