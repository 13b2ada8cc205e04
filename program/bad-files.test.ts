import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Misconfigured,
  openLines,
  readConfig,
  readSecret,
  readSeed,
  replaceFile,
  writeNew,
} from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
function file(text: string | Buffer, mode = 0o600): string {
  files += 1;
  const path = join(folder, `${files}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('a configuration', () => {
  const schema = z.strictObject({ a: z.strictObject({ b: z.int() }) });
  it.each([
    ['', /is not JSON/],
    ['{', /is not JSON/],
    ['{}', /: a: /],
    ['{"a":{"b":"7"}}', /: a\.b: /],
    ['{"a":{"b":7},"c":1}', /the whole file: Unrecognized key: "c"$/],
    ['{"a":{"b":7,"d":1}}', /: a: Unrecognized key: "d"$/],
    ['7', /the whole file: /],
  ])('%s names file and field', (text, message) => {
    expect(() => readConfig(file(text), schema)).toThrow(message);
    expect(() => readConfig(file(text), schema)).toThrow(Misconfigured);
  });

  it('that is not there, says so', () => {
    expect(() => readConfig(join(folder, 'none'), schema)).toThrow(/none: is not there/);
  });
});

describe('a secret', () => {
  it.each([0o640, 0o604, 0o620, 0o601, 0o666])('of mode %o is refused', (mode) => {
    expect(() => readSecret(file('secret\n', mode))).toThrow(/others may read this secret .*chmod 600/);
  });

  it.each(['', '\n', 'two\nlines\n'])('%j is not one line', (text) => {
    expect(() => readSecret(file(text))).toThrow(/must hold one line/);
  });

  it.each(['secret', 'secret\n', 'secret\r\n'])('%j is one', (text) => {
    expect(readSecret(file(text))).toBe('secret');
  });

  it('of a seed is 64 lower-case hex digits', () => {
    const digits = '0123456789abcdef'.repeat(4);
    expect(Buffer.from(readSeed(file(`${digits}\n`))).toString('hex')).toBe(digits);
    for (const wrong of [
      'zz',
      digits.slice(2),
      `${digits}00`,
      digits.toUpperCase(),
      digits.replace('a', '/'),
    ])
      expect(() => readSeed(file(wrong))).toThrow(/must be 32 bytes as lower-case hex/);
  });
});

describe('a new file', () => {
  it('never replaces one: it could be the only copy of a key', () => {
    const there = file('old');
    expect(() => writeNew(there, 'new')).toThrow(/is there already/);
    expect(readFileSync(there, 'utf8')).toBe('old');
  });

  it('is for its owner alone', () => {
    const path = join(folder, 'new');
    writeNew(path, 'x');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('replaced in one step, it is the old or the new', () => {
    const path = file('old');
    replaceFile(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
  });
});

describe('a file of lines', () => {
  it.each([
    ['nothing', Buffer.from(''), 0],
    ['one line', Buffer.from('{}\n'), 1],
    ['a line and a half', Buffer.from('{}\n{"a'), 1],
    ['half a line', Buffer.from('{"a'), 0],
    ['half a character', Buffer.concat([Buffer.from('{"a":"蔵"}\n{"b":"'), Buffer.from([0xe8, 0x94])]), 1],
    [
      'a tear after bytes that are no text',
      Buffer.concat([Buffer.from([0xff, 0xff, 0x0a]), Buffer.from('{')]),
      1,
    ],
  ])('%s: whole lines stay as they are, and the next follows them', (_what, bytes, whole) => {
    const path = file(bytes);
    {
      using opened = openLines(path);
      expect(opened.lines.length).toBe(whole);
      opened.append({ next: 1n });
    }
    const kept = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
    expect(readFileSync(path).equals(Buffer.concat([kept, Buffer.from('{"next":"1"}\n')]))).toBe(true);
  });

  it('what is gathered is written once, before anybody goes on, also where the work fails', () => {
    const path = file('');
    using opened = openLines(path);
    const read = () => readFileSync(path, 'utf8');
    expect(opened.gather(() => [opened.append({ n: 1 }), opened.append({ n: 2 }), read()].at(-1))).toBe('');
    expect(read()).toBe('{"n":1}\n{"n":2}\n');
    const work = () => {
      opened.append({ n: 3 });
      throw new Error('in the middle');
    };
    expect(() => opened.gather(work)).toThrow('in the middle');
    opened.append({ n: 4 });
    expect(read()).toBe('{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n');
  });

  it('what is gathered and cannot be written is never answered for', () => {
    const opened = openLines(file(''));
    opened[Symbol.dispose]();
    expect(() => opened.gather(() => opened.append({}))).toThrow(/cannot be written/);
    expect(() => opened.append({})).toThrow(/an earlier write failed/);
  });

  it('that cannot be written stops, and is never written again by this process', () => {
    const path = file('{}\n');
    const opened = openLines(path);
    opened[Symbol.dispose]();
    expect(() => opened.append({})).toThrow(/cannot be written .*: see to the disk and restart/);
    expect(() => opened.append({})).toThrow(/an earlier write failed/);
    appendFileSync(path, '');
    expect(readFileSync(path, 'utf8')).toBe('{}\n');
  });
});
