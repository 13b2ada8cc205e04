/** A payment that people must approve: as many of the pinned ones as the rule asks for, over this very intent, and nobody twice. */
import { describe, expect, it } from 'vitest';
import {
  approvalOf,
  canonicalText,
  intentDigest,
  judge,
  readPolicy,
  signStatement,
  type Approval,
  type Intent,
  type Policy,
} from './index.ts';
import {
  exchange,
  intentFor,
  keepers,
  keyNamed,
  partOf,
  paymentCase,
  policy,
  records,
  requestFor,
  thief,
  tower,
  why,
  xem,
} from './testing/house.ts';

const people = [keyNamed('person 1'), keyNamed('person 2'), keyNamed('person 3')] as const;
const approvals = { from: xem('100'), quorum: 2, people: people.map(({ publicKey }) => publicKey) };
const withApprovals = (change: Partial<typeof approvals> = {}): Policy => ({
  ...policy,
  rules: policy.rules.map((rule) => ({ ...rule, approvals: { ...approvals, ...change } })),
});

function approve(by: (typeof people)[number], intent: Intent): Approval {
  return { person: by.publicKey, signature: signStatement(by, 'approval', approvalOf(intent)) };
}

function judged(units: string, given: (intent: Intent) => readonly Approval[]): string {
  const request = requestFor({ units: xem(units) });
  const intent = intentFor(request);
  const part = { ...partOf(request, intent), approvals: [...given(intent)] };
  return why(judge(paymentCase([request], { ask: { intents: [part] }, case: { policy: withApprovals() } })));
}

const [one, two, three] = people;

describe('from the rule’s amount on', () => {
  it('two of three people, whoever of them', () => {
    expect(judged('100', (intent) => [approve(one, intent), approve(two, intent)])).toBe('approved');
    expect(judged('100', (intent) => [approve(three, intent), approve(one, intent)])).toBe('approved');
  });

  it('below it nobody is asked', () => {
    expect(judged('99.999999', () => [])).toBe('approved');
  });

  it.each<[string, (intent: Intent) => readonly Approval[]]>([
    ['nobody', () => []],
    ['one', (intent) => [approve(one, intent)]],
    ['one, twice', (intent) => [approve(one, intent), approve(one, intent)]],
    ['one and a thief', (intent) => [approve(one, intent), approve(thief, intent)]],
    [
      'one and a thief under another’s name',
      (intent) => [approve(one, intent), { ...approve(thief, intent), person: two.publicKey }],
    ],
    ['one, and the exchange that asks for it', (intent) => [approve(one, intent), approve(exchange, intent)]],
    ['one, and a watchtower', (intent) => [approve(one, intent), approve(tower, intent)]],
    [
      'two, of another amount',
      (intent) => [
        approve(one, { ...intent, amount: xem('99') }),
        approve(two, { ...intent, amount: xem('99') }),
      ],
    ],
    [
      'two, of another destination',
      (intent) => {
        const other = { ...intent, destination: { address: 'BOB', memo: '' } };
        return [approve(one, other), approve(two, other)];
      },
    ],
    [
      'two, of another request for the same',
      (intent) => {
        const other = { ...intent, id: '1'.repeat(64) };
        return [approve(one, other), approve(two, other)];
      },
    ],
    [
      'two signatures over the bare digest',
      (intent) =>
        [one, two].map((person) => ({
          person: person.publicKey,
          signature: signStatement(person, 'intent', { intent: intentDigest(intent) }),
        })),
    ],
  ])('%s is not enough', (_who, given) => {
    expect(judged('100', given)).toBe('approvals-below-quorum');
  });
});

describe('a policy about approvals that is not sound', () => {
  const refusal = (changed: Policy): string => {
    const [keeper] = keepers;
    const signature = signStatement(keeper, 'policy', changed);
    const file: unknown = JSON.parse(
      canonicalText({ policy: changed, signatures: [{ keeper: keeper.publicKey, signature }] }),
    );
    const read = readPolicy(file, { keys: [keeper.publicKey], quorum: 1 });
    return read.kind === 'refused' ? `${read.field} ${read.why}` : 'read';
  };

  it('as it should be it is read', () => {
    expect(refusal(withApprovals())).toBe('read');
    expect(refusal(withApprovals({ quorum: 3 }))).toBe('read');
  });

  it.each<[string, Policy, RegExp]>([
    ['more asked than there are', withApprovals({ quorum: 4 }), /approvals\.quorum/],
    [
      'one person twice',
      withApprovals({ people: [one.publicKey, one.publicKey, two.publicKey] }),
      /^rules\.0\.approvals\.people .*twice/,
    ],
    [
      'the exchange approves what it asks for',
      withApprovals({ people: [exchange.publicKey, one.publicKey] }),
      /twice/,
    ],
    ['a watchtower approves', withApprovals({ people: [tower.publicKey, one.publicKey] }), /twice/],
    ['a signer approves', withApprovals({ people: [records[0].publicKey, one.publicKey] }), /twice/],
  ])('%s', (_what, changed, expected) => {
    expect(refusal(changed)).toMatch(expected);
  });
});
