/** What a rule allows and a denial takes away: each condition on both of its sides, what lifts it, and who cannot. */
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  approvalOf,
  demandsOf,
  emptyHistory,
  extend,
  judge,
  recordOf,
  signStatement,
  treasuryId,
  waitsBy,
  XEM,
  type Denial,
  type History,
  type Intent,
  type Policy,
} from './index.ts';
import {
  control,
  exchange,
  hour,
  intentFor,
  keyNamed,
  now,
  partOf,
  paymentCase,
  policy,
  requestFor,
  rule,
  thief,
  xem,
  type Asked,
} from './testing/house.ts';

const people = ['ops 1', 'ops 2', 'law 1'].map((name) => keyNamed(name));
const [ops1, ops2, law1] = people as [typeof exchange, typeof exchange, typeof exchange];

const words = {
  lists: [
    { id: 'partners', addresses: ['ALICE'] },
    { id: 'sanctioned', addresses: ['EVE', 'TAXYZ-MIDDLE-WXYZ'] },
  ],
  groups: [
    { id: 'ops', people: [ops1.publicKey, ops2.publicKey] },
    { id: 'law', people: [law1.publicKey] },
  ],
  // One XEM counts for 100 yen.
  values: [{ asset: XEM, yen: 100n, per: 1_000_000n }],
};

/** Loose rules, so that only denials are in the way. */
const under = (denials: readonly Denial[]): Policy => ({
  ...policy,
  ...words,
  denials: [...denials],
  rules: [
    {
      ...rule,
      wallet: 'hot',
      perPayment: xem('100000'),
      rolling: { hours: 1, units: xem('1000000') },
      firstSeen: { hours: 1, shareBps: 10_000 },
      feeCap: xem('1000'),
      sweep: { to: ['cold'], perDay: { count: 10, fees: xem('100') }, leave: 0n },
    },
  ],
});

interface Given {
  readonly history?: History;
  readonly at?: number;
  readonly balance?: bigint;
  readonly approvals?: (intent: Intent) => ReturnType<typeof approvalBy>[];
}

function approvalBy(by: typeof exchange, intent: Intent) {
  return { person: by.publicKey, signature: signStatement(by, 'approval', approvalOf(intent)) };
}

function judged(denials: readonly Denial[], asked: readonly Asked[], given: Given = {}) {
  const { history = emptyHistory(), at = now, balance = xem('50000') } = given;
  const requests = asked.map((one) => requestFor({ at, ...one }));
  const intents = requests.map((request) => ({
    ...partOf(request),
    approvals: [...(given.approvals?.(intentFor(request)) ?? [])],
  }));
  return judge(
    paymentCase(requests, {
      ask: { intents },
      spend: { validUntil: Math.floor(at / 1000) + 60 },
      case: { policy: under(denials), history, witnessed: { at, balance, control, dead: new Set() } },
    }),
  );
}

function verdict(when: Denial['when'], asked: Asked | readonly Asked[] = {}, given: Given = {}): string {
  const all = Array.isArray(asked) ? (asked as readonly Asked[]) : [asked as Asked];
  const judgement = judged([{ id: 'it', when }], all, given);
  return judgement.kind === 'refused' ? judgement.why : 'approved';
}

/** A journal that has recorded these payments. */
function after(payments: readonly Asked[]): History {
  let history = emptyHistory();
  for (const asked of payments) {
    const judgement = judged([], [asked], { history, at: asked.at ?? now });
    if (judgement.kind === 'refused') throw new Error(judgement.why);
    const { entry } = recordOf(judgement.approved, 'signer-1', '0'.repeat(64), history);
    const extended = extend(history, entry);
    if (extended.kind === 'refused') throw new Error(extended.why);
    ({ history } = extended);
  }
  return history;
}

type Row = readonly [
  what: string,
  when: Denial['when'],
  holds: readonly [asked: Asked | readonly Asked[], given?: () => Given],
  not: readonly [asked: Asked | readonly Asked[], given?: () => Given],
  why?: 'denied' | 'denied-now',
];

