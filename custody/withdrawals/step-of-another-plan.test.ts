/** Steps that travel together: one that no longer fits is in nobody's way, and none is taken for another plan than was seen. */
import { randomBytes } from 'node:crypto';
import { callSeveral } from '@kuramori/chains/http';
import { signerRoutes } from '@kuramori/core';
import { inTransaction } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adopt } from '../jobs/job.ts';
import { openNeighbourhood, type Neighbourhood } from '../testing/neighbourhood.ts';
import { drive, show, withdraw } from '../testing/withdrawals.ts';
import { advance } from '../withdrawal.ts';
import { findWithdrawal, seenBy, writeSteps, type Step } from './row.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '1000');
});
afterAll(() => n[Symbol.asyncDispose]());

const write = (steps: readonly Step[]) =>
  inTransaction(n.t.house.pool, (client) => writeSteps(n.t.house, client, steps));

test('a stale step before a good one of the same withdrawal does not make it elsewhere', async () => {
  const id = await withdraw(n, 'alice', '10');
  await advance(n.t.house, id);
  const before = await findWithdrawal(n.t.house.pool, id);
  await drive(n, id, 'planned');
  const now = await findWithdrawal(n.t.house.pool, id);
  if (!before || !now) throw new Error('it is there');
  const stale: Step = { ...seenBy(before), why: 'seen a while ago' };
  const good: Step = { ...seenBy(now), why: 'seen now' };
  expect(await write([stale, good, { ...good, why: 'again' }])).toEqual(['elsewhere', 'taken', 'elsewhere']);
  expect(await show(n, id)).toMatchObject({ state: 'planned', waiting: 'seen now' });
});

test('what was seen of one plan is not taken for the next: no live plan is called dead', async () => {
  const id = await withdraw(n, 'alice', '11');
  await drive(n, id, 'sent');
  const seen = await findWithdrawal(n.t.house.pool, id);
  if (!seen?.plan) throw new Error('it is planned');
  const earlier = { ...seen, plan: { ...seen.plan, number: seen.plan.number - 1 } };
  expect(await write([{ ...seenBy(earlier), to: 'expired', dead: 'plan 0', why: 'plan 0' }])).toEqual([
    'elsewhere',
  ]);
  const { rowCount } = await n.t.database.admin.query('select from custody.plan_dead where withdrawal = $1', [
    id,
  ]);
  expect(rowCount).toBe(0);
  expect(await show(n, id)).toMatchObject({ state: 'sent' });
});

test('a job that is lost is there again, and one that waits for its turn or for people is left alone', async () => {
  const id = await withdraw(n, 'alice', '12');
  await drive(n, id, 'planned');
  await n.t.database.admin.query(
    'select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))',
  );
  const jobs = async () => {
    const { rows } = await n.t.database.admin.query<{ key: string }>('select key from graphile_worker.jobs');
    return rows.map(({ key }) => key);
  };
  expect(await jobs()).toEqual([]);
  await adopt(n.t.house.pool);
  expect(await jobs()).toContain(`withdrawal:${id}`);
  const waiting = await withdraw(n, 'alice', '13');
  await n.t.database.admin.query(
    "update custody.withdrawal set state = 'screened', queued_at = 1, turn_at = null where id = $1",
    [waiting],
  );
  await n.t.database.admin.query(
    'select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))',
  );
  await adopt(n.t.house.pool);
  expect(await jobs()).not.toContain(`withdrawal:${waiting}`);
});

test('a request as long as a request may be goes in an exchange of its own', async () => {
  const long = 'x'.repeat(60_000);
  const answers = await callSeveral(
    n.t.house.signers.get('signer-1'),
    Array.from({ length: 64 }, (_, index) =>
      index === 0
        ? { route: signerRoutes.nonce, asked: {} }
        : {
            route: signerRoutes.release,
            asked: { entry: randomBytes(32).toString('hex'), countersignatures: [], long },
          },
    ),
  );
  expect(answers[0]).toMatchObject({ kind: 'nonce' });
  expect(answers).toHaveLength(64);
  for (const answer of answers.slice(1)) expect(answer).toMatchObject({ kind: 'refused', why: 'malformed' });
});
