/**
 * A withdrawal, top to bottom. The exchange's signed request holds the money; one transaction is planned, for ever;
 * signers record it and watchtowers countersign; signatures are kept before anything is sent; the chain's word settles
 * it or brings the money back. Each step commits its state, its money and its next job in one transaction, can be
 * killed anywhere, and does no harm when it is done twice. The states stand in withdrawal-row.ts.
 */
import { explain, explainShare, innerHash } from '@kuramori/chains/nem/codec';
import { bytesDigest, withdrawalIntent, type Intent, type SignedRequest } from '@kuramori/core';
import {
  hold,
  inTransaction,
  LedgerError,
  settle as settleHold,
  voidHold,
  type Client,
} from '@kuramori/ledger';
import { announce } from './announce.ts';
import { findCustomer } from './customer.ts';
import { enqueue } from './enqueue.ts';
import { fateOf } from './fate.ts';
import type { House } from './house.ts';
import { findPayment } from './outgoing.ts';
import { unprocessable, type Reply } from './problem.ts';
import { hasReadUntil } from './scan.ts';
import { readySigners, release, witness, type Share } from './signing.ts';
import { planFor } from './withdrawal-check.ts';
import {
  addStep,
  change,
  findWithdrawal,
  keepSignatures,
  keepWitnessed,
  witnessedParts,
  type Change,
  type Planned,
  type State,
  type Withdrawal,
} from './withdrawal-row.ts';

/** Too little time left to sign, send and confirm. Seconds. */
const tooLate = 120;

/** → requested: money is held, the request is kept and a job is there, all in the caller's transaction; or nothing is. */
export async function request(
  house: House,
  client: Client,
  signed: SignedRequest,
  intent: Intent,
  customer: string,
): Promise<Reply> {
  if ((await findCustomer(client, customer)) === undefined) {
    return unprocessable('unknown-customer', 'customer', 'is not known here: POST /v1/customers first');
  }
  const { id, asset, amount, feeCap } = intent;
  const held = await hold(client, { id, of: { kind: 'customer', customer }, asset, amount, feeCap });
  if (held.kind === 'refused' && held.why === 'overdraft') {
    return unprocessable(
      'insufficient-funds',
      'amount',
      `amount and fee cap together are more than there is: ${held.detail}`,
    );
  }
  if (held.kind !== 'posted')
    throw new LedgerError(`the ledger knows a hold ${id} of which custody knows nothing`);
  const now = house.clock.now();
  await client.query(
    `insert into custody.withdrawal (id, customer, wallet, asset, amount, fee_cap, request, requested_at, state)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 'requested')`,
    [id, customer, intent.wallet, asset, amount.toString(), feeCap.toString(), JSON.stringify(signed), now],
  );
  await addStep(client, id, 'requested', null, now);
  await enqueue(client, id);
  return { status: 201, body: { id, state: 'requested' } };
}

/** One step further. Runs as a job, again and again until a last state is reached. */
export async function advance(house: House, id: string): Promise<void> {
  const withdrawal = await findWithdrawal(house.pool, id);
  if (!withdrawal) throw new LedgerError(`a job is about withdrawal ${id}, which is not there`);
  switch (withdrawal.state) {
    case 'requested':
      return plan(house, withdrawal);
    case 'planned':
      return gather(house, withdrawal);
    case 'witnessed':
      return sign(house, withdrawal);
    case 'signed':
    case 'sent':
    case 'unknown':
    case 'confirmed':
      return follow(house, withdrawal);
    case 'settled':
    case 'refused':
    case 'expired':
    case 'disputed':
      return undefined;
    default:
      return withdrawal.state satisfies never;
  }
}

/** requested → planned: one transaction, over the keys of those who would sign now. */
async function plan(house: House, withdrawal: Withdrawal): Promise<void> {
  const intent = intentOf(house, withdrawal);
  const now = house.clock.now();
  if (now >= (intent.expiry - tooLate) * 1000)
    return giveUp(house, withdrawal, 'expired', 'nobody could sign it in time');
  const { ready, not } = await readySigners(house);
  const keys = ready.slice(0, house.hot.threshold).map(({ key }) => key);
  if (keys.length < house.hot.threshold) return wait(house, withdrawal, not.join('; '));
  const result = planFor(house, intent, keys, now);
  if (result.kind === 'refused') return giveUp(house, withdrawal, 'refused', `${result.field} ${result.why}`);
  const { planned } = result;
  if (planned.fees > intent.feeCap)
    return giveUp(
      house,
      withdrawal,
      'refused',
      `the network takes ${planned.fees} of at most ${intent.feeCap}`,
    );
  const explained = explainShare(house.hot, planned.plan, planned.plan, house.network);
  const read = explain(Uint8Array.fromHex(planned.plan), house.network);
  if (explained.kind === 'refused' || read.kind === 'refused')
    throw new Error(`a plan of our own cannot be read: ${planned.plan}`);
  const { transactionId, validUntil } = explained.spend;
  const inner = read.transaction.kind === 'multisig' ? innerHash(read.transaction) : transactionId;
  return step(house, withdrawal, 'planned', {
    plan: { planned, transaction: transactionId, inner, validUntil },
  });
}

