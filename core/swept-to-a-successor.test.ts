/** A thief with custody, or with the keepers' keys, uses the change from a wallet to the next one: to send coins elsewhere, or to be paid twice the limit. */
import { describe, expect, it } from 'vitest';
import {
  depositWallet,
  emptyHistory,
  extend,
  heirOf,
  judge,
  judgeUnder,
  LTC,
  recordOf,
  soundness,
  sweepIntent,
  type Case,
  type History,
  type Intent,
  type Policy,
  type Wallet,
} from './index.ts';
import {
  bytes,
  intentFor,
  now,
  partOf,
  paymentCase,
  policy,
  requestFor,
  rule,
  spendFor,
  why,
  xem,
} from './testing/house.ts';

type Given = Pick<Wallet, 'id' | 'role' | 'address' | 'cosigners' | 'evacuateTo'>;
const wallet = (given: Given): Wallet => ({
  ...given,
  chain: 'litecoin',
  descriptor: given.id,
  threshold: 2,
});
const [one, two] = [
  { publicKey: 'c1', signer: 'signer-1' },
  { publicKey: 'c2', signer: 'signer-2' },
];
const hot = wallet({
  id: 'hot',
  role: 'hot',
  address: 'HOT',
  cosigners: [one, two, { publicKey: 'c3', signer: null }],
  evacuateTo: 'cold',
});
const next = wallet({
  id: 'hot-2',
  role: 'hot',
  address: 'HOT2',
  cosigners: [one, { publicKey: 'n2', signer: 'signer-2' }, { publicKey: 'c3', signer: null }],
  evacuateTo: 'cold',
});
const cold = wallet({
  id: 'cold',
  role: 'cold',
  address: 'COLD',
  cosigners: ['d1', 'd2', 'd3'].map((publicKey) => ({ publicKey, signer: null })),
  evacuateTo: null,
});

const sweep = { to: ['cold'], perDay: { count: 3, fees: xem('10') }, leave: xem('1000') };
/** Beside each other: the next one is pinned, and not in use. */
const standby: Policy = {
  ...policy,
  wallets: [hot, next, cold],
  rules: ['hot', 'hot-2'].map((id) => ({ wallet: id, ...rule, asset: LTC, sweep })),
};
const succeeded: Policy = {
  ...standby,
  wallets: [{ ...hot, successor: 'hot-2' } as Wallet, next, cold],
  rules: standby.rules.map((each) =>
    each.wallet === 'hot' ? { ...each, sweep: { ...sweep, to: ['cold', 'hot-2'] } } : each,
  ),
};

/** The way to it waits beside it. */
const waiting: Policy = { ...standby, rules: succeeded.rules };

const keys = (of: Wallet) => ({
  threshold: 2,
  keys: of.cosigners.map(({ publicKey }) => publicKey).toSorted(),
});
const witnessed = (of: Wallet) => ({
  at: now,
  balance: xem('50000'),
  control: keys(of),
  dead: new Set<string>(),
});
const ltc = { feeAsset: LTC };

function swept(from: Wallet, to: string, under: Policy, number = 1): Case {
  const expiry = Math.floor(now / 1000) + 86_400;
  const moved = { number, asset: LTC, amount: xem('49999'), feeCap: xem('1'), expiry };
  const intent: Intent = sweepIntent(from, { address: to }, moved);
  const share = bytes();
  const given = paymentCase([], {
    ask: {
      wallet: from.id,
      plan: share,
      share,
      intents: [{ intent, authority: { kind: 'treasury', number }, approvals: [] }],
    },
  });
  const spend = spendFor([intent], share, { ...ltc, from: from.address });
  return { ...given, policy: under, explained: { kind: 'spend', spend }, witnessed: witnessed(from) };
}

function paid(from: Wallet, units: bigint, history: History, to = 'ALICE'): Case {
  const request = requestFor({ asset: LTC, units, to });
  const intent = intentFor(request, from.id);
  const share = bytes();
  const given = paymentCase([], {
    ask: { wallet: from.id, plan: share, share, intents: [partOf(request, intent)] },
  });
  const spend = spendFor([intent], share, { ...ltc, from: from.address });
  return {
    ...given,
    policy: succeeded,
    explained: { kind: 'spend', spend },
    witnessed: witnessed(from),
    history,
  };
}

function recorded(given: Case): History {
  const judgement = judge(given);
  if (judgement.kind === 'refused') throw new Error(judgement.detail);
  const { entry } = recordOf(judgement.approved, 'signer-1', '0'.repeat(64), given.history);
  const extended = extend(given.history, entry);
  if (extended.kind === 'refused') throw new Error(extended.why);
  return extended.history;
}

describe('what an old wallet has follows to the one that took its place', () => {
  it('wholly, since nobody is paid there any more', () => {
    expect(why(judge(swept(hot, 'HOT2', succeeded)))).toBe('approved');
    expect(why(judge(swept(hot, 'COLD', succeeded)))).toBe('leaves-too-little');
  });

  it('never back, and not where the policy names no way', () => {
    expect(why(judge(swept(next, 'HOT', succeeded)))).toBe('destination-not-pinned');
    expect(why(judge(swept(hot, 'HOT2', standby)))).toBe('destination-not-pinned');
  });

  it('and not by a way that a waiting version brings: the keepers’ keys may be a thief’s', () => {
    const both = judgeUnder([swept(hot, 'HOT2', standby), swept(hot, 'HOT2', succeeded)]);
    expect(why(both)).toBe('destination-not-pinned');
  });

  it('at once, where the way has waited before the wallet is named', () => {
    const both = judgeUnder([swept(hot, 'HOT2', waiting), swept(hot, 'HOT2', succeeded)]);
    expect(why(both)).toBe('approved');
  });

  it('within the day’s sweeps', () => {
    let history = emptyHistory();
    for (const number of [1, 2, 3]) history = recorded({ ...swept(hot, 'HOT2', succeeded, number), history });
    expect(why(judge({ ...swept(hot, 'HOT2', succeeded, 4), history }))).toBe('over-sweep-count');
  });
});

