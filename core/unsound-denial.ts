/** Whether each word of a denial means something: a denial that means nothing would deny nothing. */
import type { Denial } from './denial.ts';
import type { Policy } from './policy.ts';
import type { Unsound } from './soundness.ts';

export function unsoundDenial(policy: Policy): Unsound | undefined {
  for (const [index, denial] of policy.denials.entries()) {
    const found = flawOf(policy, denial);
    if (found) return { kind: 'refused', field: `denials.${index}.${found[0]}`, why: found[1] };
  }
  return undefined;
}

type Flaw = readonly [field: string, why: string];

function flawOf(policy: Policy, { when, unless }: Denial): Flaw | undefined {
  const missing = (names: readonly string[] | undefined, known: readonly string[]) =>
    names?.find((name) => !known.includes(name));
  const wallet = missing(
    when.wallets,
    policy.wallets.map(({ id }) => id),
  );
  if (wallet !== undefined) return ['when.wallets', `${wallet} is no wallet of this policy`];
  const lists = policy.lists.map(({ id }) => id);
  for (const side of ['in', 'notIn'] as const) {
    const list = missing(when.destination?.[side], lists);
    if (list !== undefined) return [`when.destination.${side}`, `${list} is no list of this policy`];
  }
  if (when.destination && Object.keys(when.destination).length === 0)
    return ['when.destination', 'has no condition'];
  return flawOfBounds(policy, when) ?? (unless && flawOfUnless(policy, unless));
}

function flawOfBounds({ values, rules }: Policy, when: Denial['when']): Flaw | undefined {
  const { amount, rolling, assets, time } = when;
  const bounds = (one: object, names: readonly string[]) => names.filter((name) => name in one).length;
  if (amount && bounds(amount, ['above', 'aboveYen']) !== 1)
    return ['when.amount', 'must have one of above and aboveYen'];
  if (rolling && bounds(rolling, ['above', 'aboveYen', 'aboveCount']) !== 1)
    return ['when.rolling', 'must have one of above, aboveYen and aboveCount'];
  // Units of one asset say nothing of another's.
  if (amount?.above !== undefined && assets?.length !== 1)
    return ['when.assets', 'must name one asset, whose units amount.above counts'];
  if (rolling?.above !== undefined && (rolling.per === 'all' || assets?.length !== 1))
    return ['when.rolling.above', 'counts units of one asset: name it in assets, and no sum over all'];
  const unvalued = rules.find(
    ({ asset }) => (assets?.includes(asset) ?? true) && !values.some((one) => one.asset === asset),
  );
  if ((amount?.aboveYen ?? rolling?.aboveYen) !== undefined && unvalued)
    return ['when', `counts yen, and values does not say what ${unvalued.asset} counts for`];
  if (time && time.from === time.to) return ['when.time.to', 'is when it begins: leave time out for always'];
  return undefined;
}

function flawOfUnless({ groups }: Policy, unless: NonNullable<Denial['unless']>): Flaw | undefined {
  const seen = new Map<string, string>();
  for (const { group: name, quorum } of unless.approvals ?? []) {
    const group = groups.find(({ id }) => id === name);
    if (!group) return ['unless.approvals', `${name} is no group of this policy`];
    if (quorum > group.people.length) return ['unless.approvals', `${quorum} are more than ${name} has`];
    for (const person of group.people) {
      const other = seen.get(person);
      if (other !== undefined)
        return ['unless.approvals', `${person} is in ${other} and in ${name}: one person would count twice`];
      seen.set(person, name);
    }
  }
  return undefined;
}
