/** Fees: what to pay for gas (EIP-1559), by what blocks took lately, and within bounds whatever a node says. */
import type { Read } from '../../watched.ts';
import type { Rpc } from '../../rpc.ts';
import { FeeHistory } from './reply.ts';

/** Wei for each unit of gas. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface FeeBounds {
  readonly most: Fees;
  readonly leastTip: bigint;
}

const blocks = 20;

/**
 * The middle of what the cheapest tenth of the last blocks' gas tipped, but at least `leastTip`; and above that twice the base fee
 * of the next block, with which it is still good after six full blocks (each raises it by an eighth). Capped: where the chain
 * costs more than the bounds, what is sent waits.
 */
export async function feesNow(rpc: Rpc, { most, leastTip }: FeeBounds): Promise<Read<Fees>> {
  const read = await rpc.one('eth_feeHistory', [`0x${blocks.toString(16)}`, 'latest', [10]], FeeHistory);
  if (read.kind === 'failed') return read;
  const { baseFeePerGas, reward = [] } = read.value;
  // One more than was asked for: that of the block to come.
  const base = baseFeePerGas.at(-1) ?? 0n;
  const tips = reward.flatMap(([tip]) => tip ?? []).toSorted((one, other) => (one < other ? -1 : 1));
  const usual = tips[Math.floor(tips.length / 2)] ?? leastTip;
  const tip = lesser(usual < leastTip ? leastTip : usual, most.maxPriorityFeePerGas);
  const maxFeePerGas = lesser(2n * base + tip, most.maxFeePerGas);
  // A tip above the whole fee is none that a node takes.
  return { kind: 'read', value: { maxFeePerGas, maxPriorityFeePerGas: lesser(tip, maxFeePerGas) } };
}

const lesser = (one: bigint, other: bigint): bigint => (one < other ? one : other);
