/** Whoever wants the house running again without the keepers, or before its time, or with another freeze lifted than was meant. */
import { describe, expect, it } from 'vitest';
import {
  dueOf,
  emptyHistory,
  entryHash,
  extend,
  flawOfThaw,
  freezeDigest,
  heard,
  leafOf,
  policyDigest,
  signEntry,
  SignedMoment,
  SignedThaw,
  signStatement,
  thawDigest,
  thawQuestions,
  timeOf,
  verifyFreeze,
  verifyMoment,
  type Entry,
  type History,
  type Policy,
  type SignedFreeze,
  type SigningKey,
  type Thaw,
} from './index.ts';
import {
  answered,
  hour,
  keepers,
  now,
  operator,
  policy,
  records,
  thief,
  tower,
  towers,
} from './testing/house.ts';

const three: Policy = {
  ...policy,
  watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) },
};
const version = { policy: three, digest: policyDigest(three) };

function freezeBy(by: SigningKey, at = now): SignedFreeze {
  const freeze = { by: by.publicKey, at, why: 'a drill' };
  return { freeze, signature: signStatement(by, 'freeze', freeze) };
}

function thawOf(change: Partial<Thaw> = {}, by: readonly SigningKey[] = keepers): SignedThaw {
  const thaw: Thaw = {
    lifts: [freezeDigest(freezeBy(tower))],
    suspends: [],
    policy: version.digest,
    notBefore: now,
    ...answered,
    ...change,
  };
  return {
    thaw,
    signatures: by.map((key) => ({ keeper: key.publicKey, signature: signStatement(key, 'thaw', thaw) })),
  };
}

const why = (thaw: SignedThaw, suspended: readonly string[] = []) =>
  flawOfThaw(version, new Set(suspended), thaw)?.why ?? 'counts';

describe('who can thaw', () => {
  const [keeper, other] = keepers;
  it.each<[string, SignedThaw, string]>([
    ['the keepers together', thawOf(), 'counts'],
    ['one keeper alone', thawOf({}, [keeper]), 'thaw-below-quorum'],
    ['one keeper twice', thawOf({}, [keeper, keeper]), 'thaw-below-quorum'],
    ['a keeper and a stranger', thawOf({}, [keeper, thief]), 'thaw-below-quorum'],
    ['a keeper and an operator', thawOf({}, [keeper, operator]), 'thaw-below-quorum'],
    ['nobody', thawOf({}, []), 'thaw-below-quorum'],
    ['the keepers, under another version', thawOf({ policy: '0'.repeat(64) }), 'thaw-policy'],
  ])('%s', (_who, thaw, expected) => {
    expect(why(thaw)).toBe(expected);
  });

  it.each<[string, Partial<Thaw>]>([
    ['another freeze', { lifts: [freezeDigest(freezeBy(operator))] }],
    ['one more freeze', { lifts: [...thawOf().thaw.lifts, freezeDigest(freezeBy(operator))] }],
    ['somebody suspended', { suspends: [operator.publicKey] }],
    ['an earlier time', { notBefore: now - 1 }],
    ['another cause', { cause: `${answered.cause}, and it is over` }],
    ['another answer', { answers: { ...answered.answers, 'key-replaced': 'yes' } }],
  ])('what the keepers signed cannot be made into %s', (_what, change) => {
    const signed = thawOf();
    expect(why({ ...signed, thaw: { ...signed.thaw, ...change } })).toBe('thaw-below-quorum');
  });

  it.each<[string, Partial<Thaw>]>([
    ['no cause', { cause: '' }],
    ['a cause of a word', { cause: 'fixed' }],
    ['a cause of spaces', { cause: ' '.repeat(40) }],
    ['a cause of lines', { cause: '–'.repeat(40) }],
    ...thawQuestions.map((question): [string, Partial<Thaw>] => [
      `no answer to ${question}`,
      { answers: { ...answered.answers, [question]: ' – ' } },
    ]),
  ])('the keepers together, with %s: it lifts nothing', (_what, change) => {
    expect(why(thawOf(change))).toBe('thaw-without-answers');
  });

  it('the largest one, in Japanese, fits into an entry of a journal', () => {
    const thaw = {
      ...thawOf().thaw,
      lifts: Array.from({ length: 256 }, () => version.digest),
      suspends: Array.from({ length: 64 }, () => tower.publicKey),
      cause: '因'.repeat(2000),
      answers: Object.fromEntries(thawQuestions.map((question) => [question, '答'.repeat(1000)])),
    };
    const signatures = Array.from({ length: 32 }, () => thawOf().signatures[0]);
    const moment = { signer: 's'.repeat(64), session: '0'.repeat(32), at: now };
    const told = { moment, watchtower: tower.publicKey, signature: thawOf().signatures[0]?.signature };
    const body = {
      kind: 'thaw' as const,
      thaw: SignedThaw.parse({ thaw, signatures }),
      due: now,
      moments: Array.from({ length: 16 }, () => SignedMoment.parse(told)),
    };
    const entry: Entry = {
      v: 1,
      signer: 'signer-1',
      seq: 1,
      prev: version.digest,
      at: now,
      policy: version.digest,
      grounds: [],
      body,
    };
    expect(leafOf(signEntry(records[0], entry)).length).toBeLessThan(65_535);
    for (const cause of ['a tab\t in it, and so no words', 'a NUL \0 in it, and so no words'])
      expect(SignedThaw.safeParse({ thaw: { ...thaw, cause }, signatures }).success).toBe(false);
  });

  it('answers in Japanese are answers', () => {
    const cause = '監視用ノードの不具合による誤検知であることを確認した';
    expect(why(thawOf({ cause, answers: { ...answered.answers, 'key-replaced': '不要' } }))).toBe('counts');
  });

  it('a freeze’s signature is none over a thaw, and the other way round', () => {
    const { thaw } = thawOf();
    const signatures = [keeper, other].map((key) => ({
      keeper: key.publicKey,
      signature: signStatement(key, 'freeze', thaw),
    }));
    expect(why({ thaw, signatures })).toBe('thaw-below-quorum');
  });
});

