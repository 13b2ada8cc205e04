/** A taken custody sweeps: nobody's request stands behind it, so only the pinned destinations and the daily caps do. */
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allPayments,
  bytesDigest,
  emptyHistory,
  extend,
  judge,
  recordOf,
  sweepIntent,
  treasuryId,
  XEM,
  type Asset,
  type Case,
  type History,
  type Intent,
  type PastSweep,
  type Policy,
} from './index.ts';
import {
  bytes,
  frozenHistory,
  hour,
  intentFor,
  now,
  partOf,
  paymentCase,
  policy,
  requestFor,
  spendFor,
  why,
  xem,
} from './testing/house.ts';

const sweep = {
  to: ['cold'],
  perDay: { count: 3, fees: xem('10') },
  leave: xem('1000'),
};
const sweeping: Policy = { ...policy, rules: policy.rules.map((rule) => ({ ...rule, sweep })) };

interface Swept {
  readonly number?: number;
  readonly amount?: bigint;
  readonly feeCap?: bigint;
  readonly at?: number;
  readonly change?: Partial<Intent>;
  readonly over?: Partial<Case>;
}

function sweepCase({
  number = 1,
  amount = xem('40000'),
  feeCap = xem('1'),
  at = now,
  change,
  over,
}: Swept = {}): Case {
  const expiry = Math.floor(at / 1000) + 86_400;
  const moved = { number, asset: XEM, amount, feeCap, expiry };
  const intent: Intent = { ...sweepIntent({ id: 'hot' }, { address: 'COLD' }, moved), ...change };
  const share = bytes();
  const given = paymentCase([], {
    ask: {
      plan: share,
      share,
      intents: [{ intent, authority: { kind: 'treasury', number }, approvals: [] }],
    },
  });
  const spend = spendFor([intent], share, { validUntil: Math.floor(at / 1000) + 60 });
  return {
    ...given,
    policy: sweeping,
    explained: { kind: 'spend', spend },
    witnessed: { ...given.witnessed, at },
    ...over,
  };
}

type Part = readonly [number: number, amount: string];

/** One transaction that makes several sweeps. */
function together(...parts: readonly Part[]): Case {
  const cases = parts.map(([number, amount]) => sweepCase({ number, amount: xem(amount) }));
  const intents = cases.flatMap(({ ask }) => (ask.kind === 'payment' ? ask.intents : []));
  const share = bytes();
  const spend = spendFor(
    intents.map(({ intent }) => intent),
    share,
  );
  const given = paymentCase([], { ask: { plan: share, share, intents } });
  return { ...given, policy: sweeping, explained: { kind: 'spend', spend } };
}

function recorded(history: History, given: Case): History {
  const judgement = judge({ ...given, history });
  if (judgement.kind === 'refused') throw new Error(judgement.detail);
  const { entry } = recordOf(judgement.approved, 'signer-1', '0'.repeat(64), history);
  const extended = extend(history, entry);
  if (extended.kind === 'refused') throw new Error(extended.why);
  return extended.history;
}

describe('what is too much goes to the pinned cold wallet', () => {
  it('far beyond the limits of payments, and counts towards none of them', () => {
    const history = recorded(emptyHistory(), sweepCase());
    expect(allPayments(history.outflows)).toEqual([]);
    expect(history.sweeps).toMatchObject([{ number: 1, wallet: 'hot', feeCap: xem('1') }]);
    const payment = paymentCase([requestFor()], { case: { history, policy: sweeping } });
    expect(why(judge(payment))).toBe('approved');
  });

  it('and nowhere else', () => {
    const to = (address: string, memo = '') => sweepCase({ change: { destination: { address, memo } } });
    expect(why(judge(to('THIEF')))).toBe('destination-not-pinned');
    expect(why(judge(to('HOT')))).toBe('destination-not-pinned');
    expect(why(judge(to('COLD', 'for an exchange, say')))).toBe('destination-not-pinned');
    const [, cold] = sweeping.wallets;
    if (!cold) throw new Error('the test policy has a cold wallet');
    const other = { ...cold, id: 'cold-2', address: 'COLD2' };
    const two = { ...sweeping, wallets: [...sweeping.wallets, other] };
    const elsewhere = sweepCase({ change: { destination: { address: 'COLD2', memo: '' } } });
    expect(why(judge({ ...elsewhere, policy: two }))).toBe('destination-not-pinned');
  });

  it('of something: a sweep of nothing only burns a fee', () => {
    for (const amount of [0n, -1n]) expect(why(judge(sweepCase({ amount })))).toBe('no-rule');
    expect(why(judge(sweepCase({ amount: 1n })))).toBe('approved');
  });

  it('not to itself, though a rule should name it', () => {
    const rules = policy.rules.map((rule) => ({ ...rule, sweep: { ...sweep, to: ['hot', 'cold'] } }));
    const given = sweepCase({ change: { destination: { address: 'HOT', memo: '' } } });
    expect(why(judge({ ...given, policy: { ...policy, rules } }))).toBe('destination-not-pinned');
  });

  it('only where a rule says so, and not when frozen', () => {
    expect(why(judge(sweepCase({ over: { policy } })))).toBe('no-rule');
    expect(why(judge(sweepCase({ over: { history: frozenHistory() } })))).toBe('frozen');
  });
});

