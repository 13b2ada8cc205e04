/** The watchtower's disk is full: an alarm still reaches the signers, nothing is countersigned that is not on the disk, and what could not be written is written once there is room. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import { signerRoutes, type SignedEntry } from '@kuramori/core';
import { reasonOf } from '@kuramori/program';
import { xem } from '../core/testing/house.ts';
import { mountDisk, type Disk } from '../sandbox/chaos/disk.ts';
import { openIncident } from './incident.ts';
import { cosigners, hot, lookout, thiefsAddress, until, type Lookout } from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

const files = mkdtempSync(join(tmpdir(), 'kuramori-tower-'));
/** Not everybody may mount one; restart.test.ts has a folder in the way of a file, which takes nothing either. */
const disk = mountDisk(files, 512 * 1024, 'kuramori-test');
const onDisk = it.skipIf(disk === null);
const full = () => disk as Disk;
let l: Lookout;
afterAll(() => {
  disk?.[Symbol.dispose]();
  rmSync(files, { recursive: true, force: true });
});
beforeEach(async () => {
  l = await lookout({ files });
  await l.seeing();
});
afterEach(async () => {
  disk?.free();
  await l[Symbol.asyncDispose]();
  for (const name of ['archive.jsonl', 'frozen.json', 'frozen.json.next', 'incident.jsonl'])
    rmSync(join(files, name), { force: true });
});

onDisk(
  'an alarm: the signers are told at once, the freeze and the whole timeline are written when there is room',
  async () => {
    full().fill();
    const [first] = cosigners;
    await l.announce(wrapped(first, transfer(hot, thiefsAddress, xem('40000'), l.now()), l.now()), first);
    await until('every signer to be frozen', async () => {
      const all = await Promise.all(
        l.sockets.values().map((socket) => call(socket, signerRoutes.status, {})),
      );
      return all.every((status) => status.kind === 'status' && status.frozen !== null);
    });
    expect(existsSync(join(files, 'frozen.json'))).toBe(false);
    full().free();
    await until('the freeze to be on the disk', () => existsSync(join(files, 'frozen.json')));
    await until('the timeline to be on the disk', () => l.incident().includes('signer frozen'));
    expect(l.incident()[0]).toBe('alarm: frozen');
  },
);

onDisk(
  'records: what is not on the disk is not countersigned, and nothing is any more until it is started again',
  async () => {
    const records: SignedEntry[] = [];
    for (let second = 1; second <= 8; second += 1)
      records.push(await l.record('signer-1', await l.ask('signer-1', second)));
    full().fill();
    const outcomes = await Promise.all(
      records.map((record) =>
        l
          .tower()
          .countersign(record)
          .then(({ kind }) => kind, reasonOf),
      ),
    );
    const whole = outcomes.filter((outcome) => outcome === 'countersigned').length;
    // What was left of the last block may have taken one or two.
    expect(whole).toBeLessThan(4);
    expect(outcomes).toContain(`${files}/archive.jsonl: disk full: free space at ${files}, then start again`);
    full().free();
    const last = records.at(-1) as SignedEntry;
    await expect(l.tower().countersign(last)).rejects.toThrow('an earlier write failed');
    const kept = readFileSync(join(files, 'archive.jsonl'), 'utf8').split('\n');
    const noted = kept.filter((line) => line.startsWith('{"countersigned":') && line.endsWith('}'));
    // What was let go is noted; of a write that failed half way one more may be.
    expect(noted.length).toBeGreaterThanOrEqual(whole);
    await l.stopTower();
    await l.startTower();
    await l.seeing();
    expect(await l.tower().countersign(last)).toMatchObject({ kind: 'countersigned' });
  },
);

onDisk('the incident: no line is glued to the half of another', () => {
  const file = join(files, 'timeline.jsonl');
  const incident = openIncident(file, [], () => 0);
  incident.note('alarm: frozen', { n: -1 });
  full().fill();
  for (let n = 0; n < 20; n += 1) incident.note('alarm', { n, why: 'x'.repeat(700) });
  full().free();
  incident.note('thawed', { n: 20 });
  const numbers = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { n: number }).n);
  expect(numbers).toEqual(Array.from({ length: 22 }, (_, at) => at - 1));
  rmSync(file);
});
