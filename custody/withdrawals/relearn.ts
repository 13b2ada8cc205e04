/**
 * Relearn: payments that the signers recorded and this database has forgotten. The exchange's signed request is in the
 * record, so nobody's word is taken for it but the exchange's; a sweep's is the policy's. The money is held, the recorded plan is the withdrawal's
 * plan, and its story goes on from there: the same records, the same signatures, the same bytes, so nothing is paid twice.
 */
import { call } from '@kuramori/chains/http';
import {
  countersigned,
  entryHash,
  intentDigest,
  readFacts,
  requestedIntent,
  ruleFor,
  SignedEntry,
  sweepIntent,
  verifyRequest,
  watchtowerRoutes,
  type Intent,
  type PaymentAsk,
  type SignedRequest,
} from '@kuramori/core';
import { hold, inTransaction, rows, type Client } from '@kuramori/ledger';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { keepApproval } from './approval.ts';
import { findCustomer, openCustomer } from '../customer.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { branchOf, type Branch } from '../branch.ts';
import type { House } from '../house.ts';
import { insertSweep } from '../treasury/sweep.ts';
import { insertWithdrawal } from './request.ts';
import {
  change,
  findWithdrawal,
  intentOf,
  keepDead,
  plansOf,
  type KeptPlan,
  type Withdrawal,
} from './row.ts';
import { next } from './states.ts';

const Forgotten = z.object({ intent: z.string(), plan: z.string(), record: SignedEntry });
type Forgotten = z.output<typeof Forgotten>;

/** Learns what can be learned, in the order in which it was recorded. What cannot stays, with the reason. */
export async function relearn(house: House): Promise<void> {
  const open = await rows(
    house.pool,
    Forgotten,
    'select intent, plan, record from custody.forgotten where learned_at is null order by at, plan limit 10000',
  );
  for (const one of open) {
    try {
      await inTransaction(house.pool, (client) => learn(house, client, one));
    } catch (cause) {
      if (!(cause instanceof NotYet)) throw cause;
      await house.pool.query(
        'update custody.forgotten set why = $3 where intent = $1 and plan = $2 and why is distinct from $3',
        [one.intent, one.plan, cause.message.slice(0, 1000)],
      );
    }
  }
}

/** It cannot be learned as things stand: nothing is changed, and it is tried again. */
class NotYet extends Error {
  override readonly name = 'NotYet';
}

async function learn(all: House, client: Client, { intent: id, plan, record }: Forgotten): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`relearn ${id}`]);
  const { body } = record.entry;
  const part = body.kind === 'payment' ? body.intents.find(({ intent }) => intent.id === id) : undefined;
  if (body.kind !== 'payment' || !part) throw new Error(`the record of ${id} is not about it any more`);
  const house = branchOf(all, body.wallet);
  const nobodys = (why: string) => {
    // A signer that records what nobody asked for was taken, or was refused by its watchtowers.
    log('a record of nobody’s request', { intent: id, signer: record.entry.signer, why });
    return done(house, client, id, plan, why);
  };
  const asked = askedBy(house, part);
  if (typeof asked === 'string') return nobodys(asked);
  // No exchange has signed a sweep: one taken signer could write down any. It counts as the watchtowers judge it.
  const refused = asked.kind === 'sweep' ? await notCountersigned(house, record) : null;
  if (refused !== null) return nobodys(refused);
  const known = await findWithdrawal(client, id);
  // Where too few have recorded a sweep for it to be paid, its number may be another one's here.
  if (asked.kind === 'sweep' && known && intentDigest(intentOf(house, known)) !== intentDigest(asked.intent))
    return nobodys('its number is another sweep’s here, so those who sign that one never signed this');
  const over = await follow(house, client, known ?? (await insert(house, client, asked)), { id, plan, body });
  for (const approval of part.approvals) await keepApproval(client, id, approval, house.clock.now());
  await enqueue(client, id);
  return done(house, client, id, plan, over);
}

/** Refusals of a watchtower that are its verdict on the record itself. */
const verdicts: ReadonlySet<string> = new Set([
  'judged',
  'policy',
  'superseded',
  'paid-by-another-transaction',
]);

