/** Shown: a policy's pinned things in words, decoded from the signed bytes, for people who are about to believe them. */
import { formatAmount, PublicKeyHex, type ColdRule, type Passkeys, type Policy } from '@kuramori/core';
import { fingerprintOf } from './fingerprint.ts';

type Row = readonly [what: string, says: string];

/** Never with the policy's digest: people must have that from the keepers, and type it. */
export function wordsOf(policy: Policy, roles: readonly string[]): readonly string[] {
  const key = (of: string) => fingerprintOf(of);
  const { keepers, watchtowers, rules, coldRules = [], vaults = [], passkeys } = policy;
  const rows: readonly Row[] = [
    ['policy', `version ${policy.version}, ${policy.network}, made ${isoOf(policy.issued)}`],
    ['keepers', `${keepers.quorum} of these ${keepers.people.length} make the rules`],
    ...keepers.people.map((one): Row => ['', `${one.name}  ${key(one.key)}`]),
    ...policy.exchanges.flatMap(({ id, keys }): Row[] => [
      ['exchange', id],
      ...keys.map((one): Row => [
        '',
        `${one.keyId}  ${key(one.publicKey)}  may ${one.roles.join(', ')}, from ${one.addresses.join(', ')}`,
      ]),
    ]),
    ...policy.wallets.flatMap((wallet): Row[] => [
      [
        `${wallet.role} wallet`,
        `${wallet.id}  ${wallet.address}  ${wallet.threshold} of ${wallet.cosigners.length} keys${wallet.evacuateTo === null ? '' : `, goes home to ${wallet.evacuateTo}`}`,
      ],
      ...[...wallet.cosigners, ...(wallet.spares ?? [])].map((one, index): Row => [
        '',
        `${key(one.publicKey)}  ${one.signer ?? one.vault ?? 'a vault'}${index < wallet.cosigners.length ? '' : ', a spare'}`,
      ]),
    ]),
    ...coldRules.flatMap((rule): Row[] => [
      [
        `leaves ${rule.wallet}`,
        `${rule.asset} to ${rule.to.join(', ')}: ${formatAmount(rule.perMove, rule.asset)} each, ${rule.perDay.count} and ${formatAmount(rule.perDay.units, rule.asset)} in 24 hours; ${rule.approvals.quorum} of these ${rule.approvals.people.length} approve${bothOf(rule)}`,
      ],
      ...rule.approvals.people.map((one): Row => ['', person(one)]),
    ]),
    ...(passkeys ? passkeyRows(passkeys, rules) : []),
    ...vaults.map(({ id, recordKey }, index): Row => [
      index === 0 ? 'vaults' : '',
      `${id}  ${key(recordKey)}`,
    ]),
    ['watchtowers', `${watchtowers.quorum} of these ${watchtowers.keys.length} must agree`],
    ...watchtowers.keys.map((one): Row => ['', key(one)]),
    ['operators', 'may freeze'],
    ...policy.operators.map((one): Row => ['', `${one.name}  ${key(one.key)}`]),
    ...roles.map((role, index): Row => [index === 0 ? 'this signer' : '', role]),
  ];
  return rows.map(([what, says]) => `${what.padEnd(12)}  ${says}`);
}

/** Who approves by passkeys, by which pages; and which rules ask for a second device. */
function passkeyRows({ rpId, origins, people }: Passkeys, rules: Policy['rules']): readonly Row[] {
  return [
    ['passkeys', `of ${rpId}, asked for by ${origins.join(', ')}`],
    ...people.flatMap(({ person: of, passkeys }) =>
      passkeys.map(({ publicKey, synced }): Row => [
        '',
        // Without the 04 that all begin with.
        `${person(of)}  approves by ${fingerprintOf(publicKey.slice(2))}${synced ? ', which may be copied' : ''}`,
      ]),
    ),
    ...rules.flatMap((rule): Row[] => {
      const both = bothOf(rule);
      return both === '' ? [] : [['approvals', `of ${rule.asset} from ${rule.wallet}${both}`]];
    }),
  ];
}

function bothOf({ asset, approvals }: Policy['rules'][number] | ColdRule): string {
  const above = approvals?.secondDevice?.above;
  return above === undefined ? '' : `, above ${formatAmount(above, asset)} each by key and passkey`;
}

/** A name as it is; of a key its beginning. */
function person(of: string): string {
  return PublicKeyHex.safeParse(of).success ? fingerprintOf(of) : of;
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
