import { verify, type Signature } from '@kuramori/chains/nem/codec';
import { transactionCount, type Block } from '../chain/block.ts';
import type { HashCache } from '../state/hash-cache.ts';
import { fullName } from '../state/effects.ts';
import { mosaicIdText, withChildren, type Transaction } from '../wire/transaction.ts';
import { neutral, success, type Verdict } from './verdict.ts';

const maxSecondsAhead = 10;

/** BlockValidatorFactory.create: the rules on the block as a whole, in its order. */
export function validateBlock(
  block: Block,
  hashes: HashCache,
  now: number,
  networkByte: number,
  maxTransactions: number,
): Verdict {
  const { transactions } = block;
  // BlockNonFutureEntityValidator
  if (block.timeStamp > now + maxSecondsAhead) return 10;
  // TransactionDeadlineBlockValidator: the wrapper's own deadline only, not that of what it carries.
  if (transactions.some(({ deadline }) => deadline < block.timeStamp)) return 3;
  if (transactionCount(block) > maxTransactions) return 15;
  // NoSelfSignedTransactionsBlockValidator
  if (transactions.some(({ signerAddress }) => signerAddress === block.signerAddress)) return 16;
  // BlockUniqueHashTransactionValidator
  if (hashes.hasAny(transactions)) return neutral;
  if (block.networkByte !== networkByte) return 20;
  if (block.version !== 1) return 22;
  return validateTogether(transactions);
}

/** BlockValidatorFactory.createTransactionOnly: what may not be in one block together. */
export function validateTogether(transactions: readonly Transaction[]): Verdict {
  const all = transactions.flatMap(withChildren);
  const changed = all.filter(({ kind }) => kind === 'modification').map(({ signerAddress }) => signerAddress);
  if (new Set(changed).size !== changed.length) return 79;
  return conflictingMosaics(all) ? 149 : success;
}

// BlockMosaicDefinitionCreationValidator
function conflictingMosaics(all: readonly Transaction[]): boolean {
  const created = all.flatMap((each) => (each.kind === 'mosaicDefinition' ? [each.definition.id] : []));
  if (created.length === 0) return false;
  const ids = new Set(created.map(mosaicIdText));
  const namespaces = new Set(created.map(({ namespaceId }) => namespaceId));
  return all.some((each) => {
    if (each.kind === 'transfer') return each.mosaics.some(({ mosaicId }) => ids.has(mosaicIdText(mosaicId)));
    if (each.kind === 'supplyChange') return ids.has(mosaicIdText(each.mosaicId));
    return each.kind === 'namespace' && namespaces.has(fullName(each));
  });
}

export function isBlockGenuine({ signer, bytes, signature }: Block): boolean {
  return verify(signer, bytes, signature as Signature);
}
