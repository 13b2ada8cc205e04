/** Ethereum, as custody asks it. */
import { readPlan, safeHash, shareOf, type Address, type Bound } from '@kuramori/chains/ethereum/codec';
import { controlAt, type EthereumNode, type Ours } from '@kuramori/chains/ethereum/node';
import { codecOf } from '@kuramori/chains/codecs';
import { controlledBy, controlText, type Asset, type EthereumWallet, type Wallet } from '@kuramori/core';
import { walletsOf } from '../../branch.ts';
import { openPanel, type Panel } from '../../chain/panel.ts';
import type { Chain } from '../chain.ts';
import { announce, type Relayer } from './announce.ts';
import { bookedNode, keyOf, type Fact } from './booked.ts';
import { openKnown } from './known.ts';
import { arrivalsOf, keepFacts, passedBy, spendsOf, takeFactsBack } from './moved.ts';
import { feesOf, planAgain, planPayment } from './plan.ts';
import { sendOn } from './send-on.ts';

export interface EthereumParts {
  readonly nodes: readonly EthereumNode[];
  readonly hot: EthereumWallet;
  /** What the nodes' blocks are read by: all wallets of the chain. */
  readonly ours: Ours;
  readonly relayers: readonly Relayer[];
  /** Of each asset, from how many units it is sent on. */
  readonly least: ReadonlyMap<Asset, bigint>;
}

export function ethereumChain({ nodes, hot, ours, relayers, least }: EthereumParts): Chain<Fact> {
  const panel = openPanel(nodes);
  const known = openKnown(ours);
  return {
    nodes: nodes.map((node) => bookedNode(node, ours)),
    // What is final stays: a chain that takes it back is looked at by people.
    deepest: 0,
    // Each payment has a transaction of its own, and 87,000 gas; so many leave room for others in a block.
    pace: { perBlock: 50, blockSeconds: 12 },
    supply: null,
    essence: keyOf,
    names: (fact) => ('transaction' in fact ? [fact.transaction, ...('id' in fact ? [fact.id] : [])] : []),
    async reader(branch) {
      await known.catchUp(branch);
      return {
        kind: 'reads',
        arrivals: (block) => arrivalsOf(branch, ours, block),
        spends: (block) => spendsOf(ours, block),
      };
    },
    keep: keepFacts,
    takeBack: (branch, client, height) =>
      takeFactsBack(
        client,
        walletsOf(branch).map(({ id }) => id),
        height,
      ),
    placeNumbers: () =>
      Promise.resolve(Array.from({ length: codecOf('ethereum').placeNumbers }, (_, number) => number)),
    acting: () => acting(hot, panel),
    memoFlaw: (memo) =>
      memo === '' ? null : 'must be empty: nothing is written beside a payment in ethereum',
    fees: (_, intent) => feesOf(intent),
    attempts: 8,
    plan: (branch, intents, keys) => planPayment({ wallet: hot, panel }, branch, intents, keys),
    planAgain: (_, intents, bytes, signers) => planAgain(hot, intents, bytes, signers),
    shareOf: (plan, key) => shareOf(ownBound(plan), key as Address),
    proof: () => Promise.resolve([]),
    isPast({ pool }, { plan: { plan } }) {
      const bound = ownBound(plan);
      return passedBy(pool, { wallet: hot.id, number: bound.tx.nonce, id: safeHash(bound) });
    },
    announce: (branch, withdrawal, plan, missing) =>
      announce(branch, hot, relayers, withdrawal, plan, missing),
    tend: ({ clock }, client) => sendOn(client, hot, relayers, least, clock.now()),
  };
}

/** Throws on bytes that are no plan: it was made here. */
function ownBound(plan: string): Bound {
  const read = readPlan(plan);
  if (read.kind === 'refused') throw new Error(`a plan of our own cannot be read: ${read.why}`);
  return read.bound;
}

/** The wallet with the owners that most of our nodes prove; as the policy has it where they prove nothing alike. */
async function acting(hot: EthereumWallet, panel: Panel<EthereumNode>): Promise<Wallet> {
  const heard = await panel.ask((node) => node.safe(hot, 'latest'));
  const told = heard.flatMap(({ answer }) => (answer.kind === 'read' ? controlAt(answer.value) : []));
  const alike = told.find(
    (one) => told.filter((other) => controlText(other) === controlText(one)).length >= panel.majority,
  );
  return (alike && controlledBy(hot, alike)) ?? hot;
}