/** planned → witnessed: every signer has it in its journal and the watchtowers know of it. No signature exists yet. */
async function gather(house: House, withdrawal: Withdrawal): Promise<void> {
  const { planned, validUntil } = planOf(withdrawal);
  if (house.clock.now() >= validUntil * 1000)
    return giveUp(house, withdrawal, 'expired', 'nobody could sign it in time');
  const intent = intentOf(house, withdrawal);
  const shares = sharesOf(house, planned);
  const outcome = await witness(house, { intent, request: withdrawal.request, plan: planned.plan, shares });
  if (outcome.kind === 'wait') return wait(house, withdrawal, outcome.why);
  if (outcome.kind === 'refused') return giveUp(house, withdrawal, 'refused', outcome.why);
  if (outcome.kind === 'disputed') return step(house, withdrawal, 'disputed', { why: outcome.why });
  return step(house, withdrawal, 'witnessed', {}, (client) =>
    keepWitnessed(client, withdrawal.id, outcome.value),
  );
}

/** witnessed → signed: the signatures are let go, checked, and kept before anybody hears of them. */
async function sign(house: House, withdrawal: Withdrawal): Promise<void> {
  const parts = await witnessedParts(house.pool, withdrawal.id);
  const outcomes = await Promise.all(parts.map((part) => release(house, part)));
  const signatures = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? outcome.value : []));
  if (signatures.length === parts.length) {
    return step(house, withdrawal, 'signed', {}, (client) =>
      keepSignatures(client, withdrawal.id, signatures),
    );
  }
  // Some signature may be out already, so only the chain can say that it is over.
  if (await isOver(house, withdrawal)) return undefined;
  return wait(
    house,
    withdrawal,
    outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [] : outcome.why)).join('; '),
  );
}

/** signed → sent | unknown → confirmed → settled: sent to every node, and followed until the chain has spoken. */
async function follow(house: House, withdrawal: Withdrawal): Promise<void> {
  const { id, state } = withdrawal;
  const { transaction, validUntil } = planOf(withdrawal);
  if (await isOver(house, withdrawal)) return undefined;
  // Signed just now: nobody can have seen it.
  const fresh = state === 'signed' && withdrawal.waiting === null;
  const fate = fresh ? ({ kind: 'unseen' } as const) : await fateOf(house, transaction, validUntil);
  if (fate.kind === 'confirmed' && state === 'confirmed')
    return wait(house, withdrawal, `${house.confirmations} confirmations`);
  if (fate.kind === 'confirmed') return step(house, withdrawal, 'confirmed', { height: fate.height });
  if (state === 'confirmed' && fate.kind === 'untold')
    return wait(house, withdrawal, `the watchtowers: ${fate.why}`);
  if (state === 'confirmed')
    return step(house, withdrawal, 'sent', { why: 'the chain was rewritten: its block is gone' });
  const announced = await announce(house, id, fate.kind === 'unseen');
  if (announced.kind === 'taken' && state !== 'sent') return step(house, withdrawal, 'sent');
  if (announced.kind === 'silence' && state === 'signed')
    return step(house, withdrawal, 'unknown', { why: announced.why });
  return wait(house, withdrawal, announced.kind === 'taken' ? 'the chain' : announced.why);
}

/**
 * The two ends that the chain can give. Paid: in a block that our own nodes agree on, deep enough, and confirmed by the
 * watchtowers. Dead: by the watchtowers it can never confirm, and we have read every block in which it could have been
 * paid, be it in a wrapper that a thief made for it.
 */
async function isOver(house: House, withdrawal: Withdrawal): Promise<boolean> {
  const { transaction, validUntil } = planOf(withdrawal);
  const payment = await findPayment(house.pool, withdrawal.id);
  const unknownToUs = payment && (payment.transaction !== transaction || withdrawal.state === 'planned');
  if (unknownToUs && withdrawal.state !== 'confirmed') {
    const why = `found paid, by ${payment.transaction}`;
    await step(house, withdrawal, 'confirmed', { height: payment.height, why });
    return true;
  }
  if (payment && withdrawal.state === 'confirmed') {
    await settle(house, withdrawal, payment);
    return true;
  }
  const late = house.clock.now() > validUntil * 1000;
  if (!late || payment || (await fateOf(house, transaction, validUntil)).kind !== 'dead') return false;
  if (!(await hasReadUntil(house.pool, validUntil))) return false;
  await giveBack(house, withdrawal, 'expired', 'by the watchtowers it can never confirm any more');
  return true;
}

