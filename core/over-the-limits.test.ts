import { assert, constantFrom, integer, property, array, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countPayment,
  emptyHistory,
  extend,
  judge,
  mayPass,
  paymentOf,
  recordOf,
  XEM,
  type Asset,
  type Case,
  type History,
  type Outflows,
  type Policy,
} from './index.ts';
import { judgeLimits } from './limits.ts';
import {
  control,
  hour,
  intentFor,
  now,
  paymentCase,
  policy,
  requestFor,
  rule,
  why,
  xem,
} from './testing/house.ts';

/** Judges, and records what is allowed, as a signer does. */
function pay(
  history: History,
  asked: { to: string; units: bigint; feeCap: bigint; at: number },
  balance = xem('50000'),
): { history: History; paid: boolean; why: string } {
  const given = paymentCase([requestFor(asked)], {
    spend: { validUntil: Math.floor(asked.at / 1000) + 60 },
    case: { history, witnessed: { at: Math.max(asked.at, history.at), balance, control, dead: new Set() } },
  });
  const judgement = judge(given);
  if (judgement.kind === 'refused') return { history, paid: false, why: judgement.why };
  const { entry } = recordOf(judgement.approved, 'signer-1', '0'.repeat(64), history);
  const extended = extend(history, entry);
  if (extended.kind === 'refused') throw new Error(extended.why);
  return { history: extended.history, paid: true, why: 'approved' };
}

const aPayment = record({
  to: constantFrom('ALICE', 'BOB', 'CAROL'),
  units: integer({ min: 1, max: 1_200_000_000 }),
  feeCap: integer({ min: 500_000, max: 6_000_000 }),
  /** Minutes since the one before; the clock that is shown may also go back. */
  later: integer({ min: -90, max: 600 }),
});

