/** The line of a policy's versions: who may add one, what follows what, and how long a version waits. */
import { assert, array, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalText,
  chainOf,
  dueTimes,
  emptyHistory,
  extend,
  judging,
  notAdopted,
  policyDigest,
  readPolicy,
  signStatement,
  standing,
  strayed,
  verifyObjection,
  type Adopted,
  type Entry,
  type Policy,
  type PolicyChain,
  type SigningKey,
} from './index.ts';
import { keepers, keyNamed, now, policy, thief } from './testing/house.ts';

const [one, two] = keepers;
const day = 86_400_000;
const pinned = { keys: keepers.map(({ publicKey }) => publicKey), quorum: 2 };
const others = [keyNamed('keeper 3'), keyNamed('keeper 4'), keyNamed('keeper 5')] as const;

/** The version after another, with something changed. */
function after(before: Policy, change: Partial<Policy> = {}): Policy {
  return { ...before, version: before.version + 1, prev: policyDigest(before), ...change };
}
const named = (...keys: readonly SigningKey[]): Policy['keepers'] => ({
  quorum: Math.floor(keys.length / 2) + 1,
  people: keys.map(({ publicKey }, index) => ({ name: `keeper-${index + 1}`, key: publicKey })),
});
const chain = (...policies: readonly Policy[]): PolicyChain => {
  const [first, ...later] = policies.flatMap(chainOf);
  if (!first) throw new Error('none');
  return [first, ...later];
};

function file(...bundles: readonly (readonly [Policy, ...SigningKey[]])[]): unknown {
  const signed = bundles.map(([of, ...by]) => ({
    policy: of,
    signatures: by.map((key) => ({ keeper: key.publicKey, signature: signStatement(key, 'policy', of) })),
  }));
  return JSON.parse(canonicalText({ bundles: signed }));
}
const refusal = (given: unknown) => {
  const read = readPolicy(given, pinned);
  return read.kind === 'refused' ? `${read.field}: ${read.why}` : 'read';
};

const second = after(policy, { keepers: named(...others) });
const third = after(second);

