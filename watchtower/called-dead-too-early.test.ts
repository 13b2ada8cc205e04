/** What a watchtower calls dead: absent in every wrapping, past deadline and margin on one chain; and what it countersigns over it. */
import { afterEach, describe, expect, it } from 'vitest';
import { bytesDigest } from '@kuramori/core';
import { encode, idsOf, planPayment, traceOf, type Multisig, type Trace } from '@kuramori/chains/nem/codec';
import { requestFor } from '../core/testing/house.ts';
import { deadBy, fate, type Deadline } from './chains/nem-fate.ts';
import type { Followed } from './follow.ts';
import { alice, cosigners, hot, lookout, stranger, type Lookout } from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

let l: Lookout | undefined;
afterEach(async () => {
  await l?.[Symbol.asyncDispose]();
  l = undefined;
});

describe('by what its nodes show', () => {
  const deadline = 367_800_000;
  const inner = { ...transfer(hot, alice, 1_000_000n, deadline - 3600), deadline };
  const ours: Multisig = { ...wrapped(cosigners[0], inner, deadline - 3600), deadline };
  const thiefs: Multisig = {
    ...wrapped(cosigners[2], inner, deadline - 3600, 50_000_000n),
    deadline: deadline + 80_000,
  };
  const trace = traceOf(hot, encode(ours).toHex(), 'testnet') as Trace;
  const patience: Deadline = {
    deadMarginSeconds: 600,
    rewriteDepth: 3,
  };
  const at = trace.validUntil;

  /** A node whose blocks have these times, relative to the deadline. */
  function node(times: readonly number[], more: Partial<Followed<unknown>> = {}): Followed<unknown> {
    const blocks = new Map(
      times.map((seconds, index) => [
        100 + index,
        { hash: `${index}`.padStart(64, '0'), time: at + seconds },
      ]),
    );
    return {
      url: 'http://node',
      height: 100 + times.length - 1,
      blocks,
      tipTime: at + (times.at(-1) ?? 0),
      pending: new Map(),
      pendingIds: new Set(),
      confirmed: new Map(),
      error: null,
      caughtUp: true,
      answeredAt: 0,
      ...more,
    };
  }
  const past = [-120, -60, 10, 300, 500, 601, 700];
  const seen = (transaction: Multisig) => new Set(idsOf(transaction));

  it('dead, by the first block after the deadline', () => {
    expect(deadBy([node(past), node(past)], trace, patience)).toEqual({
      height: 102,
      hash: '2'.padStart(64, '0'),
    });
    expect(fate([node(past), node(past)], trace, patience)).toMatchObject({ fate: 'dead' });
  });

  it.each<[string, readonly Followed<unknown>[]]>([
    ['within the margin in time', [node([-120, -60, 10, 300, 500, 599])]],
    ['within the depth of a rewrite', [node([-240, -180, -120, -60, 601])]],
    ['one node is behind', [node(past), node(past.slice(0, 4))]],
    ['in the first node’s memory', [node(past, { pendingIds: seen(ours) }), node(past)]],
    ['in a thief’s wrapper, in one node’s memory', [node(past), node(past, { pendingIds: seen(thiefs) })]],
    ['in a block, in our wrapper', [node(past, { confirmed: new Map([[idsOf(ours)[0] ?? '', 101]]) })]],
    [
      'in a block, in a thief’s wrapper',
      [node(past, { confirmed: new Map([[idsOf(thiefs)[1] ?? '', 103]]) })],
    ],
    [
      'the nodes name two blocks after the deadline',
      [node(past), node(past.map((one, i) => (i === 2 ? -1 : one)))],
    ],
  ])('not dead: %s', (_what, nodes) => {
    expect(deadBy(nodes, trace, patience)).toBeUndefined();
  });

  it('a thief’s wrapper has the same inner transaction, and another hash', () => {
    expect(idsOf(thiefs)[1]).toBe(idsOf(ours)[1]);
    expect(idsOf(thiefs)[0]).not.toBe(idsOf(ours)[0]);
    expect(
      fate([node(past, { confirmed: new Map([[idsOf(thiefs)[1] ?? '', 103]]) })], trace, patience),
    ).toEqual({
      kind: 'fate',
      fate: 'confirmed',
      height: 103,
    });
  });

  it('bytes that pay from another account are no plan of the wallet, so nothing is said of them', () => {
    const foreign = transfer(stranger, alice, 1n, deadline);
    expect(traceOf(hot, encode(foreign).toHex(), 'testnet')).toBeUndefined();
    expect(traceOf(hot, 'ffff', 'testnet')).toBeUndefined();
  });
});

