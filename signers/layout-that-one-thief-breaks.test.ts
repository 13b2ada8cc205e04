/** A key is not made for a layout that one thief or one fire breaks, nor shared otherwise than the layout says. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Safekeeping } from '@kuramori/core';
import { site, stepsIn } from './testing/ceremonies.ts';

const one = site();
afterAll(() => one[Symbol.dispose]());
beforeEach(() => one.anew());
const example = join(import.meta.dirname, '../docs/safekeeping.json');
const [file, as] = [one.at('safekeeping.json'), 'vault-1'];
const media = ['m1', 'm2', 'm3', 'm4'].map((name) => one.at(name));

function write(change: (kept: Safekeeping) => Safekeeping = (kept) => kept): void {
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(example, 'utf8')) as Safekeeping)));
}
/** Two vaults in one place. */
const broken = (kept: Safekeeping): Safekeeping => ({
  ...kept,
  keys: kept.keys.map((key) => ({
    ...key,
    ...(key.device ? { device: { ...key.device, place: 'Tokyo' } } : {}),
  })),
});
const create = { step: 'create', folder: one.at('new'), layout: { file, as } } as const;
const share = (threshold: number, more: object = {}) => {
  const groups = [{ threshold, count: 4 }];
  return {
    step: 'share',
    groupThreshold: 1,
    groups,
    to: media,
    althoughTogether: true,
    layout: { file, as },
    ...more,
  } as const;
};

describe('a layout that one place breaks', () => {
  beforeEach(() => {
    write(broken);
    for (const folder of media) mkdirSync(folder);
  });

  it('no key is made for it, and none of its keys is shared', async () => {
    expect(await one.why(create)).toMatch(
      /safekeeping\.json: Tokyo: a thief there, .*has 3 keys, and 2 move/,
    );
    expect(readdirSync(one.at('new'))).toEqual([]);
    expect(await one.why(share(3))).toMatch(/Tokyo: a thief there/);
    expect(media.flatMap((folder) => readdirSync(folder))).toEqual([]);
    expect(stepsIn(one.at('signer/ceremony.jsonl')).at(-1)).toMatch(/^share refused/);
  });

  it('the command says so, and exits 1', () => {
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [join(import.meta.dirname, '../cli/launch.mjs'), 'signer', ...args], {
        encoding: 'utf8',
      });
    const { status, stdout } = run('layout', file);
    expect(status).toBe(1);
    expect(stdout).toMatch(/REFUSED {2}Tokyo: a thief there/);
    expect(run('layout', example)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/no one loss and no one thief breaks it/) as string,
    });
    expect(JSON.parse(run('layout', example, '--json').stdout)).toMatchObject({ wallet: 'cold', why: [] });
  });
});

describe('a sound one', () => {
  beforeEach(() => {
    write();
    for (const folder of media) mkdirSync(folder);
  });

  it('is written down with the key, and with its shares', async () => {
    const [made, shared] = [await one.hold(create), await one.hold(share(3))];
    for (const { what } of [made, shared]) {
      expect(what).toContainEqual({ name: 'as', value: 'vault-1 of cold' });
      expect(what).toContainEqual({
        name: 'safekeeping',
        value: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      });
    }
  });

  it.each([
    ['shares that it does not name', () => share(2), /vault-1: papers: are others than these shares/],
    [
      'a key that it does not name',
      () => share(3, { layout: { file, as: 'vault-9' } }),
      /no key of it is called vault-9/,
    ],
    [
      'a file that is none',
      () => share(3, { layout: { file: one.at('policy.json'), as } }),
      /policy\.json: /,
    ],
  ])('refuses %s', async (_, asked, why) => {
    expect(await one.why(asked())).toMatch(why);
    expect(media.flatMap((folder) => readdirSync(folder))).toEqual([]);
  });
});