describe('who may add a version', () => {
  it('the keepers of the one before, whoever they are by then', () => {
    const read = readPolicy(
      file([policy, one, two], [second, one, two], [third, others[0], others[1]]),
      pinned,
    );
    expect(read).toMatchObject({ kind: 'policy', policy: { version: 3 }, digest: policyDigest(third) });
    expect(read.kind === 'policy' && read.chain.map(({ digest }) => digest)).toEqual(
      [policy, second, third].map(policyDigest),
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['one keeper alone', file([policy, one, two], [second, one]), /bundles\.1\.signatures: 1 of the 2/],
    ['one, twice', file([policy, one, two], [second, one, one]), /bundles\.1\.signatures: 1 of the 2/],
    ['its own keepers', file([policy, one, two], [second, ...others]), /bundles\.1\.signatures: 0 of the 2/],
    [
      'keepers who are none any more',
      file([policy, one, two], [second, one, two], [third, one, two]),
      /bundles\.2\.signatures: 0 of the 2/,
    ],
    ['a thief', file([policy, one, two], [second, one, thief]), /bundles\.1\.signatures: 1 of the 2/],
    ['whoever begins another line', file([{ ...policy, version: 1 }, thief]), /bundles\.0\.signatures/],
  ])('not %s', (_who, given, expected) => {
    expect(refusal(given)).toMatch(expected);
  });

  it.each<[string, Policy, RegExp]>([
    ['a gap', { ...second, version: 3 }, /version: is 3, and follows version 1/],
    ['the same number again', { ...second, version: 1, prev: null }, /version: is 1/],
    ['a fork', { ...second, prev: 'f'.repeat(64) }, /prev: is not the digest of version 1/],
    ['another network', { ...second, network: 'testnet' }, /network/],
    ['no version before', { ...second, prev: null }, /prev/],
    ['a quorum of half', { ...second, keepers: { ...named(one, two), quorum: 1 } }, /keepers\.quorum/],
    ['a keeper twice', { ...second, keepers: named(one, one) }, /twice/],
    ['a keeper who is a watchtower', { ...second, keepers: named(one, keyNamed('tower 1')) }, /twice/],
  ])('not with %s', (_what, next, expected) => {
    expect(refusal(file([policy, one, two], [next, one, two]))).toMatch(expected);
  });

  describe('another record key under a name of before', () => {
    const [{ id }, ...rest] = policy.signers as [Policy['signers'][number], ...Policy['signers']];
    const anew = [{ id, recordKey: keyNamed('record 9').publicKey }, ...rest];
    const why = new RegExp(
      `signers: ${id} has another record key than in version 1: .* give this key a name that no version has had`,
    );

    it('is refused: its journal at the watchtowers is of the key before, and it would never open', () => {
      expect(refusal(file([policy, one, two], [after(policy, { signers: anew }), one, two]))).toMatch(why);
    });

    it('a mistyped one’s too: its name is burnt, and the right key takes another', () => {
      const taking = (name: string, recordKey: string) => ({
        signers: [{ id: name, recordKey }, ...rest],
        wallets: policy.wallets.map((wallet) => ({
          ...wallet,
          cosigners: wallet.cosigners.map((key) => (key.signer === id ? { ...key, signer: name } : key)),
        })),
      });
      const mistyped = after(policy, taking('signer-9', keyNamed('typo').publicKey));
      const read = (next: Policy) =>
        refusal(file([policy, one, two], [mistyped, one, two], [next, one, two]));
      const right = keyNamed('record 9').publicKey;
      expect(read(after(mistyped, taking('signer-9', right)))).toMatch(
        /signer-9 has another record key than in version 2: .* mistyped .* give this key a name that no version has had/,
      );
      expect(read(after(mistyped, taking('signer-10', right)))).toBe('read');
    });

    it('also where a version in between did not name it', () => {
      const without = after(policy, {
        signers: [{ id: 'signer-9', recordKey: keyNamed('record 8').publicKey }, ...rest],
        wallets: policy.wallets.map((wallet) => ({
          ...wallet,
          cosigners: wallet.cosigners.map((key) =>
            key.signer === id ? { ...key, signer: 'signer-9' } : key,
          ),
        })),
      });
      const again = after(without, { signers: anew, wallets: policy.wallets });
      expect(refusal(file([policy, one, two], [without, one, two]))).toBe('read');
      expect(refusal(file([policy, one, two], [without, one, two], [again, one, two]))).toMatch(why);
      expect(
        refusal(
          file(
            [policy, one, two],
            [without, one, two],
            [after(without, { signers: policy.signers, wallets: policy.wallets }), one, two],
          ),
        ),
      ).toBe('read');
    });
  });

  it('an empty line, and one that is none', () => {
    expect(refusal({ bundles: [] })).toMatch(/^bundles/);
    expect(refusal({ bundles: 7 })).toMatch(/^bundles/);
    expect(refusal({ bundles: [{ policy }] })).toMatch(/^bundles\.0/);
  });
});

const adopted = (of: Policy, at: number, ...objectors: SigningKey[]): Adopted => ({
  digest: policyDigest(of),
  at,
  objectors: objectors.map(({ publicKey }) => publicKey),
});
const versions = (line: PolicyChain, taken: readonly Adopted[], at: number) =>
  standing(line, taken, at).map(({ version }) => version);

describe('how long a version waits', () => {
  const base = adopted(policy, -Infinity);
  const next = after(policy);

  it('one that is known and not taken up counts beside the others, and never alone', () => {
    expect(versions(chain(policy, next), [], now)).toEqual([1, 2]);
    expect(versions(chain(policy, next), [base], now + 1e12)).toEqual([1, 2]);
    expect(dueTimes(chain(policy, next, after(next)), [base])).toEqual([-Infinity, Infinity, Infinity]);
  });

  it('one that a journal began under counts since ever, and all before it', () => {
    const line = chain(policy, next, after(next));
    expect(dueTimes(line, [adopted(next, now)])).toEqual([-Infinity, -Infinity, Infinity]);
  });

  it('a day from when it is taken up, to the millisecond', () => {
    const taken = [base, adopted(next, now)];
    expect(versions(chain(policy, next), taken, now + day - 1)).toEqual([1, 2]);
    expect(versions(chain(policy, next), taken, now + day)).toEqual([2]);
  });

  it('an objection is a day more, each keeper’s once, and no more than there are', () => {
    const taken = (...by: SigningKey[]) => [base, adopted(next, now, ...by)];
    const due = (...by: SigningKey[]) => dueTimes(chain(policy, next), taken(...by))[1];
    expect(due(one)).toBe(now + 2 * day);
    expect(due(one, one, one)).toBe(now + 2 * day);
    expect(due(one, two)).toBe(now + 3 * day);
    expect(due(one, two, thief, ...others)).toBe(now + 3 * day);
  });

  it('a keeper whom it drops is heard, also by a thief with a quorum of the keys; and blocks nothing for ever', () => {
    const three = { ...policy, keepers: named(...others) };
    const [a, b, c] = others;
    // The thief has a's and b's keys, and needs no other.
    const takeover = after(three, { keepers: named(a, b, thief) });
    const due = (...by: SigningKey[]) =>
      dueTimes(chain(three, takeover), [adopted(three, -Infinity), adopted(takeover, now, ...by)])[1];
    expect(due()).toBe(now + day);
    expect(due(c)).toBe(now + 2 * day);
    expect(due(c, c, thief)).toBe(now + 2 * day);
  });

  it('a version that still waits cannot shorten its own wait, nor that of the next', () => {
    const hasty = after(policy, { loosening: { delay: 0, objection: 0 } });
    const loose = after(hasty);
    const line = chain(policy, hasty, loose);
    // An hour before the hasty one counts the next one comes.
    const taken = [base, adopted(hasty, now), adopted(loose, now + day - 3_600_000)];
    expect(dueTimes(line, taken)).toEqual([-Infinity, now + day, now + 2 * day - 3_600_000]);
    expect(versions(line, taken, now + day)).toEqual([2, 3]);
    // Once the hasty one counts, the next need not wait: that was announced for a day.
    expect(dueTimes(line, [base, adopted(hasty, now), adopted(loose, now + day)])[2]).toBe(now + day);
  });

  it('nor what an objection to the next is worth', () => {
    const deaf = after(policy, { loosening: { delay: 86_400, objection: 0 } });
    const taken = [base, adopted(deaf, now), adopted(after(deaf), now, one)];
    expect(dueTimes(chain(policy, deaf, after(deaf)), taken)[2]).toBe(now + 2 * day);
  });

  it('whatever comes when: none counts alone before the wait of each that counted when it came', () => {
    assert(
      property(array(integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 }), (hours) => {
        const line: Policy[] = [policy];
        const taken: Adopted[] = [base];
        let at = now;
        for (const gap of hours) {
          at += gap * 3_600_000;
          const newest = line.at(-1) as Policy;
          // Each would have the next one wait less.
          const loosening = { delay: newest.loosening.delay >> 1, objection: 0 };
          line.push(after(newest, { loosening }));
          taken.push(adopted(line.at(-1) as Policy, at));
        }
        const due = dueTimes(chain(...line), taken);
        for (const [index, one_] of taken.entries()) {
          if (index === 0) continue;
          const counting = line.slice(0, index).filter((_, place) => (due[place + 1] ?? Infinity) > one_.at);
          const longest = Math.max(...counting.map(({ loosening }) => loosening.delay));
          expect(due[index]).toBeGreaterThanOrEqual(one_.at + longest * 1000);
          expect(due[index]).toBeGreaterThanOrEqual(due[index - 1] ?? 0);
        }
      }),
    );
  });

  it('an objection is a keeper’s own', () => {
    const objection = { policy: policyDigest(next), keeper: one.publicKey };
    const by = (key: SigningKey) => ({ objection, signature: signStatement(key, 'objection', objection) });
    expect(verifyObjection([policy], by(one))).toBe(true);
    expect(verifyObjection([policy], by(thief))).toBe(false);
    expect(verifyObjection([second], by(one))).toBe(false);
    // A keeper of any version that counts is heard, also one whom the next one drops.
    expect(verifyObjection([policy, second], by(one))).toBe(true);
    expect(verifyObjection([second, policy], by(one))).toBe(true);
    const mine = { policy: policyDigest(next), keeper: thief.publicKey };
    expect(
      verifyObjection([policy], { objection: mine, signature: signStatement(thief, 'objection', mine) }),
    ).toBe(false);
  });
});

