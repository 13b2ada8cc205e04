/** What another watchtower shows: bytes that a key of ours signed. Our word that no record covers them, once we have looked ourselves. */
import { whoMayAct, everySigner, type Evidence, type Refusal } from '@kuramori/core';
import { codecOf } from '@kuramori/chains/codecs';
import type { Alarm } from './alarm.ts';
import { catchUp } from './countersign.ts';
import type { SignedPart } from '@kuramori/chains/watched';
import type { Obtainer } from './obtain.ts';
import type { Ours } from './ours.ts';

export type Shown = SignedPart & { readonly wallet: string };
export type Uncovered = { kind: 'uncovered'; statement: Evidence['statements'][number] } | Refusal;

/** How long signers are waited for that may have recorded it. Milliseconds. */
const patience = 1_000;

export async function testifyUncovered(
  tower: Obtainer & { readonly ours: Ours; readonly alarm: Pick<Alarm, 'shown' | 'testify'> },
  { wallet: id, ...part }: Shown,
): Promise<Uncovered> {
  const { ours, archive, peers, alarm } = tower;
  const refused = (why: string, detail: string): Refusal => ({ kind: 'refused', why, detail });
  const wallet = ours.called(id);
  const sight = await tower.witness(id);
  const control = typeof sight === 'string' ? null : sight.control;
  // A key that acts no more is evidence of nothing: it would stop the house, and send everything home, at its will.
  const { network } = ours.inForce().policy;
  const signed = wallet && codecOf(wallet.chain).evidenceSigned(whoMayAct(wallet, control), part, network);
  if (!wallet || !signed)
    return refused('evidence-signature', `${part.signer} is no key of ${id}, or did not sign these bytes`);
  const deadline = performance.now() + patience;
  // One that is dead, or a thief's, must not keep the coins from going home; what it let go, a quorum countersigned.
  await Promise.all(
    everySigner(tower.chain).map((signer) => catchUp(tower, signer, Number.POSITIVE_INFINITY, deadline)),
  );
  if (archive.covers(part.signer, part.bytes) || (await peers.covers(part)))
    return refused('evidence-is-covered', 'a record of ours covers these bytes');
  alarm.shown(wallet, part, 'another watchtower');
  return { kind: 'uncovered', statement: alarm.testify(wallet.id, part.bytes) };
}