describe('on two real nodes', () => {
  const nonces = ['0'.repeat(32)];
  const deadIn = async (one: Lookout, plan: string) => {
    const fact = await one.tower().fact({ wallet: 'hot', nonces, plans: [plan] });
    if (fact.kind !== 'fact') throw new Error(`${fact.why} ${fact.detail}`);
    return fact.fact.fact.dead;
  };

  it('states it by name when it is so, and again after a restart by the same block', async () => {
    l = await lookout();
    await l.seeing();
    const plan = await l.pay(false);
    expect(await deadIn(l, plan)).toEqual([]);
    for (let blocks = 0; blocks < 3; blocks += 1) await l.harvest();
    l.clock.ms += 3600_000;
    await l.harvest();
    await l.seeing();
    expect(await deadIn(l, plan), 'past its deadline, within the margin').toEqual([]);
    l.clock.ms += 601_000;
    await l.harvest();
    await l.seeing();
    await l.harvest();
    await l.seeing();
    const dead = await deadIn(l, plan);
    expect(dead).toEqual([
      { plan: bytesDigest(plan), proof: { height: expect.any(Number), hash: expect.any(String) } },
    ]);
    await l.stopTower();
    await l.startTower();
    await l.seeing();
    expect(await deadIn(l, plan)).toEqual(dead);
  });

  it('a second transaction is countersigned only where its own eyes see the first dead, whatever facts its record holds', async () => {
    l = await lookout();
    await l.seeing();
    const request = requestFor({ to: alice, at: l.clock.ms });
    const one = await l.record('signer-1', await l.ask('signer-1', 0, request));
    expect(await l.tower().countersign(one)).toMatchObject({ kind: 'countersigned' });
    // Another signer, whose journal knows nothing of the first, is asked for another transaction.
    const other = await l.record('signer-2', await l.ask('signer-2', 5, request));
    expect(await l.tower().countersign(other)).toMatchObject({
      kind: 'refused',
      why: 'paid-by-another-transaction',
      detail: expect.stringMatching(/may still confirm/),
    });
    l.clock.ms += 3600_000 + 601_000;
    for (let blocks = 0; blocks < 4; blocks += 1) await l.harvest();
    await l.seeing();
    // Now both are dead. A third, over facts that say so, is countersigned; and the first never again.
    const [first, second] = [one, other].map(({ entry }) =>
      entry.body.kind === 'payment' ? entry.body.plan : '',
    );
    const ask = await l.ask('signer-1', 0, request);
    const nonce = ask.facts[0]?.fact.nonces ?? [];
    const fact = await l.tower().fact({ wallet: 'hot', nonces: nonce, plans: [first ?? '', second ?? ''] });
    if (fact.kind !== 'fact') throw new Error(fact.why);
    const third = await l.record('signer-1', { ...ask, facts: [fact.fact] });
    expect(await l.tower().countersign(third)).toMatchObject({ kind: 'countersigned' });
    expect(await l.tower().countersign(one)).toMatchObject({ kind: 'refused', why: 'superseded' });
  });
});

it('a plan of ours leaves the same trace as its transaction', () => {
  const wallet = {
    address: hot.address,
    publicKey: hot.publicKey,
    threshold: 2,
    cosigners: cosigners.map(({ publicKey }) => ({ publicKey, signer: null })),
  };
  const planned = planPayment({
    wallet,
    network: 'testnet',
    recipient: alice,
    units: 5n,
    memo: '',
    timeStamp: 367_800_000,
    deadline: 367_803_600,
    keys: cosigners.slice(0, 2).map(({ publicKey }) => publicKey),
  });
  if (planned.kind === 'refused') throw new Error(planned.why);
  expect(traceOf(hot, planned.planned.plan, 'testnet')?.ids).toHaveLength(2);
});
