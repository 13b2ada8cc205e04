/**
 * Evacuation, top to bottom: what is left of a frozen hot wallet goes to its pinned cold address. The signers judge it
 * like everything else; this only asks, and tries again with new bytes until nothing is left.
 */
import {
  controlledBy,
  treasuryId,
  XEM,
  type Evidence,
  type Intent,
  type Policy,
  type SignedFact,
  type NemWallet,
} from '@kuramori/core';
import {
  combine,
  movements,
  nemTimeOf,
  planPayment,
  transactionHash,
  unixMsOf,
  type Planned,
} from '@kuramori/chains/nem/codec';
import type { NemNode, SeenTransaction } from '@kuramori/chains/nem/node';
import { catchUp } from './countersign.ts';
import type { Followed } from './follow.ts';
import { obtain, readySigners, type Obtainer, type Ready } from './obtain.ts';
import { accountAt } from './testify.ts';

export interface Evacuator extends Obtainer {
  readonly nodes: readonly NemNode[];
  /** The version in force: by it alone coins go home. */
  readonly inForce: () => Policy;
  readonly followed: () => readonly Followed<SeenTransaction>[];
  readonly now: () => number;
  readonly testify: (wallet: string, nonces: readonly string[]) => Promise<SignedFact | string>;
}

/** How long an evacuation's transaction stays valid, in seconds. */
const lifetime = 3600;

/** How one attempt ended. */
export type Attempted =
  | { readonly kind: 'sent'; readonly told: { readonly [field: string]: unknown } }
  /** Nothing is left that could be sent now. */
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'failed'; readonly why: string };

function failedTo(why: string): Attempted {
  return { kind: 'failed', why };
}

/** One attempt to send home all that no pending transaction has reserved. */
export async function evacuate(tower: Evacuator, wallet: NemWallet, evidence: Evidence): Promise<Attempted> {
  const policy = tower.inForce();
  const home = policy.wallets.find(({ id }) => id === wallet.evacuateTo);
  if (!home) return failedTo(`no cold wallet for ${wallet.id}`);
  const account = await accountAt(tower.nodes, wallet.address);
  if (typeof account === 'string') return failedTo(account);
  const { balance, control } = account;
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
  const whole = { ...evidence, statements: [...evidence.statements, ...theirs] };
  const timeStamp = nemTimeOf(tower.now());
  const draft = (units: bigint) =>
    planPayment({
      wallet,
      network: tower.network,
      recipient: home.address,
      units,
      memo: '',
      timeStamp,
      deadline: timeStamp + lifetime,
      keys: ready.map(({ publicKey }) => publicKey),
    });
  // A pooled spend cannot be displaced (the later one gets 5), so only what no pending transaction has reserved is sent.
  const free = balance - reserved(tower.followed(), wallet);
  const most = draft(free > 0n ? free : 0n);
  if (most.kind === 'refused') return failedTo(`${most.field}: ${most.why}`);
  const units = free - most.planned.fees;
  if (units <= 0n) return { kind: 'nothing-left' };
  const plan = draft(units);
  if (plan.kind === 'refused') return failedTo(`${plan.field}: ${plan.why}`);
  return send(tower, wallet, whole, plan.planned, ready, [fact, ...others], {
    number:
      1 +
      Math.max(
        0,
        ...policy.signers.map(({ id }) => tower.archive.history(id).evacuations.get(wallet.id) ?? 0),
      ),
    destination: home.address,
    units,
    expiry: Math.floor(unixMsOf(timeStamp + lifetime) / 1000),
  });
}

async function send(
  tower: Evacuator,
  wallet: NemWallet,
  evidence: Evidence,
  planned: Planned,
  ready: readonly Ready[],
  facts: readonly SignedFact[],
  move: {
    readonly number: number;
    readonly destination: string;
    readonly units: bigint;
    readonly expiry: number;
  },
): Promise<Attempted> {
  const intent: Intent = {
    id: treasuryId('evacuation', wallet.id, move.number),
    reason: 'evacuation',
    wallet: wallet.id,
    asset: XEM,
    destination: { address: move.destination, memo: '' },
    amount: move.units,
    feeCap: planned.fees,
    expiry: move.expiry,
  };
  const ask = {
    wallet: wallet.id,
    number: move.number,
    intent,
    evidence,
    plan: planned.plan,
    facts: [...facts],
  };
  const signed = await Promise.all(
    planned.shares.map(async ({ key, share }) => {
      const signer = ready.find(({ publicKey }) => publicKey === key)?.signer ?? '';
      return { key, signer, answer: await obtain(tower, signer, { ...ask, share }) };
    }),
  );
  const signatures = new Map<string, string>();
  for (const { key, signer, answer } of signed) {
    if (answer.kind === 'signed') signatures.set(key, answer.signature);
    else tower.reluctant.set(signer, (tower.reluctant.get(signer) ?? 0) + 1);
  }
  const failed = signed.flatMap(({ answer }) => (answer.kind === 'failed' ? answer.detail : []));
  if (failed.length > 0) return failedTo(failed.join('; '));
  const combined = combine(planned, signatures);
  if (combined.kind === 'refused') return failedTo(`${combined.key} ${combined.why}`);
  for (const announcement of combined.announcements) {
    const answers = await Promise.all(tower.nodes.map((node) => node.announce(announcement)));
    for (const [index, answer] of answers.entries()) {
      const code = answer.kind === 'read' ? `${answer.value.code} ${answer.value.message}` : answer.detail;
      tower.incident.note('evacuation announced', {
        node: tower.nodes[index]?.url,
        code,
        units: move.units,
        wallet: wallet.id,
        asset: XEM,
        destination: move.destination,
        fees: planned.fees,
        intent: intent.id,
        transaction: transactionHash(Uint8Array.fromHex(announcement.data)),
      });
    }
    if (!answers.some((answer) => answer.kind === 'read' && answer.value.code <= 1))
      return failedTo('no node took it');
  }
  const { units, destination } = move;
  const told = { asset: XEM, units, destination, fees: planned.fees, intent: intent.id };
  return { kind: 'sent', told };
}

/** What transactions that wait at any node have already reserved of the wallet: amount and every fee. */
function reserved(nodes: readonly Followed<SeenTransaction>[], wallet: NemWallet): bigint {
  const waiting = new Map(nodes.flatMap(({ pending }) => [...pending]));
  let total = 0n;
  for (const { transaction, cosignatures } of waiting.values()) {
    const inner = transaction.kind === 'multisig' ? transaction.inner : transaction;
    if (inner.signer !== wallet.publicKey) continue;
    total += inner.fee;
    // Not `amount`: with mosaics that is a multiplier, and a thief would choose it so that nothing seems free.
    const moved = inner.kind === 'transfer' ? movements(inner) : [];
    for (const { asset, quantity } of moved) if (asset === XEM) total += quantity;
    if (transaction.kind === 'multisig') total += transaction.fee;
    for (const { transaction: cosignature } of cosignatures) total += cosignature.fee;
  }
  return total;
}
