/** Announce: signed parts to every node, the wrapper before its cosignatures, and never a refused one again too soon. */
import type { NemNode } from '@kuramori/chains/nem/node';
import { log } from '@kuramori/program';
import type { Branch } from '../../branch.ts';
import type { Announcement, Sent } from '../../withdrawals/announcement.ts';
import type { Plan } from '../../withdrawals/row.ts';
import type { Announced } from '../chain.ts';

/**
 * NIS keeps a verdict, good or bad, for 600 s a hash (reference: PushService) and forgets at most once a minute: asked
 * sooner it repeats the old one, 19 (it is full) like any other.
 */
const verdictLife = 661_000;
/** A node that did not answer has no verdict that we know of. */
const silenceLife = 5_000;

const neutral = 0;
const accepted: ReadonlySet<number | null> = new Set([neutral, 1]);
/** As many as NIS lists of an account: with so many there may be others. */
const mostListed = 25;
/** FAILURE_PAST_DEADLINE: once it is past, there will never be another verdict. */
const pastDeadline = 3;

/** Signed, whole, and what is known of its way so far. */
interface Way extends Sent {
  readonly withdrawal: string;
  readonly plan: number;
  readonly transaction: string;
  /** Unix seconds. */
  readonly validUntil: number | null;
  /** The watchtowers see it nowhere, so what a node took it has lost (the pool is memory only). */
  readonly missing: boolean;
}

/** Announces what is due of a plan. Always the same bytes; another transaction is never made here. */
export async function announce(
  house: Branch,
  nodes: readonly NemNode[],
  withdrawal: string,
  {
    number: plan,
    transaction,
    valid_until: validUntil,
  }: Pick<Plan, 'number' | 'transaction' | 'valid_until'>,
  missing: boolean,
): Promise<Announced> {
  const sent = await house.convoy.sent({ withdrawal, plan });
  const way = { withdrawal, plan, transaction, validUntil, ...sent, missing };
  const said = await Promise.all(nodes.map((node) => toNode(house, node, way)));
  return summary(nodes, sent.parts.length, said.flat());
}

type Said = Pick<Announcement, 'part' | 'node' | 'code' | 'message'>;

/** What the node has said by now, to each part that it was ever sent. */
async function toNode(house: Branch, node: NemNode, way: Way): Promise<readonly Said[]> {
  const { withdrawal, plan, parts, before } = way;
  const said = new Map<number, Said>(
    before.flatMap((one) => (one.node === node.url ? [[one.part, one]] : [])),
  );
  let wrapperCode: number | null = null;
  for (const { part, share, signature } of parts) {
    const last = before.find((one) => one.part === part && one.node === node.url);
    let code = last?.code ?? null;
    if (last === undefined || isDue(last, house.clock.now(), way)) {
      if (part > 0 && wrapperCode === neutral && !(await mayHave(house, node, way))) break;
      const answer = await node.announce({ data: share, signature });
      const message = answer.kind === 'read' ? answer.value.message : answer.detail;
      code = answer.kind === 'read' ? answer.value.code : null;
      const now = { part, node: node.url, tries: 0, at: house.clock.now(), code, message };
      await house.convoy.keep({ withdrawal, plan, ...now });
      said.set(part, now);
      if (!accepted.has(code)) log('announce not taken', { withdrawal, part, node: node.url, code, message });
    }
    if (part === 0) wrapperCode = code;
    // A cosignature without its wrapper gets 73, and that is kept for 600 s; its turn comes when the wrapper is in.
    if (!accepted.has(code)) break;
  }
  return [...said.values()];
}

/**
 * NEUTRAL says that the node has seen the bytes within 600 s, not that it has them: its pool may have been emptied since,
 * or a stranger's wrapper came first. Only a wrapper that is there may be cosigned.
 */
async function mayHave(house: Branch, node: NemNode, { transaction }: Way): Promise<boolean> {
  const answer = await node.unconfirmed(house.hot.address);
  if (answer.kind === 'failed') return false;
  const { seen, unread } = answer.value;
  return seen.length + unread.length >= mostListed || seen.some(({ hash }) => hash === transaction);
}

function isDue({ code, at }: Announcement, now: number, { missing, validUntil }: Way): boolean {
  // By a clock that has gone back since: nobody knows how long ago that was.
  if (at > now) return true;
  if (code === null) return now >= at + silenceLife;
  // While it is not past, the node's clock was wrong, and its verdict is one like any other.
  if (code === pastDeadline && validUntil !== null && now > validUntil * 1000) return false;
  // NEUTRAL does not say that the node has it: asked again when it has forgotten, it says.
  if (accepted.has(code) && code !== neutral && !missing) return false;
  return now >= at + verdictLife;
}

function summary(nodes: readonly NemNode[], parts: number, announcements: readonly Said[]): Announced {
  const of = (node: NemNode) => announcements.filter((one) => one.node === node.url);
  if (nodes.some((node) => of(node).filter(({ code }) => accepted.has(code)).length === parts))
    return { kind: 'taken' };
  const open = announcements.filter(({ code }) => !accepted.has(code));
  const why = open
    .map(({ part, node, code, message }) => `${node}: part ${part}: ${code ?? 'no answer'} ${message}`)
    .join('; ');
  return { kind: open.some(({ code }) => code === null) ? 'silence' : 'refused', why };
}
