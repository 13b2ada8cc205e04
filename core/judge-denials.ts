/** Judging denials: which of a policy's hold for a payment, what people are asked to lift, and what only time does. */
import { countApprovals } from './approval.ts';
import { changes, dependsOnOthers, holdsAlways, holdsNow, isWithin } from './condition.ts';
import type { Denial, Scene, Vocabulary } from './denial.ts';
import type { Intent } from './intent.ts';

/** A denial that holds: for good, or until something changes. */
export interface Held {
  readonly denial: string;
  readonly forGood: boolean;
  readonly why: string;
}

export interface Denied {
  readonly held: readonly Held[];
  /** Denials that would hold, and are lifted by what was given. */
  readonly lifted: readonly string[];
}

/** Every denial of the policy held against one payment. */
export function judgeDenials(policy: Vocabulary, scene: Scene): Denied {
  const held: Held[] = [];
  const lifted: string[] = [];
  for (const denial of policy.denials) {
    if (!holdsAlways(policy, denial.when, scene.intent) || !holdsNow(policy, denial.when, scene)) continue;
    const lacks = denial.unless === undefined ? '' : lackOf(policy, denial.unless, scene);
    if (lacks === null) lifted.push(denial.id);
    else
      held.push({
        denial: denial.id,
        forGood: denial.unless === undefined && !changes(denial.when),
        why: lacks,
      });
  }
  return { held, lifted };
}

/** What people are asked for an intent: by a denial that holds whatever else happens, or by one that may. */
export interface Demand {
  /** Null where the rule asks. */
  readonly denial: string | null;
  readonly people: readonly string[];
  readonly quorum: number;
  readonly certain: boolean;
  /** Above this amount a person counts by a key and a passkey. Only rules ask for it. */
  readonly secondDevice?: { readonly above: bigint } | undefined;
}

export function demandsOf(policy: Vocabulary, intent: Intent): readonly Demand[] {
  return policy.denials.flatMap(({ id: denial, when, unless }) =>
    holdsAlways(policy, when, intent)
      ? (unless?.approvals ?? []).map(({ group, quorum }) => {
          return { denial, people: peopleOf(policy, group), quorum, certain: !changes(when) };
        })
      : [],
  );
}

/** Signers and watchtowers tell the time a little apart: near an end of a denial one of them would still hold it. */
const apart = 30_000;

/**
 * Why a payment must wait, by denials that time alone lifts; null where none does. Asked before it is planned: signers
 * and watchtowers would refuse it.
 */
export function waitsBy(
  policy: Vocabulary,
  intent: Intent,
  requested: number | null,
  at: number,
): string | null {
  const scene = { intent, approvals: [], requested, outflows: new Map(), together: [], balance: 0n };
  for (const { id, when, unless } of policy.denials) {
    if (dependsOnOthers(when) || !holdsAlways(policy, when, intent)) continue;
    const { waitedSeconds } = unless ?? {};
    const { time } = when;
    if (time && isWithin(time, at - apart) !== isWithin(time, at + apart))
      return `the policy's ${id}: too near to ${time.from} or ${time.to}`;
    // Without either it holds for good, and whoever is asked says so; where people lift it, they are asked.
    if (waitedSeconds === undefined && (time === undefined || unless !== undefined)) continue;
    for (const moment of [at - apart, at + apart]) {
      if (when.time !== undefined && !isWithin(when.time, moment)) continue;
      const lacks =
        waitedSeconds === undefined
          ? `not between ${when.time?.from} and ${when.time?.to}`
          : lackOf(policy, { waitedSeconds }, { ...scene, at: moment });
      if (lacks !== null) return `the policy's ${id}: ${lacks}`;
    }
  }
  return null;
}

function peopleOf({ groups }: Vocabulary, name: string): readonly string[] {
  return groups.find(({ id }) => id === name)?.people ?? [];
}

/** What is still missing, in one line; null where all is there. */
function lackOf(
  policy: Vocabulary,
  { approvals = [], waitedSeconds }: NonNullable<Denial['unless']>,
  { intent, approvals: given, requested, at }: Scene,
): string | null {
  for (const { group, quorum } of approvals) {
    const count = countApprovals(policy, { people: peopleOf(policy, group) }, intent, given);
    if (count < quorum) return `${count} of the ${quorum} approvals of ${group} that would lift it`;
  }
  if (waitedSeconds === undefined) return null;
  if (requested === null) return `nobody asked for it, so it cannot have waited ${waitedSeconds} s`;
  const waited = Math.floor(at / 1000) - requested;
  return waited >= waitedSeconds ? null : `it has waited ${waited} of ${waitedSeconds} s`;
}
