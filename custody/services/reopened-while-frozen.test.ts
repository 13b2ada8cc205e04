/** Reopened while somebody still says that it is frozen: whoever said so must take it back, silence is no thaw, and a freeze in the middle begins all of it anew. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, testPasswords } from '../../ledger/testing/database.ts';
import { ledgerMigrations } from '@kuramori/ledger';
import { custodyMigrations, migrateCustody } from '../migrate.ts';
import { serviceRounds } from '../services.ts';
import {
  freezeAll,
  openNext,
  openTended,
  secondsLater,
  thaw,
  untilThawSeen,
  withServices,
} from '../testing/freezing.ts';
import { type Neighbourhood } from '../testing/neighbourhood.ts';
import { openJournals } from '../withdrawals/journals.ts';
import { listServices, openStops } from './row.ts';
import { changed } from '../testing/house.ts';

let n: Neighbourhood;
let round: () => Promise<boolean>;
beforeAll(async () => {
  ({ n, round } = await openTended());
  await round();
});
afterAll(() => n[Symbol.asyncDispose]());

const stopped = async () =>
  (await listServices(n.t.database.prover)).flatMap(({ service, state }) =>
    state === 'stopped' ? service : [],
  );
const all = ['deposits', 'trading', 'withdrawals'];
const stopOf = async () => (await openStops(n.t.database.prover))[0];
/** The same house with a signer more, so that one may be silent and enough still answer: it says what the first one says. */
const third = () => {
  const [first] = n.t.house.signers.values();
  if (!first) throw new Error('no signer');
  return changed(n.t.house, { signers: new Map([...n.t.house.signers, ['signer-3', first]]) });
};
/** The same, where some cannot be reached: nobody listens there. */
const without = (...silent: readonly string[]) => {
  const { signers } = third();
  const cut = new Map(
    [...signers].map(
      ([id, at]) => [id, silent.includes(id) ? { socket: `${n.t.folder}/nobody` } : at] as const,
    ),
  );
  const watchtowers = n.t.house.watchtowers.map((one) =>
    silent.includes('tower') ? { ...one, at: { socket: `${n.t.folder}/nobody` } } : one,
  );
  return serviceRounds(changed(n.t.house, { signers: cut, watchtowers }));
};

test('a signer that said so and is silent since has not thawed; nor is anything thawed by too few', async () => {
  await freezeAll(n);
  await serviceRounds(third())();
  await round();
  expect(await stopped()).toEqual(all);
  expect((await stopOf())?.frozen_by).toEqual(
    expect.arrayContaining(['signer-1', 'signer-3', n.t.tower.publicKey]),
  );
  await thaw(n);
  await secondsLater(n);
  for (const silent of [
    ['signer-3'],
    ['signer-1', 'signer-2'],
    ['tower'],
    ['signer-1', 'signer-2', 'tower'],
  ]) {
    await without(...silent)();
    expect((await stopOf())?.thawed_at, silent.join()).toBe(null);
  }
  // Of one that nobody asks any more nobody waits for an answer.
  await round();
  expect((await stopOf())?.thawed_at).not.toBe(null);
});

test('while another custody still sees it frozen, it is not thawed', async () => {
  await freezeAll(n, 'seen by one');
  await round();
  const before = await stopOf();
  await thaw(n);
  await round();
  expect(await stopOf()).toMatchObject({ id: before?.id, thawed_at: null });
  await untilThawSeen(n, round);
});

test('frozen again in the middle of reopening, everything is stopped, and what people said counts no more', async () => {
  await openNext(n, round);
  expect(await stopped()).toEqual(['trading', 'withdrawals']);
  const before = await stopOf();
  await freezeAll(n, 'a second theft');
  await round();
  expect(await stopped()).toEqual(all);
  const after = await stopOf();
  expect(after).toMatchObject({ why: 'frozen: a second theft', next: null, confirmed: [] });
  expect(after?.id).toBeGreaterThan(before?.id ?? 0);
  await expect(openNext(n, round)).rejects.toThrow('there is no next stage');
  await thaw(n);
  await untilThawSeen(n, round);
  for (const left of [['trading', 'withdrawals'], ['withdrawals'], []]) {
    await openNext(n, round);
    expect(await stopped()).toEqual(left);
  }
});

test('nobody answers for as long as the runbook says: everything is stopped, and answers alone open nothing', async () => {
  let now = 0;
  const { signers, watchtowers } = n.t.house;
  const nobody = { socket: `${n.t.folder}/nobody` };
  const silent = serviceRounds(
    changed(n.t.house, {
      signers: new Map([...signers.keys()].map((id) => [id, nobody])),
      watchtowers: watchtowers.map(({ key }) => ({ key, at: nobody })),
    }),
    () => now,
  );
  now = 59_999;
  await silent();
  expect(await stopped()).toEqual([]);
  now = 60_000;
  await silent();
  expect(await stopped()).toEqual(all);
  expect(await stopOf()).toMatchObject({ why: 'no signer and no watchtower has answered for 60 s' });
  await secondsLater(n);
  // One signer and the watchtower: fewer than a payment takes.
  await without('signer-1', 'signer-2')();
  expect(await stopOf()).toMatchObject({ thawed_at: null });
  await untilThawSeen(n, round);
  await round();
  expect(await stopped()).toEqual(all);
  for (let stages = 0; stages < 3; stages += 1) await openNext(n, round);
  expect(await stopped()).toEqual([]);
});

test('a database of before the freezes, or one that was away all the while, stops for what the journals tell, once', async () => {
  await using old = await testDatabase({
    migrations: [ledgerMigrations, custodyMigrations],
    migrate: (adminUrl) => migrateCustody(adminUrl, testPasswords),
  });
  const house = changed(n.t.house, { ...withServices(), pool: old.custody, journals: openJournals() });
  const again = serviceRounds(house);
  await again();
  expect(await openStops(old.custody)).toEqual([]);
  await house.journals.read(house);
  await again();
  const states = await listServices(old.custody);
  expect(states.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
  expect(house.board.whyStopped('nem:xem', 'deposits')).toMatch(/^frozen: /);
  // And on the database that has seen them all it is no news.
  const seen = changed(n.t.house, { journals: openJournals() });
  await n.t.database.admin.query('delete from custody.journal');
  await seen.journals.read(seen);
  expect(await openStops(n.t.database.prover)).toEqual([]);
});
