/** A second transaction for an intent: only where every one before it is proven dead, by a quorum, of exactly those bytes. */
import { assert, array, constantFrom, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allPayments,
  bytesDigest,
  emptyHistory,
  extend,
  judge,
  readFacts,
  recordOf,
  signStatement,
  XEM,
  type ChainFact,
  type Dead,
  type History,
  type Intent,
  type PaymentAsk,
  type Policy,
  type SignedRequest,
} from './index.ts';
import {
  control,
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
  thief,
  towers,
  why,
  xem,
} from './testing/house.ts';

const proof = { height: 400, hash: 'd'.repeat(64) };
const deadOf = (of: string, by: Dead['proof'] = proof): Dead => ({ plan: bytesDigest(of), proof: by });

/** Judges a plan for the requests, and records what is allowed, as a signer does. */
function plan(
  history: History,
  requests: readonly SignedRequest[],
  dead: readonly string[] = [],
  at = now,
  conflicting: readonly string[] = [],
): { readonly history: History; readonly why: string; readonly plan: string } {
  const given = paymentCase(requests, {
    spend: { validUntil: Math.floor(at / 1000) + 60 },
    case: {
      history,
      conflicts: (other) => conflicting.includes(other),
      witnessed: { at, balance: xem('50000'), control, dead: new Set(dead.map(bytesDigest)) },
    },
  });
  const judgement = judge(given);
  if (judgement.kind === 'refused') return { history, why: judgement.why, plan: given.ask.plan };
  const extended = extend(history, recordOf(judgement.approved, 'signer-1', '0'.repeat(64), history).entry);
  if (extended.kind === 'refused') throw new Error(extended.why);
  return { history: extended.history, why: 'approved', plan: given.ask.plan };
}

describe('planned anew', () => {
  it('never while the first may still pay, then once it is dead', () => {
    const request = requestFor();
    const first = plan(emptyHistory(), [request]);
    expect(plan(first.history, [request]).why).toBe('paid-by-another-transaction');
    expect(plan(first.history, [request], ['ffff']).why).toBe('paid-by-another-transaction');
    expect(plan(first.history, [request], [first.plan]).why).toBe('approved');
  });

  it('only when every one before is dead, not the newest alone', () => {
    const request = requestFor();
    const first = plan(emptyHistory(), [request]);
    const second = plan(first.history, [request], [first.plan]);
    // A fact that was true of the first says nothing of the second, nor the other way round.
    expect(plan(second.history, [request], [first.plan]).why).toBe('paid-by-another-transaction');
    expect(plan(second.history, [request], [second.plan]).why).toBe('paid-by-another-transaction');
    expect(plan(second.history, [request], [first.plan, second.plan]).why).toBe('approved');
  });

  it('never the dead bytes themselves', () => {
    const request = requestFor();
    const first = plan(emptyHistory(), [request]);
    const again = paymentCase([request], {
      ask: { plan: first.plan, share: first.plan },
      spend: { share: first.plan },
      case: {
        history: first.history,
        witnessed: { at: now, balance: xem('50000'), control, dead: new Set([bytesDigest(first.plan)]) },
      },
    });
    expect(why(judge(again))).toBe('paid-by-another-transaction');
  });

  it('beside what is alive, where the two can never both confirm: with every one of them', () => {
    const request = requestFor();
    const instead = (history: History, ...plans: string[]) => plan(history, [request], [], now, plans);
    const first = plan(emptyHistory(), [request]);
    expect(instead(first.history, 'ffff').why).toBe('paid-by-another-transaction');
    const second = instead(first.history, first.plan);
    expect(second.why).toBe('approved');
    // Of three, the third must exclude both: else it and one of them would both pay.
    expect(instead(second.history, second.plan).why).toBe('paid-by-another-transaction');
    expect(instead(second.history, first.plan).why).toBe('paid-by-another-transaction');
    const third = instead(second.history, first.plan, second.plan);
    expect(third.why).toBe('approved');
    // One is dead, the others are excluded: nothing is left that could pay beside it.
    expect(plan(third.history, [request], [first.plan], now, [second.plan, third.plan]).why).toBe('approved');
  });

  it('sixty-four times, and then never again: each is held against all before', () => {
    const request = requestFor();
    let history = emptyHistory();
    const dead: string[] = [];
    for (let times = 0; times < 64; times += 1) {
      const next = plan(history, [request], dead);
      expect(next.why).toBe('approved');
      ({ history } = next);
      dead.push(next.plan);
    }
    expect(plan(history, [request], dead).why).toBe('too-many-plans');
  });

  it('nothing after a key alarm: with a stolen key even what is dead may be paid', () => {
    const request = requestFor();
    const first = plan(emptyHistory(), [request]);
    const { freezes } = frozenHistory();
    expect(plan({ ...first.history, freezes }, [request], [first.plan]).why).toBe('frozen');
  });

  it('one transaction that pays many: each of its intents has its own past', () => {
    const [a, b, c] = [requestFor(), requestFor(), requestFor()];
    const first = plan(emptyHistory(), [a, b]);
    expect(first.why).toBe('approved');
    expect(plan(first.history, [b, c]).why).toBe('paid-by-another-transaction');
    const second = plan(first.history, [b, c], [first.plan]);
    expect(second.why).toBe('approved');
    // What paid two may be followed by what pays each of them alone, when both ways are dead.
    expect(plan(second.history, [b], [first.plan]).why).toBe('paid-by-another-transaction');
    expect(plan(second.history, [a], [first.plan]).why).toBe('approved');
  });
});

