/** A policy tried on payments before it is signed: the theft of 2018, a day of customers, and a signer's own journal. */
import { readFileSync } from 'node:fs';
import { generateSigningKey, signEntry, type Entry, type Policy } from '@kuramori/core';
import { describe, expect, it } from 'vitest';
import { readPayments, type Past } from './payments.ts';
import { rehearse } from './rehearse.ts';
import { readSource } from './source.ts';

const docs = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

function policyOf(text: string): Policy {
  const read = readSource(text);
  if (read.kind === 'refused') throw new Error(JSON.stringify(read.flaws));
  return read.policy;
}
function pastOf(text: string): Past {
  const read = readPayments(text);
  if (read.kind === 'refused') throw new Error(JSON.stringify(read.flaws));
  return read.past;
}

const example = policyOf(docs('policy.yaml'));
const theft = pastOf(docs('coincheck-2018.yaml'));
const without = (...ids: string[]): Policy => ({
  ...example,
  denials: example.denials.filter(({ id }) => !ids.includes(id)),
});
const [customer, somebody] = [
  'NBVCPN7ZZJHL5BHXPAVRRWCVQGAQQ2ZRS7ZV4E6K',
  'NSOMEBODY7ELSE7WHOM7NOBODY7HAS7PAID7YET7',
];
const payments = (...rows: string[]) =>
  pastOf(
    `balances: { hot-xem: 5_000_000 XEM }\npayments:\n${rows.map((row) => `  - { wallet: hot-xem, feeCap: 2 XEM, ${row} }`).join('\n')}`,
  );
const said = (policy: Policy, past: Past) => rehearse(policy, past).map(({ verdict }) => verdict);

describe('the eleven transfers of 26 January 2018, asked for on our own path', () => {
  it('none leaves under the example; without its list of thieves the probe of 10 XEM, and no more', () => {
    expect(theft.payments.reduce((sum, { amount }) => sum + amount, 0n)).toBe(526_300_010_000_000n);
    expect(said(example, theft)).not.toContain('approved');
    expect(said(without('sanctions'), theft)).toEqual([
      'approved',
      ...Array<string>(8).fill('over-payment-limit'),
      'denied-now',
      'denied-now',
    ]);
  });
});

describe('customers', () => {
  const day = payments(
    `at: "2026-01-26T10:00:00+09:00", to: ${customer}, amount: 500 XEM`,
    `at: "2026-01-26T10:00:01+09:00", to: ${somebody}, amount: 12_000 XEM`,
    `at: "2026-01-26T12:00:00+09:00", to: ${somebody}, amount: 12_000 XEM, requested: "2026-01-26T11:00:00+09:00"`,
    `at: "2026-01-26T12:00:01+09:00", to: ${somebody}, amount: 150_000 XEM, requested: "2026-01-26T11:00:00+09:00"`,
    `at: "2026-01-26T12:00:02+09:00", to: ${somebody}, amount: 150_000 XEM, requested: "2026-01-26T11:00:00+09:00", approvals: { operations: 2, compliance: 1 }`,
    `at: "2026-01-26T12:00:03+09:00", to: ${somebody}, amount: 150_000 XEM, requested: "2026-01-26T11:00:00+09:00", approvals: { operations: 3 }`,
    `at: "2026-01-26T23:00:00+09:00", to: ${customer}, amount: 20_001 XEM`,
  );

  it('are paid, asked to wait, or looked at by people', () => {
    expect(said(example, day)).toEqual([
      'approved',
      'denied-now',
      'approved',
      'denied-now',
      'approved',
      'denied-now',
      'denied-now',
    ]);
  });

  it('each decision names its grounds', () => {
    const verdicts = rehearse(example, day);
    expect(verdicts[4]?.grounds).toEqual([
      'rule hot-xem nem:xem',
      'denial large, lifted',
      'denial new-and-large, lifted',
    ]);
    expect(verdicts[6]?.grounds).toEqual(['denial new-and-large', 'denial night']);
  });

  it('what is approved counts for the next, what is refused does not', () => {
    const loose = { ...without('large', 'new-and-large', 'one-destination', 'yen-a-day', 'night') };
    const rows = Array.from(
      { length: 5 },
      (_, hour) =>
        `at: "2026-01-26T1${hour}:00:00+09:00", to: ${customer}, amount: 900_000 XEM, balance: 99_000_000 XEM`,
    );
    expect(said(loose, payments(...rows))).toEqual([
      'approved',
      'approved',
      'approved',
      'over-rolling-limit',
      'over-rolling-limit',
    ]);
  });

  it('a sweep goes to the pinned cold wallet, and nowhere else', () => {
    const cold = example.wallets.find(({ id }) => id === 'cold-xem')?.address ?? '';
    const sweep = (to: string) =>
      payments(`at: "2026-01-26T10:00:00+09:00", to: ${to}, amount: 1_000 XEM, reason: sweep`);
    expect(said(example, sweep(cold))).toEqual(['approved']);
    expect(said(example, sweep(customer))).toEqual(['destination-not-pinned']);
  });

  it('a wallet that the policy does not have', () => {
    const [one] = payments(`at: "2026-01-26T10:00:00+09:00", to: ${customer}, amount: 1 XEM`).payments;
    if (!one) throw new Error('there is one');
    const elsewhere = { ...one, wallet: 'warm-xem', balance: 1n };
    expect(said(example, { balances: new Map(), payments: [elsewhere] })).toEqual(['unknown-wallet']);
  });
});

