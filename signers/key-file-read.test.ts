/** Somebody reads a key file while the signer runs: a copy is all that a thief needs, and the file is still there. */
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchReads } from './read-elsewhere.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-read-'));
  file = join(folder, 'keystore.json');
  writeFileSync(file, '{}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const watch = () => watchReads([file], () => 7);

/** Where the disk is mounted noatime nobody can tell, and the signer says so. */
const tells = (() => {
  const here = mkdtempSync(join(tmpdir(), 'kuramori-read-'));
  const probe = join(here, 'probe');
  writeFileSync(probe, '');
  utimesSync(probe, new Date(0), new Date());
  readFileSync(probe);
  const told = statSync(probe).atimeMs > 0;
  rmSync(here, { recursive: true, force: true });
  return told;
})();

it.skipIf(tells)('on a disk that does not tell, each file is said to be unwatched', () => {
  expect(watch().unwatched).toEqual(['keystore.json']);
  expect(watch().look()).toEqual([]);
});

describe.skipIf(!tells)('a key file', () => {
  it('that nobody reads is quiet', () => {
    const watched = watch();
    expect(watched.unwatched).toEqual([]);
    expect(watched.look()).toEqual([]);
    statSync(file);
    expect(watched.look()).toEqual([]);
  });

  it.each<[string, () => void]>([
    ['read', () => readFileSync(file)],
    ['copied', () => copyFileSync(file, join(folder, 'copy'))],
    ['changed', () => writeFileSync(file, '{ }')],
    ['removed', () => rmSync(file)],
    [
      'read, and its time of access put back',
      () => {
        const { atime, mtime } = statSync(file);
        readFileSync(file);
        utimesSync(file, atime, mtime);
      },
    ],
  ])('%s is told', (_what, act) => {
    const watched = watch();
    act();
    expect(watched.look()).toEqual([{ file: 'keystore.json', at: 7 }]);
  });

  it('read twice is told twice, and a thousand times no more than the newest are kept', () => {
    const watched = watch();
    for (let times = 1; times <= 40; times += 1) {
      readFileSync(file);
      expect(watched.look()).toHaveLength(Math.min(times, 16));
    }
  });

  it('that is not there is said to be unwatched', () => {
    expect(watchReads([join(folder, 'gone')], () => 7).unwatched).toEqual(['gone']);
  });
});
