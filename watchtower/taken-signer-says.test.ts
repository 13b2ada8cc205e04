/** A signer that was taken says of itself whatever might kill a watchtower, or drown those who are paged: the eye stays open, and one line a minute is all. */
import { expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import { signerRoutes, type SignerStatus } from '@kuramori/core';
import { serveRoutes } from '@kuramori/program';
import { xem } from '../core/testing/house.ts';
import { cosigners, hot, lookout, thiefsAddress, until } from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

const [first] = cosigners;
const no = () => ({ kind: 'refused', why: 'taken', detail: '' }) as const;

it('times that no calendar has, names that never end, numbers that jump', async () => {
  await using l = await lookout({ release: { cosigner: ['0'.repeat(64)] } });
  await l.seeing();
  const where = l.sockets.get('signer-2') ?? { socket: '' };
  const honest = await call(where, signerRoutes.status, {});
  if (honest.kind !== 'status') throw new Error(JSON.stringify(honest));
  await l.stopSigner('signer-2');
  let asked = 0;
  const status = (): SignerStatus => {
    asked += 1;
    const reads = Array.from({ length: 16 }, (_, index) => ({
      file: `${asked} ${index} ${'\u202e'.repeat(200)}`,
      at: Number.MAX_SAFE_INTEGER - asked,
    }));
    const session = asked % 3 === 0 ? `${asked}` : honest.session;
    const digest = asked.toString(16).padStart(64, '0');
    const code = { digest, measuredAt: Number.MAX_SAFE_INTEGER - asked, changed: reads };
    return { ...honest, session, refused: asked * 1_000, reads, unwatched: [`${asked}`], code };
  };
  const taken = await serveRoutes(where, signerRoutes, {
    status,
    nonce: no,
    propose: no,
    release: no,
    adopt: no,
    witness: no,
    freeze: no,
    thaw: no,
    object: no,
    covering: no,
    journal: no,
  });
  try {
    await until('some rounds', () => asked > 12, 20_000);
    const said = l.told(0).filter((one) => one['signer'] === 'signer-2' || one['process'] === 'signer-2');
    // One of each thing that it says.
    expect(new Set(said.map(({ event }) => event)).size).toBe(said.length);
    expect(said.map(({ event }) => event)).toEqual(
      expect.arrayContaining([
        'a process runs code of no release',
        'code was changed under a running process',
      ]),
    );
    await l.announce(wrapped(first, transfer(hot, thiefsAddress, xem('1'), l.now()), l.now()), first);
    await until('the alarm', () => l.tower().status().frozen !== null);
  } finally {
    await taken.close();
  }
}, 40_000);
