/** Somebody stops one asset; what a thief does then must stop everything, and be told as loudly as if nothing stood still. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { freezeDigest, signerRoutes, signStatement, XEM, type Asset, type Freeze } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { records, xem } from '../core/testing/house.ts';
import { openFreezer } from './frozen.ts';
import { cosigners, hot, lookout, thiefsAddress, until, type Lookout } from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

let l: Lookout;
beforeEach(async () => {
  l = await lookout();
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

function signed(assets: readonly Asset[] | null, by = records[1]) {
  const freeze: Freeze = {
    by: by.publicKey,
    at: l.clock.ms,
    why: 'its chain stands still',
    ...(assets ? { assets: [...assets] } : {}),
  };
  return { freeze, signature: signStatement(by, 'freeze', freeze) };
}
const told = () => l.told().filter(({ event }) => event.startsWith('alarm'));
const done = { kind: 'done' };

describe('XEM alone is frozen', () => {
  it('nothing that pays it is stated, countersigned or vouched for', async () => {
    const record = await l.record('signer-1');
    expect(l.tower().freeze(signed([XEM]))).toEqual(done);
    expect(await l.tower().countersign(record)).toMatchObject({ why: 'frozen' });
    const asked = { wallet: 'hot', nonces: ['0'.repeat(32)], plans: [] };
    expect(await l.tower().fact(asked)).toMatchObject({ why: 'frozen' });
    expect(await l.tower().fact({ ...asked, purpose: 'evacuation' })).toMatchObject({ kind: 'fact' });
    expect(l.tower().vouch({ exchange: 'exchange', customer: 'alice', asset: XEM, number: 0 })).toMatchObject(
      { why: 'frozen', detail: expect.stringContaining('nem:xem') as string },
    );
    expect(told()).toMatchObject([{ event: 'alarm: frozen', assets: [XEM] }]);
    for (const id of ['signer-1', 'signer-2'])
      await until(`${id} to be told`, async () => {
        const status = await call(l.sockets.get(id), signerRoutes.status, {});
        return status.kind === 'status' && status.freezes[0]?.freeze.assets?.[0] === XEM;
      });
  });

  it('a theft stops the rest, is told as a freeze, and what is left goes home; also after a restart', async () => {
    l.tower().freeze(signed([XEM]));
    await l.announce(
      wrapped(cosigners[0], transfer(hot, thiefsAddress, xem('1'), l.now()), l.now()),
      cosigners[0],
    );
    await until('the alarm', () => told().length > 1);
    expect(told().map(({ event }) => event)).toEqual(['alarm: frozen', 'alarm: frozen']);
    await until('the evacuation', () => l.incident().includes('evacuation sent'), 15_000);
    for (const id of ['signer-1', 'signer-2']) {
      const status = await call(l.sockets.get(id), signerRoutes.status, {});
      expect(status.kind === 'status' && status.freezes.map(({ freeze }) => freeze.assets ?? 'all')).toEqual([
        [XEM],
        'all',
      ]);
    }
    const before = l.tower().status().freezes.map(freezeDigest);
    await l.stopTower();
    await l.startTower();
    expect(l.tower().status().freezes.map(freezeDigest)).toEqual(before);
  }, 30_000);

  it('the same freeze in other words changes nothing; a wider one by the same hand counts', () => {
    l.tower().freeze(signed([XEM]));
    l.clock.ms += 1;
    expect(l.tower().freeze(signed([XEM]))).toEqual(done);
    expect(l.tower().status().freezes).toHaveLength(1);
    expect(l.tower().freeze(signed(null))).toEqual(done);
    expect(l.tower().status().freezes).toHaveLength(2);
    expect(openFreezer(join(l.folder, 'frozen.json'), records[0]).state()?.freezes).toHaveLength(2);
    expect(told().map(({ event }) => event)).toEqual(['alarm: frozen', 'alarm: frozen']);
  });
});
