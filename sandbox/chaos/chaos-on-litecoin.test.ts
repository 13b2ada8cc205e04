/** A short run of chaos on Litecoin: real nodes, killed, led onto another branch and made to forget. Longer: `kuramori chaos --on litecoin`. */
import { describe, expect, it } from 'vitest';
import { hasLitecoind } from '../litecoin/nodes.ts';
import { actsOf, actText } from './act.ts';
import { grounds } from './on/index.ts';
import { seeded } from './seed.ts';
import { shortPatience, shortRun } from './short.testing.ts';

/** Chosen for its first acts. */
const seed = 2373;
const few = [
  'kill custody at send:before:20',
  'fork 2 deep, leaving one out',
  'kill litecoin1 at any moment',
  'nodes forget what waits',
];

describe.skipIf(!hasLitecoind())('on two nodes of the network (litecoind)', () => {
  it(
    'a custody and a node killed, a branch replaced, what waits forgotten: paid once, credited once, the books the chain’s',
    { timeout: shortPatience },
    async () => {
      const done = await shortRun('litecoin', seed, few);
      expect(Object.keys(done.faults)).toContain('fork, shallow');
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
