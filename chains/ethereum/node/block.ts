/**
 * Block: a whole block with its receipts, held against its hash. The header is what the hash is of;
 * transactions, receipts with their events, and withdrawals are what its roots are of. So a node cannot put, leave out or change
 * anything of them. Not looked at: consensus, which several nodes' agreement stands for here.
 */
import { rawOf } from './envelope.ts';
import { headerFlaw } from './header.ts';
import type { Block, Header, Log, Receipt, Transaction } from './reply.ts';
import { emptyRoot, keccak, listRoot, numberItem, rlp } from './trie.ts';

/** A transaction, and what became of it. */
export interface Mined {
  readonly transaction: Transaction;
  readonly ok: boolean;
  readonly logs: readonly Log[];
  readonly gasUsed: bigint;
  /** Wei for each unit of gas that its sender paid. */
  readonly gasPrice: bigint;
}

export interface ReadBlock {
  readonly header: Header;
  readonly mined: readonly Mined[];
  /** What the consensus layer pays out (EIP-4895), in wei. */
  readonly withdrawals: readonly { readonly address: string; readonly units: bigint }[];
}

/** Reads the block that has this hash and stands at this height, with what the node says are its receipts; or says what of it is not so. */
export function readBlock(block: Block, receipts: readonly Receipt[], height: number): ReadBlock | string {
  const flaw = headerFlaw(block, block.hash);
  if (flaw !== undefined) return flaw;
  if (block.number !== height) return `says that it is at height ${block.number}, and not ${height}`;
  const { transactions } = block;
  const raws = transactions.map(rawOf);
  const misnamed = transactions.findIndex((one, at) => one.hash !== keccak(raws[at] ?? new Uint8Array(0)));
  if (misnamed !== -1) return `its transaction ${misnamed} has another hash than the node says`;
  if (listRoot(raws) !== block.transactionsRoot) return 'its transactions are not those of its root';
  const told = receiptsFlaw(block, receipts);
  if (told !== undefined) return told;
  const paid = withdrawalsOf(block);
  if (typeof paid === 'string') return paid;
  return {
    header: block,
    mined: transactions.map((transaction, at) => ({
      transaction,
      ok: receipts[at]?.status === '0x1',
      logs: receipts[at]?.logs ?? [],
      gasUsed: (receipts[at]?.cumulativeGasUsed ?? 0n) - (receipts[at - 1]?.cumulativeGasUsed ?? 0n),
      gasPrice: priceOf(transaction, block.baseFeePerGas ?? 0n),
    })),
    withdrawals: paid,
  };
}

function receiptsFlaw(
  { transactions, receiptsRoot }: Block,
  receipts: readonly Receipt[],
): string | undefined {
  if (receipts.length !== transactions.length)
    return `has ${transactions.length} transactions and ${receipts.length} receipts`;
  if (listRoot(receipts.map(receiptBytes)) !== receiptsRoot) return 'its receipts are not those of its root';
  return undefined;
}

/** EIP-2718, EIP-658: what the root commits to; where in it a receipt stands says of which transaction it is. */
function receiptBytes({ type, status, cumulativeGasUsed, logsBloom, logs }: Receipt): Uint8Array {
  const body = rlp([
    numberItem(BigInt(status)),
    numberItem(cumulativeGasUsed),
    Uint8Array.fromHex(logsBloom),
    logs.map(({ address, topics, data }) => [
      Uint8Array.fromHex(address),
      topics.map((topic) => Uint8Array.fromHex(topic)),
      Uint8Array.fromHex(data),
    ]),
  ]);
  return type === '0x0' ? body : Buffer.concat([Buffer.of(Number(type)), body]);
}

/** EIP-1559: the base fee and what is tipped beyond it, but no more than the sender's most. */
function priceOf(transaction: Transaction, base: bigint): bigint {
  if (transaction.type === '0x0' || transaction.type === '0x1') return transaction.gasPrice;
  const { maxFeePerGas, maxPriorityFeePerGas } = transaction;
  return maxFeePerGas < base + maxPriorityFeePerGas ? maxFeePerGas : base + maxPriorityFeePerGas;
}

const gwei = 1_000_000_000n;

function withdrawalsOf({ withdrawalsRoot, withdrawals = [] }: Block): ReadBlock['withdrawals'] | string {
  const root = listRoot(
    withdrawals.map(({ index, validatorIndex, address, amount }) =>
      rlp([numberItem(index), numberItem(validatorIndex), Uint8Array.fromHex(address), numberItem(amount)]),
    ),
  );
  if (root !== (withdrawalsRoot ?? emptyRoot)) return 'its withdrawals are not those of its root';
  return withdrawals.map(({ address, amount }) => ({ address, units: amount * gwei }));
}
