/** Somebody changes a package where npm has put it inside of a room: two machines are compared by a digest that must tell them apart. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { measuring } from '@kuramori/program';
import { identity } from './step/identity.ts';

const root = mkdtempSync(join(tmpdir(), 'kuramori-code-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  write('package.json', '{}');
  for (const room of ['core', 'program', 'signers']) write(`${room}/package.json`, '{}');
  write('chains/package.json', JSON.stringify({ dependencies: { derives: '1', signs: '1' } }));
  write('chains/node_modules/signs/index.js', 'sign');
  write('node_modules/derives/package.json', JSON.stringify({ dependencies: { hashes: '1' } }));
  write('node_modules/derives/index.js', 'derive');
  write('node_modules/hashes/index.js', 'hash');
});

it.each([
  'chains/node_modules/signs/index.js',
  'node_modules/derives/index.js',
  'node_modules/hashes/index.js',
  'node_modules/derives/addon.node',
  'signers/extra.mjs',
])('%s: another digest', (file) => {
  const before = identity(root);
  write(file, 'tell a thief');
  expect(identity(root).code).not.toBe(before.code);
});

it('is what a release publishes for co-signers, in whose rooms ceremonies are held', () => {
  const work = measuring({ root, kind: 'cosigner', node: process.execPath });
  let step = work.next();
  while (step.done !== true) step = work.next();
  expect(identity(root)).toEqual({ code: step.value.digest, node: process.version });
});

it('a package that is declared and not there: no digest, since nobody knows what would run', () => {
  rmSync(join(root, 'node_modules/hashes'), { recursive: true });
  expect(() => identity(root)).toThrow(/node_modules\/hashes: cannot be read: run npm ci/);
});
