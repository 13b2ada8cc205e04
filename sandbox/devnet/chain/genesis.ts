import { addressOf, networkByte, type Address, type PublicKey } from '@kuramori/chains/nem/codec';
import { blockBytes, blockTypes, sealBlock, type Block } from './block.ts';
import { seal } from '../wire/serialise.ts';
import { nemesisKey } from '../state/state.ts';
import type { Network, Transfer } from '../wire/transaction.ts';

/** What the chain starts with. All nodes of a devnet must have the same. */
export interface Genesis {
  readonly network: Network;
  /** What a block takes, children counted. */
  readonly maxTransactionsPerBlock: number;
  /** NEM seconds of the first block. */
  readonly timestamp: number;
  /** The only account whose blocks are taken. */
  readonly harvester: PublicKey;
  /** Micro-XEM. */
  readonly balances: readonly { readonly address: Address; readonly amount: bigint }[];
}

const unsigned = '00'.repeat(64);

/**
 * The first block: one transfer from the network's nemesis account for each balance. Nobody of us has that
 * account's key, so the signatures are zeros; nodes agree on it because they make it from the same settings.
 */
export function firstBlock({ network, timestamp, harvester, balances }: Genesis): Block {
  const signer = nemesisKey(network);
  const transactions = balances.map(({ address, amount }) =>
    seal<Transfer>({
      kind: 'transfer',
      version: 1,
      networkByte: networkByte[network],
      timeStamp: timestamp,
      signer,
      signerAddress: addressOf(signer, network),
      signature: unsigned,
      fee: 0n,
      deadline: timestamp + 3_600,
      recipient: address,
      amount,
      message: null,
      mosaics: [],
    }),
  );
  const block = {
    type: blockTypes.nemesis,
    version: 1,
    networkByte: networkByte[network],
    timeStamp: timestamp,
    signer: harvester,
    prevHash: '00'.repeat(32),
    height: 1,
    transactions,
  };
  return sealBlock(block, blockBytes(block, null), unsigned, network);
}