describe('a payment is not called a sweep, nor a sweep a payment', () => {
  it('a withdrawal without the exchange’s request', () => {
    const request = requestFor({ to: 'THIEF' });
    const given = paymentCase([request], { case: { policy: sweeping } });
    if (given.ask.kind !== 'payment') throw new Error('a payment');
    const intents = [{ ...partOf(request), authority: { kind: 'treasury', number: 1 } as const }];
    expect(why(judge({ ...given, ask: { ...given.ask, intents } }))).toBe('intent-altered');
  });

  it('a sweep under a request that asks for something else', () => {
    const request = requestFor();
    const { ask, ...given } = sweepCase();
    if (ask.kind !== 'payment') throw new Error('a payment');
    const [part] = ask.intents;
    if (!part) throw new Error('a payment pays somebody');
    const asked = { ...part, authority: { kind: 'exchange-request', request } as const };
    expect(why(judge({ ...given, ask: { ...ask, intents: [asked] } }))).toBe('intent-altered');
  });

  it('an id of another wallet, number or reason', () => {
    for (const id of [
      treasuryId('sweep', 'hot', 2),
      treasuryId('sweep', 'cold', 1),
      treasuryId('evacuation', 'hot', 1),
      intentFor(requestFor()).id,
    ])
      expect(why(judge(sweepCase({ change: { id } })))).toBe('intent-altered');
    expect(why(judge(sweepCase({ change: { reason: 'refill' } })))).toBe('intent-altered');
    expect(why(judge(sweepCase({ change: { wallet: 'cold' } })))).toBe('intent-altered');
    const id = treasuryId('sweep', 'cold', 1);
    expect(why(judge(sweepCase({ change: { wallet: 'cold', id } })))).toBe('intent-altered');
  });
});

describe('several in one transaction', () => {
  const of = (...parts: readonly Part[]) => why(judge(together(...parts)));

  it('leave together what customers may need, their fee caps too', () => {
    // 50,000 are there, 1,000 must stay, and each has a cap of 1 for its fees.
    expect(of([1, '20000'], [2, '28998'])).toBe('approved');
    expect(of([1, '20000'], [2, '28998.000001'])).toBe('leaves-too-little');
  });

  it('are no more than a day’s, and each has a number of its own', () => {
    expect(of([1, '1'], [2, '1'], [3, '1'])).toBe('approved');
    expect(of([1, '1'], [2, '1'], [3, '1'], [4, '1'])).toBe('over-sweep-count');
    expect(of([2, '1'], [1, '1'])).toBe('number-used');
    expect(of([1, '1'], [1, '1'])).toBe('intent-twice');
  });
});

