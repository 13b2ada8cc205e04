/**
 * Only paper is left: keys are made and shared by the real commands, everything else is destroyed, and as many shares as it takes
 * bring the chain key back on a clean machine. Fewer, others, changed ones or a wrong word bring nothing, and write nothing.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  readdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Command } from './ceremony/command.ts';
import { hold } from './ceremony/hold.ts';
import { openKeystore } from './keystore.ts';
import { stepsIn } from './testing/ceremonies.ts';

const base = mkdtempSync(join(tmpdir(), 'kuramori-paper-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const at = (...names: readonly string[]) => join(base, ...names);

interface Ran {
  readonly code: number | null;
  readonly err: string;
  readonly ended: {
    readonly chainKey: string;
    readonly recordKey: string;
    readonly remember: readonly string[];
    readonly last: string;
  };
}

function kuramori(...args: readonly string[]): Ran {
  const command = [
    join(import.meta.dirname, '../cli/launch.mjs'),
    'signer',
    ...args,
    '--present',
    'Aoi',
    '--present',
    'Ren',
    '--json',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', input: '' });
  return { code: status, err: stderr, ended: JSON.parse(stdout || '{}') as Ran['ended'] };
}

const on = ['--chain', 'litecoin', '--network', 'devnet'] as const;
const media = ['a', 'b', 'c'].map((name) => at('media', name));
for (const folder of [...media, at('media/w')]) mkdirSync(folder, { recursive: true });
writeFileSync(at('dice'), `${'3141526535'.replaceAll(/[^1-6]/g, '2').repeat(10)}\n`, { mode: 0o600 });

const made = kuramori('create', at('signer'), ...on, '--dice', at('dice'));
const { chainKey, recordKey } = made.ended;
const confirm = `devnet ${chainKey}`;
const shared = kuramori(
  'share',
  at('signer'),
  '--shares',
  '2of3',
  '--although-together',
  ...media.flatMap((folder) => ['--to', folder]),
);
const files = media.map((folder) => join(folder, readdirSync(folder)[0] ?? ''));
const paper = files.map((file) => readFileSync(file, 'utf8'));
const worded = kuramori('words', at('signer'), at('media/w'), '--although-together');
const sentence = readFileSync(at('media/w/words.txt'), 'utf8').trim();
cpSync(at('signer'), at('kept'), { recursive: true });
for (const name of ['signer', 'media', 'dice']) rmSync(at(name), { recursive: true });

/** What somebody typed from the papers, on the clean machine. */
function typedIn(...texts: readonly string[]): readonly string[] {
  return texts.map((text, index) => {
    const file = at(`typed-${index + 1}.txt`);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  });
}
const recover = (texts: readonly string[], ...more: readonly string[]) =>
  kuramori('recover', at('clean'), ...typedIn(...texts), ...on, '--confirm', confirm, ...more);

