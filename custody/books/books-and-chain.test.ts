/** At every moment of a lively day the books' statement is what the chain showed at its block, to the unit: also while they lag, and while a rewrite is settled. */
import { onChain, verifyTotals, XEM, type Totals } from '@kuramori/core';
import { verify } from '@kuramori/ledger';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNeighbourhood, plain, transfer, until, type Neighbourhood } from '../testing/neighbourhood.ts';
import { announceTheft, theft } from '../testing/theft.ts';
import { drive, statesOf, withdraw } from '../testing/withdrawals.ts';
import { tendTreasury } from '../treasury.ts';
import { advance } from '../withdrawal.ts';
import { announceVanished } from '../withdrawals/announce-again.ts';
import { bookOpenings } from './opening.ts';

/** What is left of the hot account's first million once it is a multisig. */
const opening = 999_999_500_000n;

let n: Neighbourhood;
let message: string;
beforeAll(async () => {
  n = await openNeighbourhood({
    policy: (usual) => ({
      ...usual,
      wallets: usual.wallets.map((wallet) =>
        wallet.role === 'hot' ? { ...wallet, opening: [{ asset: XEM, units: opening }] } : wallet,
      ),
      // Nearly everything stays, so that there is always something to pay from.
      rules: usual.rules.map((rule) => ({
        ...rule,
        sweep: { to: ['cold-xem'], perDay: { count: 500, fees: 10n ** 12n }, leave: 999_900_000_000n },
      })),
    }),
  });
  await bookOpenings(n.t.house);
  message = String((await n.t.ask({ path: '/v1/customers', body: { customer: 'alice' } })).body['message']);
});
afterAll(() => n[Symbol.asyncDispose]());

/** What the chain showed when a block was the newest: asked of a node then, and kept. */
const shown = new Map<string, { hot: bigint; cold: bigint }>();
async function look(): Promise<void> {
  const { hash } = n.nodes[0].core.chain.last().block;
  const [hot, cold] = await Promise.all([n.balance(n.people.hot.address), n.balance(n.people.cold.address)]);
  shown.set(hash, { hot, cold });
  await until(
    'the watchtower to look, too',
    async () => n.tower.status().books.chains[0]?.sampled?.hash === hash,
  );
}

async function harvest(blocks = 1): Promise<void> {
  for (let made = 0; made < blocks; made += 1) {
    await n.harvest();
    await look();
  }
}

/** Each block of a fork is looked at, too: it is made of blocks that were never the newest, so they are replayed. */
async function fork(depth: number, dropped: 'pending' | 'forgotten'): Promise<void> {
  const to = n.nodes[0].core.chain.last().block.height - depth;
  for (const { core } of n.nodes) core.rewind(to, dropped);
  n.pass(7);
  await look();
  await harvest(depth + 1);
}

async function state(): Promise<Totals> {
  const signed = await n.t.house.statements.state(n.t.house);
  if (!signed) throw new Error('no block is booked');
  expect(verifyTotals(n.t.house.policy, signed)).toBe(true);
  // The watchtower, which sees the same chain by its own eyes, finds nothing wrong with it either.
  expect(n.tower.totals(signed)).toEqual({ kind: 'done' });
  expect(n.tower.status().books.findings).toEqual([]);
  byTower.add(n.tower.status().books.chains[0]?.compared ?? 0);
  return signed.totals;
}

const byTower = new Set<number>();
let compared = 0;
let lagging = 0;
let unsettled = 0;
/** The equation, at the statement's own block. */
async function holds(): Promise<void> {
  const {
    blocks: [block],
    assets,
  } = await state();
  if (!block) throw new Error('a statement without a block');
  const then = shown.get(block.hash);
  if (!then) throw new Error(`block ${block.height} was not looked at`);
  const [xem] = assets;
  const of = (wallet: string) =>
    (xem?.holdings ?? []).filter((one) => one.wallet === wallet).reduce((sum, one) => sum + onChain(one), 0n);
  expect({ at: block.height, hot: of('hot-xem'), cold: of('cold-xem') }).toEqual({
    at: block.height,
    ...then,
  });
  if (!xem) return;
  const held = xem.holdings.reduce((sum, { units }) => sum + units, 0n);
  expect(held + xem.due).toBe(xem.claims + xem.own);
  compared += 1;
  if (xem.holdings.some(({ leaving }) => leaving.length > 0)) lagging += 1;
  if (xem.holdings.some((one) => one.unsettled !== 0n)) unsettled += 1;
}

