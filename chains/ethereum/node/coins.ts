/** Coins: where the chain's own coin moves in a transaction, by its trace (callTracer). Nothing binds a trace: balances are held against it. */
import { numberOf } from '../codec/index.ts';
import type { Frame } from './reply.ts';

export interface CoinMove {
  /** 40 digits without 0x. */
  readonly from: string;
  readonly to: string;
  readonly units: bigint;
}

/** A delegatecall's value is its caller's, and moves nothing. */
const moving = new Set(['CALL', 'CREATE', 'CREATE2', 'SELFDESTRUCT']);

/** What moved; of a frame that failed nothing, and nothing within it. */
export function movesIn(frame: Frame): readonly CoinMove[] {
  const found: CoinMove[] = [];
  const open: Frame[] = [frame];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { type, from, to, value = 0n, error, calls = [] } = one;
    if (error !== undefined) continue;
    if (moving.has(type) && to !== undefined && to !== from && value > 0n)
      found.push({ from, to, units: value });
    open.push(...calls.toReversed());
  }
  return found;
}

/** Error(string), as `require` reverts; Panic(uint256), as the compiler's own checks do. */
const [errorSelector, panicSelector] = ['08c379a0', '4e487b71'];

/** What a transaction failed with: the contract's text, or its bytes; null where nobody says. */
export function failureOf(frame: Frame | undefined): string | null {
  if (frame?.error === undefined) return null;
  const { output = '', error } = frame;
  if (output.startsWith(panicSelector)) return `panic 0x${numberOf(output.slice(8, 72)).toString(16)}`;
  if (!output.startsWith(errorSelector)) return output === '' ? error : `0x${output.slice(0, 72)}`;
  const length = Number(numberOf(output.slice(72, 136)));
  const text = Buffer.from(output.slice(136, 136 + 2 * Math.min(length, 256)), 'hex').toString('utf8');
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
