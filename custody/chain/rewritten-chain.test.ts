/** The chain takes back blocks that were booked: what it does not have again leaves the books, and nobody is credited twice. */
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { passingHold } from './rewrite.ts';
import type { ScanState } from './scan.ts';
import {
  deadMargin,
  openNeighbourhood,
  plain,
  rewriteDepth,
  transfer,
  type Neighbourhood,
} from '../testing/neighbourhood.ts';
import { announceVanished } from '../withdrawals/announce-again.ts';
import { balanceOf, drive, show, withdraw } from '../testing/withdrawals.ts';

let n: Neighbourhood;
beforeAll(async () => {
  n = await openNeighbourhood();
});
afterAll(() => n[Symbol.asyncDispose]());

let count = 0;
let who: string;
let message: string;
beforeEach(async () => {
  count += 1;
  who = `customer-${count}`;
  message = String((await n.t.ask({ path: '/v1/customers', body: { customer: who } })).body['message']);
});

const height = () => n.nodes[0].core.chain.last().block.height;
/** Both nodes forget their newest blocks, and what was in them waits again, or is forgotten too. */
function takeBack(blocks: number, transactions: 'pending' | 'forgotten' = 'forgotten'): void {
  const to = height() - blocks;
  for (const { core } of n.nodes) core.rewind(to, transactions);
  // Another second, so that the new blocks are not the old ones.
  n.pass(7);
}
const pay = (units: bigint, text = message) =>
  n.announce(
    transfer(n, n.people.customer, n.people.hot.address, units, { message: plain(text) }),
    n.people.customer,
  );
const find = async (transaction: string) => {
  const deposits = await Array.fromAsync(n.t.client.pages('listDeposits', {}));
  return deposits.find((one) => one.transaction === transaction);
};
const heldWhy = async () => {
  const { body } = await n.t.ask({ path: `/v1/customers/${who}/balances` });
  return body['held'] as string | null;
};
const status = async () => (await n.t.ask({ path: '/v1/status' })).body;
const notices = async () => (await status())['notices'] as { key: string; severity: string; what: string }[];
const settled = (state: ScanState) => expect(state).toMatchObject({ stopped: null, complaints: [] });
/** Books and chain say the same of the hot wallet. */
async function balanced(): Promise<void> {
  const found = await verify(n.t.database.prover);
  expect(found.kind === 'refuted' ? found.findings : []).toEqual([]);
  const { accounts } = (await status()) as { accounts: { kind: string; balance: string }[] };
  const hot = accounts.find(({ kind }) => kind === 'hot')?.balance ?? '0';
  expect(BigInt(hot)).toBe((await n.balance(n.people.hot.address)) - begins);
}
let begins = 0n;
beforeAll(async () => {
  begins = await n.balance(n.people.hot.address);
  // Own funds, so that what a customer owes leaves nobody else's claim without coins.
  const hash = await pay(100_000_000n, 'own funds');
  await n.harvest(2);
  settled(await n.scan());
  await n.t.ask({ path: '/v1/house/own-funds', body: { deposit: `${hash}:0` } });
});