describe('a few times a day, for little, and never all', () => {
  it('a number is used once, and not a million ahead', () => {
    const history = recorded(emptyHistory(), sweepCase({ number: 5 }));
    const next = (number: number) => why(judge(sweepCase({ number, amount: xem('7'), over: { history } })));
    expect(next(4)).toBe('number-used');
    expect(next(5)).toBe('paid-by-another-transaction');
    expect(next(6)).toBe('approved');
    expect(next(1_000_005)).toBe('approved');
    expect(next(1_000_006)).toBe('number-far-ahead');
  });

  it('a number whose plan is dead carries the same sweep and no other', () => {
    const first = sweepCase({ number: 5 });
    const history = recorded(emptyHistory(), first);
    const dead = new Set([...(history.plans.get(treasuryId('sweep', 'hot', 5)) ?? [])].map(bytesDigest));
    const again = (amount: bigint) => {
      const given = sweepCase({ number: 5, amount });
      return why(judge({ ...given, history, witnessed: { ...given.witnessed, dead } }));
    };
    expect(again(xem('40000'))).toBe('approved');
    expect(again(xem('39999'))).toBe('number-used');
  });

  it('as often as the policy says within 24 hours', () => {
    let history = emptyHistory();
    for (let number = 1; number <= 3; number += 1)
      history = recorded(history, sweepCase({ number, amount: 1n, at: now + number }));
    const fourth = (at: number) => why(judge(sweepCase({ number: 4, amount: 1n, at, over: { history } })));
    expect(fourth(now + 4)).toBe('over-sweep-count');
    expect(fourth(now + 24 * hour)).toBe('over-sweep-count');
    expect(fourth(now + 24 * hour + 1)).toBe('approved');
  });

  it('for fees that add up to no more than the cap', () => {
    const history = recorded(emptyHistory(), sweepCase({ feeCap: xem('6'), amount: 1n }));
    const second = (feeCap: bigint) =>
      why(judge(sweepCase({ number: 2, amount: 1n, feeCap, over: { history } })));
    expect(second(xem('4.000001'))).toBe('over-sweep-fees');
    expect(second(xem('4'))).toBe('approved');
  });

  it('and leaves what customers may need', () => {
    const all = (amount: bigint) => why(judge(sweepCase({ amount, feeCap: xem('1') })));
    expect(all(xem('48999'))).toBe('approved');
    expect(all(xem('48999.000001'))).toBe('leaves-too-little');
  });

  const earlier = (change: Partial<PastSweep>): PastSweep => ({
    intent: 'another',
    at: now,
    wallet: 'hot',
    asset: XEM,
    number: 7,
    feeCap: xem('10'),
    ...change,
  });
  it.each<[string, readonly PastSweep[], string]>([
    ['a number below one that was used', [earlier({ feeCap: 0n })], 'number-used'],
    ['though it was not the last that was recorded', [earlier({}), earlier({ number: 5 })], 'number-used'],
    ['a number that another wallet used', [earlier({ wallet: 'hot-2' })], 'approved'],
    ['a number that was used for another asset', [earlier({ asset: 'nem:other' as Asset })], 'approved'],
    [
      'another wallet’s count and fees',
      [1, 2, 3].map((number) => earlier({ number, wallet: 'hot-2' })),
      'approved',
    ],
  ])('%s', (_what, sweeps, expected) => {
    const history = { ...emptyHistory(), sweeps };
    expect(why(judge(sweepCase({ number: 6, over: { history } })))).toBe(expected);
  });

  it('a sweep planned anew is counted from its newest plan on, and once', () => {
    const first = sweepCase({ number: 1, amount: 1n });
    const other = sweepCase({ number: 2, amount: 1n });
    let history = recorded(recorded(emptyHistory(), first), other);
    const plans = history.plans.get(treasuryId('sweep', 'hot', 1)) ?? [];
    const again = sweepCase({ number: 1, amount: 1n, at: now });
    const witnessed = { ...again.witnessed, at: now + hour, dead: new Set(plans.map(bytesDigest)) };
    history = recorded(history, { ...again, witnessed });
    expect(history.sweeps.map(({ number, at }) => [number, at - now])).toEqual([
      [2, 0],
      [1, hour],
    ]);
  });

  it('several sweeps that are planned anew together count once each', () => {
    const three = together([1, '1'], [2, '1'], [3, '1']);
    const history = recorded(emptyHistory(), three);
    const plans = history.plans.get(treasuryId('sweep', 'hot', 1)) ?? [];
    const dead = new Set(plans.map(bytesDigest));
    const again = together([1, '1'], [2, '1'], [3, '1']);
    expect(why(judge({ ...again, history }))).toBe('paid-by-another-transaction');
    expect(why(judge({ ...again, history, witnessed: { ...again.witnessed, dead } }))).toBe('approved');
    const more = together([1, '1'], [2, '1'], [3, '1'], [4, '1']);
    expect(why(judge({ ...more, history, witnessed: { ...more.witnessed, dead } }))).toBe('over-sweep-count');
  });

  it('no sequence of allowed sweeps is more, whatever order and clock', () => {
    const one = record({
      number: integer({ min: 1, max: 12 }),
      feeCap: constantFrom(xem('0.5'), xem('2'), xem('5'), xem('9')),
      later: integer({ min: -60, max: 900 }),
    });
    assert(
      property(array(one, { maxLength: 40 }), (asked) => {
        let history = emptyHistory();
        let at = now;
        for (const { number, feeCap, later } of asked) {
          at += later * 60_000;
          const given = sweepCase({
            number,
            feeCap,
            amount: 1n,
            at: Math.max(at, history.at),
            over: { history },
          });
          if (judge(given).kind === 'approved') history = recorded(history, given);
        }
        const numbers = history.sweeps.map(({ number }) => number);
        expect(new Set(numbers).size).toBe(numbers.length);
        for (const last of history.sweeps) {
          const window = history.sweeps.filter((past) => past.at <= last.at && past.at > last.at - 24 * hour);
          expect(window.length).toBeLessThanOrEqual(3);
          expect(window.reduce((fees, { feeCap }) => fees + feeCap, 0n)).toBeLessThanOrEqual(xem('10'));
        }
      }),
      { numRuns: 150 },
    );
  });
});
