/** A thief who asks for much in small parts, back and forth in time, over restarts, versions and dead plans: no sequence gets more than a limit. */
import { assert, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broken, type Signed } from './testing/limit-model.ts';
import { everSince, steps, walk, type Gone, type Step } from './testing/sequence.ts';

/** Whatever was signed, after all that was signed before it, is within every limit that counted then. */
function excesses(signed: readonly Signed[]): readonly string[] {
  return signed.flatMap((one, index) => broken(signed.slice(0, index), one));
}

/** A refusal for a limit that the model does not find broken. */
function overcautious({ refused, recorded }: Gone): readonly string[] {
  return refused.flatMap(({ why, one, after }) =>
    limits.includes(why) && !broken(recorded.slice(0, after), one).includes(why) ? [why] : [],
  );
}

const limits = [
  'over-payment-limit',
  'over-rolling-limit',
  'over-first-seen-share',
  'approvals-below-quorum',
  'denied-now',
  'over-sweep-count',
  'over-sweep-fees',
  'leaves-too-little',
];

const met = new Map<string, number>();
function count(gone: Gone): void {
  for (const answer of gone.answers) met.set(answer, (met.get(answer) ?? 0) + 1);
  met.set('signed', (met.get('signed') ?? 0) + gone.signed.length);
}

const often = { numRuns: 40, seed: 20_180_126 };

describe('no sequence of asks exceeds a limit', { timeout: 120_000 }, () => {
  it('at one signer, nor at a second one, which answers the same; and no limit is refused too early', () => {
    assert(
      property(steps, (all) => {
        const [one, other] = [walk(1, all), walk(2, all)];
        count(one);
        expect(excesses(one.recorded)).toEqual([]);
        expect(excesses(one.signed)).toEqual([]);
        expect(overcautious(one)).toEqual([]);
        expect(other.answers).toEqual(one.answers);
        expect(excesses(other.signed)).toEqual([]);
      }),
      often,
    );
  });

  it('nor with two asks in another order', () => {
    assert(
      property(steps, nat(), (all, place) => {
        const swapped = walk(2, turned(all, place % (all.length - 1)));
        expect(excesses(swapped.signed)).toEqual([]);
        expect(overcautious(swapped)).toEqual([]);
      }),
      { ...often, numRuns: 20 },
    );
  });

  it('and it has looked: much was signed, and every limit was met', () => {
    expect(met.get('signed')).toBeGreaterThan(100);
    for (const limit of limits) expect(met.get(limit) ?? 0, limit).toBeGreaterThan(3);
    for (const answer of ['paid-by-another-transaction', 'intent-without-output'])
      expect(met.get(answer) ?? 0, answer).toBeGreaterThan(3);
  });
});

function turned(all: readonly Step[], place: number): readonly Step[] {
  const [one, other] = [all[place], all[place + 1]];
  return one && other ? all.with(place, other).with(place + 1, one) : all;
}

describe('the model itself', () => {
  it('finds what exceeds each limit: planted', () => {
    const one: Signed = {
      kind: 'payment',
      intent: 'a',
      at: 0,
      to: 'x',
      amount: 1_000_000_000n,
      feeCap: 0n,
      balance: 50_000_000_000n,
      approvals: 2,
      known: [everSince],
    };
    const four = ['a', 'b', 'c', 'd'].map((intent) => ({ ...one, intent, to: intent }));
    expect(excesses(four)).toEqual(['over-rolling-limit']);
    expect(excesses([{ ...one, amount: 1_000_000_001n }])).toEqual(['over-payment-limit']);
    expect(excesses([{ ...one, approvals: 1 }])).toEqual(['approvals-below-quorum']);
    expect(excesses([{ ...one, balance: 9_999_999_999n }])).toEqual(['over-first-seen-share']);
    const three = ['a', 'b', 'c'].map((intent) => ({ ...one, intent, amount: 1n }));
    expect(excesses(three)).toEqual(['denied-now']);
    expect(excesses(three.map((sweep) => ({ ...sweep, kind: 'sweep' as const })))).toEqual([
      'over-sweep-count',
    ]);
  });
});
