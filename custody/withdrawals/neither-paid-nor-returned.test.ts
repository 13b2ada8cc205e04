/** Invariant 5, the other half: what is not paid comes back to the customer, and never before it can no longer be paid. */
import { encode, explain, minimumFee, sign, type Multisig } from '@kuramori/chains/nem/codec';
import { nemNode } from '@kuramori/chains/nem/node';
import { signerRoutes, signStatement } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { verify } from '@kuramori/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Branch } from '../branch.ts';
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
  // A new destination gets at most 0.4 %, four thousand: so there is something that custody takes and the signers refuse.
  n = await openNeighbourhood({
    policy: (usual) => ({
      ...usual,
      rules: usual.rules.map((rule) => ({
        ...rule,
        firstSeen: { hours: 24, shareBps: 40 },
      })),
    }),
  });
  await n.t.rich('alice', '10000');
  cutOff = withNodes(
    n.t.house,
    ['http://127.0.0.1:1', 'http://127.0.0.1:2'].map((url) => nemNode(url, 'testnet')),
  );
});
afterAll(() => n[Symbol.asyncDispose]());

const received = () => n.balance(n.people.treasury.address);

test('what signers refuse for good is returned at once, and nothing was signed', async () => {
  const before = await balanceOf(n, 'alice');
  const id = await withdraw(n, 'alice', '4500');
  expect(await balanceOf(n, 'alice')).not.toEqual(before);
  const refused = await drive(n, id, 'refused');
  expect(refused).toMatchObject({ why: expect.stringMatching(/over-first-seen-share/), announcements: [] });
  expect(await balanceOf(n, 'alice')).toEqual(before);
  const { rows } = await n.t.database.admin.query(
    'select count(*) as n from custody.signature where withdrawal = $1',
    [id],
  );
  expect(rows).toEqual([{ n: '0' }]);
});

test('sent, no answer: the debit stays, until the chain says that it was paid', async () => {
  const before = await received();
  const id = await withdraw(n, 'alice', '20');
  const unknown = await drive(n, id, 'unknown', cutOff);
  expect(unknown.announcements.map(({ part, code }) => ({ part, code }))).toEqual([
    { part: 0, code: null },
    { part: 0, code: null },
  ]);
  expect((await balanceOf(n, 'alice')).held).toBe('21000000');
  await drive(n, id, 'sent');
  await n.harvest(2);
  await n.watched();
  await n.scan();
  await drive(n, id, 'final');
  expect((await received()) - before).toBe(20_000_000n);
});

test('never announced: expired when the watchtowers call it dead and every block was read, and not a moment before; then taken back', async () => {
  const before = await balanceOf(n, 'alice');
  const id = await withdraw(n, 'alice', '30');
  const { validUntil } = await drive(n, id, 'unknown', cutOff);
  const { rows: parts } = await n.t.database.admin.query<{ share: string; signature: string }>(
    'select share, signature from custody.signature where withdrawal = $1 order by part',
    [id],
  );
  n.pass(2 * 3600 + 1);
  await n.harvest();
  await n.watched();
  // Past its deadline, and within the depth of a rewrite.
  await advance(cutOff, id);
  expect(await show(n, id)).toMatchObject({ state: 'unknown' });
  n.pass(deadMargin + 1);
  await n.harvest(rewriteDepth);
  await n.watched();
  await advance(cutOff, id);
  expect(await show(n, id), 'its blocks are not read yet').toMatchObject({ state: 'unknown' });
  expect((await balanceOf(n, 'alice')).held).not.toBe('0');
  await n.scan();
  const expired = await drive(n, id, 'expired', cutOff);
  expect(expired.why).toMatch(/can never confirm/);
  expect((await balanceOf(n, 'alice')).held).toBe('31000000');
  expect(await n.t.ask({ path: `/v1/withdrawals/${id}/cancel`, body: {} })).toMatchObject({
    status: 200,
    body: { state: 'returned' },
  });
  expect(await balanceOf(n, 'alice')).toEqual(before);
  await advance(n.t.house, id);
  expect(await show(n, id)).toMatchObject({ state: 'returned' });
  // Whoever finds the signed bytes now has nothing: FAILURE_PAST_DEADLINE.
  expect(validUntil).toBeGreaterThan(0);
  const answer = await n.t.nodes[0]?.announce({
    data: parts[0]?.share ?? '',
    signature: parts[0]?.signature ?? '',
  });
  expect(answer).toMatchObject({ kind: 'read', value: { code: 3 } });
});

