/** A limit is the wallet's, whichever keys sign: not by turns, not by a spare whose journal begins empty, and no taken signer uses it up. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { beforeFirst, chainOf, entryHash, leftAfter, outflowOf, signStatement, XEM } from '@kuramori/core';
import { records, requestFor, thief, xem } from '../core/testing/house.ts';
import { openArchive } from './archive.ts';
import { alice, lookout, type Lookout } from './testing/lookout.ts';

let l: Lookout;
beforeEach(async () => {
  l = await lookout();
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

let ahead = 0;
const payment = (id: string, units: string, by?: typeof thief) =>
  l.ask(
    id,
    (ahead += 1),
    requestFor({ to: alice, units: xem(units), at: l.clock.ms, ...(by ? { by } : {}) }),
  );
const asked = async (id: string, units: string) =>
  l.tower().countersign(await l.record(id, await payment(id, units)));

const countersigned = { kind: 'countersigned' };
const noRoom = {
  why: 'not-now',
  detail: 'over-rolling-limit: 2703000000 of 3000000000 are used within 24 h',
};

describe('3,000 XEM may leave within a day', () => {
  it('each signer saw less of it, the watchtower saw all: refused, until the hours have passed', async () => {
    for (const id of ['signer-1', 'signer-2', 'signer-1'])
      expect(await asked(id, '900')).toMatchObject(countersigned);
    // Its own journal knows of 901 XEM.
    expect(await asked('signer-2', '900')).toMatchObject(noRoom);
    await l.stopTower();
    await l.startTower();
    await l.seeing();
    expect(await asked('signer-2', '900')).toMatchObject(noRoom);
    for (let hours = 0; hours < 24; hours += 1) l.clock.ms += 3_600_000;
    await l.harvest();
    await l.seeing();
    expect(await asked('signer-2', '100')).toMatchObject(countersigned);
  });

  it('one payment by two signers is one payment', async () => {
    const request = requestFor({ to: alice, units: xem('900'), at: l.clock.ms });
    ahead += 1;
    for (const id of ['signer-1', 'signer-2'])
      expect(await l.tower().countersign(await l.record(id, await l.ask(id, ahead, request)))).toMatchObject(
        countersigned,
      );
    for (const id of ['signer-1', 'signer-2']) expect(await asked(id, '900')).toMatchObject(countersigned);
    expect(await asked('signer-1', '290')).toMatchObject(countersigned);
  });

  it('a stolen record key dates a payment back: it counts from when the other signer recorded it', async () => {
    const ask = await payment('signer-1', '900');
    const { entry } = await l.record('signer-1', ask);
    const back = { ...entry, at: entry.at - 2 * 3_600_000 };
    const signature = signStatement(records[0], 'journal-entry', back);
    expect(await l.tower().countersign({ entry: back, signature })).toMatchObject(countersigned);
    const [part] = ask.intents;
    if (part?.authority.kind !== 'exchange-request') throw new Error('a request');
    const other = await l.ask('signer-2', ahead, part.authority.request);
    expect(await l.tower().countersign(await l.record('signer-2', other))).toMatchObject(countersigned);
    for (const id of ['signer-2', 'signer-2']) expect(await asked(id, '900')).toMatchObject(countersigned);
    // A day after its forged time, and not yet a day after the payment.
    for (let hours = 0; hours < 23; hours += 1) l.clock.ms += 3_600_000;
    await l.harvest();
    await l.seeing();
    // The honest signer's own journal says so too; ours must not say less.
    await expect(l.record('signer-2', await payment('signer-2', '400'))).rejects.toThrow(
      'over-rolling-limit',
    );
    const archive = openArchive(join(l.folder, 'archive.jsonl'), chainOf(l.policy));
    try {
      expect(
        leftAfter(
          outflowOf(archive.everyones(), { wallet: 'hot', asset: XEM }),
          l.clock.ms - 24 * 3_600_000,
          new Set(),
        ),
      ).toBe(xem('2703'));
    } finally {
      archive[Symbol.dispose]();
    }
  });

  it('what a stolen record key writes down by itself takes no room from the others', async () => {
    // Of policy and time as the honest ones are; only the request is by another hand.
    const { entry } = await l.record('signer-2');
    let prev = beforeFirst;
    for (let seq = 1; seq <= 4; seq += 1) {
      const body = await payment('signer-1', '900', thief);
      const forged = { ...entry, signer: 'signer-1', seq, prev, body };
      prev = entryHash(forged);
      const signature = signStatement(records[0], 'journal-entry', forged);
      expect(await l.tower().countersign({ entry: forged, signature })).toMatchObject({
        why: 'judged',
        detail: expect.stringContaining('authority-signature') as string,
      });
    }
    expect(await asked('signer-2', '900')).toMatchObject(countersigned);
  });
});
