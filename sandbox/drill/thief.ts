/** The thief of 2018, who adapts: with the keys that were stolen, by the node of choice, taking what is there. */
import { join } from 'node:path';
import { chainSecretOf } from '@kuramori/signers';
import {
  addressOf,
  nemTimeOf,
  privateKeyOf,
  publicKeyOf,
  type Address,
  type Transaction,
} from '@kuramori/chains/nem/codec';
import type { NemNode } from '@kuramori/chains/nem/node';
import { readSecretBytes } from '@kuramori/program';
import { must, signed, transfer } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import type { Account } from '../house/people.ts';

/** Copies a signer's keystore and passphrase, as malware on its machine would. */
export function stealKey(house: House, signer: string): Account {
  const folder = join(house.plan.folder, signer);
  const secret = chainSecretOf(join(folder, 'keystore.json'), readSecretBytes(join(folder, 'passphrase')));
  const privateKey = privateKeyOf(secret);
  const publicKey = publicKeyOf(privateKey);
  return { privateKey, publicKey, address: addressOf(publicKey, 'testnet') };
}

export interface Attempt {
  readonly hash: string;
  readonly code: number;
  /** Wall clock, ms: when the node had answered. */
  readonly at: number;
}

/** Announces one transaction of the thief's to one node. */
export async function send(node: NemNode, by: Account, transaction: Transaction): Promise<Attempt> {
  const { data, signature, hash } = signed(by, transaction);
  const { code } = must(await node.announce({ data, signature }));
  return { hash, code, at: Date.now() };
}

/** What the wallet still has, less what already waits in this node's memory and less the fee of taking it. Micro-XEM. */
export async function takeable(node: NemNode, wallet: string): Promise<bigint> {
  const { balance } = must(await node.account(wallet));
  const { seen } = must(await node.unconfirmed(wallet));
  let free = balance;
  for (const { transaction, cosignatures } of seen) {
    const inner = transaction.kind === 'multisig' ? transaction.inner : transaction;
    if (inner.kind === 'transfer' && addressOf(inner.signer, 'testnet') === wallet)
      free -= inner.amount + inner.fee;
    if (transaction.kind === 'multisig') free -= transaction.fee;
    for (const { transaction: cosignature } of cosignatures) free -= cosignature.fee;
  }
  return free > 0n ? free : 0n;
}

/** Takes the planned amount from a wallet of one key; where that is not there, what is left. */
export async function take(
  node: NemNode,
  stolen: Account,
  to: Address,
  planned: bigint,
  at: number,
): Promise<Attempt | null> {
  const free = await takeable(node, stolen.address);
  const feeFor = (units: bigint) => transfer(stolen, to, units, '', at).fee;
  const fits = planned + feeFor(planned) <= free;
  const units = fits ? planned : free - feeFor(free);
  if (units <= 0n) return null;
  const { data, signature, hash } = transfer(stolen, to, units, '', at);
  const { code } = must(await node.announce({ data, signature }));
  return { hash, code, at: Date.now() };
}

export function times(
  at: number,
  lifetimeSeconds = 24 * 3600,
): { readonly timeStamp: number; readonly deadline: number } {
  const timeStamp = nemTimeOf(at);
  return { timeStamp, deadline: timeStamp + lifetimeSeconds };
}
