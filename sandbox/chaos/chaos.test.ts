/** A short run of chaos: real processes, killed at named points. The long one is `kuramori chaos --minutes 30`. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { actsOf, actText, type Act } from './act.ts';
import { chaos } from './chaos.ts';
import { grounds } from './on/index.ts';
import { seeded } from './seed.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-chaos-'));
chmodSync(folder, 0o711);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Chosen so that the first twelve acts hold one of each kind. */
const seed = 1457;
const acts = (of: number, most: number) => actsOf(seeded(of), grounds.nem.reach).take(most).toArray();

test(
  'twelve acts, among them a full disk, a clock that goes apart and two custodies killed: paid once, credited once, the books balanced and the chain’s',
  { timeout: 600_000 },
  async () => {
    const said: string[] = [];
    const done = await chaos({
      folder: join(folder, 'house'),
      on: 'nem',
      seed,
      minutes: 5,
      kills: 100,
      acts: 12,
      say: (line) => said.push(line),
    });
    expect(done.findings, said.slice(-5).join('\n')).toEqual([]);
    // The hand did what the seed says, and nothing else.
    expect(done.acts).toEqual(acts(seed, 12).map(actText));
    expect(done.killed).toBeGreaterThanOrEqual(8);
    const kinds = [...Object.keys(done.kills), ...Object.keys(done.faults)];
    expect(kinds).toContainEqual(expect.stringMatching(/^custody, /));
    expect(kinds).toContainEqual(expect.stringMatching(/^custody-2, /));
    expect(kinds).toContainEqual(expect.stringMatching(/^clock of /));
    // Where nothing makes a disk full on this machine, the run says so.
    if (!done.disks.startsWith('not at all')) {
      expect(kinds).toContain('disk of postgres full: it recovers');
      expect(kinds).toContainEqual(
        expect.stringMatching(/^disk of (signer-[12]|watchtower|node[12]) full: it /),
      );
    }
    expect(done.counted.paid).toBeGreaterThan(0);
    expect(done.counted.deposits).toBeGreaterThan(0);
  },
);

test('the same seed chooses the same acts, another seed others; and none is left out for long', () => {
  expect(acts(1, 300)).toEqual(acts(1, 300));
  expect(acts(1, 300)).not.toEqual(acts(2, 300));
  const names = (kind: Act['kind']) =>
    new Set(acts(3, 240).flatMap((act) => (act.kind === kind && 'name' in act ? act.name : [])));
  const everybody = ['signer-1', 'signer-2', 'watchtower', 'node1', 'node2', 'custody'];
  expect(names('kill')).toEqual(new Set([...everybody, 'custody-2', 'postgres']));
  expect(names('full disk')).toEqual(new Set([...everybody, 'postgres']));
  expect(names('clock')).toEqual(new Set(['custody', 'custody-2', 'watchtower', 'node1', 'node2']));
});
