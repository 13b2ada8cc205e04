/** Announce: what enough owners signed goes to a relayer, which pays for it; to the next one where the first does not answer, or cannot. */
import { call, type Where } from '@kuramori/chains/http';
import { combine } from '@kuramori/chains/ethereum/codec';
import { everyKey, relayerRoutes, type EthereumWallet, type RelayFate, type Refusal } from '@kuramori/core';
import { log } from '@kuramori/program';
import type { Branch } from '../../branch.ts';
import type { Announcement } from '../../withdrawals/announcement.ts';
import { everOnline } from '../../withdrawals/acting.ts';
import type { Plan } from '../../withdrawals/row.ts';
import type { Announced } from '../chain.ts';

export interface Relayer {
  /** As announcements name it. */
  readonly name: string;
  readonly at: Where;
}

/** As an announcement keeps them; the relayer's own words stand beside it. */
export const codes = { taken: 1, 'would-fail': -1, refused: -2, unable: -3 } as const;
/** Refusals that are about the payment, which the next one would find as well; all others are about who refuses. */
const aboutIt: ReadonlySet<string> = new Set(['would-fail', 'number-used', 'number-under-way', 'too-early']);
/** One that refused may think otherwise soon: what was before it is executed, its account is filled. Milliseconds. */
const [againMs, takenMs] = [5_000, 60_000];
export const triesBeforeHollow = 3;

export async function announce(
  branch: Branch,
  wallet: EthereumWallet,
  relayers: readonly Relayer[],
  withdrawal: string,
  { number: plan, plan: { plan: bytes } }: Pick<Plan, 'number' | 'plan'>,
  missing: boolean,
): Promise<Announced> {
  const { parts, before } = await branch.convoy.sent({ withdrawal, plan });
  const keys = new Map(everOnline(wallet).map(({ signer, key }) => [signer, key]));
  const signatures = new Map(parts.map(({ signer, signature }) => [keys.get(signer) ?? signer, signature]));
  // A rotation may have brought a spare in: the Safe itself asks who its owners are.
  const combined = combine({ ...wallet, cosigners: everyKey(wallet) }, bytes, signatures);
  if (combined.kind === 'refused')
    throw new Error(`${withdrawal}: what was signed makes no execution: ${combined.key} ${combined.why}`);
  const { calldata } = combined;
  const said: Said[] = [];
  for (const { name, at } of relayers) {
    const last = before.find(({ node }) => node === name);
    const now = last && !isDue(last, branch.clock.now(), missing) ? last : await ask(name, at, last);
    said.push(now);
    // A second one would pay for gas as well, and one of the two be executed for nothing; but who says again and again that it
    // is under way, while nobody sees it, is broken, or somebody else's by now.
    const hollow = now.code === codes.taken && missing && (last?.tries ?? 0) >= triesBeforeHollow;
    if (now.code !== null && now.code !== codes.unable && !hollow) break;
  }
  if (said.some(({ code }) => code === codes.taken)) return { kind: 'taken' };
  const why = said.map(({ node, code, message }) => `${node}: ${code ?? 'no answer'} ${message}`).join('; ');
  return { kind: said.some(({ code }) => code === null) ? 'silence' : 'refused', why };

  async function ask(name: string, at: Where, last: Said | undefined): Promise<Said> {
    const answer = await call(at, relayerRoutes.relay, { wallet: wallet.id, plan: bytes, calldata });
    const now = {
      part: 0,
      node: name,
      tries: 0,
      at: branch.clock.now(),
      ...(answer.kind === 'unreachable' ? { code: null, message: answer.detail } : wordOf(answer, last)),
    };
    await branch.convoy.keep({ withdrawal, plan, ...now });
    if (now.code !== codes.taken)
      log('announce not taken', { withdrawal, node: name, code: now.code, message: now.message });
    return now;
  }
}

type Said = Pick<Announcement, 'node' | 'code' | 'message'>;

function wordOf(
  answer: RelayFate | Refusal,
  last: Said | undefined,
): { readonly code: number; readonly message: string } {
  switch (answer.kind) {
    case 'under-way':
    case 'executed':
      return { code: codes.taken, message: answer.kind };
    case 'refused': {
      const { why, detail } = answer;
      const about = aboutIt.has(why) ? codes.refused : codes.unable;
      // That its number is another payment's by now makes it no better.
      if (about === codes.refused && last?.code === codes['would-fail'])
        return { code: codes['would-fail'], message: last.message };
      return { code: why === 'would-fail' ? codes['would-fail'] : about, message: `${why}: ${detail}` };
    }
    case 'reverted':
      return { code: codes['would-fail'], message: `failed in block ${answer.height}: ${answer.why}` };
    case 'displaced':
    case 'unknown':
      return { code: codes.refused, message: answer.kind };
    default:
      return answer satisfies never;
  }
}

function isDue(last: Announcement, now: number, missing: boolean): boolean {
  // By a clock that has gone back since: nobody knows how long ago that was.
  if (last.at > now) return true;
  if (last.code === codes.taken) return missing && now >= last.at + takenMs;
  return now >= last.at + againMs;
}
