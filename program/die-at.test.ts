import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runProgram } from './testing/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-die-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['write:before:3', 2],
  ['write:after:3', 3],
])('dies at %s, with %i lines on the disk and no word', async (at, lines) => {
  const file = join(folder, at);
  const ended = await runProgram('program/testing/dies.ts', file, `--die-at=${at}`);
  expect(ended).toMatchObject({ code: null, out: '' });
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(lines + 1);
});

test.each(['--die-at=', '--die-at=sleep:before:1', '--die-at=write:during:1', '--die-at=write:after:0'])(
  '%s is refused in one line',
  async (argument) => {
    const ended = await runProgram('program/testing/dies.ts', join(folder, 'none'), argument);
    expect(ended.code).toBe(1);
    expect(ended.lines).toEqual([expect.stringContaining('must be --die-at=<commit|write|send|answer>')]);
  },
);
