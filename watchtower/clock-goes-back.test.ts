/** Clocks that are wrong: a record of a time that has not come waits for it, and none of a stolen record key shuts its signer out. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { signStatement, type SignedEntry } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { signerRoutes } from '@kuramori/core';
import { keyNamed } from '../core/testing/house.ts';
import { lookout, type Lookout } from './testing/lookout.ts';

let l: Lookout;
beforeEach(async () => {
  l = await lookout();
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

it('recorded while the clock was ahead: refused for now, without a verdict, and countersigned when that time has come', async () => {
  const right = l.clock.ms;
  l.clock.ms = right + 1_200_000;
  const record = await l.record('signer-1');
  l.clock.ms = right;
  for (let asked = 0; asked < 2; asked += 1)
    expect(await l.tower().countersign(record)).toMatchObject({ kind: 'refused', why: 'recorded-ahead' });
  // The signer takes no facts from before what it has recorded: it waits for the same time.
  const ask = await l.ask('signer-1', 5);
  expect(await call(l.sockets.get('signer-1'), signerRoutes.propose, ask)).toMatchObject({
    kind: 'refused',
    why: 'time-goes-back',
  });
  l.clock.ms = right + 1_200_000;
  expect(await l.tower().countersign(record)).toMatchObject({ kind: 'countersigned' });
  expect(await l.record('signer-1', await l.ask('signer-1', 9))).toMatchObject({ entry: { seq: 2 } });
});

it.each(['payment', 'freeze'] as const)(
  "a %s that a stolen record key dates ten years ahead does not stop its signer's next record",
  async (kind) => {
    const honest = await l.record('signer-1');
    const { entry } = honest;
    const freeze = { by: entry.signer, at: 1, why: 'a thief says so' };
    const forged: SignedEntry['entry'] = {
      ...entry,
      at: l.clock.ms + 10 * 365 * 86_400_000,
      ...(kind === 'freeze'
        ? {
            body: {
              kind,
              freeze: {
                freeze: { ...freeze, by: keyNamed('record 1').publicKey },
                signature: signStatement(keyNamed('record 1'), 'freeze', {
                  ...freeze,
                  by: keyNamed('record 1').publicKey,
                }),
              },
            },
          }
        : {}),
    };
    const signed = { entry: forged, signature: signStatement(keyNamed('record 1'), 'journal-entry', forged) };
    expect(await l.tower().countersign(signed)).toMatchObject({ kind: 'refused', why: 'recorded-ahead' });
    expect(await l.tower().countersign(honest)).toMatchObject({ kind: 'countersigned' });
  },
);

it('a clock that is days off sees no chain of its time: it testifies to nobody, and says why', async () => {
  const right = l.clock.ms;
  for (const off of [-3, 3]) {
    l.clock.ms = right + off * 86_400_000;
    const answer = await l.tower().fact({ wallet: 'hot', nonces: ['0'.repeat(32)], plans: [] });
    expect(answer).toMatchObject({
      kind: 'refused',
      why: 'blind',
      detail: expect.stringMatching(/newest block is [0-9]+ s/) as string,
    });
  }
  l.clock.ms = right;
  expect(await l.tower().fact({ wallet: 'hot', nonces: ['0'.repeat(32)], plans: [] })).toMatchObject({
    kind: 'fact',
  });
});
