/** Announce: the signed transaction of a plan to every node, again where it was lost or not taken. */
import { combine } from '@kuramori/chains/bitcoin/codec';
import type { Announced as Taken, BitcoinNode } from '@kuramori/chains/bitcoin/node';
import type { Read } from '@kuramori/chains/watched';
import type { BitcoinWallet } from '@kuramori/core';
import { log } from '@kuramori/program';
import type { Branch } from '../../branch.ts';
import type { Announcement } from '../../withdrawals/announcement.ts';
import { everOnline } from '../../withdrawals/acting.ts';
import type { Plan } from '../../withdrawals/row.ts';
import type { Announced } from '../chain.ts';

/** As an announcement keeps them; the node's own words stand beside it. */
const codes = { accepted: 1, known: 0, conflict: -1, 'missing-inputs': -2, refused: -3 } as const;
/** A node that refused may think otherwise later: coins come, others go. Milliseconds. */
const [againMs, silenceMs] = [60_000, 5_000];

export async function announce(
  branch: Branch,
  wallet: BitcoinWallet,
  nodes: readonly BitcoinNode[],
  withdrawal: string,
  { number: plan, plan: { plan: bytes } }: Pick<Plan, 'number' | 'plan'>,
  missing: boolean,
): Promise<Announced> {
  const { parts, before } = await branch.convoy.sent({ withdrawal, plan });
  const keys = new Map(everOnline(wallet).map(({ signer, key }) => [signer, key]));
  const signatures = new Map(parts.map(({ signer, signature }) => [keys.get(signer) ?? signer, signature]));
  const combined = combine(wallet, bytes, signatures);
  if (combined.kind === 'refused')
    throw new Error(`${withdrawal}: what was signed makes no transaction: ${combined.key} ${combined.why}`);
  const said = await Promise.all(
    nodes.map(async (node): Promise<Said> => {
      const last = before.find((one) => one.node === node.url);
      if (last && !isDue(last, branch.clock.now(), missing)) return last;
      const now = {
        part: 0,
        node: node.url,
        tries: 0,
        at: branch.clock.now(),
        ...answerOf(await node.announce(combined.transaction)),
      };
      await branch.convoy.keep({ withdrawal, plan, ...now });
      if (!isTaken(now))
        log('announce not taken', { withdrawal, node: node.url, code: now.code, message: now.message });
      return now;
    }),
  );
  if (said.some(isTaken)) return { kind: 'taken' };
  const why = said.map(({ node, code, message }) => `${node}: ${code ?? 'no answer'} ${message}`).join('; ');
  return { kind: said.some(({ code }) => code === null) ? 'silence' : 'refused', why };
}

type Said = Pick<Announcement, 'node' | 'code' | 'message'>;

function answerOf(read: Read<Taken>): { readonly code: number | null; readonly message: string } {
  if (read.kind === 'failed') return { code: null, message: read.detail };
  const { value } = read;
  return { code: codes[value.kind], message: 'message' in value ? value.message : value.kind };
}

function isTaken({ code }: Said): boolean {
  return code === codes.accepted || code === codes.known;
}

function isDue(last: Announcement, now: number, missing: boolean): boolean {
  // By a clock that has gone back since: nobody knows how long ago that was.
  if (last.at > now) return true;
  if (last.code === null) return now >= last.at + silenceMs;
  return isTaken(last) ? missing && now >= last.at + silenceMs : now >= last.at + againMs;
}
