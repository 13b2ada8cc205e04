/** Custody and a watchtower in one, calling a co-signer that runs as a process: what it must be asked before it signs. */
import {
  controlOf,
  beforeFirst,
  entryHash,
  signerRoutes,
  signStatement,
  type SignedEntry,
  asNem,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { nemTimeOf, planPayment } from '@kuramori/chains/nem/codec';
import { intentFor, now, partOf, requestFor, tower, xem } from '../../core/testing/house.ts';
import { alice, cosigners, countersignatureOf, factFor } from './desk.ts';
import type { Program } from './program.ts';

/** Shows the journal that the watchtower holds, by which the signer opens. */
export async function open(
  { at }: Program,
  entries: readonly SignedEntry[] = [],
  hash = beforeFirst,
): Promise<void> {
  const status = await call({ socket: at('socket') }, signerRoutes.status, {});
  if (status.kind !== 'status') throw new Error(JSON.stringify(status));
  const head = { signer: 'signer-1', session: status.session, seq: entries.length, hash };
  const signed = { head, watchtower: tower.publicKey, signature: signStatement(tower, 'journal-head', head) };
  const answer = await call({ socket: at('socket') }, signerRoutes.adopt, {
    head: signed,
    entries: [...entries],
  });
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
}

/** Proposes a payment of 10 XEM, of the given second. */
export async function propose({ at, policy, chainKey }: Program, second: number) {
  const nonce = await call({ socket: at('socket') }, signerRoutes.nonce, {});
  if (nonce.kind !== 'nonce') return nonce;
  const request = requestFor({ to: alice });
  const intent = intentFor(request);
  const [wallet] = policy.wallets;
  const timeStamp = nemTimeOf(now) + second;
  const plan = planPayment({
    wallet: asNem(wallet as NonNullable<typeof wallet>),
    network: 'testnet',
    recipient: alice,
    units: xem('10'),
    memo: '',
    timeStamp,
    deadline: timeStamp + 3600,
    keys: [chainKey, cosigners[1].publicKey],
  });
  if (plan.kind === 'refused') throw new Error(plan.why);
  const bytes = { plan: plan.planned.plan, share: plan.planned.plan };
  const ask = {
    kind: 'payment',
    wallet: 'hot',
    intents: [partOf(request, intent)],
    ...bytes,
    facts: [factFor([nonce.nonce], wallet ? { control: controlOf(wallet) } : {})],
  };
  return call({ socket: at('socket') }, signerRoutes.propose, ask as never);
}

/** Proposes, countersigns, and asks for the signature. */
export async function sign(one: Program, second: number) {
  const answer = await propose(one, second);
  if (answer.kind !== 'recorded') return answer;
  return call({ socket: one.at('socket') }, signerRoutes.release, {
    entry: entryHash(answer.record.entry),
    countersignatures: [countersignatureOf(answer.record)],
  });
}
