/**
 * Evacuation, top to bottom: what is left of a frozen hot wallet goes to its pinned cold address. The signers judge it
 * like everything else; this only asks, and tries again with new bytes until nothing is left.
 */
import {
  bytesDigest,
  entryHash,
  evacuationId,
  signerRoutes,
  signStatement,
  XEM,
  type Evidence,
  type Intent,
  type Policy,
  type SignedFact,
  type SigningKey,
  type Uncovered,
  type Wallet,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { combine, nemTimeOf, planPayment, unixMsOf, type Planned } from '@kuramori/chains/nem/codec';
import type { NemNode } from '@kuramori/chains/nem/node';
import type { Archive } from './archive.ts';
import { countersign, type Countersigner } from './countersign.ts';
import type { Followed } from './follow.ts';
import type { Incident } from './incident.ts';
import { leastBalance } from './testify.ts';

export interface Evacuator extends Countersigner {
  readonly incident: Incident;
  readonly sockets: ReadonlyMap<string, string>;
  readonly nodes: readonly NemNode[];
  readonly followed: () => readonly Followed[];
  readonly now: () => number;
  readonly testify: (wallet: string, nonces: readonly string[]) => Promise<SignedFact | string>;
}

/** How long an evacuation's transaction stays valid, in seconds. */
const lifetime = 3600;

/** A watchtower's part of the evidence: that no record covers these bytes, up to the heads it names. */
export function stateUncovered(
  policy: Policy,
  archive: Archive,
  key: SigningKey,
  wallet: string,
  bytes: string,
  at: number,
): Evidence['statements'][number] {
  const statement: Uncovered = {
    wallet,
    bytes: bytesDigest(bytes),
    at,
    heads: policy.signers.map(({ id }) => {
      const { seq, head } = archive.history(id);
      return { signer: id, seq, hash: head };
    }),
  };
  return { statement, watchtower: key.publicKey, signature: signStatement(key, 'uncovered', statement) };
}

/** How one attempt ended. */
export type Attempted =
  | { readonly kind: 'sent' }
  /** Nothing is left that could be sent now. */
  | { readonly kind: 'nothing-left' }
  | { readonly kind: 'failed'; readonly why: string };

function failedTo(why: string): Attempted {
  return { kind: 'failed', why };
}

/** One attempt to send home all that no pending transaction has reserved. */
export async function evacuate(tower: Evacuator, wallet: Wallet, evidence: Evidence): Promise<Attempted> {
  const home = tower.policy.wallets.find(({ id }) => id === wallet.evacuateTo);
  if (!home) return failedTo(`no cold wallet for ${wallet.id}`);
  const balance = await leastBalance(tower.nodes, wallet.address);
  if (typeof balance === 'string') return failedTo(balance);
  const online = wallet.cosigners.filter(({ signer }) => signer !== null).slice(0, wallet.threshold);
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
      keys: online.map(({ publicKey }) => publicKey),
    });
  // A pooled spend cannot be displaced (the later one gets 5), so only what no pending transaction has reserved is sent.
  const free = balance - reserved(tower.followed(), wallet);
  const most = draft(free > 0n ? free : 0n);
  if (most.kind === 'refused') return failedTo(`${most.field}: ${most.why}`);
  const units = free - most.planned.fees;
  if (units <= 0n) return { kind: 'nothing-left' };
  const plan = draft(units);
  if (plan.kind === 'refused') return failedTo(`${plan.field}: ${plan.why}`);
  return send(tower, wallet, evidence, plan.planned, {
    number:
      1 +
      Math.max(
        0,
        ...tower.policy.signers.map(({ id }) => tower.archive.history(id).evacuations.get(wallet.id) ?? 0),
      ),
    destination: home.address,
    units,
    expiry: Math.floor(unixMsOf(timeStamp + lifetime) / 1000),
  });
}

