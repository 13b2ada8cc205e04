/** Home on NEM: what no pending transaction has reserved, in one payment that the signers who are ready sign together. */
import { XEM, type NemWallet } from '@kuramori/core';
import {
  combine,
  movements,
  nemTimeOf,
  planPayment,
  transactionHash,
  unixMsOf,
  type NemNetwork,
  type Planned,
} from '@kuramori/chains/nem/codec';
import type { NemNode, SeenTransaction } from '@kuramori/chains/nem/node';
import type { Homeward, Homing, Sent } from '../eye.ts';
import type { Followed } from '../follow.ts';

/** How long an evacuation's transaction stays valid, in seconds. */
const lifetime = 3600;

interface Parts {
  readonly nodes: readonly NemNode[];
  readonly network: NemNetwork;
  readonly followed: readonly Followed<SeenTransaction>[];
  readonly now: number;
}

export function planNemHome(
  { nodes, network, followed, now }: Parts,
  { wallet, home, balance, keys }: Homing & { readonly wallet: NemWallet },
): Homeward {
  const timeStamp = nemTimeOf(now);
  const deadline = timeStamp + lifetime;
  const draft = (units: bigint) =>
    planPayment({ wallet, network, recipient: home, units, memo: '', timeStamp, deadline, keys });
  // A pooled spend cannot be displaced (the later one gets 5), so only what no pending transaction has reserved is sent.
  const free = balance - reserved(followed, wallet);
  const most = draft(free > 0n ? free : 0n);
  if (most.kind === 'refused') return { kind: 'refused', why: `${most.field}: ${most.why}` };
  const units = free - most.planned.fees;
  if (units <= 0n) return { kind: 'nothing-left' };
  const plan = draft(units);
  if (plan.kind === 'refused') return { kind: 'refused', why: `${plan.field}: ${plan.why}` };
  const { planned } = plan;
  return {
    kind: 'planned',
    asset: XEM,
    plan: planned.plan,
    shares: planned.shares,
    units,
    fees: planned.fees,
    expiry: Math.floor(unixMsOf(deadline) / 1000),
    previous: [],
    send: (signatures) => send(nodes, planned, signatures),
  };
}

async function send(
  nodes: readonly NemNode[],
  planned: Planned,
  signatures: ReadonlyMap<string, string>,
): Promise<Sent> {
  const combined = combine(planned, signatures);
  if (combined.kind === 'refused') return { kind: 'refused', why: `${combined.key} ${combined.why}` };
  const answers: { node: string; transaction: string; said: string }[] = [];
  let taken = true;
  for (const announcement of combined.announcements) {
    const said = await Promise.all(nodes.map((node) => node.announce(announcement)));
    const transaction = transactionHash(Uint8Array.fromHex(announcement.data));
    for (const [index, answer] of said.entries())
      answers.push({
        node: nodes[index]?.url ?? '',
        transaction,
        said: answer.kind === 'read' ? `${answer.value.code} ${answer.value.message}` : answer.detail,
      });
    taken = said.some((answer) => answer.kind === 'read' && answer.value.code <= 1);
    // A cosignature of what nobody has would only be refused.
    if (!taken) break;
  }
  return { kind: 'announced', answers, taken };
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