test('paid inside a wrapper that a thief made: not returned, settled, and the thief’s fee is not the customer’s', async () => {
  const before = await received();
  const { balance } = await balanceOf(n, 'alice');
  const id = await withdraw(n, 'alice', '40');
  await drive(n, id, 'signed', n.t.house, 1);
  const { rows } = await n.t.database.admin.query<{ share: string; signature: string }>(
    'select share, signature from custody.signature where withdrawal = $1 order by part',
    [id],
  );
  const [wrapper, cosignature] = rows;
  const read = explain(Uint8Array.fromHex(wrapper?.share ?? ''), 'testnet');
  if (read.kind === 'refused' || read.transaction.kind !== 'multisig' || !cosignature)
    throw new Error('a plan is a wrapper');
  // The vault's key is stolen: its holder wraps our inner transaction with a fee of 50 XEM, and re-uses a cosignature.
  const thief = n.people.cosigners[2];
  const stolen: Multisig = { ...read.transaction, signer: thief.publicKey, fee: 50_000_000n };
  const bytes = encode(stolen);
  const [node] = n.t.nodes;
  expect(minimumFee(stolen)).toBeLessThan(stolen.fee);
  expect(
    await node?.announce({ data: bytes.toHex(), signature: sign(thief.privateKey, bytes) }),
  ).toMatchObject({ value: { code: 1 } });
  expect(await node?.announce({ data: cosignature.share, signature: cosignature.signature })).toMatchObject({
    value: { code: 1 },
  });
  await n.harvest(2);
  await n.watched();
  await n.scan();
  const settled = await drive(n, id, 'final');
  expect(settled.fee).toBe(String(50_000_000n + 250_000n - 50_000n));
  expect((await received()) - before).toBe(40_000_000n);
  // Amount and fee cap; the rest of the fee is the house's loss.
  expect(BigInt(balance) - BigInt((await balanceOf(n, 'alice')).balance)).toBe(41_000_000n);
  const { body } = await n.t.ask({ path: '/v1/status' });
  expect(body['accounts']).toContainEqual({
    kind: 'own-funds',
    owner: '',
    asset: 'nem:xem',
    balance: '-49200000',
  });
});

test('frozen: nothing is planned, and the money comes back when its time is over', async () => {
  const freeze = { by: n.t.tower.publicKey, at: n.t.clock.ms, why: 'a test' };
  const signed = { freeze, signature: signStatement(n.t.tower, 'freeze', freeze) };
  for (const socket of n.t.house.signers.values()) await call(socket, signerRoutes.freeze, signed);
  const before = await balanceOf(n, 'alice');
  const id = await withdraw(n, 'alice', '50');
  for (let steps = 0; steps < 3; steps += 1) await advance(n.t.house, id);
  expect(await show(n, id)).toMatchObject({ state: 'screened', waiting: expect.stringMatching(/frozen/) });
  await until('idleness', async () => {
    const response = await n.t.app.request('http://127.0.0.1/v1/idle');
    return ((await response.json()) as { idle: boolean }).idle;
  });
  n.pass(24 * 3600);
  await drive(n, id, 'returned');
  expect(await balanceOf(n, 'alice')).toEqual(before);
  const findings = await verify(n.t.database.prover);
  expect(findings.kind === 'refuted' ? findings.findings : []).toEqual([
    expect.stringMatching(/^claims on nem:xem are/),
  ]);
});