describe('one place has one limit, whichever wallet has it', () => {
  const most = (from: Wallet, history: History) => recorded(paid(from, xem('999'), history));

  it.each([
    ['first the old one', hot, next],
    ['first the new one', next, hot],
  ])('%s', (_what, first, then) => {
    const history = most(first, most(first, most(first, emptyHistory())));
    expect(why(judge(paid(then, xem('10'), history)))).toBe('over-rolling-limit');
  });

  it('and what a new destination may get is counted together', () => {
    const first = { ...paid(hot, xem('900'), emptyHistory(), 'EVE') };
    const history = recorded({ ...first, witnessed: { ...first.witnessed, balance: xem('10000') } });
    const second = paid(next, xem('900'), history, 'EVE');
    const given = { ...second, witnessed: { ...second.witnessed, balance: xem('10000') } };
    expect(why(judge(given))).toBe('over-first-seen-share');
  });
});

describe('a denial is about a place too: whoever rotates does not begin anew', () => {
  const denying = (when: Policy['denials'][number]['when']) => (given: Case) =>
    why(judge({ ...given, policy: { ...given.policy, denials: [{ id: 'stop', when }] } }));

  it('one that names the old wallet holds in the new one, and the other way round', () => {
    for (const named of ['hot', 'hot-2']) {
      const judged = denying({ wallets: [named] });
      for (const from of [hot, next])
        expect([named, from.id, judged(paid(from, xem('1'), emptyHistory()))]).toEqual([
          named,
          from.id,
          'denied',
        ]);
    }
  });

  it('one that counts a wallet’s payments counts those of both', () => {
    const judged = denying({ rolling: { per: 'wallet', hours: 24, aboveCount: 2 } });
    const first = recorded(paid(hot, xem('1'), emptyHistory()));
    expect(judged(paid(next, xem('2'), first))).toBe('approved');
    const both = recorded(paid(next, xem('2'), first));
    for (const from of [hot, next]) expect(judged(paid(from, xem('3'), both))).toBe('denied-now');
  });
});

describe('customers are sent to the newest wallet', () => {
  it('once it is named, and to the one in use until then', () => {
    expect(depositWallet(standby, LTC)?.id).toBe('hot');
    expect(depositWallet(succeeded, LTC)?.id).toBe('hot-2');
    expect(heirOf(succeeded, succeeded.wallets[0] as Wallet).id).toBe('hot-2');
  });

  it('to the one that is named, whichever waits beside it', () => {
    const third = { ...next, id: 'hot-3', address: 'HOT3' };
    const wallets = [{ ...hot, successor: 'hot-3' } as Wallet, next, third, cold];
    const rules = [...succeeded.rules, { ...rule, asset: LTC, wallet: 'hot-3', sweep }];
    expect(depositWallet({ ...succeeded, wallets, rules }, LTC)?.id).toBe('hot-3');
  });
});

describe('a policy that names a successor', () => {
  const naming = (id: string, name: string, from = succeeded): Policy => ({
    ...from,
    wallets: from.wallets.map((each) => (each.id === id ? ({ ...each, successor: name } as Wallet) : each)),
  });
  const field = (of: Policy) => soundness(of)?.field ?? 'sound';

  it('is sound where it is another hot wallet of the chain, to which what is left may go', () => {
    expect(field(standby)).toBe('sound');
    expect(field(succeeded)).toBe('sound');
  });

  it.each([
    ['a cold wallet, whose keys are not online', naming('hot', 'cold')],
    ['itself', naming('hot', 'hot')],
    ['a circle', naming('hot-2', 'hot')],
    ['nobody', naming('hot', 'hot-3')],
  ])('%s: refused', (_what, of) => {
    expect(field(of)).toMatch(/^wallets\.[01]\.successor$/);
  });

  it('a wallet of another chain: refused', () => {
    const elsewhere = { ...next, chain: 'bitcoin' } as Wallet;
    const of = { ...succeeded, wallets: [succeeded.wallets[0] as Wallet, elsewhere, cold] };
    expect(field(of)).not.toBe('sound');
  });

  it('without a way for what is left: refused', () => {
    expect(field({ ...succeeded, rules: standby.rules })).toBe('rules.0.sweep.to');
  });

  it.each(['hot', 'hot-3'])('a way to %s: refused; to a wallet that waits: sound', (to) => {
    const rules = standby.rules.map((each) => ({ ...each, sweep: { ...sweep, to: ['cold', to] } }));
    expect(field({ ...standby, rules: rules.slice(0, 1) })).toBe('rules.0.sweep.to');
    expect(field(waiting)).toBe('sound');
  });

  it.each([0, 1])(
    'without a rule for one of the two (%i): refused, since nothing could follow, or leave',
    (at) => {
      expect(field({ ...succeeded, rules: succeeded.rules.filter((_, index) => index !== at) })).toBe(
        'wallets.0.successor',
      );
    },
  );
});
