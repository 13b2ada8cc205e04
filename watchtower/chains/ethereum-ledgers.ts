/** Ledgers: what each node's blocks say was executed, node by node, and what all of them come to. */
import type { Asset, Dead, Fate } from '@kuramori/core';
import {
  openHoldings,
  type At,
  type Holdings,
  type Repeated,
  type SeenBlock,
} from '@kuramori/chains/ethereum/node';

export interface Ledgers {
  readonly took: (block: SeenBlock, url: string) => void;
  /** The node took its newest block back. */
  readonly back: (height: number, url: string) => void;
  /** What the node holds for final. */
  readonly finalized: (at: At, url: string) => void;
  /** Why one of them cannot count any more; null where all can. */
  readonly flaw: () => string | null;
  /** The final block that ends a plan, where all name the same. */
  readonly endedBy: (plan: string) => Dead['proof'] | undefined;
  /** Units of an asset at a wallet's forwarders after a block, where it is the newest of every node and all say the same. */
  readonly placed: (wallet: string, asset: Asset, at: At) => bigint | undefined;
  /** Confirmed where every node has it executed in one block; pending where one of them has. */
  readonly became: (plan: string) => Pick<Fate, 'fate' | 'height'>;
}

interface Ledger {
  holdings: Holdings;
  flaw: string | null;
}

/** `from`: the first block, of which nothing is read. */
export function openLedgers(
  urls: readonly string[],
  from: number,
  onRepeated: (found: Repeated, at: At, url: string) => void,
): Ledgers {
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
      if (took.kind === 'refused') {
        ledger.flaw ??= `block ${block.height} of ${url} fits nowhere: ${took.why}`;
        return;
      }
      if (block.transactions.some(({ executions }) => executions.length > 0))
        for (const { height, hash, value } of ledger.holdings.repeated())
          if (height === block.height) onRepeated(value, { height, hash }, url);
    },
    back(height, url) {
      const ledger = ledgerOf(url);
      if (height <= from) ledger.holdings = openHoldings();
      else if (!ledger.holdings.undo())
        ledger.flaw ??= `${url} took back block ${height}, which it held for final: start this watchtower again once somebody has looked`;
    },
    finalized: (at, url) => void ledgerOf(url).holdings.finalize(at),
    flaw: () => all().find((ledger) => ledger.flaw !== null)?.flaw ?? null,
    endedBy(plan) {
      const [first, ...others] = all().map(({ holdings }) => holdings.endedBy(plan));
      const same = others.every((one) => one?.height === first?.height && one?.hash === first?.hash);
      return same ? first : undefined;
    },
    placed(wallet, asset, { height, hash }) {
      const tips = all().map(({ holdings }) => holdings.tip());
      if (!tips.every((tip) => tip?.height === height && tip.hash === hash)) return undefined;
      const [first, ...others] = all().map(({ holdings }) => holdings.placed(wallet, asset));
      return others.every((units) => units === first) ? first : undefined;
    },
    became(plan) {
      const fates = all().map(({ holdings }) => holdings.fate(plan));
      const done = fates.flatMap((one) => (one.kind === 'done' ? one : []));
      const [first] = done;
      if (!first) return { fate: 'unseen', height: null };
      return done.length === fates.length && done.every(({ hash }) => hash === first.hash)
        ? { fate: 'confirmed', height: first.height }
        : { fate: 'pending', height: null };
    },
  };
}
