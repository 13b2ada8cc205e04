/** A process runs other code than was pinned, or was changed while it ran, or lies about both. */
import { describe, expect, it } from 'vitest';
import type { Code } from '@kuramori/core';
import { openCodes, Release } from './code.ts';

const at = (digit: string) => digit.repeat(64);
const code = (digit: string, ...files: readonly string[]): Code => ({
  digest: at(digit),
  measuredAt: 1,
  changed: files.map((file) => ({ file, at: 2 })),
});
const patient = { action: 'page', seconds: 120 } as const;
const pinned = Release.parse({ cosigner: [at('a'), at('b')], custody: [at('c')] });

function open(release = pinned) {
  const clock = { ms: 0 };
  const codes = openCodes(release, () => clock.ms);
  return { codes, clock, other: () => codes.other(patient) };
}

describe('where digests are pinned', () => {
  it('one of them is right, also while one release follows another; any other is told by who runs it', () => {
    const { codes, other } = open();
    codes.heard('cosigner', 'signer-1', code('a'));
    codes.heard('cosigner', 'signer-2', code('b'));
    expect(other()).toEqual([]);
    codes.heard('cosigner', 'signer-2', code('d'));
    expect(other()).toMatchObject([
      { key: 'cosigner signer-2', fields: { process: 'signer-2', digest: at('d') } },
    ]);
  });

  it('one that says nothing is told after a while, not while it starts', () => {
    const { codes, clock, other } = open();
    codes.heard('cosigner', 'signer-1', null);
    clock.ms = 100_000;
    codes.heard('cosigner', 'signer-1', null);
    expect(other()).toEqual([]);
    clock.ms = 130_000;
    expect(other()).toMatchObject([{ fields: { process: 'signer-1', digest: null, seconds: 130 } }]);
    codes.heard('cosigner', 'signer-1', code('a'));
    expect(other()).toEqual([]);
  });

  it('a custody that states its books and not its code is an older one; one that states both is not', () => {
    const { codes, clock, other } = open();
    const minutes = (count: number, also: () => void) => {
      for (let step = 0; step < count * 12; step += 1) {
        clock.ms += 5_000;
        codes.heard('custody', 'custody', null);
        also();
      }
    };
    minutes(5, () => codes.heard('custody', 'custody 1', code('c')));
    expect(other()).toEqual([]);
    minutes(4, () => {});
    expect(other()).toMatchObject([{ key: 'custody', fields: { process: 'custody', digest: null } }]);
  });

  it('a custody that was started again, and is right now, is over', () => {
    const { codes, clock, other } = open();
    codes.heard('custody', 'custody 1', code('d', 'core/judge.ts'));
    expect([other().length, codes.changed().length]).toEqual([1, 1]);
    clock.ms += 61_000;
    codes.heard('custody', 'custody 2', code('c'));
    expect([other(), codes.changed()]).toEqual([[], []]);
  });

  it('one that was taken makes of itself one sign, however many custodies it says to be', () => {
    const { codes, clock, other } = open();
    for (let count = 0; count < 10_000; count += 1) {
      clock.ms += 1;
      codes.heard('custody', `custody ${count}`, code('d', `core/${count}.ts`));
    }
    expect([other().length, codes.changed().length]).toEqual([1, 1]);
  });
});

describe('where nothing is pinned', () => {
  it('two of a kind that differ are told, as one; not two of different kinds', () => {
    const { codes, other } = open(Release.parse({}));
    codes.heard('cosigner', 'signer-1', code('a'));
    codes.heard('watchtower', 'this watchtower', code('b'));
    expect(other()).toEqual([]);
    codes.heard('cosigner', 'signer-2', code('c'));
    codes.heard('cosigner', 'signer-3', code('a'));
    expect(other()).toEqual([
      {
        key: 'cosigner',
        once: `${at('a')} ${at('c')}`,
        fields: {
          kind: 'cosigner',
          digests: { 'signer-1': at('a'), 'signer-2': at('c'), 'signer-3': at('a') },
        },
      },
    ]);
  });

  it('one that is gone is compared with nobody', () => {
    const { codes, clock, other } = open(Release.parse({}));
    codes.heard('cosigner', 'signer-1', code('a'));
    clock.ms += 61_000;
    codes.heard('cosigner', 'signer-2', code('b'));
    expect(other()).toEqual([]);
  });

  it('a change under a running process is told all the same, and again when there is more', () => {
    const { codes } = open(Release.parse({}));
    codes.heard('pager', 'the pager', code('a', 'core/judge.ts'));
    const [first] = codes.changed();
    expect(first).toMatchObject({ fields: { process: 'the pager', files: ['core/judge.ts'], noticedMs: 2 } });
    codes.heard('pager', 'the pager', code('a', 'core/judge.ts', 'core/limits.ts'));
    expect(codes.changed()[0]?.once).not.toBe(first?.once);
    codes.heard('pager', 'the pager', code('b'));
    expect(codes.changed()).toEqual([]);
  });
});

it.each([
  ['cosigner', 'abc'],
  ['custody', at('A')],
])('release.%s: %s: is no digest', (kind, digest) => {
  const read = Release.safeParse({ [kind]: [digest] });
  expect(read.error?.issues).toMatchObject([
    { path: [kind, 0], message: 'must be 32 bytes as lower-case hex' },
  ]);
});