/** Why a quorum of watchtowers does not stand behind a record; null where it does. */
async function notCountersigned(house: Branch, record: SignedEntry): Promise<string | null> {
  const answers = await Promise.all(
    house.watchtowers.map(({ at }) => call(at, watchtowerRoutes.countersign, record)),
  );
  const signatures = answers.flatMap((answer) =>
    answer.kind === 'countersigned' ? answer.countersignature : [],
  );
  const { quorum, keys } = house.policy.watchtowers;
  if (countersigned(house.policy, entryHash(record.entry), signatures) >= quorum) return null;
  const refused = answers.flatMap((answer) =>
    answer.kind === 'refused' && verdicts.has(answer.why) ? `${answer.why}: ${answer.detail}` : [],
  );
  if (keys.length - refused.length < quorum) return refused.join('; ');
  const others = answers.flatMap((answer) =>
    answer.kind === 'countersigned'
      ? []
      : 'why' in answer
        ? `${answer.why}: ${answer.detail}`
        : answer.detail,
  );
  throw new NotYet(`the watchtowers must say whether this sweep is one: ${others.join('; ')}`);
}

/** For good: it is learned, or is nothing of ours. */
async function done(
  house: Branch,
  client: Client,
  id: string,
  plan: string,
  why: string | null,
): Promise<void> {
  await client.query(
    'update custody.forgotten set learned_at = $3, why = $4 where intent = $1 and plan = $2',
    [id, plan, house.clock.now(), why],
  );
}

type Part = PaymentAsk['intents'][number];
type Asked =
  | {
      readonly kind: 'request';
      readonly intent: Intent;
      readonly request: SignedRequest;
      readonly customer: string | null;
      readonly deposit: string | null;
    }
  | { readonly kind: 'sweep'; readonly intent: Intent; readonly number: number; readonly cold: string };

/** What the exchange asked for, or the policy lets be swept; or why it is neither. */
function askedBy(house: Branch, { intent, authority }: Part): Asked | string {
  return authority.kind === 'treasury'
    ? sweptBy(house, intent, authority.number)
    : requestedBy(house, intent, authority.request);
}

function requestedBy({ exchange, hot }: Branch, intent: Intent, request: SignedRequest): Asked | string {
  const key = exchange.keys.find(({ keyId }) => keyId === request.keyId);
  if (!key || !verifyRequest(key.publicKey, request)) return `not signed by a key of ${exchange.id}`;
  const read = requestedIntent(exchange.id, hot.id, request);
  if (read.kind === 'refused') return `${read.field} ${read.why}`;
  if (intentDigest(read.intent) !== intentDigest(intent)) return 'the request leads to another intent';
  return read.kind === 'withdrawal'
    ? { kind: 'request', intent, request, customer: read.body.customer, deposit: null }
    : { kind: 'request', intent, request, customer: null, deposit: read.body.deposit };
}

function sweptBy({ policy, hot }: Branch, intent: Intent, number: number): Asked | string {
  const { destination, asset, amount, feeCap, expiry } = intent;
  const cold = policy.wallets.find(
    ({ id, role, address }) =>
      (role === 'cold' || ruleFor(policy, hot.id, asset)?.sweep?.to.includes(id)) &&
      address === destination.address,
  );
  if (!cold) return `${destination.address} is no wallet of ours that ${hot.id} sweeps to`;
  const swept = sweepIntent(hot, cold, { number, asset, amount, feeCap, expiry });
  if (intentDigest(swept) !== intentDigest(intent)) return 'the number leads to another intent';
  return { kind: 'sweep', intent, number, cold: cold.id };
}

/** The withdrawal as it was asked for, its money held. */
async function insert(house: Branch, client: Client, asked: Asked): Promise<Withdrawal> {
  const why = 'learned again from the signers’ journals';
  const { id } = asked.intent;
  if (asked.kind === 'sweep') await insertSweep(house, client, { ...asked, why });
  else await insertAsked(house, client, asked, why);
  const inserted = await findWithdrawal(client, id);
  if (!inserted) throw new Error(`withdrawal ${id} was not kept`);
  log('withdrawal learned again', { id, reason: asked.intent.reason });
  return inserted;
}

