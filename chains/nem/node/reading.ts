import { actsOnAccount, encode, idsOf, type NemNetwork, type Transaction } from '../codec/index.ts';
import type { Reading, SignedPart } from '../../watched.ts';
import type { SeenTransaction } from './node.ts';

/** How NEM's transactions are read: the wrapper and each cosignature is a signature over bytes of its own. */
export function nemReading(network: NemNetwork): Reading<SeenTransaction> {
  return {
    hash: ({ hash }) => hash,
    ids: ({ transaction }) => idsOf(transaction),
    account: ({ transaction }) => actsOnAccount(transaction, network),
    signer: ({ transaction }) => transaction.signer,
    parts: ({ transaction, signature, cosignatures }) => [
      partOf(transaction, signature),
      ...cosignatures.map((one) => partOf(one.transaction, one.signature)),
    ],
    named: ({ transaction }) =>
      transaction.kind === 'multisig' ? `a proposed ${transaction.inner.kind}` : `a ${transaction.kind}`,
    // Read once for the same text of a node: see `readLately`.
    identity: ({ transaction }) => transaction,
  };
}

function partOf(transaction: Transaction, signature: string): SignedPart {
  return { bytes: encode(transaction).toHex(), signer: transaction.signer, signature };
}
