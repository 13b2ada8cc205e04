/**
 * Judging a sweep: what is too much may always go to our own cold wallets, a few times a day, and not all of it; to a hot wallet that
 * the policy names for it, as one that takes its place, wholly.
 */
import { refuse, sum, type Refused } from './case.ts';
import type { Witnessed } from './fact.ts';
import type { PastSweep } from './history.ts';
import { costOf, intentDigest, type Intent } from './intent.ts';
import type { Policy, Rule } from './policy.ts';
import { mostAhead, treasuryId } from './treasury.ts';

const day = 24 * 3_600_000;

/** `past`: every sweep that was recorded before it. Nobody's request stands behind it, so everything is checked here. */
export function judgeSweep(
  policy: Policy,
  rule: Rule,
  intent: Intent,
  number: number,
  past: readonly PastSweep[],
  witnessed: Witnessed,
): Refused | undefined {
  const { wallet, destination, amount, feeCap } = intent;
  if (amount <= 0n) return refuse('no-rule', 'a sweep of nothing is none');
  if (!rule.sweep) return refuse('no-rule', `no rule lets ${intent.asset} be swept from ${wallet}`);
  if (
    intent.reason !== 'sweep' ||
    wallet !== rule.wallet ||
    intent.id !== treasuryId('sweep', wallet, number)
  )
    return refuse('intent-altered', 'the id is not that of this wallet and number');
  const to = policy.wallets.find(
    ({ id, address }) => id !== wallet && rule.sweep?.to.includes(id) && address === destination.address,
  );
  if (!to || destination.memo !== '')
    return refuse('destination-not-pinned', `${destination.address} is no address that ${wallet} sweeps to`);
  const { count, fees } = rule.sweep.perDay;
  const mine = past.filter((one) => one.wallet === wallet && one.asset === intent.asset);
  const self = intentDigest(intent);
  // One that is planned anew, its earlier plan being dead, does not stand in its own way.
  const others = mine.filter((one) => one.intent !== self);
  const again = others.length < mine.length;
  const last = mine.reduce((most, one) => (one.number > most ? one.number : most), 0);
  if (!again && number <= last) return refuse('number-used', `${number} is not above ${last}`);
  if (number > last + mostAhead) return refuse('number-far-ahead', `${number} after ${last}`);
  const today = others.filter(({ at }) => at > witnessed.at - day);
  if (today.length >= count)
    return refuse('over-sweep-count', `${today.length} of ${count} sweeps are made within 24 h`);
  const used = sum(today.map((one) => one.feeCap));
  if (used + feeCap > fees)
    return refuse('over-sweep-fees', `${used} of ${fees} are used for sweeps within 24 h`);
  // Where it goes it is hot as well: of a wallet that gives up its place nothing need be left.
  if (to.role !== 'hot' && witnessed.balance - costOf(intent) < rule.sweep.leave)
    return refuse('leaves-too-little', `a sweep must leave ${rule.sweep.leave} of ${witnessed.balance}`);
  return undefined;
}
