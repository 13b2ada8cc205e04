/** Bitcoin and Litecoin, as custody asks them. */
import { mostUnits } from '@kuramori/chains/bitcoin/codec';
import type { BitcoinNode, Ours, SeenTransaction } from '@kuramori/chains/bitcoin/node';
import type { BitcoinWallet } from '@kuramori/core';
import { row } from '@kuramori/ledger';
import { z } from 'zod';
import type { Chain } from '../chain.ts';
import type { BatchConfig, FeesConfig } from './config.ts';
import { announce } from './announce.ts';
import { broughtIn, keepCoins, spentOtherwise, takeCoinsBack } from './coins.ts';
import { catchUp } from './known.ts';
import { arrivalsIn, spendsIn } from './moved.ts';
import { feesOf, hasten, isSlow, part, planAgain, planPayment, shareIn, spendsOf, wholeOf } from './plan.ts';
import type { Rate } from './rate.ts';

export interface BitcoinParts {
  readonly nodes: readonly BitcoinNode[];
  readonly hot: BitcoinWallet;
  /** What the nodes' blocks are read by: all wallets of the chain. */
  readonly ours: Ours;
  readonly fees: FeesConfig;
  readonly batch: BatchConfig;
  /** What the network takes; one for all wallets of the chain. */
  readonly rate: Rate;
}

/** Addresses that a customer who comes now may get, where others are quicker. */
const mostNumbers = 64;

export function bitcoinChain({ nodes, hot, ours, fees, batch, rate }: BitcoinParts): Chain<SeenTransaction> {
  const planning = { wallet: hot, ours, rate, ...fees };
  let fresh = true;
  return {
    nodes,
    // What a miner makes may be spent after so many: the chain itself takes none back that is deeper (COINBASE_MATURITY).
    deepest: 100,
    pace: { perBlock: 100, blockSeconds: hot.chain === 'bitcoin' ? 600 : 150 },
    supply: mostUnits[hot.chain],
    // All that it moves is in its id; what a witness holds is not booked (BIP 141).
    essence: ({ id }) => id,
    names: ({ id, transaction, wallets }) => [
      id,
      ...transaction.outputs.map((_, vout) => `${id}:${vout}`),
      ...wallets.map((wallet) => `${id}:${wallet}`),
    ],
    async reader(branch) {
      // Only the first look is waited for: a node that is slow to say what it takes holds up no block.
      const looking = rate.look();
      if (typeof rate.now() === 'string') await looking;
      await catchUp(branch, ours, fresh);
      fresh = false;
      return {
        kind: 'reads',
        arrivals: (block) => arrivalsIn(branch, ours, block),
        spends: (block) => spendsIn(branch, block, ours),
      };
    },
    keep: (_, client, blocks) => keepCoins(client, hot.chain, ours, blocks),
    takeBack: (_, client, height) => takeCoinsBack(client, hot.chain, height),
    async placeNumbers(client) {
      const { first } = await row(
        client,
        z.object({ first: z.int() }),
        // Number 0 is the wallet's own address.
        'select coalesce(max(number), 0) + 1 as first from custody.place where chain = $1 and wallet = $2',
        [hot.chain, hot.id],
      );
      return Array.from({ length: mostNumbers }, (_, at) => first + at);
    },
    // Another key is another descriptor, and another wallet.
    acting: () => Promise.resolve(hot),
    memoFlaw: (memo) =>
      memo === '' ? null : `must be empty: nothing is written beside a payment in ${hot.chain}`,
    fees: (branch, intent) => feesOf(planning, branch, intent),
    attempts: 8,
    plan: (branch, intents, keys, attempt, mostPlanBytes) =>
      planPayment(planning, branch, intents, keys, { attempt, mostPlanBytes }),
    batch: {
      most: batch.most,
      gatherMs: batch.seconds * 1_000,
      isSlow: (branch, first) => isSlow(planning, branch, first),
      hasten: (branch, intents, first, keys, mostPlanBytes) =>
        hasten(planning, branch, intents, first, keys, mostPlanBytes),
      part: (branch, intent, first, keys) => part(planning, branch, intent, first, keys),
    },
    planAgain: (branch, intents, bytes, signers) => planAgain(planning, branch, intents, bytes, signers),
    shareOf: (bytes, key) => shareIn(hot, bytes, key),
    proof: ({ pool }, bytes) => broughtIn(pool, hot.chain, spendsOf(hot, bytes)),
    async isPast({ pool }, { plan: { plan: bytes }, transaction }) {
      const [id = ''] = transaction.split(':');
      return spentOtherwise(pool, hot.chain, spendsOf(hot, bytes), id);
    },
    whole: (branch, client, to) => wholeOf(planning, branch, client, to),
    announce: (branch, withdrawal, signed, missing) =>
      announce(branch, hot, nodes, withdrawal, signed, missing),
  };
}
