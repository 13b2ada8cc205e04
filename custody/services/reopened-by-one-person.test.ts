/** One person alone opens nothing, and custody by itself nothing either, whatever it writes or says: the database counts the people. */
import { LedgerError } from '@kuramori/ledger';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addPeople, freezeAll, thaw, withFreezers, secondsLater } from '../testing/freezing.ts';
import { openNeighbourhood, until, type Neighbourhood } from '../testing/neighbourhood.ts';
import { serviceRounds } from '../services.ts';
import { confirmReopening, listServices, openStops } from './row.ts';
import { usualRunbook } from './runbook.ts';
import { changed } from '../testing/house.ts';

let n: Neighbourhood;
let round: () => Promise<boolean>;
beforeAll(async () => {
  n = await openNeighbourhood({ policy: withFreezers });
  await addPeople(n.t.database.admin);
  const quick = usualRunbook.usual.reopen.map((stage) => ({ ...stage, minutes: 0 }));
  const runbook = { ...usualRunbook, usual: { ...usualRunbook.usual, reopen: quick } };
  round = serviceRounds(changed(n.t.house, { runbook }));
  await round();
});
afterAll(() => n[Symbol.asyncDispose]());

const asset = 'nem:xem';
const states = async () =>
  Object.fromEntries((await listServices(n.t.database.prover)).map(({ service, state }) => [service, state]));
const stopOf = async () => {
  const [stop] = await openStops(n.t.database.prover);
  if (!stop) throw new Error('nothing is stopped');
  return stop;
};
const confirm = async (person: Pool, service: string, stop?: number) =>
  confirmReopening(person, {
    stop: stop ?? (await stopOf()).id,
    asset,
    service,
    why: 'keys are replaced, logs are read',
  });
const events = async () => {
  const { rows } = await n.t.database.admin.query<{ told: string }>(
    "select object || ' ' || state as told from custody.event where kind = 'service' order by seq",
  );
  return rows.map(({ told }) => told);
};

test('a freeze stops all three in the runbook’s order, once', async () => {
  expect(await states()).toEqual({ deposits: 'open', trading: 'open', withdrawals: 'open' });
  await freezeAll(n);
  for (let count = 0; count < 3; count += 1) await round();
  expect(await states()).toEqual({ deposits: 'stopped', trading: 'stopped', withdrawals: 'stopped' });
  expect(await events()).toEqual([
    'nem:xem:deposits stopped',
    'nem:xem:withdrawals stopped',
    'nem:xem:trading stopped',
  ]);
});

test('while it is frozen nobody’s word counts', async () => {
  const { ann, ben } = n.t.database;
  for (const person of [ann, ben])
    await expect(confirm(person, 'deposits')).rejects.toThrow(/nem:xem is still frozen/);
});

test('one person opens nothing, however often they say so; the second does, with names and reasons', async () => {
  const { ann, ben } = n.t.database;
  await thaw(n);
  await secondsLater(n);
  await until('the thaw to be seen', async () => {
    await round();
    return (await stopOf()).thawed_at !== null;
  });
  expect(await confirm(ann, 'deposits')).toBe(1);
  await round();
  await expect(confirm(ann, 'deposits')).rejects.toThrow(/kuramori_person_ann has said so already/);
  for (const sql of [
    'set role kuramori_person_ben',
    'set session authorization kuramori_person_ben',
    "insert into custody.reopening values (1, 'deposits', 'kuramori_person_ben', 'because of nothing')",
    "update custody.service set state = 'open'",
    'select custody.open_service(1)',
  ])
    await expect(ann.query(sql), sql).rejects.toThrow('permission denied');
  await round();
  expect(await states()).toMatchObject({ deposits: 'stopped' });
  await expect(confirm(ben, 'trading')).rejects.toThrow('the next stage of nem:xem is deposits, not trading');
  await expect(confirm(ben, 'deposits', 4711)).rejects.toThrow(LedgerError);
  expect(await confirm(ben, 'deposits')).toBe(2);
  await round();
  expect(await states()).toEqual({ deposits: 'open', trading: 'stopped', withdrawals: 'stopped' });
  const [deposits] = await listServices(n.t.database.prover);
  expect(deposits?.why).toBe(
    'kuramori_person_ann: keys are replaced, logs are read; kuramori_person_ben: keys are replaced, logs are read',
  );
});

test('custody opens nothing by itself, whatever it says to the database', async () => {
  const { custody } = n.t.database;
  const { id } = await stopOf();
  await expect(confirm(custody, 'trading')).rejects.toThrow('permission denied');
  for (const sql of [
    "update custody.service set state = 'open'",
    'delete from custody.service',
    "insert into custody.service values ('nem:xem', 'trading', 'open')",
    "update custody.stop set stages = '[]'",
    'update custody.stop set ended_at = now()',
    `insert into custody.reopening values (${id}, 'trading', 'kuramori_person_ann', 'because of nothing')`,
    'set role kuramori_custody_owner',
    'set role kuramori_person',
    'alter table custody.service disable trigger all',
  ])
    await expect(custody.query(sql), sql).rejects.toThrow(/permission denied|must be owner/);
  const noOne = JSON.stringify(
    usualRunbook.usual.reopen.map((stage) => ({ ...stage, minutes: 0, people: 0 })),
  );
  await custody.query('select custody.know_assets($1)', [[asset]]);
  await custody.query('select custody.see_frozen($1, $2, $3, $4, $5, $6)', [
    asset,
    'a runbook that asks nobody',
    [],
    [],
    JSON.stringify(usualRunbook.usual.stop),
    noOne,
  ]);
  const { id: other } = await stopOf();
  expect(other).toBeGreaterThan(id);
  for (const service of ['deposits', 'trading', 'withdrawals'])
    await custody.query('select custody.stop_service($1, $2)', [other, service]);
  await secondsLater(n);
  await custody.query('select custody.see_thawed($1)', [other]);
  await custody.query('select custody.open_service($1)', [other]);
  expect(await states()).toEqual({ deposits: 'stopped', trading: 'stopped', withdrawals: 'stopped' });
});

test('what people said of one stop counts for no other; two people, three times, and it is over', async () => {
  const { ann, ben } = n.t.database;
  for (const service of ['deposits', 'trading', 'withdrawals']) {
    expect(await confirm(ben, service)).toBe(1);
    await round();
    expect(await states()).toMatchObject({ [service]: 'stopped' });
    await confirm(ann, service);
    await round();
    expect(await states()).toMatchObject({ [service]: 'open' });
  }
  expect(await openStops(n.t.database.prover)).toEqual([]);
  await round();
  expect((await events()).slice(-3)).toEqual([
    'nem:xem:deposits open',
    'nem:xem:trading open',
    'nem:xem:withdrawals open',
  ]);
});
