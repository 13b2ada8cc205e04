/** How a withdrawal takes a step or waits: state, money and next job in one transaction, shared with whoever steps at the moment. */
import type { Client, Operation } from '@kuramori/ledger';
import { enqueue } from '../jobs/enqueue.ts';
import type { Branch } from '../branch.ts';
import {
  seenBy,
  writeSteps,
  type Change,
  type NewPlan,
  type SeenWithdrawal,
  type Withdrawal,
} from './row.ts';
import type { State } from './states.ts';

/**
 * Whether its story goes on at once or rests. Its job is there, locked by whoever works on it, until it rests: should they
 * die, it is somebody else's.
 */
export type Next = 'on' | 'rests';

/** One move, with whatever else belongs to it. It rests where somebody else has moved it meanwhile. */
export async function step(
  house: Branch,
  from: SeenWithdrawal,
  to: State,
  given: Change = {},
  operation?: Operation,
): Promise<Next> {
  const taken = await house.convoy.take({
    branch: house,
    step: { ...seenBy(from), to, ...given },
    again: null,
    ...(operation ? { operation } : {}),
  });
  return taken === 'taken' ? 'on' : leave(house, from.id);
}

/** → planned; or another intent has the same bytes, and nothing is changed. */
export async function planStep(house: Branch, from: Withdrawal, plan: NewPlan): Promise<Next | 'same-bytes'> {
  const taken = await house.convoy.take({
    branch: house,
    step: { ...seenBy(from), to: 'planned', plan },
    again: null,
  });
  if (taken === 'same-bytes') return taken;
  return taken === 'taken' ? 'on' : leave(house, from.id);
}

/** Whoever has moved it goes on with it; should they die, their job is not found again where it was called once more. */
async function leave(house: Branch, id: string): Promise<Next> {
  await enqueue(house.pool, id, house.pollMs);
  return 'rests';
}

/** How much slower than usual somebody is asked again whose answer calls by itself. */
export const [rather, slowly] = [5, 20] as const;

/** Looks again soon. What is waited for is kept, so that people see it. */
export function wait(house: Branch, from: Withdrawal, why: string, times = 1): Promise<Next> {
  return waitFor(house, from, why, house.pollMs * times);
}

/** The same for so many milliseconds. */
export async function waitFor(house: Branch, from: Withdrawal, why: string, again: number): Promise<Next> {
  const taken = await house.convoy.take({ branch: house, step: { ...seenBy(from), why }, again });
  return taken === 'taken' ? 'rests' : leave(house, from.id);
}

/** Waits for somebody who calls. In the caller's transaction. */
export async function note(house: Branch, client: Client, from: Withdrawal, why: string): Promise<void> {
  await writeSteps(house, client, [{ ...seenBy(from), why }]);
}
