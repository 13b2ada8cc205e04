/** A journal with an entry left out, put in, dated back or told twice: what entries add up to, and what they never become. */
import { describe, expect, it } from 'vitest';
import {
  bytesDigest,
  emptyHistory,
  entryHash,
  extend,
  intentDigest,
  policyDigest,
  standingAfter,
  type Entry,
  type History,
} from './index.ts';
import {
  evacuationCase,
  hour,
  intentFor,
  now,
  operator,
  paymentCase,
  policy,
  requestFor,
} from './testing/house.ts';

type Body = Entry['body'];

function entryOf(history: History, body: Body, change: Partial<Entry> = {}): Entry {
  return {
    v: 1,
    signer: 'signer-1',
    seq: history.seq + 1,
    prev: history.head,
    at: now,
    policy: policyDigest(policy),
    grounds: [],
    body,
    ...change,
  };
}

/** The history after these entries; throws where one does not follow. */
function after(...bodies: readonly Body[]): History {
  let history = emptyHistory();
  for (const body of bodies) {
    const extended = extend(history, entryOf(history, body));
    if (extended.kind !== 'extended') throw new Error(extended.why);
    ({ history } = extended);
  }
  return history;
}

const request = requestFor();
const intent = intentFor(request);
const payment = paymentCase([request]).ask;
const evacuation = evacuationCase().ask;
const keeper = operator.publicKey;
const rotation: Body = {
  kind: 'rotation',
  wallet: 'hot',
  rotation: {
    rotation: { wallet: 'hot', remove: 'c2', add: 's1', policy: policyDigest(policy), expiry: 1 },
    signatures: [],
  },
  plan: 'abcd',
  share: 'abcd',
  facts: [],
};
const freeze: Body = { kind: 'freeze', freeze: { freeze: { by: keeper, at: now, why: 'x' }, signature: '' } };
const next: Body = { kind: 'policy', prev: '1'.repeat(64), facts: [] };
const objection: Body = {
  kind: 'objection',
  objection: { objection: { policy: policyDigest(policy), keeper }, signature: '' },
};

describe('an entry follows the one before', () => {
  const base = after(freeze);
  it.each<[string, Partial<Entry>, string]>([
    ['left out', { seq: base.seq + 2 }, 'gap'],
    ['told again', { seq: base.seq }, 'gap'],
    ['of another line', { prev: '0'.repeat(64) }, 'fork'],
    ['dated back', { at: now - 1 }, 'time-goes-back'],
    ['of the same moment', {}, 'extended'],
  ])('%s', (_what, change, expected) => {
    const extended = extend(base, entryOf(base, freeze, change));
    expect(extended.kind === 'refused' ? extended.why : extended.kind).toBe(expected);
  });
});

describe('what an entry leaves behind', () => {
  const bodies: readonly (readonly [string, Body])[] = [
    ['a payment', payment],
    ['an evacuation', evacuation],
    ['a rotation', rotation],
    ['a freeze', freeze],
    ['a version', next],
    ['an objection', objection],
  ];

  it.each(bodies)('%s moves the head, and brings in nothing that a history does not know', (_what, body) => {
    const history = emptyHistory();
    const entry = entryOf(history, body);
    const extended = extend(history, entry);
    if (extended.kind !== 'extended') throw new Error(extended.why);
    expect(extended.hash).toBe(entryHash(entry));
    expect(extended.history).toMatchObject({ seq: 1, head: entryHash(entry), at: now });
    expect(Object.keys(extended.history)).toEqual(Object.keys(emptyHistory()));
  });

  it.each(bodies.filter(([, { kind }]) => kind !== 'freeze'))(
    '%s freezes and thaws nobody',
    (_what, body) => {
      const history = emptyHistory();
      expect(standingAfter(history, entryOf(history, body))).toEqual({});
    },
  );

  it.each<[string, Body & { readonly share: string }]>([
    ['a payment', payment],
    ['an evacuation', evacuation],
    ['a rotation', rotation],
  ])('%s is known by its bytes, and they are never signed for anything else', (_what, body) => {
    const history = after(body);
    expect([...history.records]).toEqual([[bytesDigest(body.share), history.head]]);
  });

  it('an evacuation, its wallet’s last number, and no payment', () => {
    const history = after(evacuation);
    expect([...history.evacuations]).toEqual([['hot', 1]]);
    expect(history.outflows.size + history.plans.size + history.sweeps.length).toBe(0);
  });

  it('a rotation, no payment and no evacuation', () => {
    const history = after(rotation);
    expect(history.outflows.size + history.plans.size + history.evacuations.size).toBe(0);
  });

  it('a payment, its plan: once, however many shares of it are signed', () => {
    const again = { ...payment, share: 'abcdef' };
    expect([...after(payment, again).plans]).toEqual([[intent.id, [payment.plan]]]);
    const anew = { ...payment, plan: 'abcdef', share: 'abcdef' };
    expect([...after(payment, anew).plans]).toEqual([[intent.id, [payment.plan, 'abcdef']]]);
    expect([...after(payment, anew, again).plans.values()]).toEqual([[payment.plan, 'abcdef', payment.plan]]);
  });

  it('a payment of two assets or wallets is counted by each', () => {
    if (payment.kind !== 'payment') throw new Error('a payment');
    const [part] = payment.intents;
    if (!part) throw new Error('a payment pays somebody');
    const other = { ...part, intent: { ...intent, id: '2'.repeat(64), wallet: 'hot-2' } };
    const { outflows } = after({ ...payment, intents: [part, other] });
    expect([...outflows].map(([name, { payments }]) => [name, payments.map((one) => one.intent)])).toEqual([
      ['hot nem:xem', [intentDigest(intent)]],
      ['hot-2 nem:xem', [intentDigest(other.intent)]],
    ]);
  });
});

it('an empty journal has no time, and its first entry any', () => {
  const history = emptyHistory();
  expect(extend(history, entryOf(history, freeze, { at: now - 999 * hour })).kind).toBe('extended');
});
