/** What custody writes down for those who look: whoever does not answer is silent there, and what it says itself grows old when it is away. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idleScans } from './testing/house.ts';
import { openNeighbourhood, type Neighbourhood } from './testing/neighbourhood.ts';
import { tellHouse } from './told.ts';
import { tendTreasury } from './treasury.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '1000');
});
afterAll(() => n[Symbol.asyncDispose]());

interface Told {
  readonly body: Record<string, unknown>;
  readonly age: number;
}
async function told(what: string): Promise<Told | undefined> {
  const { rows } = await n.t.database.admin.query<Told>(
    'select body, extract(epoch from clock_timestamp() - at)::float8 as age from custody.told where what = $1',
    [what],
  );
  return rows[0];
}

test('signers, watchtowers and nodes are told as they answer; one that is gone is silent, and the others are not', async () => {
  await tellHouse(n.t.house, idleScans);
  const all = await told('house');
  const { key } = n.t.house.watchtowers[0] ?? {};
  const height = n.nodes[0].core.chain.last().block.height;
  expect(all?.body).toMatchObject({
    signers: [
      { id: 'signer-1', answers: true, open: true, frozen: [] },
      { id: 'signer-2', answers: true, open: true, frozen: [] },
    ],
    watchtowers: [
      { key, answers: true, chains: [{ chain: 'nem', blind: null, nodes: [{ height }, { height }] }] },
    ],
    chains: [{ chain: 'nem', stopped: null }],
  });
  expect(all?.age).toBeLessThan(5);
  const gone = { socket: join(n.t.folder, 'nobody') };
  await tellHouse({ ...n.t.house, signers: new Map([...n.t.house.signers, ['signer-2', gone]]) }, idleScans);
  expect((await told('house'))?.body['signers']).toEqual([
    expect.objectContaining({ id: 'signer-1', answers: true }),
    { id: 'signer-2', spare: false, answers: false },
  ]);
});

test('what may be hot is told by each round of the treasury', async () => {
  await tendTreasury(n.t.house);
  expect((await told('treasury'))?.body).toMatchObject({
    hotShare: { most: 500 },
    assets: [
      { asset: 'nem:xem', limit: expect.stringMatching(/^\d+$/) as string, by: expect.any(String) as string },
    ],
  });
});
