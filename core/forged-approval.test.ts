/** Whoever would have bytes signed without a judgement, without a record, or without the watchtowers: an approval, an entry or a clearance made by hand. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  beforeFirst,
  canonicalText,
  clear,
  countersigned,
  emptyHistory,
  entryHash,
  freezeDigest,
  intentDigest,
  isApproved,
  isAsk,
  isCleared,
  isSignedBy,
  judge,
  judgeUnder,
  mayPass,
  policyDigest,
  recordOf,
  signEntry,
  signStatement,
  thawDigest,
  treasuryId,
  verifyEntry,
  withdrawalId,
  type Case,
  type Entry,
  type Plain,
  type Policy,
  type SigningKey,
} from './index.ts';
import { returnId } from './intent.ts';
import {
  answered,
  evacuationCase,
  intentFor,
  now,
  paymentCase,
  policy,
  records,
  requestFor,
  rule,
  thief,
  towers,
  xem,
} from './testing/house.ts';

function approve(given: Case) {
  const judgement = judge(given);
  if (judgement.kind === 'refused') throw new Error(judgement.why);
  return judgement.approved;
}

const payment = () =>
  recordOf(approve(paymentCase()), 'signer-1', policyDigest(policy), emptyHistory()).entry;
const freeze: Entry = {
  ...payment(),
  grounds: [],
  body: { kind: 'freeze', freeze: { freeze: { by: thief.publicKey, at: now, why: 'x' }, signature: '' } },
};

describe('an approval', () => {
  it('is what judge made, and no copy of it', () => {
    const approved = approve(paymentCase());
    expect(isApproved(approved)).toBe(true);
    expect(isApproved({ ...approved })).toBe(false);
  });

  it('says by what it was allowed', () => {
    expect(approve(paymentCase()).grounds).toEqual(['rule hot nem:xem']);
    expect(approve(evacuationCase()).grounds).toEqual(['home cold']);
  });
});

describe('under two versions of the policy', () => {
  const version = (number: number, perPayment: bigint, more: Partial<Policy> = {}): Policy => ({
    ...policy,
    version: number,
    rules: [{ ...rule, wallet: 'hot', perPayment }],
    ...more,
  });
  const under = (...policies: readonly [Policy, ...Policy[]]) => {
    const given = paymentCase([requestFor({ units: xem('10') })]);
    const [first, ...later] = policies;
    return judgeUnder([{ ...given, policy: first }, ...later.map((one) => ({ ...given, policy: one }))]);
  };
  const loose = version(1, xem('10'));
  const tight = version(2, xem('9'));

  it.each<[string, readonly [Policy, ...Policy[]]]>([
    ['the later one tightens', [loose, tight]],
    [
      'the later one loosens',
      [
        { ...tight, version: 1 },
        { ...loose, version: 2 },
      ],
    ],
  ])('%s: what either refuses is refused', (_what, policies) => {
    const judgement = under(...policies);
    expect(judgement).toMatchObject({ kind: 'refused', why: 'over-payment-limit' });
    // It may pass once the wait of one of them is over, and says which one refuses.
    expect(judgement.kind === 'refused' && mayPass(judgement)).toBe(true);
    const refusing = policies[0].rules[0]?.perPayment === xem('9') ? 1 : 2;
    expect(judgement).toMatchObject({ detail: expect.stringContaining(`version ${refusing}: `) as string });
  });

  it('one version alone refuses for good', () => {
    const judgement = under(tight);
    expect(judgement).toMatchObject({ kind: 'refused', why: 'over-payment-limit' });
    expect(judgement.kind === 'refused' && mayPass(judgement)).toBe(false);
  });

  it('what all allow is approved, with the grounds of all, each once', () => {
    const when = { assets: [rule.asset] };
    const slow = version(2, xem('10'), {
      denials: [{ id: 'slow', when, unless: { waitedSeconds: 1 } }],
    });
    const given = paymentCase([requestFor({ at: now - 1000 })]);
    const judgement = judgeUnder([
      { ...given, policy: loose },
      { ...given, policy: slow },
    ]);
    if (judgement.kind !== 'approved') throw new Error(judgement.detail);
    expect(judgement.approved.grounds).toEqual(['rule hot nem:xem', 'denial slow, lifted']);
    expect(judgement.approved.ask).toBe(given.ask);
    expect(isApproved(judgement.approved)).toBe(true);
  });

  it('no version is no judgement', () => {
    expect(() => judgeUnder([] as never)).toThrow('without a policy');
  });
});

describe('the entry that records it', () => {
  it('follows the one before, at a time that never goes back', () => {
    const approved = approve(paymentCase());
    const before = { ...emptyHistory(), seq: 6, head: 'e'.repeat(64), at: now + 5 };
    const { entry, hash } = recordOf(approved, 'signer-1', 'd'.repeat(64), before);
    expect(entry).toEqual({
      v: 1,
      signer: 'signer-1',
      seq: 7,
      prev: 'e'.repeat(64),
      at: now + 5,
      policy: 'd'.repeat(64),
      grounds: ['rule hot nem:xem'],
      body: approved.ask,
    });
    expect(hash).toBe(entryHash({ ...entry }));
    expect(recordOf(approved, 'signer-1', 'd'.repeat(64), { ...before, at: now - 5 }).entry.at).toBe(now);
    expect(emptyHistory().head).toBe(beforeFirst);
  });

  const [mine, others] = records;
  const signed = signEntry(mine, payment());
  it.each<[string, typeof signed, boolean]>([
    ['signed by its signer’s record key', signed, true],
    ['signed by another signer', signEntry(others, signed.entry), false],
    ['signed by a thief', signEntry(thief, signed.entry), false],
    ['of another signer', { ...signed, entry: { ...signed.entry, signer: 'signer-2' } }, false],
    ['of a signer that is nobody', signEntry(mine, { ...signed.entry, signer: 'signer-9' }), false],
    ['altered after it was signed', { ...signed, entry: { ...signed.entry, at: now + 1 } }, false],
  ])('%s: %s', (_what, given, expected) => {
    expect(verifyEntry(policy, given)).toBe(expected);
  });

  it('is another signer’s by that one’s key', () => {
    const entry = { ...payment(), signer: 'signer-2' };
    expect(verifyEntry(policy, signEntry(others, entry))).toBe(true);
    expect(isSignedBy(others.publicKey, signEntry(others, entry))).toBe(true);
    expect(isSignedBy(mine.publicKey, signEntry(others, entry))).toBe(false);
  });
});

describe('a clearance', () => {
  const three = { ...policy, watchtowers: { quorum: 2, keys: towers.map(({ publicKey }) => publicKey) } };
  const entry = payment();
  const by = (key: SigningKey, of = entry, kind: 'countersignature' | 'covering' = 'countersignature') => ({
    watchtower: key.publicKey,
    signature: signStatement(key, kind, { entry: entryHash(of) }),
  });
  const [one, two, last] = towers;

  it.each<[string, ReturnType<typeof by>[], number]>([
    ['nobody', [], 0],
    ['one', [by(one)], 1],
    ['one twice', [by(one), by(one)], 1],
    ['two', [by(one), by(last)], 2],
    ['all', [by(one), by(two), by(last)], 3],
    ['one and a thief', [by(one), by(thief)], 1],
    ['one in another’s name', [by(one), { ...by(one), watchtower: two.publicKey }], 1],
    ['one, and one over another entry', [by(one), by(two, freeze)], 1],
    ['one, and one that only covers', [by(one), by(two, entry, 'covering')], 1],
  ])('countersigned by %s', (_who, given, expected) => {
    expect(countersigned(three, entryHash(entry), given)).toBe(expected);
    const cleared = clear(three, entry, given);
    expect(cleared).toMatchObject(
      expected >= 2
        ? { kind: 'cleared', cleared: { body: entry.body } }
        : { kind: 'refused', why: 'below-quorum' },
    );
  });

  it('what covers is counted by itself, and lets nothing go', () => {
    const covering = [by(one, entry, 'covering'), by(two, entry, 'covering'), by(last)];
    expect(countersigned(three, entryHash(entry), covering, 'covering')).toBe(2);
    expect(clear(three, entry, covering)).toEqual({ kind: 'refused', why: 'below-quorum' });
  });

  it('is of an ask: no freeze is signed as if it were bytes', () => {
    const given = towers.map((key) => by(key, freeze));
    expect(clear(three, freeze, given)).toEqual({ kind: 'refused', why: 'not-an-ask' });
  });

  it('is what clear made, and no copy of it', () => {
    const cleared = clear(three, entry, [by(one), by(two)]);
    if (cleared.kind === 'refused') throw new Error(cleared.why);
    expect(isCleared(cleared.cleared)).toBe(true);
    expect(isCleared({ ...cleared.cleared })).toBe(false);
  });

  it.each<[string, Entry['body'], boolean]>([
    ['a payment', payment().body, true],
    ['an evacuation', evacuationCase().ask, true],
    ['a rotation', { kind: 'rotation' } as Entry['body'], true],
    ['a freeze', freeze.body, false],
    ['a version', { kind: 'policy', prev: beforeFirst, facts: [] }, false],
  ])('%s is an ask: %s', (_what, body, expected) => {
    expect(isAsk(body)).toBe(expected);
  });
});

describe('a digest is of one kind: no signature over one thing stands for another', () => {
  const request = requestFor();
  const deposit = `${'a'.repeat(64)}:0`;
  const thaw = { lifts: [beforeFirst], suspends: [], policy: beforeFirst, notBefore: now, ...answered };
  const frozen = { freeze: { by: thief.publicKey, at: now, why: 'x' }, signature: '' };
  it.each<[string, string, Plain, () => string]>([
    ['an intent', 'intent', intentFor(request), () => intentDigest(intentFor(request))],
    ['an entry', 'journal-entry', freeze, () => entryHash({ ...freeze })],
    ['a policy', 'policy', policy, () => policyDigest(policy)],
    ['a freeze', 'freeze', frozen.freeze, () => freezeDigest(frozen)],
    ['a thaw', 'thaw', thaw, () => thawDigest({ thaw, signatures: [] })],
    [
      'a withdrawal’s id',
      'intent-id',
      { exchange: 'exchange-1', idempotencyKey: 'k' },
      () => withdrawalId('exchange-1', 'k'),
    ],
    [
      'a return’s id',
      'intent-id',
      { exchange: 'exchange-1', reason: 'return', deposit, attempt: 2 },
      () => returnId('exchange-1', deposit, 2),
    ],
    [
      'a sweep’s id',
      'intent-id',
      { reason: 'sweep', wallet: 'hot', number: 3 },
      () => treasuryId('sweep', 'hot', 3),
    ],
  ])('%s', (_what, kind, value, given) => {
    const written = createHash('sha256').update(`kuramori/${kind}/1\0${canonicalText(value)}`);
    expect(given()).toBe(written.digest('hex'));
  });
});
