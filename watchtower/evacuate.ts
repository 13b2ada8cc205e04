/**
 * Evacuation, top to bottom: what is left of a frozen hot wallet goes to its pinned cold address. The signers judge it
 * like everything else; this only asks, and tries again with new bytes until nothing is left. What the bytes are, and where
 * they are sent, the wallet's chain knows.
 */
import {
  coinOn,
  controlledBy,
  treasuryId,
  type Asset,
  type Evidence,
  type Intent,
  type Policy,
  type SignedFact,
  type Wallet,
} from '@kuramori/core';
import { catchUp } from './countersign.ts';
import type { Eye, Homeward, Sent, Worth } from './eye.ts';
import { obtain, readySigners, type Obtainer, type Ready } from './obtain.ts';

export interface Evacuator extends Obtainer {
  /** The version in force: by it alone coins go home. */
  readonly inForce: () => Policy;
  readonly testify: (wallet: string, asset: Asset, nonces: readonly string[]) => Promise<SignedFact | string>;
}

type Told = { readonly [field: string]: unknown };

/** How one attempt ended. */
export type Attempted =
  | { readonly kind: 'sent'; readonly told: Told }
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
  const worth = worthOf(policy, wallet);
  const rule = worth.find(({ asset }) => asset === coin);
  if (!rule) return failedTo(`no rule allows ${coin} from ${wallet.id}`);
  const planned = await eye.planHome({
    wallet,
    home: home.address,
    balance,
    keys: ready.map(({ publicKey }) => publicKey),
    feeCap: rule.feeCap,
    worth,
    rank: rankOf(policy, tower.key.publicKey),
  });
  if (planned.kind === 'nothing-left') return planned;
  if (planned.kind === 'refused') return failedTo(planned.why);
  if (planned.kind === 'signed')
    return tellSent(tower, wallet, await planned.send(), {
      asset: planned.asset,
      units: planned.units,
      destination: home.address,
      fees: planned.fees,
    });
  const nonces = ready.map(({ nonce }) => nonce);
  const [fact, others, theirs] = await Promise.all([
    tower.testify(wallet.id, planned.asset, nonces),
    tower.peers.facts(wallet.id, planned.asset, nonces),
    tower.peers.statements(wallet.id, evidence),
  ]);
  if (typeof fact === 'string') return failedTo(fact);
  const whole = { ...evidence, statements: [...evidence.statements, ...theirs] };
  return send(tower, wallet, whole, planned, ready, [fact, ...others], home.address);
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
  evidence: Evidence,
  planned: Extract<Homeward, { kind: 'planned' }>,
  ready: readonly Ready[],
  facts: readonly SignedFact[],
  destination: string,
): Promise<Attempted> {
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
  const ask = { wallet: wallet.id, number, intent, evidence, plan: planned.plan, facts: [...facts] };
  const signed = await Promise.all(
    planned.shares.flatMap(({ key, share }) => {
      const signer = ready.find(({ publicKey }) => publicKey === key)?.signer;
      return signer === undefined ? [] : askFor(signer, key, share);
    }),
  );
  async function askFor(signer: string, key: string, share: string) {
    return { key, signer, answer: await obtain(tower, signer, { ...ask, share }, planned.previous) };
  }
  const signatures = new Map<string, string>();
  for (const { key, signer, answer } of signed) {
    if (answer.kind === 'signed') signatures.set(key, answer.signature);
    else tower.reluctant.set(signer, (tower.reluctant.get(signer) ?? 0) + 1);
  }
  const failed = signed.flatMap(({ answer }) => (answer.kind === 'failed' ? answer.detail : []));
  if (failed.length > 0) return failedTo(failed.join('; '));
  const told = { asset, units, destination, fees, intent: intent.id };
  return tellSent(tower, wallet, await planned.send(signatures), told);
}

function tellSent(tower: Evacuator, wallet: Wallet, sent: Sent, what: Told): Attempted {
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
  return sent.taken ? { kind: 'sent', told: what } : failedTo('no node took it');
}
