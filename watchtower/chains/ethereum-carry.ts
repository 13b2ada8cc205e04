/** Carrying home: what owners have signed is offered to every relayer, and what they answer is read. */
import { relayerRoutes, type Asset, type EthereumWallet } from '@kuramori/core';
import { call, nameOf, type Where } from '@kuramori/chains/http';
import type { Sent } from '../eye.ts';

const bounds = { timeoutMs: 3_000, maxBytes: 64 * 1024 };

/** Signed, and not yet executed as far as anybody sees. */
export interface Signed {
  readonly wallet: EthereumWallet;
  readonly asset: Asset;
  readonly units: bigint;
  /** What the Safe had of the asset when it was planned. */
  readonly had: bigint;
  readonly number: bigint;
  readonly plan: string;
  readonly hash: string;
  readonly calldata: string;
  taken: boolean;
  /** Every relayer that answered says that it would fail now, or has. */
  hopeless: boolean;
  /** This machine's monotonic time, ms. */
  askedAt: number;
  readonly signedAt: number;
  /** Whether people were told of what anybody may send. */
  told: boolean;
}

/** Signed so long ago, and its number still free: whoever says that it is under way may lie. */
export function isLate({ signedAt }: Signed, lateMs: number): boolean {
  return performance.now() - signedAt > lateMs;
}

/** Every relayer is asked, always: one that says that all is under way may be a thief’s. */
export async function carry(
  relayers: readonly Where[],
  one: Signed,
  lateMs: number,
): Promise<Extract<Sent, { kind: 'announced' }>> {
  const { wallet, plan, calldata, hash } = one;
  one.askedAt = performance.now();
  const said = await Promise.all(
    relayers.map((where) => call(where, relayerRoutes.relay, { wallet: wallet.id, plan, calldata }, bounds)),
  );
  const told = said.filter(({ kind }) => kind !== 'unreachable');
  one.taken = said.some(({ kind }) => kind === 'under-way' || kind === 'executed');
  one.hopeless =
    !one.taken &&
    told.length > 0 &&
    told.every((answer) => answer.kind === 'reverted' || mustBeAnew(whyOf(answer)));
  // What only has to wait its turn, or be planned anew, is nobody else’s to send: for a while.
  const tells = !one.told && (isLate(one, lateMs) || (!one.taken && !told.some(isPassing)));
  one.told ||= tells;
  return {
    kind: 'announced',
    answers: said.map((answer, index) => ({
      node: nameOf(relayers[index] ?? { socket: '' }),
      transaction: hash,
      said: textOf(answer),
    })),
    taken: one.taken,
    ...(tells ? { sendable: { to: wallet.address, data: `0x${calldata}` } } : {}),
  };
}

interface Answer {
  readonly kind: string;
  readonly why?: string;
  readonly detail?: string;
}

const whyOf = (answer: Answer): string => (answer.kind === 'refused' ? (answer.why ?? '') : '');

/** What a relayer refuses because of what the chain is now: planned anew, it may pass. */
function mustBeAnew(why: string): boolean {
  return why === 'would-fail' || why === 'number-used';
}

function isPassing(answer: Answer): boolean {
  const why = whyOf(answer);
  return answer.kind === 'reverted' || mustBeAnew(why) || why === 'too-early' || why === 'number-under-way';
}

function textOf(answer: Answer): string {
  return [answer.kind, answer.why, answer.detail].filter((part) => part !== undefined).join(' ');
}