describe('a deposit in blocks that were taken back', () => {
  it('that are no deeper than the confirmations was never booked', async () => {
    const hash = await pay(1_000_000n);
    await n.harvest();
    settled(await n.scan());
    takeBack(1);
    await n.harvest(4);
    settled(await n.scan());
    expect(await find(hash)).toBeUndefined();
    expect(await heldWhy()).toBeNull();
    await balanced();
  });

  it('and is in the new chain at another height: moved, not credited twice, and nobody is held', async () => {
    const hash = await pay(2_000_000n);
    await n.harvest(4);
    settled(await n.scan());
    const before = await find(hash);
    expect(before).toMatchObject({ state: 'credited' });
    takeBack(4, 'pending');
    await n.harvest(6);
    settled(await n.scan());
    const after = await find(hash);
    expect(after).toMatchObject({ state: 'credited', orphaned: false, at: before?.at });
    expect(await balanceOf(n, who)).toMatchObject({ available: '2000000' });
    expect(await heldWhy()).toBeNull();
    await balanced();
  });

  it('and is in a new block that is not deep enough yet: not reversed, and the customer waits until it is', async () => {
    const hash = await pay(2_000_000n);
    await n.harvest(4);
    settled(await n.scan());
    takeBack(4, 'pending');
    const { pool } = n.nodes[0].core;
    const waiting = pool.list();
    for (const { core } of n.nodes) core.pool.clear();
    // Other blocks first, so that it comes again in the newest one only.
    await n.harvest(3);
    pool.addReverted(waiting);
    await n.harvest(1);
    settled(await n.scan());
    expect(await find(hash)).toMatchObject({ state: 'credited', orphaned: true });
    expect(await heldWhy()).toBe(passingHold);
    await n.harvest(2);
    settled(await n.scan());
    expect(await find(hash)).toMatchObject({ state: 'credited', orphaned: false, booking: 0 });
    expect(await heldWhy()).toBeNull();
    await balanced();
  });

  it('and is not in the new chain: reversed, the customer held, the operator told', async () => {
    const hash = await pay(3_000_000n);
    await n.harvest(4);
    settled(await n.scan());
    expect(await balanceOf(n, who)).toMatchObject({ available: '3000000' });
    takeBack(4);
    await n.harvest(5);
    await Promise.all([n.scan(), n.scan(), n.scan()]);
    settled(await n.scan());
    expect(await find(hash)).toMatchObject({ state: 'reversed', customer: who, orphaned: false });
    expect(await balanceOf(n, who)).toMatchObject({ available: '0', balance: '0' });
    expect(await heldWhy()).toMatch(/^deposit .* was reversed$/);
    expect(await notices()).toContainEqual(
      expect.objectContaining({ severity: 'grave', what: expect.stringContaining(`${hash}:0 of 3000000`) }),
    );
    await balanced();
    const lift = () => n.t.ask({ path: '/v1/customers/lift', body: { customer: who, why: 'looked at' } });
    expect(await lift()).toMatchObject({ status: 200 });
    expect(await lift()).toMatchObject({ status: 422 });
    expect(await heldWhy()).toBeNull();
  });

  it('and was spent already: what the customer has no longer is due', async () => {
    const hash = await pay(9_000_000n);
    await n.harvest(4);
    settled(await n.scan());
    await withdraw(n, who, '5', { feeCap: '1' });
    // Held for the withdrawal: 6 XEM of 9 are not there to be taken back.
    takeBack(4);
    await n.harvest(5);
    settled(await n.scan());
    expect(await find(hash)).toMatchObject({ state: 'reversed' });
    expect(await balanceOf(n, who)).toMatchObject({ available: '0', held: '6000000' });
    const { accounts } = (await status()) as { accounts: { kind: string; owner: string; balance: string }[] };
    expect(accounts).toContainEqual(
      expect.objectContaining({ kind: 'receivable', owner: who, balance: '6000000' }),
    );
    expect(await heldWhy()).toMatch(/of which 6000000 were spent and are due/);
    await balanced();
  });

  it('and comes again long after it was reversed: credited anew, once', async () => {
    const payment = transfer(n, n.people.customer, n.people.hot.address, 4_000_000n, {
      message: plain(message),
    });
    const hash = await n.announce(payment, n.people.customer);
    await n.harvest(4);
    settled(await n.scan());
    takeBack(4);
    await n.harvest(5);
    settled(await n.scan());
    expect(await find(hash)).toMatchObject({ state: 'reversed' });
    // NIS remembers a verdict for ten minutes.
    n.pass(660);
    expect(await n.announce(payment, n.people.customer)).toBe(hash);
    await n.harvest(3);
    await Promise.all(Array.from({ length: 10 }, () => n.scan()));
    expect(await find(hash)).toMatchObject({ state: 'credited', booking: 1 });
    expect(await balanceOf(n, who)).toMatchObject({ available: '4000000' });
    // An operator lifts it, also where all ended well.
    expect(await heldWhy()).not.toBeNull();
    await balanced();
  });

  it('and was held, claimed as own funds, or dust', async () => {
    const held = await pay(1_000_001n, 'nobody');
    const own = await pay(1_000_002n, 'own funds');
    const dust = await pay(7n, message);
    await n.harvest(4);
    settled(await n.scan());
    const claim = await n.t.ask({
      path: '/v1/deposits/claims',
      body: { deposit: `${own}:0`, customer: null, why: 'ours' },
    });
    expect(claim).toMatchObject({ status: 200 });
    takeBack(4);
    await n.harvest(5);
    settled(await n.scan());
    for (const hash of [held, own, dust]) expect(await find(hash)).toMatchObject({ state: 'reversed' });
    await balanced();
  });
});

