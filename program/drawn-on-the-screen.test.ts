/** A file that somebody carries here has keys that clear the screen, write "all is well" on it and turn the direction of writing: they are shown, not obeyed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from './index.ts';
import { visible } from './visible.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-screen-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'policy.json');

/** Clears a screen, in C0 and in C1; begins a line; deletes; turns what follows it around. */
const attacks = [
  '\u001b[2J\u001b[Hall is well',
  '\u009b2J',
  'a\nkuramori: all is well',
  'a\rb',
  '\u007f\u007f',
  '\u202egnp.exe',
  '\u2066\u2069',
  '\u061c',
  '\u2028',
];
const acting = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

function why(schema: z.ZodType, value: unknown): string {
  writeFileSync(file, JSON.stringify(value));
  try {
    readConfig(file, schema);
    return 'read';
  } catch (cause) {
    return (cause as Error).message;
  }
}

describe.each(attacks.map((attack) => [JSON.stringify(attack), attack] as const))('%s', (_, attack) => {
  it.each([
    ['an unknown key', z.strictObject({ a: z.string().optional() }), { [attack]: 1 }],
    ['a key on the way', z.record(z.string(), z.int()), { [attack]: 'x' }],
    [
      'what a check says of it',
      z.string().refine(() => false, { error: (issue) => String(issue.input) }),
      attack,
    ],
  ] as const)('as %s', (_what, schema, value) => {
    const message = why(schema, value);
    expect(message).not.toBe('read');
    expect(message).not.toMatch(acting);
    expect(message).toMatch(/\\u|\\n|\\r/);
  });

  it('as what a process dies of', () => {
    const dies = join(import.meta.dirname, 'testing/dies.ts');
    const { stderr } = spawnSync(process.execPath, [dies, join(folder, 'none', attack)], {
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^dies: .*is not there.*\n$/);
    expect(stderr.slice(0, -1)).not.toMatch(acting);
  });
});

it('names an unknown key once', () => {
  expect(why(z.strictObject({}), { 'a"b': 1 })).toBe(`${file}: the whole file: Unrecognized key: "a\\"b"`);
});

it('lines, tabs and every language stay as they are', () => {
  const text = 'kuramori: 蔵守\n\tשלום é 👩‍👧\r\n';
  expect(visible(text)).toBe(text);
  expect(visible('a\r\r\nb\r')).toBe('a\\u000d\r\nb\\u000d');
});
