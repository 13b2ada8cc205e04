/** What one taken co-signer, the exchange's key, strangers' dust and a wait can do to the treasury: nothing that costs customers. */
import { join } from 'node:path';
import { call } from '@kuramori/chains/http';
import { nemTimeOf } from '@kuramori/chains/nem/codec';
import {
  entryHash,
  parseAmount,
  signerRoutes,
  signStatement,
  sweepIntent,
  treasuryId,
  watchtowerRoutes,
  XEM,
  type Entry,
  type Policy,
  type SignedEntry,
} from '@kuramori/core';
import { loss, move } from '@kuramori/ledger';
import { serveRoutes } from '@kuramori/program';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { House } from '../house.ts';
import { openNeighbourhood, transfer, until, type Neighbourhood } from '../testing/neighbourhood.ts';
import { changed, bookOwnFunds } from '../testing/house.ts';
import { announceTheft, theft } from '../testing/theft.ts';
import { drive, show, withdraw } from '../testing/withdrawals.ts';
import { tendTreasury } from '../treasury.ts';
import { advance } from '../withdrawal.ts';
import { openJournals } from '../withdrawals/journals.ts';
import { planAt } from '../chains/nem/plan.ts';
import { TreasuryConfig } from './config.ts';
import { standing } from './standing.ts';

const xem = (text: string) => parseAmount(text, XEM);
const sweep = { to: ['cold-xem'], perDay: { count: 3, fees: xem('50') }, leave: xem('50') };

let n: Neighbourhood;
const open: AsyncDisposable[] = [];
beforeEach(async () => {
  n = await openNeighbourhood({
    policy: (policy: Policy) => ({ ...policy, rules: policy.rules.map((rule) => ({ ...rule, sweep })) }),
    treasury: { refillHours: 1, leastOutflow: [{ asset: XEM, perHour: xem('100').toString() }] },
  });
  await n.t.rich('alice', '10000');
  await bookOwnFunds(n.t.database.custody, '10');
});
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
  await n[Symbol.asyncDispose]();
});

interface Row {
  readonly id: string;
  readonly amount: string;
  readonly state: string;
  readonly why: string | null;
}
const rows = async (sql: string) => (await n.t.database.admin.query<Row>(sql)).rows;
const sweeps = () =>
  rows("select id, amount::text, state, why from custody.withdrawal where reason = 'sweep' order by number");
const refills = () =>
  rows('select id, amount::text, state, why from custody.refill order by asked_at, number');
const notices = () =>
  rows(
    'select key as id, severity as state, what as why, 0::text as amount from custody.notice where over_at is null order by id',
  );
async function toCold(units: string): Promise<void> {
  const answer = await move(n.t.database.custody, {
    id: `moved:${units}`,
    about: 'moved',
    asset: XEM,
    units: xem(units),
    from: { kind: 'hot', wallet: 'hot-xem' },
    to: { kind: 'cold', wallet: 'cold-xem' },
    fee: 0n,
  });
  expect(answer.kind).toBe('posted');
}

/** Custody beside a signer-1 that was taken: in its journal stands a sweep that nobody else has heard of. */
async function besideTaken(number: number, amount: bigint): Promise<House> {
  const { house } = n.t;
  const status = await call(house.signers.get('signer-1'), signerRoutes.status, {});
  const asked = { wallet: 'hot-xem', nonces: ['0'.repeat(32)], plans: [] };
  const fact = await call({ socket: join(n.t.folder, 'tower') }, watchtowerRoutes.fact, asked);
  const cold = house.policy.wallets.find(({ role }) => role === 'cold');
  if (status.kind !== 'status' || fact.kind !== 'fact' || !cold) throw new Error('a house in order');
  const expiry = Math.floor(house.clock.now() / 1000) + 86_400;
  const intent = sweepIntent(house.hot, cold, { number, asset: XEM, amount, feeCap: xem('1'), expiry });
  const keys = house.hot.cosigners.flatMap(({ signer, publicKey }) => (signer === null ? [] : publicKey));
  const planned = planAt(house, intent, keys, nemTimeOf(house.clock.now()));
  if (planned.kind !== 'planned') throw new Error(planned.why);
  const { plan } = planned.planned;
  const entry: Entry = {
    v: 1,
    signer: 'signer-1',
    seq: status.seq + 1,
    prev: status.head,
    at: house.clock.now(),
    policy: house.policyDigest,
    grounds: ['rule hot-xem nem:xem'],
    body: {
      kind: 'payment',
      wallet: 'hot-xem',
      intents: [{ intent, authority: { kind: 'treasury', number }, approvals: [] }],
      plan,
      share: plan,
      facts: [fact.fact],
    },
  };
  const record: SignedEntry = { entry, signature: signStatement(n.t.records[0], 'journal-entry', entry) };
  const taken = { socket: join(n.t.folder, 'taken') };
  const server = await serveRoutes(
    taken,
    { status: signerRoutes.status, journal: signerRoutes.journal },
    {
      status: () => ({ ...status, seq: entry.seq, head: entryHash(entry) }),
      journal: () => ({ kind: 'entries' as const, entries: [record] }),
    },
  );
  open.push({ [Symbol.asyncDispose]: () => server.close() });
  return changed(house, {
    journals: openJournals(),
    signers: new Map([...house.signers, ['signer-1', taken]]),
  });
}