describe('while the new chain is looked through', () => {
  it('the customer waits, and nothing of theirs can be claimed', async () => {
    const hash = await pay(5_000_000n);
    const held = await pay(1_000_003n, 'somebody');
    await n.harvest(4);
    settled(await n.scan());
    takeBack(4, 'pending');
    // As after a crash between marking and looking: the marks are there, the books as before.
    await n.t.database.custody.query(
      'update custody.deposit set orphaned = true where transaction = any($1)',
      [[hash, held]],
    );
    await n.t.database.custody.query('update custody.customer set held_why = $2 where id = $1', [
      who,
      passingHold,
    ]);
    const claim = await n.t.ask({
      path: '/v1/deposits/claims',
      body: { deposit: `${held}:0`, customer: who, why: 'they say so' },
    });
    expect(claim).toMatchObject({
      status: 422,
      body: { detail: expect.stringMatching(/taken off the chain/) },
    });
    expect(await heldWhy()).toBe(passingHold);
    await n.harvest(6);
    settled(await n.scan());
    expect(await find(hash)).toMatchObject({ state: 'credited', orphaned: false });
    expect(await heldWhy()).toBeNull();
    await balanced();
  });
});

describe('our own payment in blocks that were taken back', () => {
  const pays = async () => {
    await pay(50_000_000n);
    await n.harvest(3);
    settled(await n.scan());
    const id = await withdraw(n, who, '10');
    await drive(n, id, 'sent');
    return id;
  };

  it('comes again by itself: the withdrawal is settled once', async () => {
    const id = await pays();
    await n.harvest(2);
    await n.scan();
    takeBack(2, 'pending');
    await n.harvest(4);
    await n.watched();
    settled(await n.scan());
    await drive(n, id, 'final');
    await balanced();
  });

  const settledThenGone = async () => {
    const id = await pays();
    await n.harvest(2);
    await n.watched();
    await n.scan();
    const { transaction } = await drive(n, id, 'final');
    takeBack(2);
    await n.harvest(4);
    settled(await n.scan());
    return { id, transaction };
  };

  it('is gone after it was settled: told gravely, and the same bytes are announced until a block has them again', async () => {
    const { id, transaction } = await settledThenGone();
    expect(await notices()).toContainEqual(
      expect.objectContaining({
        key: `vanished:${id}`,
        severity: 'grave',
        what: expect.stringContaining(transaction ?? ''),
      }),
    );
    expect((await n.t.ask({ path: `/v1/withdrawals/${id}` })).body).toMatchObject({ state: 'final' });
    // The coins are still ours, and the books do not count on them.
    await expect(balanced()).rejects.toThrow(/to be/);
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
    // NIS remembers a verdict for ten minutes.
    n.pass(661);
    await announceVanished(n.t.house);
    await n.harvest(4);
    await n.watched();
    settled(await n.scan());
    await balanced();
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
    expect((await show(n, id)).plans).toHaveLength(1);
  });

  it('is gone after it was settled and proven dead: nothing else is signed for it, and people give the money back', async () => {
    const { id } = await settledThenGone();
    n.pass(2 * 3600 + deadMargin + 1);
    await n.harvest(rewriteDepth + 1);
    await n.watched();
    settled(await n.scan());
    await announceVanished(n.t.house);
    await announceVanished(n.t.house);
    const told = (await notices()).filter(({ key }) => key === `never-paid:${id}`);
    expect(told).toMatchObject([
      {
        severity: 'grave',
        what: expect.stringMatching(/10000000 of nem:xem .* were taken from .* by two people/),
      },
    ]);
    expect((await show(n, id)).plans).toHaveLength(1);
    // Books and chain say the same again.
    await balanced();
  });
});

describe('as deep as NEM rewrites, and deeper', () => {
  it('360 blocks: the last common one is found', async () => {
    const hash = await pay(6_000_000n);
    await n.harvest(361);
    settled(await n.scan());
    takeBack(360);
    await n.harvest(362);
    settled(await n.scan());
    // It was in the block that stayed.
    expect(await find(hash)).toMatchObject({ state: 'credited', orphaned: false });
    expect(await balanceOf(n, who)).toMatchObject({ available: '6000000' });
    expect(await notices()).toContainEqual(
      expect.objectContaining({ what: expect.stringMatching(/359 booked blocks deep/) }),
    );
  }, 60_000);

  it('deeper: everything stops, and it says what to do', async () => {
    // As if our nodes had been moved to a chain of which nothing was ever booked.
    const { admin } = n.t.database;
    await admin.query("update custody.block set hash = repeat('a', 64)");
    await admin.query("update custody.cursor set hash = repeat('a', 64)");
    await pay(6_000_000n);
    await n.harvest(3);
    const { stopped } = await n.scan();
    expect(stopped).toMatch(/deeper than 360 blocks.*an operator must compare the books/);
    expect((await n.scan()).stopped).toBe(stopped);
    expect(await balanceOf(n, who)).toMatchObject({ available: '0' });
    const told = (await notices()).filter(({ what }) => what === stopped);
    expect(told).toMatchObject([{ severity: 'grave' }]);
  });
});