/** confirmed → settled: the customer pays what the network really took, up to the agreed cap; what goes beyond is ours. */
async function settle(
  house: House,
  withdrawal: Withdrawal,
  { fee, height }: { fee: bigint; height: number },
): Promise<void> {
  const { id, wallet, fee_cap: cap } = withdrawal;
  await inTransaction(house.pool, async (client) => {
    if (!(await change(house, client, withdrawal, 'settled', { fee, height }))) return;
    const settled = await settleHold(client, {
      hold: id,
      id: `withdrawal:${id}`,
      wallet,
      fee,
      charged: fee < cap ? fee : cap,
    });
    if (settled.kind === 'refused')
      throw new LedgerError(`withdrawal ${id} is paid, and the ledger refuses to settle it: ${settled.why}`);
  });
}

/**
 * Given up before anything was signed, by what is written here. That can be yesterday's backup, so the signers are asked:
 * where as many as the chain asks for may have recorded it, only the chain can say that it is over.
 */
async function giveUp(
  house: House,
  withdrawal: Withdrawal,
  as: 'refused' | 'expired',
  why: string,
): Promise<void> {
  const { plans, silent } = await house.journals.of(withdrawal.id);
  const ours = withdrawal.plan && bytesDigest(withdrawal.plan.plan);
  if (plans.some((recorded) => recorded !== ours)) {
    return step(house, withdrawal, 'disputed', {
      why: 'signers have recorded a transaction that is not known here',
    });
  }
  if (plans.length + silent.length < house.hot.threshold) return giveBack(house, withdrawal, as, why);
  if (withdrawal.plan && (await isOver(house, withdrawal))) return undefined;
  const open = silent.length > 0 ? `${silent.join(', ')} cannot be asked` : 'the chain could still take it';
  return wait(house, withdrawal, `${why}; the money stays held, since ${open}`);
}

/** The money is the customer's to use again. */
async function giveBack(
  house: House,
  withdrawal: Withdrawal,
  as: 'refused' | 'expired',
  why: string,
): Promise<void> {
  await inTransaction(house.pool, async (client) => {
    if (!(await change(house, client, withdrawal, as, { why }))) return;
    const voided = await voidHold(client, withdrawal.id, as);
    if (voided.kind === 'refused')
      throw new LedgerError(
        `withdrawal ${withdrawal.id} is ${as}, and the ledger refuses to void it: ${voided.why}`,
      );
  });
}

async function step(
  house: House,
  from: Withdrawal,
  to: State,
  given: Change = {},
  also: (client: Client) => Promise<void> = async () => {},
): Promise<void> {
  await inTransaction(house.pool, async (client) => {
    if (!(await change(house, client, from, to, given))) return;
    await also(client);
    await enqueue(client, from.id);
  });
}

/** Looks again soon. What is waited for is kept, so that people see it. */
async function wait(house: House, { id, state, waiting }: Withdrawal, why: string): Promise<void> {
  await inTransaction(house.pool, async (client) => {
    const text = why.slice(0, 1000);
    if (waiting !== text) {
      await client.query('update custody.withdrawal set waiting = $3 where id = $1 and state = $2', [
        id,
        state,
        text,
      ]);
    }
    await enqueue(client, id, house.pollMs);
  });
}

/** Read again out of the signed request at each use: nothing between here and there can alter what was asked. */
function intentOf(house: House, { id, wallet, request: signed }: Withdrawal): Intent {
  const read = withdrawalIntent(house.exchange.id, wallet, signed);
  if (read.kind === 'refused' || read.intent.id !== id)
    throw new Error(`the request of withdrawal ${id} is not its own any more`);
  return read.intent;
}

function planOf({ id, plan: planned, transaction, valid_until: validUntil }: Withdrawal) {
  if (!planned || transaction === null || validUntil === null)
    throw new Error(`withdrawal ${id} has no plan`);
  return { planned, transaction, validUntil };
}

function sharesOf(house: House, planned: Planned): readonly Share[] {
  return planned.shares.map(({ key, share }) => {
    const signer = house.hot.cosigners.find(({ publicKey }) => publicKey === key)?.signer;
    if (signer === null || signer === undefined)
      throw new Error(`the plan asks for the key ${key}, which no signer of ${house.hot.id} holds`);
    return { signer, key, share };
  });
}
