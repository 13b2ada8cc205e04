/**
 * Evacuation, top to bottom: what is left of a frozen hot wallet goes to its pinned cold address. The signers judge it
 * like everything else; this only asks, and tries again with new bytes until nothing is left. What the bytes are, and where
 * they are sent, the wallet's chain knows.
 */
import {
  coinOn,
  controlledBy,
  treasuryId,
  type Evidence,
  type Intent,
  type Policy,
  type SignedFact,
  type Wallet,
} from '@kuramori/core';
import { catchUp } from './countersign.ts';
import type { Eye, Homeward } from './eye.ts';
import { obtain, readySigners, type Obtainer, type Ready } from './obtain.ts';

export interface Evacuator extends Obtainer {
  /** The version in force: by it alone coins go home. */
  readonly inForce: () => Policy;
  readonly testify: (wallet: string, nonces: readonly string[]) => Promise<SignedFact | string>;
}

/** How one attempt ended. */
export type Attempted =
  | { readonly kind: 'sent'; readonly told: { readonly [field: string]: unknown } }
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
  const sight = await eye.witness(wallet);
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
  const nonces = ready.map(({ nonce }) => nonce);
  const [fact, others, theirs] = await Promise.all([
    tower.testify(wallet.id, nonces),
    tower.peers.facts(wallet.id, nonces),
    tower.peers.statements(wallet.id, evidence),
  ]);
  if (typeof fact === 'string') return failedTo(fact);
  const rule = policy.rules.find((one) => one.wallet === wallet.id && one.asset === coinOn(wallet.chain));
  if (!rule) return failedTo(`no rule allows ${coinOn(wallet.chain)} from ${wallet.id}`);
  const planned = await eye.planHome({
    wallet,
    home: home.address,
    balance,
    keys: ready.map(({ publicKey }) => publicKey),
    feeCap: rule.feeCap,
  });
  if (planned.kind === 'nothing-left') return planned;
  if (planned.kind === 'refused') return failedTo(planned.why);
  const whole = { ...evidence, statements: [...evidence.statements, ...theirs] };
  return send(tower, wallet, whole, planned, ready, [fact, ...others], home.address);
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
  const { units, fees } = planned;
  const asset = coinOn(wallet.chain);
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
  const sent = await planned.send(signatures);
  if (sent.kind === 'refused') return failedTo(sent.why);
  const told = { asset, units, destination, fees, intent: intent.id };
  for (const { node, transaction, said } of sent.answers)
    tower.incident.note('evacuation announced', {
      node,
      code: said,
      wallet: wallet.id,
      ...told,
      transaction,
    });
  return sent.taken ? { kind: 'sent', told } : failedTo('no node took it');
}
