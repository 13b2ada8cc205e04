/** A passkey that is a thief's, or a page of his, slipped into the policy: whoever pins it is shown each of them before they type. */
import { expect, it } from 'vitest';
import type { Policy } from '@kuramori/core';
import { authenticatorNamed, origin, rpId } from '../core/testing/authenticator.ts';
import { keyNamed, xem } from '../core/testing/house.ts';
import { coldRule, policy } from '../core/testing/vaults.ts';
import { fingerprintOf } from './ceremony/fingerprint.ts';
import { wordsOf } from './ceremony/shown.ts';

const [phone, token, thiefs] = ['phone', 'token', 'thief'].map((name) => authenticatorNamed(name).passkey);
const aoki = keyNamed('aoki').publicKey;

it('shows people, passkeys, pages, and who must use a second device', () => {
  if (!phone || !token || !thiefs) throw new Error('three of them');
  const secondDevice = { above: xem('500') };
  const given: Policy = {
    ...policy,
    passkeys: {
      rpId,
      origins: [origin, 'https://thief.console.example.com'],
      people: [
        { person: aoki, passkeys: [phone, { ...token, synced: true }] },
        { person: 'baba', passkeys: [thiefs] },
      ],
    },
    rules: policy.rules.map((rule) => ({
      ...rule,
      approvals: { from: 1n, quorum: 1, people: [aoki], secondDevice },
    })),
    coldRules: [{ ...coldRule, approvals: { quorum: 2, people: [aoki, 'baba'], secondDevice } }],
  };
  const lines = wordsOf(given, []);
  const line = (...parts: readonly string[]) =>
    lines.filter((one) => parts.every((part) => one.includes(part))).length;
  const end = ({ publicKey }: { readonly publicKey: string }) => fingerprintOf(publicKey.slice(2));
  expect(line('passkeys', rpId, origin, 'https://thief.console.example.com')).toBe(1);
  expect(line(fingerprintOf(aoki), end(phone), 'copied')).toBe(0);
  expect(line(fingerprintOf(aoki), end(phone))).toBe(1);
  expect(line(fingerprintOf(aoki), end(token), 'may be copied')).toBe(1);
  expect(line('baba', end(thiefs))).toBe(1);
  expect(line('from hot', 'above 500', 'by key and passkey')).toBe(1);
  expect(line('of these 2 approve', 'above 500', 'by key and passkey')).toBe(1);
  expect(wordsOf(policy, []).join()).not.toMatch(/passkey/);
});
