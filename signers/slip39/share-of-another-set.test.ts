/** Shares that do not belong together, forged ones, the same twice, too many; each refusal in both languages. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { papers, twoOfThree } from '../testing/shares.ts';
import { tellRefusal, type Refusal39 } from './flaw.ts';
import { readShare, shareText } from './share.ts';
import { recoverShared, shareSecret } from './shares.ts';

const secret = randomBytes(32);
const texts = (...given: Parameters<typeof papers>) => papers(...given).map(({ text }) => text);
const at = (all: readonly Uint8Array[], ...places: readonly number[]) =>
  places.map((place) => all[place] ?? Buffer.alloc(0));
const grouped = { groupThreshold: 2, groups: [2, 2, 2].map((threshold) => ({ threshold, count: 3 })) };
const [ours, groups] = [texts(secret, twoOfThree), texts(secret, grouped)];

/** The same share with something in it changed, and a checksum that fits again: what a forger can do. */
function forged(text: Uint8Array | undefined, change: object): Uint8Array {
  const share = readShare(text ?? Buffer.alloc(0));
  if ('why' in share) throw new Error('no share');
  return shareText({ ...share, ...change });
}
const value = randomBytes(32);

const cases: readonly (readonly [string, readonly Uint8Array[], Refusal39])[] = [
  [
    'of the same secret, shared again',
    [...at(ours, 0), ...at(texts(secret, twoOfThree), 1)],
    { why: 'another-set', share: 2 },
  ],
  [
    'of a shorter secret',
    [...at(ours, 0), ...at(texts(secret.subarray(16), twoOfThree), 1)],
    { why: 'another-set', share: 2 },
  ],
  ['twice the same', at(ours, 2, 2), { why: 'twice', share: 2, other: 1 }],
  [
    'the number of another',
    [...at(ours, 0), forged(ours[1], { member: 0 })],
    { why: 'twice', share: 2, other: 1 },
  ],
  ['too many', at(ours, 0, 1, 2), { why: 'too-many-shares', group: 1, have: 3, need: 2 }],
  ['too few', at(ours, 1), { why: 'too-few-shares', group: 1, have: 1, need: 2 }],
  ['of too many groups', at(groups, 0, 1, 3, 4, 6, 7), { why: 'too-many-groups', have: 3, need: 2 }],
  ['of too few groups', at(groups, 3, 4), { why: 'too-few-groups', have: 1, need: 2 }],
  ['one group not whole', at(groups, 0, 1, 3), { why: 'too-few-shares', group: 2, have: 1, need: 2 }],
  [
    'another threshold',
    [...at(ours, 0), forged(ours[1], { threshold: 3 })],
    { why: 'another-threshold', share: 2 },
  ],
  ['a forged value', [...at(ours, 0), forged(ours[1], { value })], { why: 'wrong-share', group: 1 }],
  ['a wrong number', [...at(ours, 0), forged(ours[1], { member: 2 })], { why: 'wrong-share', group: 1 }],
  [
    'groups exchanged',
    [forged(groups[0], { group: 2 }), forged(groups[1], { group: 2 }), ...at(groups, 3, 4)],
    { why: 'wrong-share', group: null },
  ],
  ['no share at all', [Buffer.from('  \n')], { why: 'unread', share: 1, flaw: { why: 'length', words: 0 } }],
];

it.each(cases)('%s', (_, given, why) => {
  expect(recoverShared(given)).toEqual(why);
});

it('each has a sentence of its own in English and in Japanese', () => {
  const told = cases.map(([, , why]) => tellRefusal(why, ['a.txt', 'b.txt']));
  for (const { en, ja } of told) {
    expect(en).toMatch(/^[\x20-\x7e]+$/);
    expect(ja).toMatch(/[ぁ-ん]/);
    expect(en + ja).not.toContain('undefined');
  }
  for (const language of ['en', 'ja'] as const)
    expect(new Set(told.map((one) => one[language])).size).toBe(
      new Set(cases.map(([, , why]) => JSON.stringify(why))).size,
    );
});

describe('the passphrase of a set', () => {
  it('is needed; another one gives another secret, and no error: so the standard has it', () => {
    const given = at(texts(secret, twoOfThree, 'correct horse'), 0, 2);
    expect(recoverShared(given, Buffer.from('correct horse'))).toEqual(new Uint8Array(secret));
    for (const other of ['', 'correct horsf', 'Correct horse']) {
      const recovered = recoverShared(given, Buffer.from(other));
      expect(recovered).toBeInstanceOf(Uint8Array);
      expect(recovered).not.toEqual(new Uint8Array(secret));
    }
  });

  it('is printable ASCII', () => {
    expect(() => shareSecret(secret, twoOfThree, randomBytes, Buffer.from('蔵守'))).toThrow(
      'printable ASCII',
    );
  });
});
