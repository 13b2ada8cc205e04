/** A ceremony that dies between any two writes leaves the old state or the new, and the same command finishes it or says what to do. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readTranscript } from '@kuramori/core';
import { readBackup } from './ceremony/backup.ts';
import { openKeystore } from './keystore.ts';
import { readPins } from './pins.ts';
import { site, stepsIn, type Asked } from './testing/ceremonies.ts';

const one = site();
afterAll(() => one[Symbol.dispose]());
beforeEach(() => one.anew());

const recordKey = one.keys.record.publicKey;
const points = (writes: number) =>
  Array.from({ length: writes }, (_, index) => [
    `write:before:${index + 1}`,
    `write:after:${index + 1}`,
  ]).flat();

/** Killed there, without a word. */
function dies(asked: Asked, point: string): void {
  expect(one.run(asked, `--die-at=${point}`)).toMatchObject({ code: null, signal: 'SIGKILL', out: '' });
}

const whole = (folder: string) => {
  const text = readFileSync(one.at(`${folder}/ceremony.jsonl`), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  expect(readTranscript(text.split('\n').slice(0, -1)).kind).toBe('transcript');
};
const opens = (folder: string) => {
  const passphrase = Buffer.from(readFileSync(one.at(`${folder}/passphrase`), 'utf8').trim());
  return openKeystore(one.at(`${folder}/keystore.json`), passphrase).record.publicKey;
};

describe('the making of keys', () => {
  const create = { step: 'create', folder: one.at('new') } as const;

  it.each(points(3))('dies at %s: never keys that somebody might believe to be whole', async (point) => {
    dies(create, point);
    const again = await one.why(create);
    if (again !== 'done') {
      // What is there was told to nobody, and may as well be a stranger's.
      expect(again).toMatch(
        point === 'write:after:3'
          ? /has keys already/
          : /is there, and no transcript .* destroy .*(?:passphrase|keystore\.json).* and give the command again/,
      );
      if (point === 'write:after:3') return whole('new');
      for (const name of ['passphrase', 'keystore.json', 'ceremony.jsonl'])
        rmSync(one.at(`new/${name}`), { force: true });
      expect(await one.why(create)).toBe('done');
    }
    whole('new');
    expect(one.files('new')).toEqual(['ceremony.jsonl', 'keystore.json', 'passphrase']);
    expect(opens('new')).toHaveLength(64);
  });

  it('twice in one folder: the keys stay, and the second try is written down', async () => {
    const keystore = readFileSync(one.at('signer/keystore.json'), 'utf8');
    expect(await one.why({ step: 'create' })).toMatch(/has keys already, and keys are never overwritten/);
    expect(readFileSync(one.at('signer/keystore.json'), 'utf8')).toBe(keystore);
    expect(stepsIn(one.at('signer/ceremony.jsonl'))).toEqual(['create done', 'create refused, unsigned']);
  });

  it('takes over nothing that a stranger put there before', async () => {
    for (const name of ['passphrase', 'keystore.json', 'pins.json', 'journal.jsonl']) {
      one.anew();
      if (existsSync(one.at(`signer/${name}`))) rmSync(one.at('signer/ceremony.jsonl'));
      else mkdirSync(one.at(`new/${name}`));
      expect(await one.why(existsSync(one.at(`signer/${name}`)) ? { step: 'create' } : create)).toMatch(
        /is there, and no transcript/,
      );
    }
  });
});

it.each(points(2))('pinning dies at %s', async (point) => {
  dies({ step: 'pin' }, point);
  expect(await one.why({ step: 'pin' })).toBe('done');
  expect(readPins(one.at('signer'), recordKey)).toMatchObject({ quorum: 2 });
  whole('signer');
  expect(stepsIn(one.at('signer/ceremony.jsonl'))).toContain('pin done');
});

it.each(points(6))('a backup dies at %s, and its place is known already', async (point) => {
  await one.hold({ step: 'pin' });
  dies({ step: 'back-up' }, point);
  if (existsSync(one.at('backup/keystore.json')))
    expect(stepsIn(one.at('signer/ceremony.jsonl'))).toContain('back-up begun');
  expect(await one.why({ step: 'back-up' })).toBe('done');
  expect(readBackup(one.at('backup')).manifest).toMatchObject({ recordKey });
  whole('signer');
  expect(stepsIn(one.at('signer/ceremony.jsonl')).at(-1)).toBe('back-up done');
});

it.each(points(4))('a restore dies at %s', async (point) => {
  await one.hold({ step: 'pin' });
  await one.hold({ step: 'back-up' });
  dies({ step: 'restore' }, point);
  const again = await one.why({ step: 'restore' });
  // Only after the last write, when it was whole.
  if (again !== 'done') expect(again).toMatch(/a signer lives or lived in this folder/);
  expect(one.files('new')).toEqual(['ceremony.jsonl', 'keystore.json', 'passphrase', 'pins.json']);
  expect(opens('new')).toBe(recordKey);
  whole('new');
  expect(stepsIn(one.at('new/ceremony.jsonl'))).toContain('restore done');
});

it.each(points(3))('a retirement dies at %s', async (point) => {
  dies({ step: 'retire' }, point);
  const said = stepsIn(one.at('signer/ceremony.jsonl')).includes('retire done');
  if (!said) expect(opens('signer')).toBe(recordKey);
  // Nothing goes on in between, whatever is left.
  else expect(await one.why({ step: 'back-up' })).toMatch(/these keys were retired/);
  expect(await one.why({ step: 'retire' })).toBe('done');
  expect(one.files('signer')).toEqual(['ceremony.jsonl']);
  whole('signer');
});
