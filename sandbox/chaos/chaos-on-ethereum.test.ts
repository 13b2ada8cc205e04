/** A short run of chaos on Ethereum: the relayer killed, blocks replaced, a pool emptied. Longer: `kuramori chaos --on ethereum`. */
import { expect, it } from 'vitest';
import { actsOf, actText } from './act.ts';
import { grounds } from './on/index.ts';
import { seeded } from './seed.ts';
import { shortPatience, shortRun } from './short.testing.ts';

/** Chosen for its first acts. */
const seed = 8031;
const few = [
  'kill custody at send:before:12',
  'kill relayer at write:before:1',
  'nodes forget what waits',
  'fork 1 deep, leaving one out',
];

it(
  'a custody and the relayer killed, blocks replaced, a pool emptied: paid once, credited once, the books the chain’s',
  { timeout: shortPatience },
  async () => {
    await shortRun('ethereum', seed, few);
  },
);

it('the seed alone chooses; the relayer dies like the others, the node and its clock never', () => {
  const { reach } = grounds.ethereum;
  const acts = actsOf(seeded(seed), reach).take(400).toArray();
  expect(acts.slice(0, few.length).map(actText)).toEqual(few);
  expect(new Set(acts.map(({ kind }) => kind))).toEqual(
    new Set(['kill', 'full disk', 'line', 'fork', 'forget']),
  );
  const killed = acts.flatMap((act) => (act.kind === 'kill' ? act.name : []));
  expect(new Set(killed)).toEqual(new Set(reach.mortal));
  // What two blocks stand on is final, and replaced by nobody.
  for (const act of acts) if (act.kind === 'fork') expect(act.depth).toBeLessThanOrEqual(2);
});
