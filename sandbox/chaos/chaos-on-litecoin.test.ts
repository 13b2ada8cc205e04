/** A short run of chaos on Litecoin: real nodes, killed, led onto another branch and made to forget. Longer: `kuramori chaos --on litecoin`. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasLitecoind } from '../litecoin/nodes.ts';
import { actsOf, actText } from './act.ts';
import { chaos } from './chaos.ts';
import { grounds } from './on/index.ts';
import { seeded } from './seed.ts';

/** Chosen for its first acts. */
const seed = 2373;
const few = [
  'kill custody at send:before:20',
  'fork 2 deep, leaving one out',
  'kill litecoin1 at any moment',
  'nodes forget what waits',
];

describe.skipIf(!hasLitecoind())('on two nodes of the network (litecoind)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-chaos-'));
  chmodSync(folder, 0o711);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it(
    'a custody and a node killed, a branch replaced, what waits forgotten: paid once, credited once, the books the chain’s',
    { timeout: 600_000 },
    async () => {
      const said: string[] = [];
      const done = await chaos({
        folder: join(folder, 'house'),
        on: 'litecoin',
        seed,
        minutes: 5,
        kills: 100,
        acts: few.length,
        say: (line) => said.push(line),
      });
      expect(done.findings, said.slice(-5).join('\n')).toEqual([]);
      expect(done.acts).toEqual(few);
      expect(done.killed).toBe(2);
      expect(Object.keys(done.faults)).toContain('fork, shallow');
      expect(done.counted.paid).toBeGreaterThan(0);
      expect(done.counted.deposits).toBeGreaterThan(0);
    },
  );
});

it('the seed alone chooses; no clock is moved where nodes keep real time, and no branch is as deep as the confirmations', () => {
  const { reach, confirmations } = grounds.litecoin;
  const acts = actsOf(seeded(seed), reach).take(400).toArray();
  expect(acts.slice(0, few.length).map(actText)).toEqual(few);
  expect(new Set(acts.map(({ kind }) => kind))).toEqual(
    new Set(['kill', 'full disk', 'line', 'fork', 'forget']),
  );
  const killed = acts.flatMap((act) => (act.kind === 'kill' ? act.name : []));
  expect(new Set(killed)).toEqual(new Set(reach.mortal));
  for (const act of acts) if (act.kind === 'fork') expect(act.depth).toBeLessThan(confirmations);
});
