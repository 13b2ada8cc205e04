/** A denial that means nothing denies nothing: each word of it must lead somewhere, or the policy is refused with the field. */
import { describe, expect, it } from 'vitest';
import {
  canonicalText,
  readPolicy,
  signStatement,
  soundness,
  XEM,
  type Asset,
  type Policy,
} from './index.ts';
import { exchange, keepers, keyNamed, policy, tower } from './testing/house.ts';

const [one, two, three] = [keyNamed('one').publicKey, keyNamed('two').publicKey, keyNamed('three').publicKey];
const [keeper] = keepers;

/** Anything at all in the place of the policy's words. */
function refusal(change: object): { field: string; why: string } | 'read' {
  const changed = { ...policy, ...change } as Policy;
  const signature = signStatement(keeper, 'policy', changed);
  const file: unknown = JSON.parse(
    canonicalText({ policy: changed, signatures: [{ keeper: keeper.publicKey, signature }] }),
  );
  const read = readPolicy(file, { keys: [keeper.publicKey], quorum: 1 });
  return read.kind === 'refused' ? { field: read.field, why: read.why } : 'read';
}

const denial = (when: object, unless?: object) => ({
  denials: [{ id: 'it', when, ...(unless ? { unless } : {}) }],
});
const ops = { groups: [{ id: 'ops', people: [one, two] }] };
const value = { values: [{ asset: XEM, yen: 100n, per: 1_000_000n }] };

describe('a denial that means something is read', () => {
  it.each<[string, object]>([
    ['a wallet', denial({ wallets: ['hot'] })],
    ['a list', { ...denial({ destination: { in: ['l'] } }), lists: [{ id: 'l', addresses: [] }] }],
    ['an amount', denial({ assets: [XEM], amount: { above: 1n } })],
    [
      'units of one asset within hours',
      denial({ assets: [XEM], rolling: { per: 'wallet', hours: 1, above: 1n } }),
    ],
    ['yen within hours', { ...denial({ rolling: { per: 'all', hours: 1, aboveYen: 1n } }), ...value }],
    ['several operations', denial({ operations: ['transfer', 'token-transfer', 'call:0xa9059cbb'] })],
    ['several reasons', denial({ reasons: ['withdrawal', 'return'] })],
    [
      'several lists',
      {
        ...denial({ destination: { in: ['l', 'm'], notIn: ['m', 'l'] } }),
        lists: ['l', 'm'].map((id) => ({ id, addresses: [] })),
      },
    ],
    [
      'every day of the week',
      denial({
        time: {
          zone: '+09:00',
          from: '22:00',
          to: '06:00',
          days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
        },
      }),
    ],
    ['a share', denial({ share: { aboveBps: 9_999 } })],
    ['a count of one asset', denial({ rolling: { per: 'asset', hours: 1, aboveCount: 1 } })],
    ['a count within hours', denial({ rolling: { per: 'all', hours: 1, aboveCount: 1 } })],
    [
      'the second of two groups',
      {
        ...denial({ wallets: ['hot'] }, { approvals: [{ group: 'law', quorum: 2 }] }),
        groups: [
          { id: 'ops', people: [one] },
          { id: 'law', people: [two, three] },
        ],
      },
    ],
    ['yen', { ...denial({ amount: { aboveYen: 1n } }), ...value }],
    [
      'people and time',
      {
        ...denial(
          { reasons: ['withdrawal'] },
          { approvals: [{ group: 'ops', quorum: 2 }], waitedSeconds: 60 },
        ),
        ...ops,
      },
    ],
    ['a night', denial({ time: { zone: '+09:00', from: '22:00', to: '06:00', days: ['fri'] } })],
  ])('%s', (_what, change) => {
    expect(refusal(change)).toBe('read');
  });
});

it('yen of one asset say nothing of another’s', () => {
  const other = { asset: 'nem:other' as Asset, yen: 100n, per: 1n };
  const denials = [{ id: 'it', when: { amount: { aboveYen: 1n } } }];
  expect(soundness({ ...policy, denials, values: [other] })?.field).toBe('denials.0.when');
  const own = { ...other, asset: XEM };
  expect(soundness({ ...policy, denials, values: [other, own] })).toBe(undefined);
});