describe('which versions are asked', () => {
  const [next, last] = [after(policy), after(after(policy))];

  it.each<['payment' | 'evacuation' | 'rotation', number[]]>([
    ['payment', [1, 2, 3]],
    ['evacuation', [1]],
    ['rotation', [1]],
  ])('a %s: %s', (kind, expected) => {
    expect(judging([policy, next, last], kind).map(({ version }) => version)).toEqual(expected);
    expect(judging([policy], kind)).toEqual([policy]);
  });

  it.each<[string, readonly Adopted[], number[]]>([
    ['an empty journal, which begins under the first', [], [2, 3]],
    ['one of the first', [adopted(policy, -Infinity)], [2, 3]],
    ['one that goes on', [adopted(policy, -Infinity), adopted(next, now)], [3]],
    ['one that began later', [adopted(next, -Infinity)], [3]],
    ['one that has all', [adopted(next, -Infinity), adopted(last, now)], []],
  ])('%s has these to take up', (_what, taken, expected) => {
    const left = notAdopted(chain(policy, next, last), taken);
    expect(left.map((one_) => one_.policy.version)).toEqual(expected);
  });
});

describe('a journal goes along the line, and never back', () => {
  const digest = policyDigest;
  const next = after(policy);
  const freeze = { freeze: { by: one.publicKey, at: 1, why: 'x' }, signature: '0'.repeat(128) };
  const entries = (...steps: readonly (readonly [under: string, prev?: string])[]) => {
    let history = emptyHistory();
    for (const [under, prev] of steps) {
      const body: Entry['body'] =
        prev === undefined ? { kind: 'freeze', freeze } : { kind: 'policy', prev, facts: [] };
      const extended = extend(history, {
        v: 1,
        signer: 'signer-1',
        seq: history.seq + 1,
        prev: history.head,
        at: now,
        policy: under,
        grounds: [],
        body,
      });
      if (extended.kind === 'refused') return extended.why;
      ({ history } = extended);
    }
    return history.policies.map((version) => version.digest);
  };
  const [v1, v2, v3] = [digest(policy), digest(next), digest(after(next))];

  it.each<[string, readonly (readonly [string, string?])[], readonly string[] | string]>([
    ['one version', [[v1], [v1]], [v1]],
    ['the next, and what comes after it', [[v1], [v2, v1], [v2], [v3, v2], [v3]], [v1, v2, v3]],
    ['the next one first of all', [[v2, v1], [v2]], [v1, v2]],
    ['another without a word', [[v1], [v2]], 'another-policy'],
    ['back again', [[v1], [v2, v1], [v1]], 'another-policy'],
    ['over one', [[v1], [v3, v2]], 'another-policy'],
    ['in a ring', [[v1], [v2, v1], [v1, v2]], 'another-policy'],
    ['onto itself', [[v1], [v1, v1]], 'another-policy'],
    ['onto itself, first of all', [[v1, v1]], 'another-policy'],
  ])('%s', (_what, steps, expected) => {
    expect(entries(...steps)).toEqual(expected);
  });

  it('an objection is written beside the version that it is about, and no other', () => {
    const objection = { policy: v2, keeper: one.publicKey };
    const signed = { objection, signature: signStatement(one, 'objection', objection) };
    let history = emptyHistory();
    for (const [under, body] of [
      [v2, { kind: 'policy', prev: v1, facts: [] }],
      [v2, { kind: 'objection', objection: signed }],
      [
        v2,
        { kind: 'objection', objection: { ...signed, objection: { ...objection, keeper: two.publicKey } } },
      ],
      [v2, { kind: 'freeze', freeze }],
    ] as readonly (readonly [string, Entry['body']])[]) {
      const { seq, head } = history;
      const entry = {
        v: 1,
        signer: 's',
        seq: seq + 1,
        prev: head,
        at: now,
        policy: under,
        grounds: [],
        body,
      };
      const extended = extend(history, entry as Entry);
      if (extended.kind === 'refused') throw new Error(extended.why);
      ({ history } = extended);
    }
    expect(history.policies).toEqual([
      { digest: v1, at: -Infinity, objectors: [] },
      { digest: v2, at: now, objectors: [one.publicKey, two.publicKey] },
    ]);
  });

  it('an older file, another line, and one with a version in between are told', () => {
    const taken = [adopted(policy, -Infinity), adopted(next, now)];
    expect(strayed(chain(policy, next, after(next)), taken)).toBeNull();
    expect(strayed(chain(next), [adopted(next, now)])).toBeNull();
    const last = after(next);
    expect(strayed(chain(policy, next, last), [...taken, adopted(last, now)])).toBeNull();
    expect(strayed(chain(policy), taken)).toMatch(new RegExp(`has not the version ${v2}, .*older file`));
    expect(strayed(chain(next), taken)).toMatch(new RegExp(`has not the version ${v1}, .*older file`));
    expect(strayed(chain(policy, after(policy, { keyDelay: 1 })), taken)).toMatch(/has not the version/);
    expect(
      strayed(chain(policy, next, after(next)), [taken[0] as Adopted, adopted(after(next), now)]),
    ).toMatch(/in between/);
  });
});