describe('who can be suspended', () => {
  const [first, second] = towers.map(({ publicKey }) => publicKey);
  it.each<[string, readonly (string | undefined)[], readonly (string | undefined)[], string]>([
    ['one of three watchtowers', [first], [], 'counts'],
    ['two of three: a quorum is never lowered', [first, second], [], 'suspends-too-many'],
    ['a second one, later', [second], [first], 'suspends-too-many'],
    ['the same one again', [first], [first], 'counts'],
    ['an operator and a signer', [operator.publicKey, records[0].publicKey], [], 'counts'],
    ['a stranger, or a slip of the pen', [thief.publicKey], [], 'suspends-a-stranger'],
    ['a keeper: they are changed by a policy', [keepers[0].publicKey], [], 'suspends-a-stranger'],
  ])('%s', (_who, suspends, before, expected) => {
    const keys = suspends.filter((key) => key !== undefined);
    expect(
      why(
        thawOf({ suspends: keys }),
        before.filter((key) => key !== undefined),
      ),
    ).toBe(expected);
  });

  it('a suspended watchtower’s word counts no more, and its quorum is the same', () => {
    const [left] = heard([three], new Set([towers[0].publicKey]));
    expect(left.watchtowers).toEqual({ quorum: 2, keys: [towers[1].publicKey, towers[2].publicKey] });
    const both = heard([three, { ...three, version: 2 }], new Set([towers[0].publicKey]));
    expect(both.map(({ version: number, watchtowers }) => [number, watchtowers.keys.length])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(heard([three], new Set())).toEqual([three]);
  });
});

describe('when', () => {
  const later = { ...three, thaw: { delay: 3 * 86_400 } };
  const sooner = { ...three, thaw: { delay: 0 } };
  it('after the delay, however long ago it was signed, and not before the time it names', () => {
    expect(dueOf([three], thawOf({ notBefore: 0 }), now)).toBe(now + 6 * hour);
    expect(dueOf([three], thawOf({ notBefore: now + 7 * hour }), now)).toBe(now + 7 * hour);
  });
  it('a version that waits can lengthen the delay and not shorten it', () => {
    expect(dueOf([three, later], thawOf(), now)).toBe(now + 72 * hour);
    expect(dueOf([three, sooner], thawOf(), now)).toBe(now + 6 * hour);
  });
  it('the time is what a quorum of watchtowers says has come: one clock that is ahead moves nothing', () => {
    const moment = (by: SigningKey, at: number) => {
      const said = { signer: 'signer-1', session: '0'.repeat(32), at };
      return { moment: said, watchtower: by.publicKey, signature: signStatement(by, 'moment', said) };
    };
    const [one, two, last] = towers;
    expect(verifyMoment(moment(one, now))).toBe(true);
    expect(verifyMoment({ ...moment(thief, now), watchtower: one.publicKey })).toBe(false);
    expect(verifyMoment({ ...moment(one, now), moment: moment(one, now + 1).moment })).toBe(false);
    expect(timeOf(three, [moment(one, now)])).toBe(undefined);
    expect(timeOf(three, [moment(one, now), moment(one, now + 5)])).toBe(undefined);
    expect(timeOf(three, [moment(one, now), moment(thief, now)])).toBe(undefined);
    expect(timeOf(three, [moment(one, now + 99 * hour), moment(two, now)])).toBe(now);
    expect(timeOf(three, [moment(one, now + 99 * hour), moment(two, now), moment(last, now + 1)])).toBe(
      now + 1,
    );
  });
});

/** A journal of what happens, and what stands at its end. */
function after(...bodies: readonly (readonly [Entry['body'], number])[]): History | string {
  let history = emptyHistory();
  for (const [body, at] of bodies) {
    const { seq, head } = history;
    const entry: Entry = {
      v: 1,
      signer: 'signer-1',
      seq: seq + 1,
      prev: head,
      at,
      policy: version.digest,
      grounds: [],
      body,
    };
    const extended = extend(history, entry);
    if (extended.kind === 'refused') return extended.why;
    expect(extended.hash).toBe(entryHash(entry));
    history = extended.history;
  }
  return history;
}

describe('a thaw in a journal', () => {
  const moments = [
    {
      moment: { signer: 's', session: '0'.repeat(32), at: now },
      watchtower: tower.publicKey,
      signature: '0'.repeat(128),
    },
  ];
  const freeze = (by: SigningKey, at = now) => ({ kind: 'freeze', freeze: freezeBy(by, at) }) as const;
  const taken = (thaw = thawOf(), due = now + hour) => ({ kind: 'thaw', thaw, due, moments }) as const;
  const thawed = (thaw = thawOf()) => ({ kind: 'thawed', thaw: thawDigest(thaw), moments }) as const;
  const standing = (history: History | string) =>
    typeof history === 'string' ? history : history.freezes.map((one) => one.freeze.by);

  it('lifts when it is due', () => {
    expect(standing(after([freeze(tower), now], [taken(), now], [thawed(), now + hour]))).toEqual([]);
  });
  it('does not lift a millisecond before', () => {
    expect(after([freeze(tower), now], [taken(), now], [thawed(), now + hour - 1])).toBe('thaw-not-due');
  });
  it('does not lift what was never taken up, nor twice', () => {
    expect(after([freeze(tower), now], [thawed(), now + hour])).toBe('thaw-not-due');
    const once = [
      [freeze(tower), now],
      [taken(), now],
      [thawed(), now + hour],
    ] as const;
    expect(after(...once, [thawed(), now + hour])).toBe('thaw-not-due');
  });
  it('leaves what it does not name', () => {
    expect(
      standing(after([freeze(tower), now], [freeze(operator), now], [taken(), now], [thawed(), now + hour])),
    ).toEqual([operator.publicKey]);
  });
  it('leaves what the same watchtower saw since', () => {
    const again = freeze(tower, now + 1);
    // While the first one stands and nothing is to lift it, a second one says nothing new.
    expect(standing(after([freeze(tower), now], [again, now]))).toEqual([tower.publicKey]);
    expect(
      standing(after([freeze(tower), now], [taken(), now], [again, now], [thawed(), now + hour])),
    ).toEqual([tower.publicKey]);
  });
  it('what was lifted freezes nobody when it is shown again; a new freeze does', () => {
    const lifted = [
      [freeze(tower), now],
      [taken(), now],
      [thawed(), now + hour],
    ] as const;
    expect(standing(after(...lifted, [freeze(tower), now + hour]))).toEqual([]);
    expect(standing(after(...lifted, [freeze(tower, now + hour), now + hour]))).toEqual([tower.publicKey]);
  });
  it('whoever it suspends freezes no more, by whatever freeze', () => {
    const suspending = thawOf({ suspends: [operator.publicKey] });
    const lifted = [
      [freeze(tower), now],
      [freeze(operator), now],
      [taken(suspending), now],
      [thawed(suspending), now + hour],
    ] as const;
    expect(standing(after(...lifted))).toEqual([]);
    expect(standing(after(...lifted, [freeze(operator, now + hour), now + hour]))).toEqual([]);
    expect(standing(after(...lifted, [freeze(tower, now + hour), now + hour]))).toEqual([tower.publicKey]);
  });
  it('is of one house: an operator freezes, who is in no policy does not', () => {
    expect(verifyFreeze(three, freezeBy(operator))).toBe(true);
    expect(verifyFreeze({ ...three, operators: [] }, freezeBy(operator))).toBe(false);
  });
});