async function insertAsked(
  house: Branch,
  client: Client,
  { intent, request, customer, deposit }: Extract<Asked, { kind: 'request' }>,
  why: string,
): Promise<void> {
  if (customer !== null && (await findCustomer(client, customer)) === undefined)
    await openCustomer(client, customer, house.clock.now());
  if (deposit !== null) {
    const taken = await client.query(
      "update custody.deposit set state = 'returning' where id = $1 and state = 'held'",
      [deposit],
    );
    if (taken.rowCount !== 1) throw new NotYet(`deposit ${deposit} is not read yet, or is not held`);
  }
  const { id, asset, amount, feeCap } = intent;
  const of = customer === null ? ({ kind: 'unclaimed' } as const) : ({ kind: 'customer', customer } as const);
  const held = await hold(client, { id, of, asset, amount, feeCap });
  if (held.kind === 'refused')
    throw new NotYet(
      `${customer ?? deposit}: ${held.detail}; ${amount + feeCap} must be available, since it was paid or may be: book what is missing`,
    );
  await insertWithdrawal(house, client, { intent, request, customer, deposit, priority: 'normal', why });
}

/** Makes the recorded plan the withdrawal's own; or says why nothing can come of it any more. */
async function follow(
  house: Branch,
  client: Client,
  found: Withdrawal,
  { id, plan, body }: { readonly id: string; readonly plan: string; readonly body: PaymentAsk },
): Promise<string | null> {
  let withdrawal = found;
  const plans = await plansOf(client, id);
  if (plans.some(({ digest }) => digest === plan)) return null;
  const recorded = house.chain.planAgain(
    house,
    body.intents.map(({ intent }) => intent) as [Intent, ...Intent[]],
    body.plan,
    await signersOf(client, id, plan),
  );
  if (typeof recorded === 'string') throw new NotYet(recorded);
  const again = recorded[body.intents.findIndex(({ intent }) => intent.id === id)];
  if (!again) throw new Error(`a plan of ${id} is planned again without it`);
  const alive = plans.filter(({ dead }) => !dead);
  // Beside what shares a coin with it it can never confirm.
  const beside = alive.filter(({ spends }) => spends.some((coin) => again.spends.includes(coin)));
  const ended = alive.filter((one) => !beside.includes(one));
  if (ended.length > 0) withdrawal = await end(house, client, withdrawal, ended, body);
  const paying = beside.find(({ transaction }) => transaction === withdrawal.paid?.transaction);
  if (withdrawal.state === 'final' && paying)
    return `paid by ${paying.transaction}, beside which it can never confirm`;
  if (!next[withdrawal.state].includes('planned'))
    throw new NotYet(`signers have recorded a transaction for it, and it is ${withdrawal.state} here`);
  const given = {
    plan: again,
    beside: beside.map(({ digest }) => digest),
    why: 'learned again from the signers’ journals',
  };
  if (!(await change(house, client, withdrawal, 'planned', given))) throw new NotYet('it changed meanwhile');
  // It is under way already, so it counts as such.
  await client.query('update custody.withdrawal set turn_at = $2 where id = $1', [id, house.clock.now()]);
  return null;
}

/** The signers recorded another one after these only because a quorum of watchtowers called them dead: their word is there. */
async function end(
  house: Branch,
  client: Client,
  withdrawal: Withdrawal,
  plans: readonly KeptPlan[],
  { facts: given }: PaymentAsk,
): Promise<Withdrawal> {
  const { id, asset, state } = withdrawal;
  const facts = readFacts(house.policy, house.hot.id, asset, given);
  const dead = 'by the facts in the signers’ next record of it';
  for (const { number, digest, transaction } of plans) {
    const newest = number === withdrawal.plan?.number;
    if (
      facts.kind === 'refused' ||
      !facts.witnessed.dead.has(digest) ||
      (newest && !next[state].includes('expired'))
    )
      throw new NotYet(`signers have recorded a transaction beside ${transaction}, which is ${state} here`);
    if (!newest) await keepDead(client, id, number, dead, house.clock.now());
  }
  if (!plans.some(({ number }) => number === withdrawal.plan?.number)) return withdrawal;
  const why = 'the signers’ journals hold a later plan, and facts that call this one dead';
  if (!(await change(house, client, withdrawal, 'expired', { why, dead })))
    throw new NotYet('it changed meanwhile');
  return { ...withdrawal, state: 'expired' };
}

async function signersOf(client: Client, id: string, plan: string): Promise<readonly string[]> {
  const found = await rows(
    client,
    z.object({ signer: z.string() }),
    'select signer from custody.recorded where intent = $1 and plan = $2 order by signer',
    [id, plan],
  );
  return found.map(({ signer }) => signer);
}
