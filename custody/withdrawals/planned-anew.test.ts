/** A second transaction for one withdrawal: only over one that is proven dead, and the customer is paid once. */
import { nemNode } from '@kuramori/chains/nem/node';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Branch } from '../branch.ts';
import { hasReadUntil } from '../chain/scan.ts';
import {
  deadMargin,
  openNeighbourhood,
  rewriteDepth,
  until,
  type Neighbourhood,
} from '../testing/neighbourhood.ts';
import { balanceOf, drive, show, withdraw } from '../testing/withdrawals.ts';
import { advance } from '../withdrawal.ts';
import { withNodes } from '../testing/house.ts';

let n: Neighbourhood;
/** The same house with nodes that nobody answers on. */
let cutOff: Branch;
beforeAll(async () => {
  n = await openNeighbourhood();
  await n.t.rich('alice', '10000');
  cutOff = withNodes(
    n.t.house,
    ['http://127.0.0.1:1', 'http://127.0.0.1:2'].map((url) => nemNode(url, 'testnet')),
  );
});
afterAll(() => n[Symbol.asyncDispose]());

const received = () => n.balance(n.people.treasury.address);
const plansOf = async (id: string) => (await show(n, id)).plans;

async function signedParts(id: string) {
  const { rows } = await n.t.database.admin.query<{ share: string; signature: string }>(
    'select share, signature from custody.signature where withdrawal = $1 and plan = 1 order by part',
    [id],
  );
  return rows;
}

/** Until the watchtower has seen a chain that is past deadline and margin, and custody has read it. */
async function die(blocks = rewriteDepth + 1): Promise<void> {
  n.pass(2 * 3600 + deadMargin + 1);
  await n.harvest(blocks);
  await n.watched();
  await n.scan();
}

test('never sent: dead, planned anew, paid by the second, and the first is worth nothing to anybody', async () => {
  const before = await received();
  const id = await withdraw(n, 'alice', '30');
  await drive(n, id, 'unknown', cutOff);
  await die();
  await drive(n, id, 'expired', cutOff);
  await drive(n, id, 'sent', n.t.house, 5);
  expect(await plansOf(id)).toHaveLength(2);
  expect((await show(n, id)).history.map(({ state }) => state)).toEqual([
    'requested',
    'held',
    'screened',
    'planned',
    'witnessed',
    'signed',
    'unknown',
    'expired',
    'planned',
    'witnessed',
    'signed',
    'sent',
  ]);
  for (const { share, signature } of await signedParts(id))
    for (const node of n.t.nodes)
      expect(await node.announce({ data: share, signature })).toMatchObject({ value: { code: 3 } });
  await n.harvest(2);
  await n.watched();
  await n.scan();
  await drive(n, id, 'final');
  expect((await received()) - before).toBe(30_000_000n);
  expect(await balanceOf(n, 'alice')).toMatchObject({ balance: '9969650000', held: '0' });
  expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
});

test('in a block that is taken back: sent again, the same bytes, and never another', async () => {
  const before = await received();
  const id = await withdraw(n, 'alice', '40');
  const { transaction } = await drive(n, id, 'sent');
  await n.harvest();
  await n.watched();
  await drive(n, id, 'confirmed');
  await n.fork({ depth: 1, drop: [transaction ?? ''] });
  await n.watched();
  await until('the block to be missed', async () => {
    await advance(n.t.house, id);
    return (await show(n, id)).state === 'sent';
  });
  await n.harvest(2);
  await n.watched();
  await n.scan();
  await drive(n, id, 'final');
  expect(await plansOf(id)).toHaveLength(1);
  expect((await received()) - before).toBe(40_000_000n);
});

test('a fork leaves it out, and another brings it back after its deadline: within the margin it is not called dead', async () => {
  const before = await received();
  const id = await withdraw(n, 'alice', '50');
  const { transaction, validUntil } = await drive(n, id, 'sent');
  const [{ core }] = n.nodes;
  await n.harvest();
  const height = core.chain.height();
  const holding = core.chain.at(height)?.block;
  expect(holding?.transactions.map(({ hash }) => hash)).toEqual([transaction]);
  await n.fork({ depth: 1, drop: [transaction ?? ''], dropped: 'forgotten' });
  await n.forget();
  // Past deadline and margin by the time, with fewer blocks than a rewrite may be deep.
  n.pass(2 * 3600 + deadMargin + 1);
  await n.harvest(rewriteDepth - 1);
  await n.forget();
  await n.watched();
  await n.scan();
  expect(await hasReadUntil(n.t.house.pool, 'nem', validUntil ?? 0)).toBe(true);
  for (let steps = 0; steps < 3; steps += 1) await advance(n.t.house, id);
  expect(await show(n, id)).toMatchObject({ state: 'sent' });
  // The chain that has it comes back, and weighs more.
  core.rewind(height - 1, 'forgotten');
  expect(core.replace(height - 1, holding ? [holding] : [])).toBe(1);
  await n.harvest(rewriteDepth + 2);
  await n.watched();
  await n.scan();
  await drive(n, id, 'final');
  expect(await plansOf(id)).toHaveLength(1);
  expect((await received()) - before).toBe(50_000_000n);
});

test('no time left for another: the money comes back', async () => {
  const before = await balanceOf(n, 'alice');
  const id = await withdraw(n, 'alice', '60');
  await drive(n, id, 'unknown', cutOff);
  n.pass(24 * 3600);
  await die();
  const returned = await drive(n, id, 'returned', cutOff);
  expect(returned.history.map(({ state }) => state).slice(-2)).toEqual(['expired', 'returned']);
  expect(await balanceOf(n, 'alice')).toEqual(before);
  expect(await plansOf(id)).toHaveLength(1);
});
