import { publicKeyOf, networkByte, type PrivateKey } from '@kuramori/chains/nem/codec';
import { blockTypes, signBlock, type Block } from './block.ts';
import { validateTogether } from '../rules/block-rules.ts';
import type { Chain } from './chain.ts';
import { execute } from '../state/execute.ts';
import type { Pool } from '../pool/pool.ts';
import { over } from '../state/state.ts';
import { withChildren, type Transaction } from '../wire/transaction.ts';
import { validate } from '../rules/validate.ts';
import { success } from '../rules/verdict.ts';

/** Makes the next block at the given time (BlockGenerator); the time must be later than the last block's. */
export function harvest(
  chain: Chain,
  pool: Pool,
  privateKey: PrivateKey,
  timeStamp: number,
  now: number,
): Block {
  return makeBlock(chain, pool.before(timeStamp), privateKey, timeStamp, now);
}

/** The next block of what fits of the candidates, in their order. */
export function makeBlock(
  chain: Chain,
  candidates: readonly Transaction[],
  privateKey: PrivateKey,
  timeStamp: number,
  now: number,
): Block {
  const { network } = chain.genesis;
  const last = chain.last().block;
  const unsigned = {
    type: blockTypes.regular,
    version: 1,
    networkByte: networkByte[network],
    timeStamp,
    signer: publicKeyOf(privateKey),
    prevHash: last.hash,
    height: last.height + 1,
    transactions: chooseTransactions(chain, candidates, timeStamp, now),
  };
  return signBlock(unsigned, privateKey, network);
}

/**
 * DefaultNewBlockTransactionsProvider: what is pending from before the block's time, highest fee first, each
 * on the state that the ones before it leave. What does not fit now stays pending: a multisig short of
 * signatures, a payment of what has not arrived yet. One that would pass the limit ends the block.
 */
function chooseTransactions(
  chain: Chain,
  candidates: readonly Transaction[],
  timeStamp: number,
  now: number,
): readonly Transaction[] {
  const state = over(chain.state);
  const height = chain.height() + 1;
  const setting = {
    state,
    height,
    now,
    networkByte: networkByte[chain.genesis.network],
    as: 'in-block',
  } as const;
  const harvester = chain.genesis.harvester;
  const chosen: Transaction[] = [];
  let count = 0;
  for (const transaction of candidates) {
    if (transaction.signer === harvester || transaction.deadline < timeStamp) continue;
    if (validate(transaction, setting) !== success) continue;
    if (validateTogether([...chosen, transaction]) !== success) continue;
    count += withChildren(transaction).length;
    if (count > chain.genesis.maxTransactionsPerBlock) break;
    execute(transaction, state, height);
    chosen.push(transaction);
  }
  return chosen;
}
