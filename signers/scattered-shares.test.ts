/** Where shares end up: never two together, never beside the keystore, each known to the transcript; and what a step that dies leaves. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openKeystore } from './keystore.ts';
import { present } from './testing/made.ts';
import { site, stepsIn, type Asked } from './testing/ceremonies.ts';

const one = site();
afterAll(() => one[Symbol.dispose]());
const names = ['m1', 'm2', 'm3'];
const media = names.map((name) => one.at(name));
beforeEach(() => {
  one.anew();
  for (const folder of media) mkdirSync(folder);
});

const { chainKey } = one.keys;
const share = (more: object = {}): Asked => {
  return {
    step: 'share',
    groupThreshold: 1,
    groups: [{ threshold: 2, count: 3 }],
    to: media,
    althoughTogether: true,
    ...more,
  };
};
const written = () => names.flatMap((name) => one.files(name).map((file) => join(one.at(name), file)));
const recover = (more: object = {}): Asked => {
  return {
    step: 'recover',
    folder: one.at('new'),
    shares: written().slice(0, 2),
    confirm: chainKey,
    ...more,
  };
};
function secretFile(name: string, text: string): string {
  writeFileSync(one.at(name), text, { mode: 0o600 });
  return one.at(name);
}

describe('shares are not written', () => {
  it.each([
    ['two into one folder', () => ({ to: media.with(1, media[0] ?? '') }), /m1: is named twice/],
    [
      'two into one folder by two names',
      () => {
        symlinkSync(media[0] ?? '', one.at('link'));
        return { to: media.with(1, one.at('link')) };
      },
      /is named twice/,
    ],
    ['into the signer’s own folder', () => ({ to: media.with(2, one.at('signer')) }), /signer’s own folder/],
    [
      'below the signer’s own folder',
      () => {
        mkdirSync(one.at('signer/paper'));
        return { to: media.with(2, one.at('signer/paper')) };
      },
      /signer’s own folder/,
    ],
    [
      'beside another share',
      () => {
        secretFile('m2/share-1-group-1-1.txt', 'academic');
        return {};
      },
      /share-1-group-1-1\.txt: is there: two papers never lie together/,
    ],
    ...['words.txt.next', 'WORDS.TXT', 'SHARE-1-GROUP-1-2.TXT', 'share-1-group-1-1.txt.next'].map(
      (name) =>
        [
          `beside ${name}`,
          () => {
            secretFile(`m2/${name}`, 'academic');
            return {};
          },
          new RegExp(`${name.replaceAll('.', '\\.')}: is there: two papers never lie together`),
        ] as const,
    ),
    ['onto a medium that is not there', () => ({ to: media.with(0, one.at('m9')) }), /m9: is not there/],
    [
      'into too few folders',
      () => ({ to: media.slice(0, 2) }),
      /2 folders are named, and there are 3 shares/,
    ],
    [
      'of which one is enough',
      () => ({ groups: [{ threshold: 1, count: 1 }], to: media.slice(0, 1) }),
      /one share alone would be enough/,
    ],
    [
      'of which none may be lost',
      () => ({ groups: [{ threshold: 3, count: 3 }] }),
      /one lost share would lose the key/,
    ],
    [
      'under a passphrase that no other program takes',
      () => ({ sharePassphrase: secretFile('p', '蔵守\n') }),
      /printable ASCII/,
    ],
  ] as const)('%s', async (_, change, why) => {
    const before = readFileSync(one.at('signer/keystore.json'), 'utf8');
    const asked = share(change());
    expect(await one.why(asked)).toMatch(why);
    // Nothing but what the test itself put there.
    expect(written().every((file) => readFileSync(file, 'utf8') === 'academic')).toBe(true);
    expect(stepsIn(one.at('signer/ceremony.jsonl')).at(-1)).toMatch(/^share refused/);
    expect(readFileSync(one.at('signer/keystore.json'), 'utf8')).toBe(before);
  });
});

it('whoever destroys the keys hears of every share', async () => {
  expect(await one.why(share())).toBe('done');
  const files = written();
  expect(files).toHaveLength(3);
  const { what } = await one.hold({ step: 'retire' });
  expect(what.map(({ value }) => value).sort()).toEqual(files);
});

const points = (writes: number) =>
  Array.from({ length: writes }, (_, index) => [
    `write:before:${index + 1}`,
    `write:after:${index + 1}`,
  ]).flat();

it.each(points(5))('sharing dies at %s: what left the folder is known', (point) => {
  expect(one.run(share(), `--die-at=${point}`)).toMatchObject({ code: null, signal: 'SIGKILL', out: '' });
  const transcript = readFileSync(one.at('signer/ceremony.jsonl'), 'utf8');
  for (const file of written()) expect(transcript).toContain(file.replace(/\.next$/, ''));
});

it.each(points(3))('recovering dies at %s: whole or begun again, never half', async (point) => {
  await one.hold(share());
  expect(one.run(recover(), `--die-at=${point}`)).toMatchObject({ code: null, signal: 'SIGKILL', out: '' });
  const again = await one.why(recover());
  if (point === 'write:after:3') return expect(again).toMatch(/has keys already/);
  if (again !== 'done') {
    expect(again).toMatch(
      /is there, and no transcript .* recovery was, they hold the chain key that is in use: destroy .* and give the command again/,
    );
    for (const name of ['passphrase', 'keystore.json']) rmSync(one.at(`new/${name}`), { force: true });
    expect(await one.why(recover())).toBe('done');
  }
  const passphrase = Buffer.from(readFileSync(one.at('new/passphrase'), 'utf8').trim());
  expect(openKeystore(one.at('new/keystore.json'), passphrase).chainKey).toBe(chainKey);
  return expect(stepsIn(one.at('new/ceremony.jsonl'))).toEqual(['recover done']);
});

describe('what the shares do not say', () => {
  const nothingNew = () => expect(readdirSync(one.at('new'))).toEqual([]);

  it('their passphrase: another one gives another key, which the paper of the making tells', async () => {
    const sharePassphrase = secretFile('p', 'correct horse\n');
    await one.hold(share({ sharePassphrase }));
    expect(await one.why(recover())).toMatch(/is not the chain key that this gives/);
    expect(await one.why(recover({ sharePassphrase: secretFile('q', 'correct horsf\n') }))).toMatch(
      /is not the chain key/,
    );
    nothingNew();
    expect(await one.why(recover({ sharePassphrase }))).toBe('done');
  });

  it('the language of the words, and the chain', async () => {
    const [folder, on] = [one.at('backup'), { chain: 'ethereum', network: 'mainnet' }];
    const made = await one.hold({ step: 'create', folder, language: 'japanese', on });
    await one.hold(share({ folder }));
    const confirm = made.chainKey ?? '';
    const onPaper = `mainnet ${confirm}`;
    for (const wrong of [
      { on, confirm: onPaper },
      { language: 'japanese', confirm },
      { language: 'english', on, confirm: onPaper },
    ])
      expect(await one.why(recover(wrong))).toMatch(/is not the chain key that this gives/);
    nothingNew();
    expect(await one.why(recover({ confirm: onPaper, language: 'japanese', on }))).toBe('done');
  });

  it('the network: the same key is on each, and a test key’s paper may lie where nobody guards it', async () => {
    const [folder, chain] = [one.at('backup'), 'ethereum'];
    const made = await one.hold({ step: 'create', folder, on: { chain, network: 'testnet' } });
    expect(made.remember.join('\n')).toMatch(/chain key [0-9a-fA-Fx ]+, on testnet/);
    await one.hold(share({ folder }));
    const key = made.chainKey ?? '';
    const on = { chain, network: 'mainnet' };
    expect(await one.why(recover({ on, confirm: `testnet ${key}` }))).toMatch(
      /the paper says testnet, and this recovery is for mainnet: .*紙にはtestnet/,
    );
    for (const confirm of [key, ` ${key} mainnet`, `main ${key}`, 'mainnet', 'mainnet '])
      expect(await one.why(recover({ on, confirm }))).toMatch(/is not the chain key that this gives/);
    nothingNew();
    const read = `Testnet ${key.slice(0, 22).replaceAll(/.{4}/g, '$& ')}`;
    expect(await one.why(recover({ on: { chain, network: 'testnet' }, confirm: read }))).toBe('done');
  });
});

it('a share that others may read is refused', async () => {
  await one.hold(share());
  const [first = '', second = ''] = written();
  rmSync(first);
  writeFileSync(first, readFileSync(second), { mode: 0o644 });
  expect(await one.why(recover())).toMatch(/others may read this secret \(mode 644\)/);
});

it('what somebody types is thrown too; nothing of it is written', () => {
  const create = (faces: string) => {
    const command = { step: 'create', folder: one.at('new'), present, thrown: '-' };
    const main = join(import.meta.dirname, 'ceremony/main.ts');
    return spawnSync(process.execPath, [main, JSON.stringify(command)], {
      encoding: 'utf8',
      input: `${faces}\n`,
      env: { NODE_NO_WARNINGS: '1' },
    });
  };
  const wrong = create('123456789');
  expect(wrong.stderr).toMatch(/what was typed: character 7 is no face/);
  expect(readdirSync(one.at('new'))).toEqual([]);
  const faces = '142536'.repeat(20);
  const made = create(faces);
  expect(made.status).toBe(0);
  expect(made.stdout).toMatch(/120 dice, about 310 bits .*enough even if this machine’s generator is broken/);
  const all = readdirSync(one.at('new')).map((name) => readFileSync(one.at(`new/${name}`), 'utf8'));
  expect(all.join('') + made.stdout + made.stderr).not.toContain(faces.slice(0, 12));
});
