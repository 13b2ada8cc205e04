/**
 * The relayer's key pays for gas and can do nothing else: it signs transactions that carry a Safe's execution, already
 * signed by enough owners, that send a customer's deposit on to the Safe, or that fill a gap in its own numbers. Whoever
 * steals it steals what it has for gas.
 */
import type { EthereumWallet, Network } from '@kuramori/core';
import { isAddress, type Address } from './address.ts';
import { agreementsOf, readExecution } from './execution.ts';
import { isSweepFor, sweepFactory } from './forwarder.ts';
import { meaningOf } from './meaning.ts';
import { chainIdOf } from './network.ts';
import { readPlan } from './plan.ts';
import { isLow } from './signature.ts';
import { addressOfSecret, signHash } from './signing.ts';
import { hashOfHex } from './safe.ts';
import { encodeTransaction, readTransaction, type Transaction } from './transaction.ts';

/** The most that one transaction may cost, and so lose. */
export interface RelayCaps {
  readonly gasLimit: bigint;
  /** Wei for each unit of gas. */
  readonly maxFeePerGas: bigint;
}

/** What is asked of the relayer: an unsigned transaction, hex, and for an execution the plan that it carries. */
export interface RelayAsk {
  readonly transaction: string;
  readonly plan: string | null;
}

/** Made by `judgeRelay` alone; what `signRelay` asks for. */
export interface RelayApproved {
  readonly approved: unique symbol;
  readonly transaction: Transaction;
  readonly relayer: Address;
}

export type RelayJudgement =
  | {
      readonly kind: 'approved';
      readonly approved: RelayApproved;
      readonly does: 'execution' | 'sweep' | 'gap';
    }
  | { readonly kind: 'refused'; readonly why: string };

const made = new WeakSet<RelayApproved>();

/** Whether the relayer at this address may sign a transaction for the wallet. Never throws. */
export function judgeRelay(
  wallet: Pick<EthereumWallet, 'address' | 'threshold' | 'cosigners'>,
  { transaction: hex, plan }: RelayAsk,
  relayer: Address,
  network: Network,
  caps: RelayCaps,
): RelayJudgement {
  const read = readTransaction(hex);
  if (read.kind === 'refused') return read;
  if (read.from !== null) return refused('transaction: is signed already');
  const { transaction } = read;
  const flaw = limitsFlaw(transaction, network, caps);
  if (flaw !== undefined) return refused(`transaction: ${flaw}`);
  const does = whatItDoes(wallet, transaction, plan, relayer, network);
  if (typeof does === 'object') return does;
  const approved = { transaction, relayer } as unknown as RelayApproved;
  made.add(approved);
  return { kind: 'approved', approved, does };
}

function limitsFlaw(
  { chainId, value, gasLimit, maxFeePerGas, maxPriorityFeePerGas }: Transaction,
  network: Network,
  caps: RelayCaps,
): string | undefined {
  if (chainId !== chainIdOf(network)) return `chainId: ${chainId}, and ${network} is ${chainIdOf(network)}`;
  if (value !== 0n) return `value: sends ${value} wei`;
  if (gasLimit > caps.gasLimit) return `gasLimit: ${gasLimit} of at most ${caps.gasLimit}`;
  if (maxFeePerGas > caps.maxFeePerGas)
    return `maxFeePerGas: ${maxFeePerGas} of at most ${caps.maxFeePerGas}`;
  // EIP-1559: a node takes it for invalid.
  if (maxPriorityFeePerGas > maxFeePerGas) return 'maxPriorityFeePerGas: more than maxFeePerGas';
  return undefined;
}

function whatItDoes(
  wallet: Pick<EthereumWallet, 'address' | 'threshold' | 'cosigners'>,
  { to, data }: Transaction,
  plan: string | null,
  relayer: Address,
  network: Network,
): 'execution' | 'sweep' | 'gap' | (RelayJudgement & { readonly kind: 'refused' }) {
  if (to === wallet.address) {
    const flaw = executionFlaw(wallet, data, plan, network);
    return flaw === undefined ? 'execution' : refused(flaw);
  }
  if (plan !== null) return refused('plan: is given, and the transaction does not go to the Safe');
  if (to === sweepFactory)
    return isSweepFor(wallet.address, data) ? 'sweep' : refused('data: sweeps no deposits of this Safe');
  if (to === relayer) return data === '' ? 'gap' : refused('data: a gap is filled with none');
  return refused(`to: ${to} is neither the Safe nor the forwarders’ factory nor the relayer itself`);
}

/** Why calldata is not exactly the execution of the plan by enough owners of the wallet. */
function executionFlaw(
  wallet: Pick<EthereumWallet, 'address' | 'threshold' | 'cosigners'>,
  data: string,
  planHex: string | null,
  network: Network,
): string | undefined {
  if (planHex === null) return 'plan: is not given, so nobody can say who signed';
  const plan = readPlan(planHex);
  if (plan.kind === 'refused') return plan.why;
  const { bound } = plan;
  if (bound.safe !== wallet.address || bound.chainId !== chainIdOf(network))
    return 'plan: is of another Safe or chain';
  const meaning = meaningOf(bound);
  if (meaning.kind === 'refused') return `plan: ${meaning.why}`;
  const read = readExecution(data);
  if (read.kind === 'refused') return read.why;
  if (!read.canonical) return 'calldata: is not in its one form';
  const { execution } = read;
  // The signatures are over the plan, and the Safe hashes the calldata: they must be one.
  const { nonce: _, ...planned } = bound.tx;
  if (!sameFields(planned, execution.tx)) return 'calldata: executes another transaction than the plan';
  const agreements = agreementsOf(bound, execution.signatures, wallet.threshold);
  if (execution.signatures.length !== wallet.threshold * 130)
    return `signatures: must be ${wallet.threshold} of 65 bytes`;
  let last = '';
  for (const [index, agreement] of agreements.entries()) {
    if (agreement.kind !== 'hash' || agreement.owner === null || !isLow(agreement.signature))
      return `signatures: number ${index + 1} is not a signature of ours over the hash`;
    const { owner } = agreement;
    if (!wallet.cosigners.some(({ publicKey }) => publicKey === owner))
      return `signatures: number ${index + 1} is ${owner}’s, who is no owner`;
    if (owner.toLowerCase() <= last) return 'signatures: are not ascending by owner (GS026)';
    last = owner.toLowerCase();
  }
  return undefined;
}

function sameFields<T extends object>(one: T, other: T): boolean {
  return (Object.keys(one) as (keyof T)[]).every((name) => one[name] === other[name]);
}

/** The transaction as it is sent, hex, and the hash that the chain calls it by. */
export interface Relayed {
  readonly raw: string;
  readonly hash: string;
}

/** Signs what `judgeRelay` approved for this very key. The secret stays in the array that is given. */
export function signRelay(secret: Uint8Array, approved: RelayApproved): Relayed {
  if (!made.has(approved)) throw new Error('signRelay: nobody approved this');
  if (addressOfSecret(secret) !== approved.relayer) throw new Error('signRelay: approved for another key');
  const { transaction } = approved;
  const signed = signHash(secret, Uint8Array.fromHex(hashOfHex(encodeTransaction(transaction))));
  const raw = encodeTransaction(transaction, signed);
  return { raw, hash: hashOfHex(raw) };
}

/** The account of a relayer's key. */
export function relayerOf(secret: Uint8Array): Address {
  const address = addressOfSecret(secret);
  if (!isAddress(address)) throw new Error('relayerOf: a key at a reserved address');
  return address;
}

function refused(why: string): RelayJudgement & { readonly kind: 'refused' } {
  return { kind: 'refused', why };
}