describe('a denial that means nothing', () => {
  it.each<[string, string, object]>([
    ['no condition', 'policy.denials.0.when', denial({})],
    ['a condition that nobody knows', 'policy.denials.0.when', denial({ weather: 'rain' })],
    ['a wallet that is none', 'denials.0.when.wallets', denial({ wallets: ['hot', 'warm'] })],
    ['no wallet', 'policy.denials.0.when.wallets', denial({ wallets: [] })],
    ['an asset that is none', 'policy.denials.0.when.assets.0', denial({ assets: ['nem:yen'] })],
    ['an operation that is none', 'policy.denials.0.when.operations.0', denial({ operations: ['burn'] })],
    ...['untransfer', 'transfers', 'call:0xa9059cbb00', 'call:0xa9059cbz'].map(
      (operation): [string, string, object] => [
        `the operation ${operation}`,
        'policy.denials.0.when.operations.0',
        denial({ operations: [operation] }),
      ],
    ),
    ...['122:00', '22:000', '22:60'].map((from): [string, string, object] => [
      `the time ${from}`,
      'policy.denials.0.when.time.from',
      denial({ time: { zone: '+09:00', from, to: '06:00' } }),
    ]),
    [
      'a selector that is too short',
      'policy.denials.0.when.operations.0',
      denial({ operations: ['call:0xa9'] }),
    ],
    ['a reason that is none', 'policy.denials.0.when.reasons.0', denial({ reasons: ['fun'] })],
    ['a list that is none', 'denials.0.when.destination.in', denial({ destination: { in: ['l'] } })],
    [
      'a list that is none, to be in none of',
      'denials.0.when.destination.notIn',
      denial({ destination: { notIn: ['l'] } }),
    ],
    ['no condition on the destination', 'denials.0.when.destination', denial({ destination: {} })],
    [
      'a lookalike that is none',
      'policy.denials.0.when.destination.lookalike',
      denial({ destination: { lookalike: false } }),
    ],
    ['no bound of an amount', 'denials.0.when.amount', denial({ assets: [XEM], amount: {} })],
    [
      'two bounds of an amount',
      'denials.0.when.amount',
      { ...denial({ assets: [XEM], amount: { above: 1n, aboveYen: 1n } }), ...value },
    ],
    ['units of any asset', 'denials.0.when.assets', denial({ amount: { above: 1n } })],
    [
      'units over all assets',
      'denials.0.when.rolling.above',
      denial({ assets: [XEM], rolling: { per: 'all', hours: 1, above: 1n } }),
    ],
    [
      'units of any asset within hours',
      'denials.0.when.rolling.above',
      denial({ rolling: { per: 'wallet', hours: 1, above: 1n } }),
    ],
    ['no bound within hours', 'denials.0.when.rolling', denial({ rolling: { per: 'wallet', hours: 1 } })],
    [
      'no hours',
      'policy.denials.0.when.rolling.hours',
      denial({ rolling: { per: 'wallet', hours: 0, aboveCount: 1 } }),
    ],
    ['yen of an asset without a value', 'denials.0.when', denial({ amount: { aboveYen: 1n } })],
    ['a value of nothing', 'policy.values.0.yen', { values: [{ asset: XEM, yen: 0n, per: 1n }] }],
    ['a value per nothing', 'policy.values.0.per', { values: [{ asset: XEM, yen: 1n, per: 0n }] }],
    [
      'two bounds within hours',
      'denials.0.when.rolling',
      { ...denial({ rolling: { per: 'all', hours: 1, aboveYen: 1n, aboveCount: 1 } }), ...value },
    ],
    [
      'units and a count within hours',
      'denials.0.when.rolling',
      denial({ assets: [XEM], rolling: { per: 'wallet', hours: 1, above: 1n, aboveCount: 1 } }),
    ],
    ['all of a share', 'policy.denials.0.when.share.aboveBps', denial({ share: { aboveBps: 10_000 } })],
    ['no time', 'denials.0.when.time.to', denial({ time: { zone: '+09:00', from: '22:00', to: '22:00' } })],
    [
      'a time that is none',
      'policy.denials.0.when.time.from',
      denial({ time: { zone: '+09:00', from: '24:00', to: '06:00' } }),
    ],
    [
      'a zone by name',
      'policy.denials.0.when.time.zone',
      denial({ time: { zone: 'Asia/Tokyo', from: '22:00', to: '06:00' } }),
    ],
    ['lifted by nothing', 'policy.denials.0.unless', denial({ wallets: ['hot'] }, {})],
    [
      'lifted by a group that is none',
      'denials.0.unless.approvals',
      denial({ wallets: ['hot'] }, { approvals: [{ group: 'ops', quorum: 1 }] }),
    ],
    [
      'lifted by more than there are',
      'denials.0.unless.approvals',
      { ...denial({ wallets: ['hot'] }, { approvals: [{ group: 'ops', quorum: 3 }] }), ...ops },
    ],
    [
      'lifted by one person who counts twice',
      'denials.0.unless.approvals',
      {
        ...denial(
          { wallets: ['hot'] },
          {
            approvals: [
              { group: 'ops', quorum: 1 },
              { group: 'law', quorum: 1 },
            ],
          },
        ),
        groups: [
          { id: 'ops', people: [one, two] },
          { id: 'law', people: [two] },
        ],
      },
    ],
    ['somebody twice in a group', 'groups.0.people', { groups: [{ id: 'ops', people: [one, one] }] }],
    ['the exchange in a group', 'policy', { groups: [{ id: 'ops', people: [exchange.publicKey] }] }],
    ['a watchtower in a group', 'policy', { groups: [{ id: 'ops', people: [tower.publicKey] }] }],
    [
      'a name twice',
      'policy',
      { denials: [...denial({ wallets: ['hot'] }).denials, ...denial({ assets: [XEM] }).denials] },
    ],
    [
      'a list twice',
      'policy',
      {
        lists: [
          { id: 'l', addresses: [] },
          { id: 'l', addresses: ['X'] },
        ],
      },
    ],
    ['a name in capitals', 'policy.denials.0.id', { denials: [{ id: 'NO', when: { assets: [XEM] } }] }],
  ])('%s', (_what, field, change) => {
    expect(refusal(change)).toMatchObject({ field });
  });
});