describe('one taken co-signer', () => {
  it.each([
    ['of more than there is', 1, 8_000_000_000_000_000n],
    ['of nothing', 1, 0n],
    ['far ahead', 1_500_000, xem('10')],
    ['ahead of all others', 1_001, xem('10')],
    ['with a number that no column holds', 9_007_199_254_740_991, xem('10')],
  ])('writes down a sweep %s: nobody countersigned it, so it is none', async (_what, number, amount) => {
    await toCold('9900');
    const house = await besideTaken(number, amount);
    expect(await house.journals.read(house)).toMatchObject({ read: true, forgotten: 0 });
    await tendTreasury(house);
    expect(await sweeps()).toEqual([]);
    expect(await refills()).toEqual([]);
    // And the honest ones go on where they were.
    await n.t.rich('bob', '500');
    await tendTreasury(n.t.house);
    expect((await sweeps()).map(({ id }) => id)).toEqual([treasuryId('sweep', 'hot-xem', 1)]);
  });
});

describe('the exchange’s key', () => {
  it('cannot take a sweep back', async () => {
    await tendTreasury(n.t.house);
    const [made] = await sweeps();
    const path = `/v1/withdrawals/${made?.id}/cancel`;
    expect(await n.t.ask({ path, body: {} })).toMatchObject({ status: 404 });
    expect((await sweeps())[0]?.state).toBe('screened');
  });
});

describe('frozen', () => {
  it('nothing is swept, no vault is asked to fill the wallet, and somebody must come', async () => {
    await announceTheft(n, theft(n, transfer(n, n.people.hot, n.people.treasury.address, 3_000_000n)));
    await until('the freeze', async () => n.tower.status().frozen !== null);
    await toCold('9980');
    await tendTreasury(n.t.house);
    expect(await sweeps()).toEqual([]);
    expect(await refills()).toEqual([]);
    expect(await notices()).toMatchObject([
      {
        id: 'treasury-moves:stands-still',
        state: 'grave',
        why: expect.stringMatching(/^frozen: .*no vault may sign/),
      },
    ]);
  });
});

describe('a sweep on its way', () => {
  it('is hot no more once its block is booked, however late its own story ends', async () => {
    await tendTreasury(n.t.house);
    const [made] = await sweeps();
    await drive(n, made?.id ?? '', 'sent');
    await n.harvest(2);
    await n.watched();
    await n.scan();
    expect((await sweeps())[0]?.state).not.toBe('final');
    const { assets } = await standing(n.t.house);
    expect(assets).toMatchObject([{ hot: xem('100'), sweeping: 0n }]);
    await tendTreasury(n.t.house);
    expect(await refills()).toEqual([]);
  });

  it('that waited until its coins were promised to customers is not planned', async () => {
    await tendTreasury(n.t.house);
    const [made] = await sweeps();
    for (let count = 0; count < 2; count += 1) await withdraw(n, 'alice', '4900');
    await advance(n.t.house, made?.id ?? '');
    await advance(n.t.house, made?.id ?? '');
    expect(await show(n, made?.id ?? '')).toMatchObject({
      state: 'returned',
      transaction: null,
      why: expect.stringMatching(/are promised to customers by now/),
    });
    expect(await refills()).toEqual([]);
  });
});

describe('dust', () => {
  it('is not worth a sweep, so strangers do not use up the day’s', async () => {
    // The policy leaves more than may be hot, so whatever comes is at once too much.
    await toCold('9410');
    const { policy } = n.t.house;
    const rules = policy.rules.map((rule) => ({ ...rule, sweep: { ...sweep, leave: xem('600') } }));
    const treasury = TreasuryConfig.parse({
      leastOutflow: [{ asset: XEM, perHour: xem('5000').toString() }],
    });
    const house = changed(n.t.house, { policy: { ...policy, rules }, treasury });
    for (let count = 0; count < 3; count += 1) {
      await n.t.rich('mallory', '1');
      await tendTreasury(house);
    }
    expect(await sweeps()).toEqual([]);
    expect((await notices()).map(({ id }) => id)).toContain('treasury-moves:leave-above-limit:nem:xem');
    await n.t.rich('carol', '20');
    await tendTreasury(house);
    expect(await sweeps()).toHaveLength(1);
  });
});

describe('own funds that cannot bear the fee', () => {
  it('nothing is swept at the customers’ cost', async () => {
    // What customers are owed is all there is.
    await loss(n.t.database.custody, {
      id: 'lost',
      about: 'lost',
      asset: XEM,
      units: xem('10'),
      from: { kind: 'hot', wallet: 'hot-xem' },
    });
    await tendTreasury(n.t.house);
    expect(await sweeps()).toEqual([]);
    expect(await notices()).toContainEqual(
      expect.objectContaining({ id: 'treasury-moves:no-own-funds:nem:xem', state: 'grave' }),
    );
  });
});

describe('a refill that is asked', () => {
  it('may still come, so only what is missing beside it is asked again; until no vault can sign it any more', async () => {
    await toCold('9990');
    await tendTreasury(n.t.house);
    expect(await refills()).toMatchObject([{ amount: xem('80').toString(), state: 'asked' }]);
    await withdraw(n, 'alice', '400');
    await tendTreasury(n.t.house);
    const [first, second, ...more] = await refills();
    expect(more).toEqual([]);
    expect(first?.state).toBe('asked');
    // 401 are promised, and so much is now expected in an hour: 802, of which 20 are there and 80 are coming.
    expect(second).toMatchObject({
      amount: xem('702').toString(),
      why: expect.stringMatching(/asked for already|promised/),
    });
    await tendTreasury(n.t.house);
    expect(await refills()).toHaveLength(2);
    // Their time is over, and blocks are read in which they could have come.
    n.pass(73 * 3600);
    await tendTreasury(n.t.house);
    expect((await refills()).map(({ state }) => state)).toEqual(['asked', 'asked']);
    await n.harvest(2);
    await n.watched();
    await n.scan();
    await tendTreasury(n.t.house);
    expect((await refills()).map(({ state }) => state)).toEqual(['expired', 'expired', 'asked']);
  });
});