describe('limits', () => {
  it('count a dead plan once, never twice: what is planned anew fits where it fitted', () => {
    const requests = ['A', 'B', 'C'].map((to) => requestFor({ to, units: xem('990') }));
    let history = emptyHistory();
    const plans: string[] = [];
    for (const request of requests) {
      const planned = plan(history, [request]);
      expect(planned.why).toBe('approved');
      ({ history } = planned);
      plans.push(planned.plan);
    }
    for (const [index, request] of requests.entries())
      ({ history } = plan(history, [request], [plans[index] ?? '']));
    expect(allPayments(history.outflows)).toHaveLength(3);
    // 3 × 991 of 3,000: nothing is left for another.
    expect(plan(history, [requestFor({ to: 'D', units: xem('30') })]).why).toBe('over-rolling-limit');
  });

  it('count it from its newest plan on, so that waiting for death does not open a window', () => {
    const request = requestFor({ units: xem('990') });
    const others = ['B', 'C'].map((to) => requestFor({ to, units: xem('990') }));
    const first = plan(emptyHistory(), [request]);
    const later = now + 20 * hour;
    const second = plan(first.history, [request], [first.plan], later);
    let { history } = second;
    for (const other of others) ({ history } = plan(history, [other], [], later));
    const late = requestFor({ to: 'D', units: xem('990'), at: now + 25 * hour });
    expect(plan(history, [late], [], now + 25 * hour).why).toBe('over-rolling-limit');
  });

  it('count a dead transaction of several once: planned anew as it was, it fits where it fitted', () => {
    // 3 × 991 of 3,000: each is in the way of the others, and its dead plan is not.
    const requests = ['A', 'B', 'C'].map((to) => requestFor({ to, units: xem('990') }));
    const first = plan(emptyHistory(), requests);
    const second = plan(first.history, requests, [first.plan]);
    expect(second.why).toBe('approved');
    expect(allPayments(second.history.outflows)).toHaveLength(3);
    const fourth = requestFor({ to: 'D', units: xem('30') });
    expect(plan(second.history, [fourth]).why).toBe('over-rolling-limit');
    expect(plan(second.history, [...requests, fourth], [first.plan, second.plan]).why).toBe(
      'over-rolling-limit',
    );
  });

  it('are not lowered by a taken signer that records an id again with a smaller amount', () => {
    const request = requestFor({ units: xem('990') });
    const first = plan(emptyHistory(), [request]);
    const [payment] = allPayments(first.history.outflows);
    const forged: Intent = { ...intentFor(request), amount: 1n };
    const body: PaymentAsk = {
      kind: 'payment',
      wallet: 'hot',
      intents: [partOf(request, forged)],
      plan: bytes(),
      share: bytes(),
      facts: [],
    };
    const extended = extend(first.history, {
      v: 1,
      signer: 'signer-1',
      seq: first.history.seq + 1,
      prev: first.history.head,
      at: now,
      policy: '0'.repeat(64),
      grounds: [],
      body,
    });
    if (extended.kind === 'refused') throw new Error(extended.why);
    expect(allPayments(extended.history.outflows)).toContainEqual(payment);
    expect(allPayments(extended.history.outflows)).toHaveLength(2);
  });

  it('whatever is planned, dies and is planned anew: no window of 24 h holds more than its limit', () => {
    const aTurn = record({
      intent: constantFrom(0, 1, 2, 3, 4, 5),
      dies: constantFrom(true, false),
      later: constantFrom(0, 1, 5, 13),
    });
    assert(
      property(array(aTurn, { maxLength: 40 }), (turns) => {
        const requests = [0, 1, 2, 3, 4, 5].map((to) => requestFor({ to: `D${to}`, units: xem('700') }));
        let history = emptyHistory();
        let at = now;
        const alive = new Map<number, { plan: string; at: number }>();
        const dead: string[] = [];
        for (const { intent, dies, later } of turns) {
          at = Math.min(at + later * hour, now + 23 * hour);
          const before = alive.get(intent);
          if (before && dies) {
            dead.push(before.plan);
            alive.delete(intent);
          }
          const request = requests[intent];
          if (!request) throw new Error('there are six');
          const planned = plan(history, [request], dead, at);
          if (planned.why === 'approved') {
            expect(alive.has(intent)).toBe(false);
            ({ history } = planned);
            alive.set(intent, { plan: planned.plan, at });
          }
          const open = [...alive.values()].length;
          expect(xem('701') * BigInt(open)).toBeLessThanOrEqual(xem('3000'));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('facts about what is dead', () => {
  const of = (quorum: number): Policy => ({
    ...policy,
    watchtowers: { quorum, keys: towers.map(({ publicKey }) => publicKey) },
  });
  function factOf(dead: readonly Dead[], by = towers[0], change: Partial<ChainFact> = {}) {
    const fact: ChainFact = {
      network: 'devnet',
      purpose: 'payment',
      at: now,
      tip: { height: 900, hash: 'a'.repeat(64) },
      wallet: 'hot',
      balance: { asset: XEM, units: xem('50000') },
      control,
      nonces: ['0'.repeat(32)],
      dead: [...dead],
      ...change,
    };
    return { fact, watchtower: by.publicKey, signature: signStatement(by, 'chain-fact', fact) };
  }
  const deadIn = (quorum: number, facts: readonly ReturnType<typeof factOf>[]) => {
    const read = readFacts(of(quorum), 'hot', XEM, facts);
    return read.kind === 'witnessed' ? [...read.witnessed.dead] : read.why;
  };
  const [one, two, three] = towers;
  const old = deadOf('aaaa');

  it('a quorum of them counts', () => {
    expect(deadIn(2, [factOf([old]), factOf([old], two)])).toEqual([old.plan]);
  });

  it('one watchtower below the quorum does not, nor one twice, nor in its own list twice', () => {
    expect(deadIn(2, [factOf([old]), factOf([], two)])).toEqual([]);
    expect(deadIn(2, [factOf([old, old]), factOf([], two)])).toEqual([]);
    expect(deadIn(2, [factOf([old]), factOf([old], one, { at: now + 1 }), factOf([], two)])).toEqual([]);
  });

  it('two that look at two forks do not add up', () => {
    const other = deadOf('aaaa', { ...proof, hash: 'e'.repeat(64) });
    expect(deadIn(2, [factOf([old]), factOf([other], two)])).toEqual([]);
    expect(deadIn(2, [factOf([old]), factOf([other], two), factOf([old], three)])).toEqual([old.plan]);
  });

  it('a thief’s, or one with a plan written in afterwards, does not', () => {
    const written = factOf([]);
    const altered = { ...written, fact: { ...written.fact, dead: [old] } };
    expect(deadIn(1, [factOf([old], thief as never)])).toBe('facts-below-quorum');
    expect(deadIn(1, [altered])).toBe('facts-below-quorum');
    expect(deadIn(1, [factOf([old])])).toEqual([old.plan]);
  });
});

it('spends of many intents are explained output by output', () => {
  const requests = ['A', 'B', 'C'].map((to) => requestFor({ to, units: xem('100') }));
  const intents = requests.map((request) => intentFor(request));
  const given = paymentCase(requests);
  expect(why(judge(given))).toBe('approved');
  const [output] = spendFor(intents, '00').outputs;
  const spend = { outputs: [...spendFor(intents, '00').outputs, output ?? fail()] };
  expect(why(judge(paymentCase(requests, { spend })))).toBe('output-without-intent');
});

function fail(): never {
  throw new Error('there is an output');
}
