/** The sandbox's own dealings with its devnet: pay from a plain account, wait for what was announced. */
import {
  encode,
  minimumFee,
  nemTimeOf,
  sign,
  transactionHash,
  type Address,
  type Transaction,
  type Transfer,
} from '@kuramori/chains/nem/codec';
import type { NemNode } from '@kuramori/chains/nem/node';
import type { Read } from '@kuramori/chains/watched';
import type { Account } from './people.ts';

/** What went wrong on the devnet, in one line. */
export class ChainFailed extends Error {
  override readonly name = 'ChainFailed';
}

export function must<T>(read: Read<T>): T {
  if (read.kind === 'failed') throw new ChainFailed(read.detail);
  return read.value;
}

/** A signed transfer in XEM from a plain account, with the least fee. Times in ms of Unix time. */
export function transfer(
  from: Account,
  to: Address,
  units: bigint,
  /** A text, or a message as it is. */
  memo: string | Transfer['message'],
  at: number,
): { data: string; signature: string; hash: string; fee: bigint } {
  const timeStamp = nemTimeOf(at);
  const draft: Transfer = {
    kind: 'transfer',
    version: 1,
    network: 'testnet',
    timeStamp,
    deadline: timeStamp + 3600,
    signer: from.publicKey,
    fee: 0n,
    recipient: to,
    amount: units,
    message: typeof memo === 'string' ? plainMessage(memo) : memo,
    mosaics: [],
  };
  const fee = minimumFee(draft) ?? 0n;
  return { ...signed(from, { ...draft, fee }), fee };
}

function plainMessage(text: string): Transfer['message'] {
  return text === '' ? { kind: 'none' } : { kind: 'plain', payload: Buffer.from(text).toString('hex') };
}

/** Bytes and signature of a transaction by a plain key. */
export function signed(
  by: Account,
  transaction: Transaction,
): { data: string; signature: string; hash: string } {
  const bytes = encode(transaction);
  return { data: bytes.toHex(), signature: sign(by.privateKey, bytes), hash: transactionHash(bytes) };
}

/** Announces, and throws unless the node takes it. */
export async function announce(
  node: NemNode,
  { data, signature }: { readonly data: string; readonly signature: string },
): Promise<void> {
  const { code, message } = must(await node.announce({ data, signature }));
  if (code !== 1) throw new ChainFailed(`${node.url} refused an announce: ${code} ${message}`);
}

/** Looks again every 50 ms until something is there. Throws, with what it waited for, after the patience is over. */
export async function until<T>(
  what: string | (() => string),
  look: () => Promise<T | undefined>,
  patienceMs = 30_000,
): Promise<T> {
  const began = performance.now();
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() - began > patienceMs)
      throw new ChainFailed(`waited ${patienceMs / 1000} s for ${typeof what === 'string' ? what : what()}`);
    await pause(50);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