describe('making and sharing', () => {
  it('is done: three files, each on its own medium, for its owner alone, words and nothing else', () => {
    expect(made).toMatchObject({ code: 0 });
    expect(shared).toMatchObject({ code: 0 });
    expect(worded).toMatchObject({ code: 0 });
    expect(sentence).toMatch(/^(?:[a-z]+ ){23}[a-z]+$/);
    for (const text of paper) expect(text).toMatch(/^(?:[a-z]+ ){32}[a-z]+\n$/);
    expect(new Set(paper.map((text) => text.split(' ').slice(0, 3).join(' '))).size).toBe(1);
  });

  it('the transcript says who was there, how strong the dice were and where shares went; no word, no face', () => {
    const text = readFileSync(at('kept/ceremony.jsonl'), 'utf8');
    expect(stepsIn(at('kept/ceremony.jsonl'))).toEqual([
      'create done',
      'share begun',
      'share done',
      'words begun',
      'words done',
    ]);
    expect(text).toMatch(/"thrown","value":"100 dice, about \d+ bits/);
    for (const file of files) expect(text).toContain(file);
    expect(text).toContain(at('media/w/words.txt'));
    expect(text).not.toContain(sentence.split(' ').slice(0, 3).join(' '));
    expect(paper.some((share) => text.includes(share.split(' ').slice(4, 8).join(' ')))).toBe(false);
  });
});

describe('from paper', () => {
  it.each([
    ['one share', () => [paper[0]], /it takes 2.*2枚必要/],
    ['the same twice', () => [paper[1], paper[1]], /one share counts once.*一度しか/],
    ['too many', () => paper, /exactly 2.*ちょうど2枚/],
    [
      'a changed word',
      () => [
        paper[0],
        paper[2]?.replace(/^(\w+ ){6}\w+/, (head) =>
          // One set in a thousand has this word there already.
          head.replace(/\w+$/, (word) => (word === 'zero' ? 'academic' : 'zero')),
        ),
      ],
      /checksum is wrong.*チェックサム/,
    ],
    ['24 words of BIP-39', () => [paper[0], sentence], /not in the list.*単語リスト/],
  ] as const)('%s: refused in both languages, and nothing written', async (_, texts, why) => {
    const shares = typedIn(...texts().map((text) => text ?? ''));
    const asked = {
      step: 'recover',
      folder: at('empty'),
      present: ['Aoi', 'Ren'],
      shares,
      confirm: chainKey,
    };
    mkdirSync(at('empty'), { recursive: true });
    await expect(hold(Command.parse(asked), () => {})).rejects.toThrow(why);
    expect(readdirSync(at('empty'))).toEqual([]);
  });

  it('one share by the real command: refused, and nothing written', () => {
    const ran = recover([paper[1] ?? '']);
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/it takes 2.*2枚必要/) as string });
    expect(existsSync(at('clean'))).toBe(false);
  });

  it('another chain key than the paper of the making names: refused, nothing written, the key not shown', () => {
    const ran = kuramori(
      'recover',
      at('clean'),
      ...typedIn(paper[0] ?? '', paper[1] ?? ''),
      '--confirm',
      chainKey,
    );
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/is not the chain key that this gives.*一致しません/);
    expect(ran.err).not.toMatch(/[0-9a-f]{40}|tpub/);
    expect(existsSync(at('clean'))).toBe(false);
  });

  it('two shares bring the same chain key, under a new record key; the transcript begins with it', () => {
    const ran = recover([paper[2] ?? '', paper[0] ?? '']);
    expect(ran.err).not.toMatch(/error/i);
    expect(ran).toMatchObject({ code: 0, ended: { chainKey } });
    expect(ran.ended.recordKey).not.toBe(recordKey);
    expect(ran.ended.remember.join('\n')).toMatch(/the record key is new.*\n.*must never run again/);
    const keys = openKeystore(
      at('clean/keystore.json'),
      Buffer.from(readFileSync(at('clean/passphrase'), 'utf8').trim()),
    );
    expect(keys.chainKey).toBe(chainKey);
    expect(statSync(at('clean/keystore.json')).mode & 0o777).toBe(0o600);
    expect(stepsIn(at('clean/ceremony.jsonl'))).toEqual(['recover done']);
    expect(
      kuramori(
        'recover',
        at('clean'),
        ...typedIn(paper[2] ?? '', paper[0] ?? ''),
        ...on,
        '--confirm',
        confirm,
      ).err,
    ).toMatch(/has keys already/);
    rmSync(at('clean'), { recursive: true });
  });

  it('so do the 24 words, and one word of another language is refused', () => {
    const [file = ''] = typedIn(sentence);
    const words = (text: string) => {
      writeFileSync(file, text, { mode: 0o600 });
      return kuramori(
        'recover',
        at('clean'),
        '--words',
        file,
        ...on,
        '--confirm',
        `devnet ${chainKey.slice(-20)}`,
      );
    };
    const mixed = words(sentence.replace(/\w+$/, 'あいこくしん'));
    expect(mixed.code).toBe(1);
    expect(mixed.err).toMatch(/word 24 is of another language.*言語が違います/);
    expect(existsSync(at('clean'))).toBe(false);
    expect(words(sentence)).toMatchObject({ code: 0, ended: { chainKey } });
    rmSync(at('clean'), { recursive: true });
  });
});
