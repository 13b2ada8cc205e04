/**
 * Time: the watchtowers' is the house's, since signers and chain are judged by it. What would be done by a wrong clock of
 * our own - a plan dated for another day, money given back too early - waits until the two are one again.
 */
import { factLifetime, watchtowerRoutes } from '@kuramori/core';
import type { House } from '../house.ts';

export type Time =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly why: string }
  /** Too few watchtowers answer. */
  | { readonly kind: 'untold'; readonly why: string };

/** Compares our clock with the median of the watchtowers'. They may be apart by as much as a fact lives. */
export async function timeOf({ watchtowers, policy, clock, lines }: House): Promise<Time> {
  const answers = await lines.sharing('time', 1_000, () =>
    Promise.all(watchtowers.map(({ at }) => lines.ask(at, watchtowerRoutes.status, {}))),
  );
  const now = clock.now();
  const clocks = answers.flatMap((answer) => (answer.kind === 'status' ? answer.at : []));
  if (clocks.length < policy.watchtowers.quorum) {
    const silent = answers.flatMap((answer) => (answer.kind === 'status' ? [] : answer.detail));
    return { kind: 'untold', why: `the watchtowers, who tell the time: ${silent.join('; ')}` };
  }
  clocks.sort((one, other) => one - other);
  const off = now - (clocks[Math.floor((clocks.length - 1) / 2)] ?? now);
  if (Math.abs(off) <= factLifetime) return { kind: 'right' };
  const seconds = Math.round(Math.abs(off) / 1000);
  const why = `this clock is ${seconds} s ${off > 0 ? 'ahead of' : 'behind'} the watchtowers': set it right; until then nothing is planned or given up`;
  return { kind: 'wrong', why };
}