async function send(
  tower: Evacuator,
  wallet: Wallet,
  evidence: Evidence,
  planned: Planned,
  move: {
    readonly number: number;
    readonly destination: string;
    readonly units: bigint;
    readonly expiry: number;
  },
): Promise<Attempted> {
  const intent: Intent = {
    id: evacuationId(wallet.id, move.number),
    reason: 'evacuation',
    wallet: wallet.id,
    asset: XEM,
    destination: { address: move.destination, memo: '' },
    amount: move.units,
    feeCap: planned.fees,
    expiry: move.expiry,
  };
  const signed = await Promise.all(
    planned.shares.map(async ({ key, share }) => {
      const signer = wallet.cosigners.find(({ publicKey }) => publicKey === key)?.signer ?? '';
      return [
        key,
        await obtain(tower, signer, {
          wallet: wallet.id,
          number: move.number,
          intent,
          evidence,
          plan: planned.plan,
          share,
        }),
      ] as const;
    }),
  );
  const failed = signed.find(([, answer]) => answer.kind !== 'signed');
  if (failed && failed[1].kind !== 'signed') return failedTo(failed[1].detail);
  const combined = combine(
    planned,
    new Map(signed.flatMap(([key, answer]) => (answer.kind === 'signed' ? [[key, answer.signature]] : []))),
  );
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
      });
    }
    if (!answers.some((answer) => answer.kind === 'read' && answer.value.code <= 1))
      return failedTo('no node took it');
  }
  return { kind: 'sent' };
}

type Obtained =
  | { readonly kind: 'signed'; readonly signature: string }
  | { readonly kind: 'failed'; readonly detail: string };

/** One signer's signature: its nonce, our fact, its record, our countersignature, its release. */
async function obtain(
  tower: Evacuator,
  signer: string,
  ask: { wallet: string; number: number; intent: Intent; evidence: Evidence; plan: string; share: string },
): Promise<Obtained> {
  const socket = tower.sockets.get(signer);
  if (socket === undefined) return { kind: 'failed', detail: `no socket of ${signer} is configured` };
  const failed = (answer: {
    readonly kind: string;
    readonly why?: string;
    readonly detail?: string;
  }): Obtained => ({
    kind: 'failed',
    detail: `${signer} ${answer.kind}: ${answer.why ?? ''} ${answer.detail ?? ''}`,
  });
  const nonce = await call(socket, signerRoutes.nonce, {});
  if (nonce.kind !== 'nonce') return failed(nonce);
  const fact = await tower.testify(ask.wallet, [nonce.nonce]);
  if (typeof fact === 'string') return { kind: 'failed', detail: fact };
  const proposed = await call(socket, signerRoutes.propose, { kind: 'evacuation', ...ask, facts: [fact] });
  if (proposed.kind !== 'recorded') return failed(proposed);
  const countersigned = await countersign(tower, proposed.record);
  if (countersigned.kind !== 'countersigned') return failed(countersigned);
  const { countersignature } = countersigned;
  const entry = await call(socket, signerRoutes.release, {
    entry: entryHash(proposed.record.entry),
    countersignatures: [countersignature],
  });
  return entry.kind === 'signed' ? { kind: 'signed', signature: entry.signature } : failed(entry);
}

/** What transactions that wait at any node have already reserved of the wallet: amount and every fee. */
function reserved(nodes: readonly Followed[], wallet: Wallet): bigint {
  const waiting = new Map(nodes.flatMap(({ pending }) => [...pending]));
  let total = 0n;
  for (const { transaction, cosignatures } of waiting.values()) {
    const inner = transaction.kind === 'multisig' ? transaction.inner : transaction;
    if (inner.signer !== wallet.publicKey) continue;
    total += inner.fee + (inner.kind === 'transfer' ? inner.amount : 0n);
    if (transaction.kind === 'multisig') total += transaction.fee;
    for (const { transaction: cosignature } of cosignatures) total += cosignature.fee;
  }
  return total;
}
