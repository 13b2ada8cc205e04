/**
 * Evacuation, top to bottom: what is left of a frozen hot wallet goes to its pinned cold address. The signers judge it
 * like everything else; this only asks, and tries again with new bytes until nothing is left. What the bytes are, and where
 * they are sent, the wallet's chain knows.
 */
import {
  coinOn,
  controlledBy,
  ruleFor,
  treasuryId,
  type Asset,
  type Evidence,
  type Intent,
  type Policy,
  type SignedFact,
  type Wallet,
} from '@kuramori/core';
import type { SignedPart } from '@kuramori/chains/watched';
import { catchUp } from './countersign.ts';
import type { Eye, Homeward, Sent, Worth } from './eye.ts';
import { obtain, readySigners, type Obtainer, type Ready } from './obtain.ts';
import { leastRoom, roomFor } from './room.ts';

export interface Evacuator extends Obtainer {
  /** The version in force: by it alone coins go home. */
  readonly inForce: () => Policy;
  readonly testify: (wallet: string, asset: Asset, nonces: readonly string[]) => Promise<SignedFact | string>;
  /** Our own word that no record covers the bytes. */
  readonly uncovered: (wallet: string, bytes: string) => Evidence['statements'][number];
}

type Told = { readonly [field: string]: unknown };

/** How one attempt ended. */
export type Attempted =
  | { readonly kind: 'sent'; readonly told: Told; readonly more: boolean }
  /** Nothing is left that could be sent now. */
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'failed'; readonly why: string };

function failedTo(why: string): Attempted {
  return { kind: 'failed', why };
}

/** One attempt to send home all that nothing on its way has reserved. */
export async function evacuate(
  tower: Evacuator,
  eye: Eye,
  wallet: Wallet,
  evidence: Evidence,
): Promise<Attempted> {
  const policy = tower.inForce();
  const home = policy.wallets.find(({ id }) => id === wallet.evacuateTo);
  if (!home) return failedTo(`no cold wallet for ${wallet.id}`);
  const coin = coinOn(wallet.chain);
  const sight = await eye.witness(wallet, coin);
  if (typeof sight === 'string') return failedTo(sight);
  const { balance, control } = sight;
  const ready = await readySigners(tower, (control && controlledBy(wallet, control)) ?? wallet);
  if (ready.length < wallet.threshold)
    return failedTo(
      `${ready.length} of the ${wallet.threshold} signers that it takes have frozen and answer`,
    );
  // A record that we never heard of has used up a number: one that was made just before we went blind, say.
  for (const { signer } of ready) {
    const behind = await catchUp(tower, signer);
    if (behind !== null) return failedTo(`the journal of ${signer}: ${behind.why} ${behind.detail}`);
  }
  const rule = ruleFor(policy, wallet.id, coin);
  if (!rule) return failedTo(`no rule allows ${coin} from ${wallet.id}`);
  const room = (shown: readonly SignedPart[]) => roomFor(policy, wallet, shown);
  if (room([evidence]) < leastRoom)
    return failedTo(`evidence of ${evidence.bytes.length / 2} bytes is too long to be shown beside any plan`);
  const planned = await eye.planHome({
    wallet,
    home: home.address,
    balance,
    keys: ready.map(({ publicKey }) => publicKey),
    feeCap: rule.feeCap,
    outbidBps: rule.outbid?.shareBps ?? 0,
    evidence,
    room,
    worth: worthOf(policy, wallet),
    rank: rankOf(policy, tower.key.publicKey),
  });
  if (planned.kind === 'nothing-left') return planned;
  if (planned.kind === 'refused') return failedTo(planned.why);
  if (planned.kind === 'signed') {
    const { asset, units, fees } = planned;
    const told = { asset, units, destination: home.address, fees };
    return tellSent(tower, wallet, await planned.send(), told, false);
  }
  const nonces = ready.map(({ nonce }) => nonce);
  // Our word is good for what we have looked at alone.
  const covered = planned.against?.find(({ signer, bytes }) => tower.archive.covers(signer, bytes));
  if (covered) return failedTo(`a record of ours covers what ${covered.signer} signed of the theft`);
  const shown = planned.against?.map((part) => evidenceOf(tower, wallet, part)) ?? [evidence];
  const [fact, others, ...whole] = await Promise.all([
    tower.testify(wallet.id, planned.asset, nonces),
    tower.peers.facts(wallet.id, planned.asset, nonces),
    ...shown.map((one) => withTheirWord(tower, wallet, one)),
  ]);
  if (typeof fact === 'string') return failedTo(fact);
  return send(tower, wallet, whole, planned, ready, [fact, ...others], home.address);
}

