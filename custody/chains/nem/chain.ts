/** NEM, as custody asks it. */
import { codecOf } from '@kuramori/chains/codecs';
import { maxMicroXem, paymentsPerBlock } from '@kuramori/chains/nem/codec';
import type { NemNode, SeenTransaction } from '@kuramori/chains/nem/node';
import { asNem, canonicalText, controlledBy, controlText, type Plain, type Wallet } from '@kuramori/core';
import { hasReadUntil } from '../../chain/cursor.ts';
import { openPanel, type Panel } from '../../chain/panel.ts';
import type { Branch } from '../../branch.ts';
import { notify } from '../../notice.ts';
import type { Chain, Reader } from '../chain.ts';
import { announce } from './announce.ts';
import { arrivalsIn } from './arrivals.ts';
import type { MessageKey } from './message-key.ts';
import { feesOf, mostAlike, planAgain, planBack } from './plan.ts';
import { spendsIn } from './spends.ts';

export interface NemParts {
  readonly nodes: readonly NemNode[];
  /** The hot wallet's: what a block takes of it depends on how many sign. */
  readonly hot: Wallet;
  /** Reads encrypted messages; null where custody was given none. */
  readonly messageKey: MessageKey | null;
}

export function nemChain({ nodes, hot, messageKey }: NemParts): Chain<SeenTransaction> {
  // Asked beside the scan, which may be waiting for the same nodes.
  const panel = openPanel(nodes);
  return {
    nodes,
    // NIS rewrites no more (reference: BlockChainConstants, the rewrite limit).
    deepest: 360,
    pace: { perBlock: paymentsPerBlock(asNem(hot)), blockSeconds: 60 },
    supply: maxMicroXem,
    // In whatever order a node keeps them.
    essence: ({ hash, cosignatures }): Plain => [
      hash,
      cosignatures.map(({ transaction }) => canonicalText({ ...transaction })).sort(),
    ],
    names: ({ hash }) => [hash],
    async reader(branch): Promise<Reader<SeenTransaction>> {
      const key = await readyKey(branch, messageKey, panel);
      if (key.kind === 'stopped') return key;
      return {
        kind: 'reads',
        arrivals: (block) => arrivalsIn(branch, block, key.key),
        spends: (block) => spendsIn(branch, block),
      };
    },
    // What a block does is all in what is booked.
    keep: () => Promise.resolve(),
    takeBack: () => Promise.resolve(),
    placeNumbers: () =>
      Promise.resolve(Array.from({ length: codecOf('nem').placeNumbers }, (_, number) => number)),
    acting: (branch) => acting(branch, nodes),
    memoFlaw: (memo) => {
      const bytes = Buffer.byteLength(memo);
      return bytes > 1024 ? `has ${bytes} bytes in UTF-8, of at most 1024` : null;
    },
    fees: feesOf,
    attempts: mostAlike,
    plan: (branch, intents, keys, attempt) => Promise.resolve(planBack(branch, intents, keys, attempt)),
    planAgain,
    proof: () => Promise.resolve([]),
    isPast: ({ pool }, { valid_until: until }) =>
      until === null ? Promise.resolve(false) : hasReadUntil(pool, 'nem', until),
    announce: (branch, withdrawal, plan, missing) => announce(branch, nodes, withdrawal, plan, missing),
  };
}

/** The key that reads messages, or none where there is none that may be used. */
async function readyKey(
  { pool, clock }: Branch,
  messageKey: MessageKey | null,
  panel: Panel<NemNode>,
): Promise<
  | { readonly kind: 'key'; readonly key: MessageKey | null }
  | { readonly kind: 'stopped'; readonly why: string }
> {
  if (messageKey === null) return { kind: 'key', key: null };
  const usable = await messageKey.usable(panel, clock.now());
  if (usable.kind === 'usable') return { kind: 'key', key: messageKey };
  if (usable.kind === 'unknown') return { kind: 'stopped', why: usable.why };
  await notify(pool, { key: 'message-key', severity: 'grave', what: usable.why, at: clock.now() });
  return { kind: 'key', key: null };
}

async function acting({ hot }: Branch, nodes: readonly NemNode[]): Promise<Wallet> {
  const answers = await Promise.all(nodes.map((node) => node.account(hot.address)));
  const told = answers.flatMap((answer) =>
    answer.kind === 'read' ? { threshold: answer.value.threshold, keys: [...answer.value.cosigners] } : [],
  );
  const alike = told.find(
    (one) => 2 * told.filter((other) => controlText(other) === controlText(one)).length > nodes.length,
  );
  return (alike && controlledBy(hot, alike)) ?? hot;
}
