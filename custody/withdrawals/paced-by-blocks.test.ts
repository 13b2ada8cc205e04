/** How payments reach the nodes: no more at a time than a block takes, the wrapper first, and no two of the same bytes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openInstance } from '../jobs/instance.ts';
import { startJobs } from '../jobs/job.ts';
import { xem, withNodes } from '../testing/house.ts';
import { openNeighbourhood, until, type Neighbourhood } from '../testing/neighbourhood.ts';
import { drive, show, statesOf, withdraw } from '../testing/withdrawals.ts';
import { advance } from '../withdrawal.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood({ rules: { pace: { inFlight: 3, blockSeconds: 60 } } });
  await n.t.rich('alice', '10000');
});
afterAll(() => n[Symbol.asyncDispose]());

const received = () => n.balance(n.people.treasury.address);
const parts = async (id: string, node: number) =>
  (await show(n, id)).announcements
    .filter((one) => one.node === n.nodes[node]?.url)
    .map(({ part, code }) => `${part}:${code}`);

test('seven, of which three may be under way: never more at a node, and each block makes room for as many', async () => {
  const before = await received();
  const ids: string[] = [];
  for (let index = 0; index < 7; index += 1) ids.push(await withdraw(n, 'alice', '2', { memo: `${index}` }));
  await using instance = await openInstance(n.t.database.custodyUrl, n.t.database.custody);
  const jobs = await startJobs(n.t.house, instance);
  let most = 0;
  try {
    const states = () => statesOf(n, ids);
    for (const sent of [3, 6, 7]) {
      await until(
        `${sent} to be sent`,
        async () => {
          most = Math.max(most, ...n.nodes.map(({ core }) => core.pool.list().length));
          const all = await states();
          const flying = all.filter((state) =>
            ['planned', 'witnessed', 'signed', 'sent', 'unknown'].includes(state),
          );
          expect(flying.length).toBeLessThanOrEqual(3);
          return all.filter((state) => ['sent', 'confirmed', 'final'].includes(state)).length === sent;
        },
        20_000,
      );
      const waiting = (await Promise.all(ids.map((id) => show(n, id)))).filter(({ turn }) => turn !== null);
      expect(waiting).toHaveLength(7 - sent);
      await n.harvest();
      await n.watched();
    }
    await n.harvest(2);
    await until(
      'all to be final',
      async () => {
        await n.scan();
        return (await states()).every((state) => state === 'final');
      },
      20_000,
    );
  } finally {
    await jobs[Symbol.asyncDispose]();
  }
  expect(most).toBe(3);
  expect((await received()) - before).toBe(14_000_000n);
});

test('three that look alike, in one second: three transactions, three payments', async () => {
  const before = await received();
  const ids = [
    await withdraw(n, 'alice', '3'),
    await withdraw(n, 'alice', '3'),
    await withdraw(n, 'alice', '3'),
  ];
  await Promise.all(ids.map((id) => drive(n, id, 'sent', n.t.house, 2)));
  const transactions = await Promise.all(ids.map(async (id) => (await show(n, id)).transaction));
  expect(new Set(transactions).size).toBe(3);
  await n.harvest(2);
  await n.watched();
  await n.scan();
  for (const id of ids) await drive(n, id, 'final');
  expect((await received()) - before).toBe(9_000_000n);
});

test('NEUTRAL is no possession: a node that has lost the wrapper is not sent the cosignature, which it would refuse for long', async () => {
  const before = await received();
  const id = await withdraw(n, 'alice', '4');
  await drive(n, id, 'signed', n.t.house, 1);
  const { rows } = await n.t.database.admin.query<{ share: string; signature: string }>(
    'select share, signature from custody.signature where withdrawal = $1 order by part',
    [id],
  );
  const [wrapper] = rows;
  const [first] = n.t.nodes;
  expect(
    await first?.announce({ data: wrapper?.share ?? '', signature: wrapper?.signature ?? '' }),
  ).toMatchObject({
    value: { code: 1 },
  });
  await n.forget();
  await drive(n, id, 'sent', n.t.house, 1);
  expect(await parts(id, 0)).toEqual(['0:0']);
  expect(await parts(id, 1)).toEqual(expect.arrayContaining([expect.stringMatching(/^0:[01]$/), '1:1']));
  // The node forgets what it answered; then it takes both, and the block has the payment.
  n.pass(662);
  await n.harvest();
  await n.watched();
  await advance(n.t.house, id);
  expect(await parts(id, 0)).toEqual(['0:1', '1:1']);
  await n.harvest(2);
  await n.watched();
  await n.scan();
  await drive(n, id, 'final');
  expect((await received()) - before).toBe(4_000_000n);
});

test('refused by a full node (19): the same bytes again, no sooner than it forgets', async () => {
  const id = await withdraw(n, 'alice', '5', { feeCap: '1' });
  await drive(n, id, 'signed', n.t.house, 1);
  const { body } = await n.t.ask({ path: '/v1/customers/alice/balances' });
  expect(JSON.stringify(body)).toContain(xem('6'));
  // What a node answers while it is full, as the recordings have it; the devnet's own 19 is in block-counts-120.test.ts.
  const full = n.t.nodes.map((node) => ({
    ...node,
    announce: async () => ({
      kind: 'read' as const,
      value: { code: 19, message: 'FAILURE_TRANSACTION_CACHE_TOO_FULL', hash: undefined },
    }),
  }));
  await advance(withNodes(n.t.house, full), id);
  expect(await parts(id, 0)).toEqual(['0:19']);
  n.pass(600);
  await n.harvest();
  await n.watched();
  await advance(n.t.house, id);
  expect(await parts(id, 0)).toEqual(['0:19']);
  n.pass(61);
  await advance(n.t.house, id);
  expect(await parts(id, 0)).toEqual(['0:1', '1:1']);
  const [plan] = (await show(n, id)).plans;
  expect((await show(n, id)).plans).toEqual([plan]);
});