const ago = (hours: number, asked: Asked = {}) => ({ at: now - hours * hour, ...asked });
const past =
  (...payments: Asked[]) =>
  () => ({ history: after(payments) });
const clock = (iso: string) => () => ({ at: Date.parse(iso) });
const jst = { zone: '+09:00', from: '22:00', to: '06:00' };

const rows: readonly Row[] = [
  ['a list', { destination: { in: ['sanctioned'] } }, [{ to: 'EVE' }], [{ to: 'ALICE' }], 'denied'],
  ['no list', { destination: { notIn: ['partners'] } }, [{ to: 'BOB' }], [{ to: 'ALICE' }], 'denied'],
  [
    'an amount',
    { assets: [XEM], amount: { above: xem('10') } },
    [{ units: xem('10.000001') }],
    [{ units: xem('10') }],
    'denied',
  ],
  [
    'an amount in yen, rounded up',
    { amount: { aboveYen: 1000n } },
    [{ units: xem('10.000001') }],
    [{ units: xem('10') }],
    'denied',
  ],
  [
    'two conditions, of which one alone is nothing',
    { destination: { notIn: ['partners'] }, assets: [XEM], amount: { above: xem('10') } },
    [{ to: 'BOB', units: xem('11') }],
    [[{ to: 'BOB', units: xem('10') }]],
    'denied',
  ],
  [
    'a share of the wallet, fee cap included',
    { share: { aboveBps: 1000 } },
    [{ units: xem('4999.000001'), feeCap: xem('1') }],
    [{ units: xem('4999'), feeCap: xem('1') }],
  ],
  [
    'a share of the wallet, in one transaction together',
    { share: { aboveBps: 1000 } },
    [[{ units: xem('2499') }, { units: xem('2499.000001') }]],
    [[{ units: xem('2499') }, { units: xem('2499') }]],
  ],
  [
    'a destination of less than a day',
    { destination: { newerThanHours: 24 } },
    [{}, past(ago(23.999))],
    [{}, past(ago(24))],
  ],
  [
    'a destination never paid, whatever others were',
    { destination: { newerThanHours: 24 } },
    [{}, past(ago(48, { to: 'BOB' }))],
    [{}, past(ago(48))],
  ],
  [
    'a lookalike of one that was paid',
    { destination: { lookalike: true } },
    [{ to: 'NABC-another-WXYZ' }, past({ to: 'NABC-the-right-one-WXYZ' })],
    [{ to: 'NABC-the-right-one-WXYZ' }, past({ to: 'NABC-the-right-one-WXYZ' })],
  ],
  [
    'a lookalike of one on a list',
    { destination: { lookalike: true } },
    [{ to: 'TAXYZ-OTHER-WXYZ' }],
    [{ to: 'TAXYZ-MIDDLE-WXYZ' }],
  ],
  [
    'what left the wallet within hours, fee caps included',
    { assets: [XEM], rolling: { per: 'wallet', hours: 6, above: xem('32') } },
    [{ units: xem('20.000001') }, past(ago(7), ago(5))],
    [{ units: xem('20') }, past(ago(7), ago(5))],
  ],
  [
    'what went to one destination',
    { assets: [XEM], rolling: { per: 'destination', hours: 6, above: xem('22') } },
    [{ units: xem('10.000001') }, past(ago(5), ago(4, { to: 'BOB' }))],
    [{ units: xem('10') }, past(ago(5), ago(4, { to: 'BOB' }))],
  ],
  [
    'how many left within an hour',
    { rolling: { per: 'wallet', hours: 1, aboveCount: 2 } },
    [{}, past(ago(0.9), ago(0.5))],
    [{}, past(ago(1), ago(0.5))],
  ],
  [
    'how many are in one transaction',
    { rolling: { per: 'all', hours: 1, aboveCount: 2 } },
    [[{}, {}, {}]],
    [[{}, {}]],
  ],
  [
    'how many went to one destination',
    { rolling: { per: 'destination', hours: 24, aboveCount: 1 } },
    [{}, past(ago(3, { to: 'BOB' }), ago(2))],
    [{}, past(ago(3, { to: 'BOB' }))],
  ],
  [
    'yen over everything',
    { rolling: { per: 'all', hours: 168, aboveYen: 2200n } },
    [{ units: xem('10.01') }, past(ago(100, { to: 'BOB' }))],
    [{ units: xem('10') }, past(ago(100, { to: 'BOB' }))],
  ],
  [
    'the night in Japan',
    { time: jst },
    [{}, clock('2026-01-26T20:59:59Z')],
    [{}, clock('2026-01-26T21:00:00Z')],
  ],
  [
    'the evening in Japan',
    { time: jst },
    [{}, clock('2026-01-26T13:00:00Z')],
    [{}, clock('2026-01-26T12:59:59Z')],
  ],
  [
    'the evening of a Friday’s night',
    { time: { ...jst, days: ['fri'] } },
    [{}, clock('2026-01-30T13:00:00Z')],
    [{}, clock('2026-01-29T13:00:00Z')],
  ],
  [
    'from a time with minutes',
    { time: { zone: '+05:30', from: '09:45', to: '10:15' } },
    [{}, clock('2026-01-26T04:15:00Z')],
    [{}, clock('2026-01-26T04:14:59Z')],
  ],
  [
    'until a time with minutes',
    { time: { zone: '+05:30', from: '09:45', to: '10:15' } },
    [{}, clock('2026-01-26T04:44:59Z')],
    [{}, clock('2026-01-26T04:45:00Z')],
  ],
  [
    'until the evening in New York',
    { time: { zone: '-05:00', from: '09:00', to: '17:00' } },
    [{}, clock('2026-01-26T21:59:59Z')],
    [{}, clock('2026-01-26T22:00:00Z')],
  ],
  [
    'from the morning in New York',
    { time: { zone: '-05:00', from: '09:00', to: '17:00' } },
    [{}, clock('2026-01-26T14:00:00Z')],
    [{}, clock('2026-01-26T13:59:59Z')],
  ],
  [
    'a Friday’s night, until Saturday morning',
    { time: { ...jst, days: ['fri'] } },
    [{}, clock('2026-01-30T20:00:00Z')],
    [{}, clock('2026-01-31T20:00:00Z')],
  ],
  [
    'the working day in New York',
    { time: { zone: '-05:00', from: '09:00', to: '17:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] } },
    [{}, clock('2026-01-26T14:00:00Z')],
    [{}, clock('2026-01-25T14:00:00Z')],
  ],
];

describe('a denial', () => {
  it.each(rows)('%s: it holds', (_what, when, holds, _not, why = 'denied-now') => {
    const [asked, given] = holds as Row[2];
    expect(verdict(when as Denial['when'], asked, given?.())).toBe(why);
  });

  it.each(rows)('%s: it does not hold', (_what, when, _holds, not) => {
    const [asked, given] = not as Row[3];
    expect(verdict(when as Denial['when'], asked, given?.())).toBe('approved');
  });

  it.each<[string, Denial['when'], string]>([
    ['of its wallet', { wallets: ['hot'] }, 'denied'],
    ['of another wallet', { wallets: ['cold'] }, 'approved'],
    ['of its asset', { assets: [XEM] }, 'denied'],
    ['of its operation', { operations: ['transfer'] }, 'denied'],
    [
      'of other operations',
      { operations: ['token-transfer', 'modification', 'call:0xa9059cbb'] },
      'approved',
    ],
    ['of its reason', { reasons: ['withdrawal'] }, 'denied'],
    ['of other reasons', { reasons: ['return', 'sweep'] }, 'approved'],
    ['of more assets than one within a day', { distinctAssets: { hours: 24, above: 1 } }, 'approved'],
  ])('%s', (_what, when, expected) => {
    expect(verdict(when)).toBe(expected);
  });

  it('one that counts yen of an asset without a value holds: nobody knows how much it is', () => {
    for (const when of [
      { amount: { aboveYen: 10n ** 30n } },
      { rolling: { per: 'all', hours: 1, aboveYen: 10n ** 30n } },
    ] as const) {
      const given = paymentCase([requestFor()], {
        case: { policy: { ...under([{ id: 'yen', when }]), values: [] } },
      });
      expect(judge(given)).toMatchObject({ kind: 'refused', grounds: ['denial yen'] });
    }
  });

  it('a payment planned anew does not count twice', () => {
    const asked = { key: 'again', units: xem('10'), to: 'ALICE', at: now };
    const history = after([asked]);
    const request = requestFor(asked);
    const plan = history.plans.get(intentFor(request).id)?.[0] ?? '';
    const when = { rolling: { per: 'wallet', hours: 1, aboveCount: 1 } } as const;
    const given = paymentCase([request], { case: { policy: under([{ id: 'count', when }]), history } });
    // Its first plan is not proven dead here: what is asked is only whether the count is in its way.
    expect(plan).not.toBe('');
    expect(judge(given)).toMatchObject({ why: 'paid-by-another-transaction' });
    expect(verdict(when, {}, { history })).toBe('denied-now');
  });

  it('holds for a sweep too, where it does not name its reasons', () => {
    const share = '0f'.repeat(8);
    const intent: Intent = {
      id: treasuryId('sweep', 'hot', 1),
      reason: 'sweep',
      wallet: 'hot',
      asset: XEM,
      destination: { address: 'COLD', memo: '' },
      amount: xem('100'),
      feeCap: xem('1'),
      expiry: now / 1000 + 3600,
    };
    const sweep = (denials: readonly Denial[]) => {
      const spend = {
        share,
        validUntil: now / 1000 + 60,
        outputs: [{ address: 'COLD', memo: '', asset: XEM, units: xem('100') }],
      };
      const ask = {
        plan: share,
        share,
        intents: [{ intent, authority: { kind: 'treasury', number: 1 } as const, approvals: [] }],
      };
      const judgement = judge(paymentCase([], { ask, spend, case: { policy: under(denials) } }));
      return judgement.kind === 'refused' ? judgement.why : 'approved';
    };
    expect(sweep([])).toBe('approved');
    expect(sweep([{ id: 'night', when: { time: { zone: '+09:00', from: '09:00', to: '10:00' } } }])).toBe(
      'denied-now',
    );
    expect(sweep([{ id: 'no-withdrawals', when: { reasons: ['withdrawal'] } }])).toBe('approved');
    // Nobody asked for it, so nobody can have waited.
    expect(sweep([{ id: 'slow', when: { assets: [XEM] }, unless: { waitedSeconds: 1 } }])).toBe('denied-now');
  });
});

describe('deny wins, and a decision lists its grounds', () => {
  it('every denial that holds is named, and one is enough', () => {
    const denials: Denial[] = [
      { id: 'sanctions', when: { destination: { in: ['sanctioned'] } } },
      { id: 'large', when: { assets: [XEM], amount: { above: xem('1') } } },
      { id: 'elsewhere', when: { wallets: ['cold'] } },
    ];
    expect(judged(denials, [{ to: 'EVE', units: xem('2') }])).toMatchObject({
      why: 'denied',
      detail: 'denied by sanctions, large',
      grounds: ['denial sanctions', 'denial large'],
    });
    expect(judged(denials, [{ to: 'ALICE', units: xem('1') }])).toMatchObject({
      kind: 'approved',
      approved: { grounds: ['rule hot nem:xem'] },
    });
  });

  it('one that nothing lifts is for good, whatever else may pass', () => {
    const denials: Denial[] = [
      { id: 'night', when: { time: { zone: '+00:00', from: '00:00', to: '01:00' } } },
      { id: 'sanctions', when: { destination: { in: ['sanctioned'] } } },
    ];
    expect(judged(denials, [{ to: 'EVE' }])).toMatchObject({ why: 'denied' });
    expect(judged(denials, [{ to: 'ALICE' }])).toMatchObject({ why: 'denied-now' });
  });

  it('in a transaction of several one denied intent denies all', () => {
    const denials: Denial[] = [{ id: 'sanctions', when: { destination: { in: ['sanctioned'] } } }];
    expect(judged(denials, [{ to: 'ALICE' }, { to: 'EVE' }])).toMatchObject({ why: 'denied' });
  });

  it('a limit of the rule refuses in the rule’s name', () => {
    expect(judged([], [{ units: xem('100001') }])).toMatchObject({
      why: 'over-payment-limit',
      grounds: ['rule hot nem:xem'],
    });
  });
});

describe('what lifts a denial', () => {
  const large: Denial = {
    id: 'large',
    when: { assets: [XEM], amount: { above: xem('100') } },
    unless: {
      approvals: [
        { group: 'ops', quorum: 2 },
        { group: 'law', quorum: 1 },
      ],
    },
  };
  const asked = { units: xem('101') };
  const by =
    (...who: (typeof exchange)[]) =>
    (intent: Intent) =>
      who.map((one) => approvalBy(one, intent));

  it('as many people as it asks, of each group', () => {
    expect(judged([large], [asked], { approvals: by(ops1, ops2, law1) })).toMatchObject({
      kind: 'approved',
      approved: { grounds: ['rule hot nem:xem', 'denial large, lifted'] },
    });
  });

  it.each<[string, (intent: Intent) => ReturnType<typeof approvalBy>[]]>([
    ['nobody', by()],
    ['one group alone', by(ops1, ops2)],
    ['one of two', by(ops1, law1)],
    ['one of two, twice', by(ops1, ops1, law1)],
    ['a thief', by(ops1, thief, law1)],
    ['the exchange that asked', by(ops1, exchange, law1)],
    [
      'people who approved another amount',
      (intent) => by(ops1, ops2, law1)({ ...intent, amount: intent.amount - 1n }),
    ],
  ])('not %s', (_who, approvals) => {
    expect(judged([large], [asked], { approvals })).toMatchObject({ why: 'denied-now' });
  });

  it('people lift the one that asks them, and no other', () => {
    const sanctions: Denial = { id: 'sanctions', when: { destination: { in: ['sanctioned'] } } };
    const given = { approvals: by(ops1, ops2, law1) };
    expect(judged([large, sanctions], [{ ...asked, to: 'EVE' }], given)).toMatchObject({
      why: 'denied',
      grounds: ['denial sanctions'],
    });
  });

  it('time, since the exchange signed its request', () => {
    const slow: Denial = { id: 'slow', when: { assets: [XEM] }, unless: { waitedSeconds: 600 } };
    const waited = (seconds: number) => {
      const request = requestFor({ at: now });
      const at = now + seconds * 1000;
      const change = {
        policy: under([slow]),
        witnessed: { at, balance: xem('50000'), control, dead: new Set<string>() },
      };
      const judgement = judge(paymentCase([request], { case: change }));
      return judgement.kind === 'refused' ? judgement.detail : 'approved';
    };
    expect(waited(599)).toBe('denied by slow (it has waited 599 of 600 s)');
    expect(waited(600)).toBe('approved');
  });

  it('who waits is told beforehand, with room for clocks that are apart', () => {
    const intent = intentFor(requestFor());
    const waits = (denial: Denial, at: number) => waitsBy(under([denial]), intent, now / 1000, at);
    const slow: Denial = { id: 'slow', when: { assets: [XEM] }, unless: { waitedSeconds: 600 } };
    expect(waits(slow, now + 629_000)).toMatch(/slow: it has waited 599 of 600 s/);
    expect(waits(slow, now + 630_000)).toBeNull();
    const night: Denial = { id: 'night', when: { time: jst } };
    expect(waits(night, Date.parse('2026-01-26T12:59:29Z'))).toBeNull();
    expect(waits(night, Date.parse('2026-01-26T12:59:30Z'))).toMatch(/night: too near to 22:00/);
    expect(waits(night, Date.parse('2026-01-26T13:01:00Z'))).toMatch(/night: not between 22:00 and 06:00/);
    const lifted: Denial = { ...night, unless: { approvals: [{ group: 'ops', quorum: 1 }] } };
    expect(waits(lifted, Date.parse('2026-01-26T12:59:30Z'))).toMatch(/too near/);
    expect(waits(lifted, Date.parse('2026-01-26T13:01:00Z'))).toBeNull();
    expect(waits(night, Date.parse('2026-01-26T21:00:29Z'))).toMatch(/night/);
    expect(waits(night, Date.parse('2026-01-26T21:00:30Z'))).toBeNull();
    // What holds for good, or may not hold at all, nobody waits for.
    expect(waits({ id: 'never', when: { assets: [XEM] } }, now)).toBeNull();
    expect(
      waits({ id: 'some', when: { share: { aboveBps: 1 } }, unless: { waitedSeconds: 600 } }, now),
    ).toBeNull();
  });

  it('people are told what they are asked: for certain, or perhaps', () => {
    const burst: Denial = {
      id: 'burst',
      when: { rolling: { per: 'wallet', hours: 1, aboveCount: 9 } },
      unless: { approvals: [{ group: 'ops', quorum: 1 }] },
    };
    const demands = demandsOf(under([large, burst]), intentFor(requestFor({ units: xem('101') })));
    expect(demands.map(({ denial, quorum, certain }) => [denial, quorum, certain])).toEqual([
      ['large', 2, true],
      ['large', 1, true],
      ['burst', 1, false],
    ]);
    expect(demandsOf(under([large]), intentFor(requestFor({ units: xem('100') })))).toEqual([]);
    // Nobody lifts what holds for good, nor what only time does.
    const never: Denial = { id: 'never', when: { assets: [XEM] } };
    const slow: Denial = { ...never, id: 'slow', unless: { waitedSeconds: 60 } };
    expect(demandsOf(under([never, slow]), intentFor(requestFor()))).toEqual([]);
  });
});

describe('no sequence of allowed payments goes beyond a denial, whatever order and clock', () => {
  it('a count an hour, units a destination, yen a week', () => {
    const denials: Denial[] = [
      { id: 'count', when: { rolling: { per: 'wallet', hours: 1, aboveCount: 3 } } },
      { id: 'units', when: { assets: [XEM], rolling: { per: 'destination', hours: 24, above: xem('500') } } },
      { id: 'yen', when: { rolling: { per: 'all', hours: 168, aboveYen: 120_000n } } },
    ];
    const aPayment = record({
      to: constantFrom('ALICE', 'BOB', 'CAROL'),
      units: integer({ min: 1, max: 200_000_000 }),
      later: integer({ min: -60, max: 90 }),
    });
    let refusals = 0;
    assert(
      property(array(aPayment, { maxLength: 40 }), (payments) => {
        let [history, time] = [emptyHistory(), now];
        const paid: { at: number; to: string; units: bigint }[] = [];
        for (const { to, units, later } of payments) {
          time += later * 60_000;
          const at = Math.max(time, history.at);
          const judgement = judged(denials, [{ to, units: BigInt(units), at: time }], { history, at });
          if (judgement.kind === 'refused') {
            refusals += 1;
            continue;
          }
          const { entry } = recordOf(judgement.approved, 'signer-1', '0'.repeat(64), history);
          const extended = extend(history, entry);
          if (extended.kind === 'refused') throw new Error(extended.why);
          ({ history } = extended);
          paid.push({ at: history.at, to, units: BigInt(units) + xem('1') });
        }
        for (const last of paid) {
          const within = (hours: number) =>
            paid.filter(({ at }) => at <= last.at && at > last.at - hours * hour);
          const total = (some: typeof paid) => some.reduce((all, { units }) => all + units, 0n);
          expect(within(1).length).toBeLessThanOrEqual(3);
          expect(total(within(24).filter(({ to }) => to === last.to))).toBeLessThanOrEqual(xem('500'));
          expect(total(within(168))).toBeLessThanOrEqual(xem('1200'));
        }
      }),
      { numRuns: 150 },
    );
    // Denials that nothing meets prove nothing.
    expect(refusals).toBeGreaterThan(100);
  });
});
