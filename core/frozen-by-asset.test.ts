/** A freeze of some assets stops these and what moves with them, stops no other, and keeps nobody from stopping more. */
import { describe, expect, it } from 'vitest';
import {
  emptyHistory,
  extend,
  freezeDigest,
  freezeOf,
  judge,
  SignedFreeze,
  signStatement,
  stopsNoMore,
  thawQuestions,
  verifyFreeze,
  XEM,
  type Asset,
  type Entry,
  type History,
  type SigningKey,
} from './index.ts';
import {
  evacuationCase,
  now,
  paymentCase,
  policy,
  records,
  requestFor,
  tower,
  why,
} from './testing/house.ts';

const token = 'nem:dim:token' as Asset;
const other = 'nem:dim:other' as Asset;

function freezeBy(by: SigningKey, assets: readonly Asset[] | null, at = now): SignedFreeze {
  const freeze = { by: by.publicKey, at, why: 'a test', ...(assets ? { assets: [...assets] } : {}) };
  return { freeze, signature: signStatement(by, 'freeze', freeze) };
}

function after(...bodies: readonly Entry['body'][]): History {
  let history = emptyHistory();
  for (const body of bodies) {
    const entry: Entry = {
      v: 1,
      signer: 'signer-1',
      seq: history.seq + 1,
      prev: history.head,
      at: now,
      policy: '0'.repeat(64),
      grounds: [],
      body,
    };
    const extended = extend(history, entry);
    if (extended.kind === 'refused') throw new Error(extended.why);
    ({ history } = extended);
  }
  return history;
}
const frozen = (...freezes: readonly SignedFreeze[]) =>
  after(...freezes.map((freeze) => ({ kind: 'freeze', freeze }) as const));

describe('what a freeze stops', () => {
  it.each([
    ['everything', null, [true, true, true]],
    ['one token', [token], [false, true, false]],
    ['the coin, and so every token, which pays its fee in it', [XEM], [true, true, true]],
    ['two tokens', [token, other], [false, true, true]],
  ])('%s', (_what, assets, expected) => {
    const freezes = [freezeBy(tower, assets)];
    expect([XEM, token, other].map((asset) => freezeOf(freezes, asset) !== undefined)).toEqual(expected);
    // Of several that move at once one is enough.
    expect(freezeOf(freezes, XEM, token, other)).toBe(freezes[0]);
  });

  it.each([
    [
      'a payment of it',
      'frozen',
      paymentCase([requestFor()], { case: { history: frozen(freezeBy(tower, [XEM])) } }),
    ],
    [
      'a payment of another',
      'approved',
      paymentCase([requestFor()], { case: { history: frozen(freezeBy(tower, [token])) } }),
    ],
    ['sending it home', 'approved', evacuationCase({}, { history: frozen(freezeBy(tower, [XEM])) })],
    [
      'sending home what is not frozen',
      'not-frozen',
      evacuationCase({}, { history: frozen(freezeBy(tower, [token])) }),
    ],
  ])('%s: %s', (_what, expected, given) => {
    expect(why(judge(given))).toBe(expected);
  });
});

describe('who has frozen one asset', () => {
  const narrow = freezeBy(tower, [token]);
  const standing = (history: History) => history.freezes.map(({ freeze }) => freeze.assets ?? 'all');

  it('can freeze more, and again everything', () => {
    expect(standing(frozen(narrow, freezeBy(tower, [other]), freezeBy(tower, null)))).toEqual([
      [token],
      [other],
      'all',
    ]);
  });

  it('fills no journal by freezing the same again and again, in whatever words', () => {
    const both = frozen(narrow, freezeBy(tower, [other]));
    for (const assets of [[token], [other], [other, token], [token, token]])
      expect(both.freezes).toEqual(frozen(...both.freezes, freezeBy(tower, assets, now + 1)).freezes);
    const all = frozen(freezeBy(tower, null));
    for (const assets of [null, [token], [XEM]])
      expect(standing(frozen(...all.freezes, freezeBy(tower, assets, now + 1)))).toEqual(['all']);
  });

  it('takes nobody else’s freeze away, and nobody else’s takes away his', () => {
    expect(standing(frozen(freezeBy(records[0], null), narrow))).toEqual(['all', [token]]);
    expect(standing(frozen(narrow, freezeBy(records[0], [token])))).toEqual([[token], [token]]);
  });

  it('freezes it anew while a thaw waits that names the first', () => {
    const answers = Object.fromEntries(thawQuestions.map((question) => [question, 'x'])) as Record<
      (typeof thawQuestions)[number],
      string
    >;
    const thaw = {
      lifts: [freezeDigest(narrow)],
      suspends: [],
      policy: '0'.repeat(64),
      notBefore: 0,
      cause: 'a test of what outlasts a thaw',
      answers,
    };
    const waits = {
      kind: 'thaw',
      thaw: { thaw, signatures: [] },
      due: now,
      moments: [],
    } as unknown as Entry['body'];
    const anew = { kind: 'freeze', freeze: freezeBy(tower, [token], now + 1) } as const;
    expect(standing(after({ kind: 'freeze', freeze: narrow }, waits, anew))).toEqual([[token], [token]]);
  });
});

describe('a thief who carries a freeze', () => {
  const whole = freezeBy(tower, null);
  it('cannot make it stop less', () => {
    const narrowed = { ...whole, freeze: { ...whole.freeze, assets: [XEM] } };
    expect(verifyFreeze(policy, whole)).toBe(true);
    expect(verifyFreeze(policy, narrowed)).toBe(false);
  });
  it.each([
    ['nothing', []],
    ['what is no asset of this house', ['nem:dim:token']],
    ['no list', 'nem:xem'],
    ['null', null],
  ])('a freeze of %s is no freeze', (_what, assets) => {
    const said = { ...whole, freeze: { ...whole.freeze, assets } };
    expect(SignedFreeze.safeParse(said).success).toBe(false);
  });
});

describe('whether there is more to stop', () => {
  it.each([
    ['nothing stands', [], null, false],
    ['everything stands still', [null], [XEM], true],
    ['only some does, and all shall', [[XEM]], null, false],
    ['the coin does, and a token shall', [[XEM]], [token], true],
    ['a token does, and the coin shall', [[token]], [XEM], false],
    ['two do by two freezes', [[token], [other]], [token, other], true],
  ] as const)('%s', (_what, standing, assets, expected) => {
    const freezes = standing.map((one) => freezeBy(tower, one));
    expect(stopsNoMore(freezes, freezeBy(records[0], assets))).toBe(expected);
  });
});
