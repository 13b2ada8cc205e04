import {
  addressOf,
  sign,
  transactionHash,
  type Address,
  type PrivateKey,
  type PublicKey,
} from '@kuramori/chains/nem/codec';
import { BytesIn } from '../wire/bytes-in.ts';
import { BytesOut } from '../wire/bytes-out.ts';
import { readTransaction } from '../wire/deserialise.ts';
import { verifiable } from '../wire/serialise.ts';
import { withChildren, type Network, type Transaction } from '../wire/transaction.ts';
import { instant, publicKey, signatureText } from '../wire/wire-values.ts';

/** BlockTypes */
export const blockTypes = { nemesis: -1, regular: 1 } as const;

/** A block as it is signed and passed on (core Block). */
export interface Block {
  readonly type: number;
  readonly version: number;
  readonly networkByte: number;
  /** NEM seconds. */
  readonly timeStamp: number;
  readonly signer: PublicKey;
  readonly signerAddress: Address;
  readonly signature: string;
  readonly prevHash: string;
  readonly height: number;
  readonly transactions: readonly Transaction[];
  /** Without the signature: what is signed and hashed. */
  readonly bytes: Uint8Array;
  readonly hash: string;
}

export type UnsignedBlock = Omit<Block, 'signature' | 'bytes' | 'hash' | 'signerAddress'>;

export function signBlock(unsigned: UnsignedBlock, privateKey: PrivateKey, network: Network): Block {
  const bytes = blockBytes(unsigned, null);
  return sealBlock(unsigned, bytes, sign(privateKey, bytes), network);
}

export function sealBlock(
  unsigned: UnsignedBlock,
  bytes: Uint8Array,
  signature: string,
  network: Network,
): Block {
  const signerAddress = addressOf(unsigned.signer, network);
  return { ...unsigned, signerAddress, signature, bytes, hash: transactionHash(bytes) };
}

/** The bytes of a block, with its signature or, for signing and hashing, without. */
export function blockBytes(block: UnsignedBlock, signature: string | null): Uint8Array {
  const out = new BytesOut().int(block.type).int((block.networkByte << 24) | block.version);
  out.int(block.timeStamp).hex(block.signer);
  if (signature !== null) out.hex(signature);
  out
    .object((inner) => inner.hex(block.prevHash))
    .long(BigInt(block.height))
    .int(block.transactions.length);
  for (const transaction of block.transactions) out.bytes(verifiable(transaction));
  return out.done();
}

/** Reads signed bytes; throws NisFailure. */
export function readBlock(bytes: Uint8Array, network: Network): Block {
  const from = new BytesIn(bytes);
  const type = from.int('type');
  const version = from.int('version');
  const head = {
    type,
    version: version & 0xffffff,
    networkByte: version >>> 24,
    timeStamp: instant(from.int('timeStamp')),
    signer: publicKey(from.bytes('signer')),
  };
  const signature = signatureText(from.bytes('signature'));
  const prevHash = from.object('prevBlockHash', (inner) => inner.bytes('data')).toHex();
  const height = Number(from.long('height'));
  const transactions = from.objects('transactions', (inner) => readTransaction(inner, 'verifiable', network));
  const unsigned = { ...head, prevHash, height, transactions };
  return sealBlock(unsigned, blockBytes(unsigned, null), signature, network);
}

/** Micro-XEM of all fees, children's included. */
export function totalFee({ transactions }: Block): bigint {
  return transactions.flatMap(withChildren).reduce((sum, { fee }) => sum + fee, 0n);
}

/** How many transactions the block counts against its 120: wrapper, inner one and each cosignature one each. */
export function transactionCount({ transactions }: Pick<Block, 'transactions'>): number {
  return transactions.flatMap(withChildren).length;
}
