/** What chaos must not overlook: each fault is planted among a day that holds, and found by name. */
import { expect, test } from 'vitest';
import { compare, type Written } from './check.ts';
import type { Asked, Deposited } from './exchange.ts';
import { verifyJournals } from './journals.ts';
import type { Told } from './on/ground.ts';

interface Day {
  readonly told: Told;
  readonly written: Written;
  readonly asked: readonly Asked[];
  readonly deposited: readonly Deposited[];
}

/** Three withdrawals (paid, given back, and paid though nobody heard custody's answer), two deposits and a sweep. */
const day: Day = {
  told: {
    paid: new Map([
      ['to-ann', [5n]],
      ['to-cho', [7n]],
    ]),
    came: new Set(['coin-1', 'coin-2', 'own']),
    swept: [30n],
    held: { hot: 58n, cold: 30n },
    unexplained: [],
  },
  written: {
    payments: [
      { id: 'w-1', reason: 'withdrawal', state: 'final', amount: 5n, why: null },
      { id: 'w-2', reason: 'withdrawal', state: 'returned', amount: 6n, why: 'late' },
      { id: 'w-3', reason: 'withdrawal', state: 'final', amount: 7n, why: null },
      { id: 's-1', reason: 'sweep', state: 'final', amount: 30n, why: null },
    ],
    deposits: [
      { transaction: 'coin-1', state: 'credited' },
      { transaction: 'coin-2', state: 'credited' },
      { transaction: 'own', state: 'own-funds' },
    ],
    booked: { hot: 58n, cold: 30n },
  },
  asked: [
    { id: 'w-1', answer: 'accepted', customer: 'ann', units: 5n, mark: 'to-ann' },
    { id: 'w-2', answer: 'accepted', customer: 'ben', units: 6n, mark: 'to-ben' },
    { id: null, answer: 'unheard', customer: 'cho', units: 7n, mark: 'to-cho' },
    { id: null, answer: 'refused', customer: 'dai', units: 8n, mark: 'to-dai' },
  ],
  deposited: [
    { hash: 'coin-1', customer: 'ann', units: 40n },
    { hash: 'coin-2', customer: 'ben', units: 60n },
    // A node took it, and forgot it before a block had it.
    { hash: 'lost', customer: 'cho', units: 1n },
  ],
};

const findings = ({ told, written, asked, deposited }: Day) =>
  compare(told, written, { asked, deposited }).findings;
const paying = (mark: string, ...payments: readonly bigint[]): Day => ({
  ...day,
  told: { ...day.told, paid: new Map([...day.told.paid, [mark, payments]]) },
});
const telling = (told: Partial<Told>): Day => ({ ...day, told: { ...day.told, ...told } });
const writing = (written: Partial<Written>): Day => ({ ...day, written: { ...day.written, ...written } });
const stating = (id: string, state: string) =>
  writing({ payments: day.written.payments.map((one) => (one.id === id ? { ...one, state } : one)) });

test('a day that holds has nothing to find', () => {
  expect(findings(day)).toEqual([]);
  expect(compare(day.told, day.written, day).counted).toMatchObject({
    paid: 1,
    returned: 1,
    deposits: 2,
    sweeps: 1,
  });
});

test.each<[string, Day, RegExp]>([
  ['paid twice', paying('to-ann', 5n, 5n), /^withdrawal to-ann is final, and was paid 2 times$/],
  ['paid and returned', paying('to-ben', 6n), /^withdrawal to-ben is returned, and was paid 1 times$/],
  [
    'paid by nobody',
    telling({ paid: new Map([['to-cho', [7n]]]) }),
    /^withdrawal to-ann is final, and was paid 0 times$/,
  ],
  ['paid another amount', paying('to-ann', 50n), /^to-ann asked for 5, and was paid 50$/],
  ['paid twice, and nobody heard custody’s answer', paying('to-cho', 7n, 7n), /^to-cho was paid 2 times$/],
  ['paid though it was refused', paying('to-dai', 8n), /^to-dai was refused, and was paid all the same$/],
  [
    'paid to somebody who never asked',
    paying('to-a-thief', 9n),
    /^9 left for to-a-thief, which nobody asked for$/,
  ],
  ['left half done', stating('w-1', 'sent'), /^withdrawal to-ann is sent, and nothing moves it any more$/],
  [
    'forgotten by the database',
    writing({ payments: day.written.payments.slice(1) }),
    /^withdrawal to-ann is forgotten/,
  ],
  [
    'a sweep that moved twice',
    telling({ swept: [30n, 30n] }),
    /^sweeps of 30 are final, and the chain has 30,30$/,
  ],
  [
    'a sweep that nobody ends',
    stating('s-1', 'signed'),
    /^sweep s-1 is signed, and nothing moves it any more$/,
  ],
  [
    'a deposit credited twice',
    writing({ deposits: [...day.written.deposits, { transaction: 'coin-1', state: 'credited' }] }),
    /^deposit coin-1 of ann is on the chain, and credited 2 times$/,
  ],
  [
    'a deposit credited to nobody',
    writing({ deposits: day.written.deposits.slice(1) }),
    /^deposit coin-1 of ann is on the chain, and credited 0 times$/,
  ],
  [
    'a deposit credited that no block has',
    telling({ came: new Set(['coin-1', 'own']) }),
    /^deposit coin-2 is credited, and no block has it$/,
  ],
  [
    'coins that the books do not have',
    telling({ held: { hot: 59n, cold: 30n } }),
    /^books say that the hot wallet holds 58, the chain says 59$/,
  ],
  [
    'coins that only the books have',
    telling({ held: { hot: 58n, cold: 0n } }),
    /^books say that the cold wallet holds 30, the chain says 0$/,
  ],
  [
    'a spend that is none of these',
    telling({ unexplained: ['tx takes 3 from the cold Safe'] }),
    /^tx takes 3 from the cold Safe$/,
  ],
])('%s', (_name, planted, finding) => {
  expect(findings(planted)).toContainEqual(expect.stringMatching(finding));
});

test('a journal that does not verify: gone with its tiles', async () => {
  const plan = { folder: '/nowhere', policyOf: () => '/nowhere/policy.json' };
  expect(await verifyJournals(plan, ['signer-1'])).toEqual([
    expect.stringMatching(/^journal of signer-1: .*nowhere/),
  ]);
}, 60_000);
