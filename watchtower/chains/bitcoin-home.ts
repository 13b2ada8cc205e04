/**
 * Home on Bitcoin's family: first what nothing on its way spends, in one sweep to the cold address; then, against the thief, what
 * only waits and no record covers, for a higher fee: up to the rule's cap, and beyond it, up to the policy's share, where the theft itself
 * is the evidence. Nothing that goes home may be replaced (BIP 125): he would. Which of two spends a block takes, its miner decides: a
 * covered payment is never raced, since its customer is owed it (docs/decisions/0037).
 */
import { coinOn, type BitcoinWallet, type Network } from '@kuramori/core';
import { combine, outpointText, type Planned } from '@kuramori/chains/bitcoin/codec';
import type { BitcoinNode } from '@kuramori/chains/bitcoin/node';
import type { Homeward, Sent } from '../eye.ts';
import { openBids, type Asked, type Bid, type Swept } from './bitcoin-bids.ts';
import { bounded, max, sweepWithin } from './bitcoin-sweep.ts';

/** An evacuation must win: so many hundredths of what a node estimates for one of the next two blocks. */
const haste = 150n;
const soonBlocks = 2;
/** What a node has taken is looked for so long before it is planned anew. Milliseconds. */
const onItsWayMs = 10_000;
export interface HomeParts {
  readonly nodes: readonly BitcoinNode[];
  readonly network: Network;
  /** What to pay where no node has an estimate, in units per 1,000 virtual bytes. */
  readonly usualRate: bigint;
  /** Milliseconds of Unix time. */
  readonly now: () => number;
}

export interface BitcoinHome {
  readonly plan: (asked: Asked, swept: Swept) => Promise<Homeward>;
}

export function openBitcoinHome({ nodes, network, usualRate, now }: HomeParts): BitcoinHome {
  /** `txid:vout` → until when it counts as on its way home (this machine's monotonic time, ms), and the thefts that were known then. */
  const onTheirWay = new Map<string, { readonly until: number; readonly known: ReadonlySet<string> }>();
  const bids = openBids(network);

  async function rate(): Promise<bigint> {
    const said = await Promise.all(nodes.map((node) => node.feeRate(soonBlocks)));
    const known = said.flatMap((one) => (one.kind === 'read' && one.value !== null ? one.value : []));
    return bounded(known.length === 0 ? usualRate : (known.reduce(max) * haste) / 100n);
  }

  async function send(
    wallet: BitcoinWallet,
    planned: Planned,
    signatures: ReadonlyMap<string, string>,
    known: ReadonlySet<string>,
    bid: Bid | undefined,
  ): Promise<Sent> {
    const combined = combine(wallet, planned.plan, signatures);
    if (combined.kind === 'refused') return { kind: 'refused', why: `${combined.key} ${combined.why}` };
    if (bid) bids.offered(bid);
    const answers = await Promise.all(
      nodes.map(async (node) => {
        const read = await node.announce(combined.transaction, bid !== undefined);
        const told = read.kind === 'read' ? read.value : null;
        const message = told && 'message' in told ? ` ${told.message}` : '';
        const taken = told?.kind === 'accepted' || told?.kind === 'known';
        const said = read.kind === 'read' ? `${read.value.kind}${message}` : read.detail;
        return { node: node.url, transaction: combined.id, said, taken };
      }),
    );
    const taken = answers.some((one) => one.taken);
    const until = performance.now() + onItsWayMs;
    if (taken) for (const coin of planned.inputs) onTheirWay.set(outpointText(coin), { until, known });
    return {
      kind: 'announced',
      answers: answers.map(({ node, transaction, said }) => ({ node, transaction, said })),
      taken,
    };
  }

  return {
    async plan(asked, swept) {
      for (const [outpoint, { until }] of onTheirWay)
        if (performance.now() > until) onTheirWay.delete(outpoint);
      // What he has put in its place since waits for nothing.
      for (const { id, transaction } of swept.thiefs)
        for (const outpoint of transaction.inputs.map(outpointText))
          if (onTheirWay.get(outpoint)?.known.has(id) === false) onTheirWay.delete(outpoint);
      const { wallet, home, feeCap, evidence, room } = asked;
      const { height, previous } = swept;
      const coins = swept.coins.filter((coin) => !onTheirWay.has(outpointText(coin)));
      const free = coins.filter(({ spentBy }) => spentBy === null);
      const usual = await rate();
      const means = { wallet, network, to: home, lockTime: height, seed: 'home', final: true };
      const mostPlanBytes = room([evidence]);
      const first = sweepWithin(
        { ...means, coins: free, feeRate: usual, mostPlanBytes },
        () => feeCap,
        previous,
      );
      const bid = first ? undefined : bids.over(asked, swept, coins, usual);
      const sent = first ?? bid;
      if (!sent) return { kind: 'nothing-left' };
      const { plan } = sent;
      const known = new Set(swept.thiefs.map(({ id }) => id));
      const units = plan.inputs.reduce((sum, one) => sum + one.units, 0n) - plan.fees;
      return {
        kind: 'planned',
        asset: coinOn(wallet.chain),
        plan: plan.plan,
        shares: plan.shares,
        units,
        fees: plan.fees,
        // Nothing of it ever ends by time: an hour for the signers to say yes.
        expiry: Math.floor(now() / 1000) + 3600,
        previous: sent.previous,
        ...(bid?.against ? { against: bid.against } : {}),
        send: (signatures) => send(wallet, plan, signatures, known, bid),
      };
    },
  };
}
