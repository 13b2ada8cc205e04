/** Reach: what each key of a policy does alone, and of what it is one of several. So that nobody has to trust a person with more than is written here. */
import { formatAmount, type Asset, type Policy } from '@kuramori/core';

export interface Reach {
  readonly key: string;
  /** All that the policy has this key for: one that has several is one person's all the same. */
  readonly as: readonly string[];
  /** Whether it freezes the house, alone and at once. */
  readonly stops: boolean;
  /** What leaves by it alone; by whoever asks, signers, watchtowers and limits as they are. */
  readonly moves: readonly string[];
  /** What else it does without anybody. */
  readonly alone: readonly string[];
  /** What it does with others: so many of so many. */
  readonly together: readonly string[];
}

type Part = Omit<Reach, 'key' | 'as' | 'stops'> & { readonly as: string; readonly stops: boolean };
const nothing = { stops: false, moves: [], alone: [], together: [] } as const;

export function reachOf(policy: Policy): readonly Reach[] {
  const parts = new Map<string, Part[]>();
  const add = (key: string, part: Partial<Part> & Pick<Part, 'as'>) =>
    parts.set(key, [...(parts.get(key) ?? []), { ...nothing, ...part }]);
  const { keepers, operators, exchanges, watchtowers, signers, wallets, rules, groups, denials } = policy;
  const { vaults = [], coldRules = [], passkeys } = policy;

  for (const { name, key } of keepers.people)
    add(key, {
      as: `keeper ${name}`,
      ...of('signs the next version, a thaw, a rotation', keepers.quorum, keepers.people.length),
    });
  for (const { name, key } of operators) add(key, { as: `operator ${name}`, stops: true });
  for (const { keys } of exchanges)
    for (const { keyId, publicKey, roles } of keys)
      add(publicKey, {
        as: `the exchange’s ${keyId}`,
        moves: roles.includes('withdraw') ? rules.map(asked) : [],
        ...(roles.length > 0 ? { alone: [`asks custody: ${roles.join(', ')}`] } : {}),
      });
  for (const { wallet, asset, approvals } of rules)
    for (const key of approvals?.people ?? [])
      if (approvals)
        add(key, {
          as: `approver of ${wallet}`,
          ...of(
            `approves from ${formatAmount(approvals.from, asset)} ${asset} on${byBoth(approvals, asset)}`,
            approvals.quorum,
            approvals.people.length,
          ),
        });
  for (const { wallet, asset, to, perDay, approvals } of coldRules)
    for (const key of approvals.people)
      add(key, {
        as: `approver of ${wallet}`,
        ...of(
          `approves what its vaults send to ${to.join(', ')}, ${formatAmount(perDay.units, asset)} ${asset} within 24 h${byBoth(approvals, asset)}`,
          approvals.quorum,
          approvals.people.length,
        ),
      });
  for (const { person, passkeys: held } of passkeys?.people ?? [])
    add(person, { as: `${held.length} ${held.length === 1 ? 'passkey' : 'passkeys'} of ${passkeys?.rpId}` });
  for (const { id, people } of groups) {
    const lifted = denials.flatMap(({ id: denial, unless }) =>
      (unless?.approvals ?? []).flatMap(({ group, quorum }) => (group === id ? [{ denial, quorum }] : [])),
    );
    for (const key of people) {
      if (lifted.length === 0) add(key, { as: `one of ${id}` });
      for (const { denial, quorum } of lifted)
        add(key, { as: `one of ${id}`, ...of(`lifts the denial ${denial}`, quorum, people.length) });
    }
  }
  for (const [index, key] of watchtowers.keys.entries())
    add(key, {
      as: `watchtower ${index + 1}`,
      stops: true,
      ...of('countersigns, and states the chain and the time', watchtowers.quorum, watchtowers.keys.length),
    });
  for (const { id, recordKey } of signers) {
    const held = wallets.filter(({ cosigners }) => cosigners.some(({ signer }) => signer === id));
    add(recordKey, {
      as: `co-signer ${id}`,
      stops: true,
      alone: [],
      together: held.map(({ id: wallet, threshold, cosigners }) =>
        some(`signs for ${wallet}`, threshold, cosigners.length),
      ),
    });
  }
  for (const { id, recordKey } of vaults)
    add(recordKey, {
      as: `vault ${id}`,
      together: wallets.flatMap(({ id: wallet, threshold, cosigners }) =>
        cosigners.some(({ vault }) => vault === id)
          ? some(`signs for ${wallet} what watchtowers ordered`, threshold, cosigners.length)
          : [],
      ),
    });
  return [...parts].map(([key, all]) => ({
    key,
    as: [...new Set(all.map((one) => one.as))],
    stops: all.some(({ stops }) => stops),
    moves: [...new Set(all.flatMap(({ moves }) => moves))],
    alone: [...new Set(all.flatMap(({ alone }) => alone))],
    together: [...new Set(all.flatMap(({ together }) => together))],
  }));
}

/** What the exchange's key gets by asking: below the amount that people approve, as often as the hours' limit lets it. */
function asked({
  wallet,
  asset,
  perPayment,
  rolling,
  firstSeen,
  approvals,
}: Policy['rules'][number]): string {
  const amount = (units: bigint) => `${formatAmount(units, asset)} ${asset}`;
  const below = approvals && approvals.from <= perPayment ? `, each below ${amount(approvals.from)}` : '';
  return `${amount(rolling.units)} from ${wallet} within ${rolling.hours} h${below}; to one that is new ${firstSeen.shareBps / 100} % of it at most`;
}

function byBoth(
  { secondDevice }: { readonly secondDevice?: { readonly above: bigint } | undefined },
  asset: Asset,
): string {
  return secondDevice ? `, above ${formatAmount(secondDevice.above, asset)} by key and passkey` : '';
}

function of(what: string, quorum: number, all: number): Pick<Part, 'alone' | 'together'> {
  return quorum === 1 ? { alone: [what], together: [] } : { alone: [], together: [some(what, quorum, all)] };
}

const some = (what: string, quorum: number, all: number) => `${what}: ${quorum} of ${all}`;