function evidenceOf(tower: Evacuator, { id }: Wallet, { bytes, signer, signature }: SignedPart): Evidence {
  return { bytes, signer, signature, statements: [tower.uncovered(id, bytes)] };
}

async function withTheirWord(tower: Evacuator, { id }: Wallet, evidence: Evidence): Promise<Evidence> {
  const theirs = await tower.peers.statements(id, evidence);
  return { ...evidence, statements: [...evidence.statements, ...theirs] };
}

/** Which of the policy's watchtowers it is, from 0. */
export function rankOf({ watchtowers }: Policy, key: string): number {
  return Math.max(0, watchtowers.keys.indexOf(key));
}

/** What the policy has rules for in a wallet: nothing else leaves it, not even for home. */
function worthOf({ rules, values }: Policy, wallet: Wallet): readonly Worth[] {
  return rules.flatMap((rule) => {
    if (rule.wallet !== wallet.id) return [];
    const value = values.find(({ asset }) => asset === rule.asset);
    return { asset: rule.asset, feeCap: rule.feeCap, value: value ?? null };
  });
}

async function send(
  tower: Evacuator,
  wallet: Wallet,
  [evidence, ...beside]: readonly Evidence[],
  planned: Extract<Homeward, { kind: 'planned' }>,
  ready: readonly Ready[],
  facts: readonly SignedFact[],
  destination: string,
): Promise<Attempted> {
  if (!evidence) throw new Error(`evacuation of ${wallet.id}: there is no evidence`);
  const { asset, units, fees } = planned;
  const numbers = tower
    .inForce()
    .signers.map(({ id }) => tower.archive.history(id).evacuations.get(wallet.id) ?? 0);
  const number = 1 + Math.max(0, ...numbers);
  const intent: Intent = {
    id: treasuryId('evacuation', wallet.id, number),
    reason: 'evacuation',
    wallet: wallet.id,
    asset,
    destination: { address: destination, memo: '' },
    amount: units,
    feeCap: fees,
    expiry: planned.expiry,
  };
  const ask = {
    wallet: wallet.id,
    number,
    intent,
    evidence,
    ...(beside.length > 0 ? { beside } : {}),
    plan: planned.plan,
    facts: [...facts],
  };
  const signed = await Promise.all(
    planned.shares.flatMap(({ key, share }) => {
      const signer = ready.find(({ publicKey }) => publicKey === key)?.signer;
      return signer === undefined ? [] : askFor(signer, key, share);
    }),
  );
  async function askFor(signer: string, key: string, share: string) {
    const asked = { ...ask, share, ...recordedBefore(tower, signer, share) };
    return { key, signer, answer: await obtain(tower, signer, asked, planned.previous) };
  }
  const signatures = new Map<string, string>();
  for (const { key, signer, answer } of signed) {
    if (answer.kind === 'signed') signatures.set(key, answer.signature);
    else tower.reluctant.set(signer, (tower.reluctant.get(signer) ?? 0) + 1);
  }
  const failed = signed.flatMap(({ answer }) => (answer.kind === 'failed' ? answer.detail : []));
  if (failed.length > 0) return failedTo(failed.join('; '));
  const told = { asset, units, destination, fees, intent: intent.id };
  return tellSent(tower, wallet, await planned.send(signatures), told, planned.more ?? false);
}

/**
 * What a signer has recorded for these bytes, where another let it down: it gives that record again, and no second one of the same
 * bytes. Asked by another number it would refuse until the bytes are others.
 */
function recordedBefore({ archive }: Evacuator, signer: string, share: string) {
  const body = archive.recorded(signer, share)?.entry.body;
  return body?.kind === 'evacuation' ? { number: body.number, intent: body.intent } : {};
}

function tellSent(tower: Evacuator, wallet: Wallet, sent: Sent, what: Told, more: boolean): Attempted {
  if (sent.kind === 'refused') return failedTo(sent.why);
  for (const { node, transaction, said } of sent.answers)
    tower.incident.note('evacuation announced', {
      node,
      code: said,
      wallet: wallet.id,
      ...what,
      transaction,
    });
  // Whoever sends it sends it home: so it may stand where everybody reads it.
  if (sent.sendable)
    tower.incident.note('evacuation signed, and nobody carries it', {
      wallet: wallet.id,
      ...what,
      anybodyMaySend: sent.sendable,
    });
  return sent.taken ? { kind: 'sent', told: what, more } : failedTo('no node took it');
}