const scan = async () => {
  expect(await n.scan()).toMatchObject({ stopped: null });
  await holds();
};
/** Statements are made all the time, also between the steps of a rewrite. */
async function scanLookingOn(): Promise<void> {
  let over = false;
  const scanning = n.scan().finally(() => (over = true));
  while (!over) await holds();
  expect(await scanning).toMatchObject({ stopped: null });
  await holds();
}
const pay = (units: bigint, text = message, to: string = n.people.hot.address) =>
  n.announce(transfer(n, n.people.customer, to, units, { message: plain(text) }), n.people.customer);

describe('the wallets’ opening', () => {
  it('is booked once, as own funds; another figure is refused', async () => {
    await bookOpenings(n.t.house);
    await harvest(3);
    await scan();
    const { policy } = n.t.house;
    const other = {
      ...policy,
      wallets: policy.wallets.map((one) => ({ ...one, opening: [{ asset: XEM, units: 7n }] })),
    };
    await expect(bookOpenings({ ...n.t.house, policy: other })).rejects.toThrow(/wallets\.0\.opening/);
    expect((await state()).assets).toMatchObject([{ own: opening, claims: 0n }]);
  });
});

describe('a payment', () => {
  it('in a block, and not settled: is leaving, with its fees, until it is final', async () => {
    await pay(90_000_000n);
    await harvest(3);
    await scan();
    const id = await withdraw(n, 'alice', '10');
    await drive(n, id, 'sent');
    await harvest(2);
    await n.watched();
    await scan();
    const [before] = (await state()).assets;
    expect(before?.holdings).toMatchObject([{ wallet: 'hot-xem', leaving: [{ units: 10_350_000n }] }]);
    await drive(n, id, 'final');
    await holds();
    const [after] = (await state()).assets;
    expect(after?.holdings).toMatchObject([{ wallet: 'hot-xem', leaving: [], unsettled: 0n }]);
    expect(after?.holdings[0]?.units).toBe((before?.holdings[0]?.units ?? 0n) - 10_350_000n);
  });

  it('that was final, in a block that is gone, and that never comes again: the books are lower by it', async () => {
    const id = await withdraw(n, 'alice', '11');
    await drive(n, id, 'sent');
    await harvest(2);
    await n.watched();
    await scan();
    await drive(n, id, 'final');
    await fork(3, 'forgotten');
    await scan();
    await scan();
    expect((await state()).assets).toMatchObject([{ holdings: [{ unsettled: -11_350_000n }] }]);
  });
});

describe('a sweep', () => {
  it('is out of the one wallet and in the other with its block, however late its own story ends', async () => {
    await tendTreasury(n.t.house);
    const [id] = await openPayments();
    await drive(n, id ?? '', 'sent');
    await harvest(2);
    await n.watched();
    await scan();
    const [xem] = (await state()).assets;
    expect(xem?.holdings).toMatchObject([
      { wallet: 'cold-xem', leaving: [], unsettled: 0n },
      { wallet: 'hot-xem', leaving: [], unsettled: -11_350_000n },
    ]);
    await drive(n, id ?? '', 'final');
    await holds();
    await fork(3, 'pending');
    await scan();
    await harvest(2);
    await scan();
  });
});

describe('while a rewrite is settled', () => {
  it('deposits, dust, moves and losses of blocks that are gone are named, before and after each block', async () => {
    await pay(5_000_001n);
    await pay(7n, 'dust');
    await pay(1_000_003n, 'nobody');
    await pay(2_000_000n, 'to cold', n.people.cold.address);
    await announceTheft(n, theft(n, transfer(n, n.people.hot, n.people.cold.address, 3_000_000n)));
    await announceTheft(n, theft(n, transfer(n, n.people.hot, n.people.treasury.address, 4_000_000n)));
    await announceTheft(n, theft(n, transfer(n, n.people.hot, n.people.hot.address, 1_000_000n)));
    await harvest(4);
    await scan();
    const holdings = async () => (await state()).assets[0]?.holdings;
    expect(await holdings()).toMatchObject([{ wallet: 'cold-xem', unsettled: 0n }, {}]);
    // In the new chain it all comes again in the newest block, which is not deep enough to be booked.
    const to = n.nodes[0].core.chain.last().block.height - 4;
    for (const { core } of n.nodes) core.rewind(to, 'pending');
    n.pass(7);
    const waiting = n.nodes[0].core.pool.list();
    for (const { core } of n.nodes) core.pool.clear();
    await look();
    await harvest(3);
    n.nodes[0].core.pool.addReverted(waiting);
    await harvest(1);
    await scanLookingOn();
    expect(await holdings()).toMatchObject([{ wallet: 'cold-xem', unsettled: 5_000_000n }, {}]);
    await harvest(2);
    await scanLookingOn();
    expect(await holdings()).toMatchObject([{ wallet: 'cold-xem', unsettled: 0n }, {}]);
    await fork(6, 'forgotten');
    await scanLookingOn();
    await harvest(2);
    await scanLookingOn();
    expect(await verify(n.t.database.prover)).toMatchObject({ kind: 'verified' });
  });
});

