/** An insider: what the policy lets one key do is what `kuramori policy reach` says, and what it says is what the judge does. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { emptyHistory, judge, XEM, type Policy } from '@kuramori/core';
import { authenticatorNamed, origin, rpId } from '../../core/testing/authenticator.ts';
import {
  exchange,
  keepers,
  keyNamed,
  operator,
  paymentCase,
  policy,
  requestFor,
  rule,
  xem,
} from '../../core/testing/house.ts';
import { reachOf } from './reach.ts';
import { readSource } from './source.ts';

const of = (given: Policy, key: string) => reachOf(given).find((one) => one.key === key);

it('a keeper, an operator, the exchange: who stops, who moves how much, who is one of how many', () => {
  expect(of(policy, keepers[0].publicKey)).toMatchObject({
    as: ['keeper keeper-1'],
    stops: false,
    moves: [],
    alone: [],
    together: ['signs the next version, a thaw, a rotation: 2 of 2'],
  });
  expect(of(policy, operator.publicKey)).toMatchObject({ stops: true, moves: [], alone: [], together: [] });
  expect(of(policy, exchange.publicKey)?.moves).toEqual([
    `3000 ${XEM} from hot within 24 h; to one that is new 10 % of it at most`,
  ]);
});

it('a quorum of one is said to be one person’s', () => {
  const alone = { ...policy, keepers: { ...policy.keepers, quorum: 1 } };
  expect(of(alone, keepers[0].publicKey)?.alone).toEqual(['signs the next version, a thaw, a rotation']);
});

it('one key in two roles is one person', () => {
  const twice = { ...policy, operators: [{ name: 'also-keeper', key: keepers[0].publicKey }] };
  expect(of(twice, keepers[0].publicKey)).toMatchObject({
    as: ['keeper keeper-1', 'operator also-keeper'],
    stops: true,
  });
});

it('what the exchange’s key is said to move alone, it moves, and not a unit more', () => {
  const people = [keyNamed('approver 1').publicKey, keyNamed('approver 2').publicKey];
  const approvals = { from: xem('500'), quorum: 2, people };
  const given = { ...policy, rules: [{ wallet: 'hot', ...rule, approvals }] };
  expect(of(given, exchange.publicKey)?.moves[0]).toContain(`each below 500 ${XEM}`);
  expect(of(given, people[0] ?? '')?.together).toEqual([`approves from 500 ${XEM} on: 2 of 2`]);
  const told = (...units: readonly bigint[]) => {
    const requests = units.map((one) => requestFor({ units: one, feeCap: xem('1') }));
    return judge(paymentCase(requests, { case: { policy: given, history: emptyHistory() } })).kind;
  };
  const most = xem('500') - 1n;
  expect(told(most)).toBe('approved');
  expect(told(most + 1n)).toBe('refused');
  const five = [most, most, most, most, most];
  expect(told(...five)).toBe('approved');
  expect(told(...five, xem('494'))).toBe('approved');
  expect(told(...five, xem('495'))).toBe('refused');
});

it('one who approves by a passkey is told as what they are, and above which amount it takes their key too', () => {
  const approver = keyNamed('approver 1').publicKey;
  const [phone, token] = ['phone', 'token'].map((name) => authenticatorNamed(name).passkey);
  if (!phone || !token) throw new Error('two of them');
  const approvals = { from: xem('500'), quorum: 1, people: [approver], secondDevice: { above: xem('900') } };
  const given: Policy = {
    ...policy,
    passkeys: {
      rpId,
      origins: [origin],
      people: [
        { person: approver, passkeys: [phone] },
        { person: 'baba', passkeys: [token] },
      ],
    },
    rules: [{ wallet: 'hot', ...rule, approvals }],
    groups: [{ id: 'ops', people: ['baba'] }],
  };
  expect(of(given, approver)).toMatchObject({
    as: ['approver of hot', `1 passkey of ${rpId}`],
    alone: [`approves from 500 ${XEM} on, above 900 by key and passkey`],
  });
  expect(of(given, 'baba')?.as).toEqual([`1 passkey of ${rpId}`, 'one of ops']);
});

it('in the example policy one person alone lifts denials, and does nothing else', () => {
  const read = readSource(readFileSync(new URL('../../docs/policy.yaml', import.meta.url), 'utf8'));
  if (read.kind === 'refused') throw new Error('docs/policy.yaml');
  const reach = reachOf(read.policy);
  expect(reach.length).toBeGreaterThan(10);
  for (const { as, alone } of reach) {
    const more = alone.filter((what) => !what.startsWith('lifts the denial '));
    if (!as.some((one) => one.startsWith('the exchange’s'))) expect([as, more]).toEqual([as, []]);
  }
});