describe('no sequence of allowed payments exceeds any limit, whatever order and clock', () => {
  it('per payment, rolling, and the share of a destination first seen', () => {
    assert(
      property(array(aPayment, { maxLength: 60 }), (asked) => {
        let history = emptyHistory();
        let clock = now;
        const paid: { at: number; to: string; units: bigint; feeCap: bigint }[] = [];
        for (const { to, units, feeCap, later } of asked) {
          clock += later * 60_000;
          const one = { to, units: BigInt(units), feeCap: BigInt(feeCap), at: clock };
          const outcome = pay(history, one);
          ({ history } = outcome);
          if (outcome.paid) paid.push({ ...one, at: history.at });
        }
        for (const last of paid) {
          expect(last.units).toBeLessThanOrEqual(rule.perPayment);
          const window = paid.filter(({ at }) => at <= last.at && at > last.at - 24 * hour);
          const left = window.reduce((total, { units, feeCap }) => total + units + feeCap, 0n);
          expect(left).toBeLessThanOrEqual(rule.rolling.units);
          const toIt = paid.filter(({ to }) => to === last.to);
          const first = toIt[0]?.at ?? 0;
          const early = toIt.filter(({ at }) => at < first + 24 * hour);
          const got = early.reduce((total, { units }) => total + units, 0n);
          expect(got).toBeLessThanOrEqual(xem('5000'));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('has allowed something: a limit that nothing reaches proves nothing', () => {
    let history = emptyHistory();
    const outcomes = ['900', '900', '900', '900'].map((units) => {
      const outcome = pay(history, { to: 'ALICE', units: xem(units), feeCap: xem('1'), at: now });
      ({ history } = outcome);
      return outcome.why;
    });
    expect(outcomes).toEqual(['approved', 'approved', 'approved', 'over-rolling-limit']);
  });
});

describe('limits that are split, burnt or waited for', () => {
  it('the first-seen share, split over many payments', () => {
    let history = emptyHistory();
    const outcomes = ['60', '39', '0.000001', '1'].map((units) => {
      const outcome = pay(history, { to: 'EVE', units: xem(units), feeCap: xem('1'), at: now }, xem('1000'));
      ({ history } = outcome);
      return outcome.why;
    });
    // What went before counts with its fee cap: 61 + 39 are the 100.
    expect(outcomes).toEqual(['approved', 'approved', 'over-first-seen-share', 'over-first-seen-share']);
  });

  it('a destination is known only after its hours, not after its first payment', () => {
    const first = pay(emptyHistory(), { to: 'EVE', units: 1n, feeCap: xem('1'), at: now }, xem('1000'));
    const before = { to: 'EVE', units: xem('500'), feeCap: xem('1'), at: now + 24 * hour - 1 };
    expect(pay(first.history, before, xem('1000')).why).toBe('over-first-seen-share');
    expect(pay(first.history, { ...before, at: now + 24 * hour }, xem('1000')).why).toBe('approved');
  });

  it('many intents in one transaction, each within the limits, together beyond them', () => {
    const requests = ['A', 'B', 'C', 'D'].map((to) => requestFor({ to, units: xem('900') }));
    expect(why(judge(paymentCase(requests.slice(0, 3))))).toBe('approved');
    expect(why(judge(paymentCase(requests)))).toBe('over-rolling-limit');
    const same = ['60', '41'].map((units) => requestFor({ to: 'EVE', units: xem(units) }));
    const small = { at: now, balance: xem('1000'), control, dead: new Set<string>() };
    expect(why(judge(paymentCase(same, { case: { witnessed: small } })))).toBe('over-first-seen-share');
  });

  it('coins burnt as fees: over the intent’s cap, over the rule’s cap, and counted while within', () => {
    const request = requestFor({ feeCap: xem('100') });
    expect(why(judge(paymentCase([requestFor()], { spend: { fees: xem('1.000001') } })))).toBe(
      'fee-over-cap',
    );
    expect(why(judge(paymentCase([request], { spend: { fees: xem('5.000001') } })))).toBe('fee-over-cap');
    let history = emptyHistory();
    let burnt = 0;
    for (let tries = 0; tries < 100; tries += 1) {
      const outcome = pay(history, { to: 'ALICE', units: 1n, feeCap: xem('100'), at: now });
      ({ history } = outcome);
      if (outcome.paid) burnt += 1;
    }
    expect(burnt).toBe(29); // 29 × (100 + 0.000001) XEM fit into 3,000
  });

  it('a fee in an asset that has no rule', () => {
    const none: Policy = { ...policy, rules: [] };
    expect(why(judge(paymentCase([requestFor()], { case: { policy: none } })))).toBe('no-rule');
  });
});

describe('what the other signers recorded, where somebody holds it', () => {
  const paid = (units: string): Outflows => {
    const outflows: Outflows = new Map();
    countPayment(outflows, paymentOf(intentFor(requestFor({ units: xem(units) })), now - hour));
    return outflows;
  };

  it('counts towards the same limit, and its refusal is for now', () => {
    const given = (units: string) => paymentCase([requestFor()], { case: { everyones: paid(units) } });
    // 10 and its fee cap of 1, beside 1 of the other's.
    expect(why(judge(given('2988')))).toBe('approved');
    const judgement = judge(given('2988.000001'));
    expect(why(judgement)).toBe('over-rolling-limit');
    expect(judgement.kind === 'refused' && mayPass(judgement)).toBe(true);
  });

  it('counts towards the same denials; the signer’s own still do', () => {
    const denials: Policy['denials'] = [
      { id: 'two-a-day', when: { rolling: { per: 'all', hours: 24, aboveCount: 1 } } },
    ];
    const told = (change: Partial<Case>) =>
      judge(paymentCase([requestFor()], { case: { policy: { ...policy, denials }, ...change } }));
    expect(why(told({ everyones: new Map() }))).toBe('approved');
    expect(told({ everyones: paid('1') })).toMatchObject({
      why: 'denied-now',
      grounds: ['denial two-a-day'],
    });
    const own = { ...emptyHistory(), outflows: paid('1') };
    expect(told({ history: own, everyones: new Map() })).toMatchObject({ why: 'denied-now' });
  });
});

describe('a limit is what may be, to the smallest unit', () => {
  it.each<[string, string, string]>([
    ['all that one payment may be', '1000', 'approved'],
    ['one unit more', '1000.000001', 'over-payment-limit'],
  ])('%s', (_what, units, expected) => {
    expect(why(judge(paymentCase([requestFor({ units: xem(units) })])))).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['all that may leave within hours', '998', 'approved'],
    ['one unit more', '998.000001', 'over-rolling-limit'],
  ])('%s, fee caps included', (_what, units, expected) => {
    // 3,000: of it 2 × (999 + 1), and 1 for the fees of the third.
    const requests = ['999', '999', units].map((one, index) =>
      requestFor({ to: `D${index}`, units: xem(one), feeCap: xem(index === 2 ? '2' : '1') }),
    );
    expect(why(judge(paymentCase(requests)))).toBe(expected);
  });

  it.each<[string, bigint, string]>([
    ['all that the intent allows', xem('1'), 'approved'],
    ['one unit more', xem('1') + 1n, 'fee-over-cap'],
  ])('fees: %s', (_what, fees, expected) => {
    expect(why(judge(paymentCase([requestFor()], { spend: { fees } })))).toBe(expected);
  });

  it('fees: all that the rule allows', () => {
    const request = requestFor({ feeCap: xem('100') });
    expect(why(judge(paymentCase([request], { spend: { fees: rule.feeCap } })))).toBe('approved');
  });

  it('fees in an asset that no rule allows, beside a payment that one does', () => {
    const spend = { feeAsset: 'nem:other' as Asset };
    expect(why(judge(paymentCase([requestFor()], { spend })))).toBe('no-rule');
  });
});

describe('what does not count towards a limit', () => {
  const intent = intentFor(requestFor({ to: 'EVE', units: xem('60') }));
  const beside = (change: object) => ({
    intent: 'another',
    at: now,
    wallet: 'hot',
    asset: XEM,
    destination: 'EVE',
    units: xem('60'),
    ...change,
  });
  const judged = (change: object, units = xem('60')) => {
    const seen = { at: now, balance: xem('1000'), line: ['hot'] };
    const together = [beside({ units, ...change })];
    return judgeLimits({ wallet: 'hot', ...rule }, intent, new Map(), together, seen)?.why ?? 'within';
  };

  it.each<[string, object, string, string]>([
    ['the same destination, in the same transaction', {}, 'over-first-seen-share', 'over-rolling-limit'],
    ['another destination', { destination: 'BOB' }, 'within', 'over-rolling-limit'],
    ['another wallet', { wallet: 'hot-2' }, 'within', 'within'],
    ['another asset', { asset: 'nem:other' }, 'within', 'within'],
  ])('%s', (_what, change, share, rolling) => {
    expect(judged(change)).toBe(share);
    expect(judged(change, xem('3000'))).toBe(rolling);
  });
});
