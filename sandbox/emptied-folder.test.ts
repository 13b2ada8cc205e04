/** A folder that is no sandbox's is never emptied, and one that is has one sandbox at a time. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFolder } from './lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([true, false])("somebody else's folder stays as it is (--fresh: %s)", (fresh) => {
  writeFileSync(join(folder, 'thesis.txt'), 'x');
  expect(() => lockFolder(folder, fresh)).toThrow(/is no sandbox's folder/);
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

it('a house that was finished and lost its deed is not taken for an unfinished one', () => {
  for (const name of ['people', 'signer-1']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'signer-1', 'journal.jsonl'), '');
  expect(() => lockFolder(folder, false)).toThrow(/deed\.json: is gone/);
  expect(existsSync(join(folder, 'people'))).toBe(true);
  lockFolder(folder, true)();
  expect(readdirSync(folder)).toEqual([]);
});

it('what was never finished begins anew', () => {
  mkdirSync(join(folder, 'people'));
  lockFolder(folder, false)();
  expect(readdirSync(folder)).toEqual([]);
});

it.each([
  ['of a process that is gone', '4194304'],
  ['of a number that is somebody else by now', '1'],
  ['of our own number, as in a container that starts anew', String(process.pid)],
  ['that a full disk left empty', ''],
])('a lock %s holds nobody off', (_what, text) => {
  writeFileSync(join(folder, 'lock'), text);
  lockFolder(folder, false)();
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});
