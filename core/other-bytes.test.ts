import { describe, expect, it } from 'vitest';
import { ETH, judge, type Case, type Spend } from './index.ts';
import { bytesDigest } from './canonical.ts';
import { emptyHistory } from './history.ts';
import {
  control,
  frozenHistory,
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

const request = requestFor();
const intent = intentFor(request);
const [output] = spendFor([intent], '00').outputs;
if (!output) throw new Error('a payment has an output');

describe('bytes that do something else than what was asked', () => {
  const spends: readonly (readonly [what: string, expected: string, change: Partial<Spend>])[] = [
    ['pay another account', 'output-without-intent', { outputs: [{ ...output, address: 'THIEF' }] }],
    ['pay more', 'output-without-intent', { outputs: [{ ...output, units: output.units + 1n }] }],
    ['pay less', 'output-without-intent', { outputs: [{ ...output, units: output.units - 1n }] }],
    ['pay another asset', 'output-without-intent', { outputs: [{ ...output, asset: 'nem:other' as never }] }],
    ['pay another memo', 'output-without-intent', { outputs: [{ ...output, memo: 'other' }] }],
    [
      'pay a second account besides',
      'output-without-intent',
      { outputs: [output, { ...output, address: 'THIEF' }] },
    ],
    ['pay the same twice', 'output-without-intent', { outputs: [output, output] }],
    [
      'pay another asset besides',
      'output-without-intent',
      { outputs: [output, { ...output, asset: 'nem:other' as never }] },
    ],
    ['pay nobody', 'intent-without-output', { outputs: [] }],
    ['spend another account', 'spends-another-account', { from: 'COLD' }],
    ['are for another key to sign', 'signs-with-another-key', { signer: 'c2' }],
    ['are not the bytes that were explained', 'bytes-refused', { share: 'ffff' }],
    ['live longer than the intent', 'outlives-intent', { validUntil: intent.expiry + 1 }],
  ];

  it.each(spends)('%s', (_what, expected, spend) => {
    expect(why(judge(paymentCase([request], { spend })))).toBe(expected);
  });

  it('as they should be, they are approved', () => {
    expect(why(judge(paymentCase([request])))).toBe('approved');
  });

  it('that nobody can explain', () => {
    const given = paymentCase([request], { case: { explained: { kind: 'refused', why: 'unknown type' } } });
    expect(why(judge(given))).toBe('bytes-refused');
  });
});

it('one transaction pays one asset: a fact tells the balance of one', () => {
  const requests = [requestFor(), requestFor({ asset: ETH })];
  const [rule] = policy.rules;
  if (!rule) throw new Error('a rule');
  const both = { ...policy, rules: [rule, { ...rule, asset: ETH }] };
  expect(why(judge(paymentCase(requests, { case: { policy: both } })))).toBe('several-assets');
});

it('one transaction cannot pay two requests that look alike: same amount, same destination, same second', () => {
  const [one, other] = [requestFor(), requestFor()];
  const first = paymentCase([one]);
  const history = { ...emptyHistory(), records: new Map([[bytesDigest(first.ask.share), 'e'.repeat(64)]]) };
  const { plan, share } = first.ask;
  const second = paymentCase([other], { ask: { plan, share }, spend: { share }, case: { history } });
  expect(why(judge(second))).toBe('bytes-recorded-before');
});

describe('who asks, and of whom', () => {
  const cases: readonly (readonly [what: string, expected: string, change: Partial<Case>])[] = [
    ['a signer that holds no key of the wallet', 'not-a-cosigner', { signer: 'signer-3' }],
    ['while frozen', 'frozen', { history: frozenHistory() }],
    [
      'after the intent has expired',
      'intent-expired',
      { witnessed: { at: intent.expiry * 1000, balance: xem('50000'), control, dead: new Set<string>() } },
    ],
    ['where no rule allows it', 'no-rule', { policy: { ...policy, rules: [] } }],
  ];

  it.each(cases)('%s', (_what, expected, change) => {
    expect(why(judge(paymentCase([request], { case: change })))).toBe(expected);
  });

  it.each(['cold', 'nobody'])('a payment from the wallet %s', (wallet) => {
    expect(why(judge(paymentCase([request], { ask: { wallet } })))).toBe('unknown-wallet');
  });

  it('the same intent twice in one transaction', () => {
    const given = paymentCase([request], { ask: { intents: [partOf(request), partOf(request)] } });
    expect(why(judge(given))).toBe('intent-twice');
  });
});

describe('two transactions for one intent', () => {
  it('other bytes are refused once the first are recorded, for ever', () => {
    const history = { ...emptyHistory(), plans: new Map([[intent.id, ['aaaa']]]) };
    expect(why(judge(paymentCase([request], { case: { history } })))).toBe('paid-by-another-transaction');
    const late = { at: now + 20 * 3_600_000, balance: xem('50000'), control, dead: new Set<string>() };
    expect(why(judge(paymentCase([request], { case: { history, witnessed: late } })))).toBe(
      'paid-by-another-transaction',
    );
  });

  it('the same request signed by another key of the exchange is the same intent', () => {
    const again = requestFor({ key: request.idempotencyKey, to: 'THIEF' });
    expect(intentFor(again).id).toBe(intent.id);
    const history = { ...emptyHistory(), plans: new Map([[intent.id, ['aaaa']]]) };
    expect(why(judge(paymentCase([again], { case: { history } })))).toBe('paid-by-another-transaction');
  });
});
