/** Rate: what the network takes, as most of our nodes see it, within bounds that the configuration sets. */
import type { BitcoinNode } from '@kuramori/chains/bitcoin/node';
import type { FeesConfig } from './config.ts';

export interface Rate {
  /** Units per 1,000 virtual bytes, for one of the next blocks; a text says why nobody can tell. */
  readonly now: () => bigint | string;
  /** Asks the nodes, unless they were asked a short while ago. Never throws. */
  readonly look: () => Promise<void>;
}

/** How long what nodes said is good for: longer than a block takes, a fee may be another one. Milliseconds. */
const [freshMs, goodMs] = [20_000, 900_000];

export function openRate(
  nodes: readonly BitcoinNode[],
  { least, most, usual, blocks }: FeesConfig,
  now: () => number = () => performance.now(),
): Rate {
  let told: bigint | null = null;
  let at = -Infinity;
  let asked = -Infinity;
  let why = 'no node was asked yet';
  return {
    now: () => (told !== null && now() - at < goodMs ? told : why),
    async look() {
      if (now() - asked < freshMs) return;
      asked = now();
      const answers = await Promise.all(nodes.map((node) => node.feeRate(blocks, { least, most })));
      // One that has seen too little says nothing: then it is what is usual.
      const rates = answers
        .flatMap((answer) => (answer.kind === 'read' ? (answer.value ?? usual) : []))
        .sort((one, other) => (one < other ? -1 : 1));
      // The lower middle: half of the nodes, lying, cannot make us pay more than another one says.
      const middle = rates[Math.floor((rates.length - 1) / 2)];
      if (middle === undefined)
        why = answers.flatMap((answer) => (answer.kind === 'failed' ? answer.detail : [])).join('; ');
      else [told, at] = [middle, now()];
    },
  };
}
