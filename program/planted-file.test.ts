/** Somebody has put a link or a file where a key, a share or a journal is about to be written: nothing goes through it, and nothing of theirs stays. */
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { addText, openLines, overwriteAndRemove, replaceBeside, replaceFile, writeNew } from './index.ts';

const base = mkdtempSync(join(tmpdir(), 'kuramori-planted-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const [folder, elsewhere] = [join(base, 'own'), join(base, 'thief')];
const [file, theirs] = [join(folder, 'words.txt'), join(elsewhere, 'copy')];
beforeEach(() => {
  for (const one of [folder, elsewhere]) {
    rmSync(one, { recursive: true, force: true });
    mkdirSync(one);
  }
});

const ways = {
  'a link to a file of theirs': () => {
    writeFileSync(theirs, 'theirs', { mode: 0o666 });
    symlinkSync(theirs, `${file}.next`);
  },
  'a link to a file that is not there': () => symlinkSync(theirs, `${file}.next`),
  'a second name of a file of theirs': () => {
    writeFileSync(theirs, 'theirs', { mode: 0o666 });
    linkSync(theirs, `${file}.next`);
  },
  'a file that everybody may read': () => writeFileSync(`${file}.next`, 'x', { mode: 0o666 }),
} as const;

describe.each([
  ['a new file', (text: string) => writeNew(file, text)],
  ['a file that is replaced', (text: string) => replaceFile(file, text)],
  ['a file that is replaced beside other work', (text: string) => replaceBeside(file, text)],
] as const)('%s', (_, write) => {
  it.each(Object.entries(ways))('goes not through %s', async (_way, plant) => {
    plant();
    await write('secret');
    expect(readFileSync(file, 'utf8')).toBe('secret');
    expect(lstatSync(file).isFile()).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(file).nlink).toBe(1);
    expect(readdirSync(folder)).toEqual(['words.txt']);
    for (const name of readdirSync(elsewhere))
      expect(readFileSync(join(elsewhere, name), 'utf8')).toBe('theirs');
  });
});

it('a folder in its place is named, and nothing is written', () => {
  mkdirSync(`${file}.next`);
  expect(() => writeNew(file, 'secret')).toThrow(/words\.txt\.next: is in the way/);
  expect(readdirSync(folder)).toEqual(['words.txt.next']);
});

it('what is destroyed is the file itself, never what a link leads to', () => {
  writeFileSync(theirs, 'theirs');
  symlinkSync(theirs, file);
  expect(() => overwriteAndRemove(file, (length) => new Uint8Array(length))).toThrow(/words\.txt: is a link/);
  expect(readFileSync(theirs, 'utf8')).toBe('theirs');
  rmSync(file);
  symlinkSync(join(elsewhere, 'none'), file);
  expect(() => overwriteAndRemove(file, (length) => new Uint8Array(length))).toThrow(/words\.txt: is a link/);
});

describe('a file that grows is the file itself', () => {
  it.each([
    ['a file of theirs', () => writeFileSync(theirs, 'theirs\nhalf a li')],
    ['a file that is not there', () => {}],
  ])('never what a link leads to: %s', (_, plant) => {
    plant();
    const before = readdirSync(elsewhere).map((name) => readFileSync(join(elsewhere, name), 'utf8'));
    symlinkSync(theirs, file);
    for (const write of [openLines, (path: string) => addText(path, 'more')])
      expect(() => write(file)).toThrow(
        /words\.txt: is a symbolic link, .*in the configuration, or bind-mount/,
      );
    expect(readdirSync(elsewhere).map((name) => readFileSync(join(elsewhere, name), 'utf8'))).toEqual(before);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
  });

  it('and in a folder that a link leads to it is: whose folder it is its owner has said', () => {
    symlinkSync(elsewhere, join(folder, 'moved'));
    {
      using lines = openLines(join(folder, 'moved', 'journal.jsonl'));
      lines.append({ n: 1 });
    }
    expect(readFileSync(join(elsewhere, 'journal.jsonl'), 'utf8')).toBe('{"n":1}\n');
    expect(statSync(join(elsewhere, 'journal.jsonl')).mode & 0o777).toBe(0o600);
  });
});