describe('a signer’s own journal', () => {
  const key = generateSigningKey();
  const request = {
    method: 'POST' as const,
    path: '/v1/withdrawals',
    query: '',
    body: '{}',
    idempotencyKey: 'k',
    created: Math.floor(Date.parse('2026-01-26T01:00:00Z') / 1000),
    expires: 2_000_000_000,
    keyId: 'k',
    signature: '0'.repeat(128),
  };
  const entry = (seq: number, id: string, amount: bigint, more: object = {}): Entry => ({
    v: 1,
    signer: 'signer-1',
    seq,
    prev: '0'.repeat(64),
    at: Date.parse('2026-01-26T01:00:00Z') + seq,
    policy: '0'.repeat(64),
    grounds: [],
    body: {
      kind: 'payment',
      wallet: 'hot-xem',
      intents: [
        {
          intent: {
            id: id.repeat(64),
            reason: 'withdrawal',
            wallet: 'hot-xem',
            asset: example.rules[0]?.asset ?? ('' as never),
            destination: { address: customer ?? '', memo: '' },
            amount,
            feeCap: 2_000_000n,
            expiry: request.created + 86_400,
          },
          authority: { kind: 'exchange-request', request },
          approvals: [],
        },
      ],
      plan: '00',
      share: '00',
      facts: [
        {
          watchtower: key.publicKey,
          signature: '0'.repeat(128),
          fact: {
            network: 'mainnet',
            purpose: 'payment',
            at: 0,
            tip: { height: 1, hash: '0'.repeat(64) },
            wallet: 'hot-xem',
            balance: { asset: example.rules[0]?.asset ?? ('' as never), units: 1_000_000_000_000n },
            control: null,
            nonces: ['0'.repeat(32)],
            dead: [],
          },
        },
      ],
      ...more,
    },
  });
  const line = (one: Entry) =>
    JSON.stringify(signEntry(key, one), (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );

  it('is what was paid, each payment once', () => {
    const lines = [entry(1, 'a', 500_000_000n), entry(2, 'a', 500_000_000n), entry(3, 'b', 20_000_000_000n)];
    const past = pastOf(`${lines.map(line).join('\n')}\n`);
    expect(past.payments.map(({ amount, balance }) => [amount, balance])).toEqual([
      [500_000_000n, 1_000_000_000_000n],
      [20_000_000_000n, 1_000_000_000_000n],
    ]);
    expect(said(example, past)).toEqual(['approved', 'denied-now']);
  });

  it('torn, or with a line of something else: told, with the line', () => {
    const first = line(entry(1, 'a', 1n));
    expect(readPayments(`${first}\n{"entry":`)).toMatchObject({ kind: 'refused', flaws: [{ line: 2 }] });
    expect(readPayments(`${first}\n{"what":1}`)).toMatchObject({ kind: 'refused', flaws: [{ line: 2 }] });
  });
});

describe('payments that cannot be read', () => {
  const row = 'at: "2026-01-26T10:00:00+09:00", wallet: hot-xem, to: X, amount: 1 XEM, feeCap: 1 XEM';
  it.each<[string, string, string]>([
    ['none', 'payments: []', 'payments'],
    ['a balance that nobody knows', `payments:\n  - { ${row} }`, 'payments.0.wallet'],
    ['a time without a zone', `payments:\n  - { ${row.replace('+09:00', '')} }`, 'payments.0.at'],
    ['a day of no month', `payments:\n  - { ${row.replace('01-26', '02-31')} }`, 'payments.0.at'],
    ['a number for an amount', `payments:\n  - { ${row.replace('1 XEM', '1')} }`, 'payments.0.amount'],
    ['an unknown word', `payments:\n  - { ${row}, fast: true }`, 'payments.0'],
  ])('%s', (_what, text, field) => {
    const read = readPayments(text);
    expect(read.kind === 'refused' && read.flaws[0]).toMatchObject({ field });
  });
});
