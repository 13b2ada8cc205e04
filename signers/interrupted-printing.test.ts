/** Sharing with pages dies at a write: whatever lies on a medium then, the transcript has named before, and a second try goes onto other media. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { site, type Asked } from './testing/ceremonies.ts';

const one = site();
afterAll(() => one[Symbol.dispose]());
const names = ['m1', 'm2', 'm3'];
const again = ['n1', 'n2', 'n3'];
const share = (to: readonly string[]): Asked => ({
  step: 'share',
  groupThreshold: 1,
  groups: [{ threshold: 2, count: 3 }],
  to: to.map((name) => one.at(name)),
  althoughTogether: true,
  paper: 'a4',
  safe: one.at('safe'),
});

// What is begun, two of the list, of three shares text and two pages, what is done.
it.each([
  ['write:after:1', 0],
  ['write:before:5', 3],
  ['write:after:5', 3],
  ['write:before:9', 7],
  ['write:before:13', 11],
] as const)('at %s: %i files are whole', async (point, count) => {
  one.anew();
  for (const name of [...names, ...again, 'safe']) mkdirSync(one.at(name));
  expect(one.run(share(names), `--die-at=${point}`)).toMatchObject({
    code: null,
    signal: 'SIGKILL',
    out: '',
  });
  const transcript = readFileSync(one.at('signer/ceremony.jsonl'), 'utf8');
  const files = [...names, 'safe'].flatMap((name) => one.files(name).map((file) => join(one.at(name), file)));
  expect(files.filter((file) => !file.endsWith('.next'))).toHaveLength(count);
  for (const file of files) expect(transcript).toContain(file.replace(/\.(?:pdf|html|txt)(?:\.next)?$/, ''));
  expect(transcript).toContain('"pages"');
  if (count > 0) expect(await one.why(share(names))).toMatch(/two papers never lie together/);
  expect(await one.why(share(again))).toBe('done');
});
