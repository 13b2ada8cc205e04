/**
 * Batch: withdrawals that one transaction pays. The first of them by name is asked for all until it is signed, so that nobody asks
 * for less than all; each is then followed, and ends, by itself. Where a batch is refused its payments go apart.
 */
import { inTransaction, rows, type Client } from '@kuramori/ledger';
import { z } from 'zod';
import type { Branch } from '../branch.ts';
import { enqueueAll } from '../jobs/enqueue.ts';
import { approvalsFor, givenApprovals } from './approval.ts';
import type { Outcome } from './convoy.ts';
import {
  authorityOf,
  findWithdrawals,
  intentOf,
  planOf,
  seenBy,
  writeSteps,
  type Change,
  type Withdrawal,
} from './row.ts';
import type { Part } from './signing.ts';
import type { State } from './states.ts';
import { slowly, step, wait, type Next } from './step.ts';

export type Batch =
  /** It speaks for all of them, itself included. */
  | { readonly kind: 'leads'; readonly all: readonly [Withdrawal, ...Withdrawal[]] }
  | { readonly kind: 'follows'; readonly lead: string }
  /** Some have gone apart: nobody asks for the whole any more. */
  | { readonly kind: 'parted' }
  /** A restored database has not learned all of them again; or one is further by now, by what the chain has done. */
  | { readonly kind: 'incomplete' };

const givenBack: ReadonlySet<State> = new Set(['refused', 'returned']);

/** `fits`: in which states all of them must be for one to be asked for all. */
export async function batchOf(
  house: Branch,
  withdrawal: Withdrawal,
  fits: (state: State) => boolean = (state) => state === withdrawal.state,
): Promise<Batch> {
  const { digest, plan } = planOf(withdrawal);
  if (plan.pays === undefined) return { kind: 'leads', all: [withdrawal] };
  const all = await withPlan(house.pool, digest);
  const [first, ...others] = all;
  // What the journals do not have either will never come: a record that was nobody's request.
  if (!first || all.length < plan.pays)
    return { kind: house.journals.state().read ? 'parted' : 'incomplete' };
  if (all.some((one) => one.plan?.digest !== digest || givenBack.has(one.state))) return { kind: 'parted' };
  if (!all.every(({ state }) => fits(state))) return { kind: 'incomplete' };
  return first.id === withdrawal.id
    ? { kind: 'leads', all: [first, ...others] }
    : { kind: 'follows', lead: first.id };
}

/** What signers are shown of each: what is asked for, by whose word, and who approved it. */
export async function partsOf(
  house: Branch,
  [first, ...others]: readonly [Withdrawal, ...Withdrawal[]],
): Promise<readonly [Part, ...Part[]]> {
  const partOf = async (one: Withdrawal): Promise<Part> => {
    const intent = intentOf(house, one);
    const approvals = approvalsFor(house, intent).length > 0 ? await givenApprovals(house.pool, one.id) : [];
    return { intent, authority: authorityOf(one), approvals };
  };
  return [await partOf(first), ...(await Promise.all(others.map(partOf)))];
}

export function waitInBatch(
  house: Branch,
  withdrawal: Withdrawal,
  batch: Exclude<Batch, { kind: 'leads' }>,
): Promise<Next> {
  const why =
    batch.kind === 'follows'
      ? `${batch.lead}, for which its transaction is asked for`
      : batch.kind === 'parted'
        ? 'its batch went apart'
        : 'the others of its transaction, which are not all as far as it is';
  return wait(house, withdrawal, why, slowly);
}

/** All that ever had these bytes as a plan, by name. */
async function withPlan(client: Client, digest: string): Promise<readonly Withdrawal[]> {
  const found = await rows(
    client,
    z.object({ id: z.string() }),
    'select withdrawal as id from custody.plan where digest = $1 order by withdrawal',
    [digest],
  );
  const ids = found.map(({ id }) => id);
  const all = await findWithdrawals(client, ids);
  return ids.flatMap((id) => all.get(id) ?? []);
}

/**
 * One move of all of them, or of none: `elsewhere` where one of them is by now, so that the caller's work is to be dropped;
 * `same-bytes` where their plan's bytes, or a coin of it, are another's.
 */
export async function stepAll(
  house: Branch,
  all: readonly Withdrawal[],
  to: State,
  given: (at: number) => Change,
): Promise<Outcome> {
  try {
    await inTransaction(house.pool, async (client) => {
      const steps = all.map((one, at) => ({ ...seenBy(one), to, ...given(at) }));
      const outcomes = await writeSteps(house, client, steps);
      for (const outcome of outcomes) if (outcome !== 'taken') throw new NotTaken(outcome);
      // Whoever is asked for all goes on by itself.
      await enqueueAll(
        client,
        all.slice(1).map(({ id }) => ({ id, ms: 0 })),
      );
    });
    return 'taken';
  } catch (cause) {
    if (cause instanceof NotTaken) return cause.outcome;
    throw cause;
  }
}

class NotTaken extends Error {
  override readonly name = 'NotTaken';
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super(outcome);
    this.outcome = outcome;
  }
}

/** The same of those that one transaction pays, and alike for each. */
export async function stepTogether(
  house: Branch,
  all: readonly [Withdrawal, ...Withdrawal[]],
  to: State,
  given: Change,
): Promise<Next> {
  const [only, ...others] = all;
  if (others.length === 0) return step(house, only, to, given);
  await stepAll(house, all, to, () => given);
  // Taken or not: what stands there now is looked at again.
  return 'on';
}