describe('a statement made while a block is booked', () => {
  it('is of the moment before or after it, never of both', async () => {
    const before = compared;
    for (let blocks = 0; blocks < 12; blocks += 1) {
      await pay(BigInt(1_000_000 + blocks));
      await harvest();
      await scanLookingOn();
    }
    // More than one statement for each block.
    expect(compared - before).toBeGreaterThan(24);
  }, 60_000);
});

/** One thing that happens on a day; the statement is looked at after each. */
type Event =
  | { readonly kind: 'deposit'; readonly units: number; readonly to: 'alice' | 'nobody' | 'cold' }
  | { readonly kind: 'withdraw'; readonly xem: number }
  | { readonly kind: 'work' }
  | { readonly kind: 'sweep' }
  | { readonly kind: 'theft'; readonly units: number; readonly to: 'cold' | 'hot' | 'stranger' }
  | { readonly kind: 'block'; readonly blocks: number }
  | { readonly kind: 'scan' }
  | { readonly kind: 'fork'; readonly depth: number; readonly dropped: 'pending' | 'forgotten' };

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('deposit' as const),
      units: fc.oneof(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 100_000, max: 9_000_000 })),
      to: fc.constantFrom('alice', 'nobody', 'cold'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('withdraw' as const), xem: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'work' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'sweep' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('theft' as const),
      units: fc.integer({ min: 0, max: 3_000_000 }),
      to: fc.constantFrom('cold', 'hot', 'stranger'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('block' as const), blocks: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'scan' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fork' as const),
      depth: fc.integer({ min: 1, max: 5 }),
      dropped: fc.constantFrom('pending', 'forgotten'),
    }),
  },
);

const payments: string[] = [];

/** Of customers and of the house. */
async function openPayments(): Promise<readonly string[]> {
  const { rows } = await n.t.database.admin.query<{ id: string }>(
    "select id from custody.withdrawal where state not in ('final', 'refused', 'returned', 'disputed')",
  );
  return rows.map(({ id }) => id);
}

async function sweeps(): Promise<number> {
  const { rowCount } = await n.t.database.admin.query(
    "select from custody.withdrawal where reason = 'sweep' and state = 'final'",
  );
  return rowCount ?? 0;
}

async function happen(one: Event): Promise<void> {
  const { hot, cold, treasury } = n.people;
  switch (one.kind) {
    case 'deposit':
      await pay(
        BigInt(one.units),
        one.to === 'alice' ? message : 'nobody',
        one.to === 'cold' ? cold.address : hot.address,
      );
      return;
    case 'withdraw': {
      const body = (await n.t.ask({ path: '/v1/customers/alice/balances' })).body as {
        balances: { available: string }[];
        held: string | null;
      };
      if (body.held !== null || BigInt(body.balances[0]?.available ?? '0') < 6_000_000n) return;
      payments.push(await withdraw(n, 'alice', String(one.xem)));
      return;
    }
    case 'work':
      for (const id of await openPayments()) await advance(n.t.house, id).catch(() => {});
      return announceVanished(n.t.house);
    case 'sweep':
      return tendTreasury(n.t.house);
    case 'theft':
      await announceTheft(
        n,
        theft(
          n,
          transfer(n, n.people.hot, { cold, hot, stranger: treasury }[one.to].address, BigInt(one.units)),
        ),
      ).catch(() => {});
      return;
    case 'block':
      return harvest(one.blocks);
    case 'scan':
      return scanLookingOn();
    case 'fork':
      return fork(one.depth, one.dropped);
    default:
      return one satisfies never;
  }
}

describe('a lively day', () => {
  it('whatever happens in whatever order, the equation holds after each of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 20, maxLength: 40 }), async (day) => {
        for (const one of day) {
          // A verdict on a hash is remembered for ten minutes, and a time is another hash.
          n.pass(1);
          await happen(one);
          await holds();
        }
      }),
      { numRuns: 5, interruptAfterTimeLimit: 60_000 },
    );
    expect(byTower.size).toBeGreaterThan(20);
    const states = await statesOf(n, payments);
    expect({
      compared: compared > 100,
      lagging: lagging > 0,
      unsettled: unsettled > 0,
      swept: (await sweeps()) > 0,
      states,
    }).toMatchObject({
      compared: true,
      lagging: true,
      unsettled: true,
      swept: true,
    });
  }, 120_000);
});
