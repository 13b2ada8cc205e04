import { totalFee, type Block } from '../chain/block.ts';
import type { Link } from '../chain/chain.ts';
import type { Json } from './json.ts';
import type { Row } from '../chain/history.ts';
import { transactionJson } from './transaction-json.ts';

/** core Block.serialize */
export function blockJson(block: Block): Json {
  return {
    type: block.type,
    version: (block.networkByte << 24) | block.version,
    timeStamp: block.timeStamp,
    signer: block.signer,
    signature: block.signature,
    prevBlockHash: { data: block.prevHash },
    height: block.height,
    transactions: block.transactions.map(transactionJson),
  };
}

/** ExplorerBlockViewModel: the only reply that gives the hashes of a block's transactions. */
export function explorerBlockJson({ block, difficulty }: Link): Json {
  return {
    block: blockJson(block),
    hash: block.hash,
    difficulty,
    txes: block.transactions.map((transaction) => ({
      tx: transactionJson(transaction),
      hash: transaction.hash,
      ...(transaction.kind === 'multisig' ? { innerHash: transaction.inner.hash } : {}),
    })),
    beneficiary: block.signerAddress,
    totalFee: totalFee(block),
  };
}

/** TransactionMetaDataPair */
export function rowJson({ id, height, transaction }: Row): Json {
  const innerHash = transaction.kind === 'multisig' ? { data: transaction.inner.hash } : {};
  return {
    meta: { innerHash, id, hash: { data: transaction.hash }, height },
    transaction: transactionJson(transaction),
  };
}
