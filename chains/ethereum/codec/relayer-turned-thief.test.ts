/** Whoever has the relayer's key, or asks it: it pays for gas, within its caps, and can do nothing else. */
import { ETH } from '@kuramori/core';
import { describe, expect, it } from 'vitest';
import { customer, hot, ownerNamed, owners, paymentOf, secretNamed, usdt } from './house.testing.ts';
import {
  combine,
  encodeExecution,
  encodeSweep,
  encodeTransaction,
  judgeRelay,
  readExecution,
  readPlan,
  relayerOf,
  saltOf,
  signRelay,
  sweepFactory,
  type Address,
  type Planned,
  type RelayApproved,
  type Transaction,
} from './index.ts';

const secret = secretNamed('relayer');
const relayer = relayerOf(secret);
const caps = { gasLimit: 300_000n, maxFeePerGas: 50_000_000_000n };
const planned = paymentOf({ asset: ETH });

function combined({ plan, shares }: Planned): string {
  const signatures = new Map(
    shares.map(({ key, share }) => [
      key,
      owners.find(({ publicKey }) => publicKey === key)?.sign(plan, share) ?? '',
    ]),
  );
  const result = combine(hot, plan, signatures);
  if (result.kind === 'refused') throw new Error(result.why);
  return result.calldata;
}

const honest: Transaction = {
  chainId: 31_337n,
  nonce: 4n,
  maxPriorityFeePerGas: 1_000_000_000n,
  maxFeePerGas: 20_000_000_000n,
  gasLimit: 150_000n,
  to: hot.address as Address,
  value: 0n,
  data: combined(planned),
};
const judge = (change: Partial<Transaction> = {}, plan: string | null = planned.plan) =>
  judgeRelay(
    hot,
    { transaction: encodeTransaction({ ...honest, ...change }), plan },
    relayer,
    'devnet',
    caps,
  );

const sweep = encodeSweep(hot.address as Address, [
  { salt: saltOf('devnet', { exchange: 'kura', customer: 'c', number: 0 }), token: usdt as Address },
]);

describe('signs', () => {
  it.each([
    ['an execution', {}, planned.plan, 'execution'],
    ['a sweep of deposits to this Safe', { to: sweepFactory, data: sweep }, null, 'sweep'],
    ['nothing to itself, to fill a gap', { to: relayer, data: '' }, null, 'gap'],
  ] as const)('%s', (_, change, plan, does) => {
    const judged = judge(change, plan);
    expect(judged).toMatchObject({ kind: 'approved', does });
    if (judged.kind === 'approved') expect(signRelay(secret, judged.approved).raw).toMatch(/^02/);
  });
});

describe('refuses', () => {
  const other = paymentOf({ asset: ETH, units: 2n });
  const read = readExecution(honest.data);
  if (read.kind === 'refused') throw new Error(read.why);
  const { tx, signatures } = read.execution;
  const written = (change: { readonly signatures?: string; readonly value?: bigint }) =>
    encodeExecution({
      tx: { ...tx, value: change.value ?? tx.value },
      signatures: change.signatures ?? signatures,
    });
  const [one, two] = [signatures.slice(0, 130), signatures.slice(130)];
  const thief = ownerNamed('thief').publicKey as Address;

  it.each([
    ['coins of its own', { value: 1n }, planned.plan, 'value: sends 1 wei'],
    ['another chain', { chainId: 1n }, planned.plan, 'chainId: 1'],
    ['more gas than its cap', { gasLimit: 300_001n }, planned.plan, 'gasLimit'],
    ['a higher price than its cap', { maxFeePerGas: caps.maxFeePerGas + 1n }, planned.plan, 'maxFeePerGas'],
    [
      'a tip above the price',
      { maxPriorityFeePerGas: 20_000_000_001n },
      planned.plan,
      'maxPriorityFeePerGas',
    ],
    ['somebody else', { to: thief, data: '' }, null, 'is neither the Safe'],
    ['a token’s transfer', { to: usdt as Address }, null, 'is neither the Safe'],
    ['a call of the Safe that is no execution', { data: 'd4d9bdcd' }, planned.plan, 'is not execTransaction'],
    ['coins to the Safe by no call', { data: '' }, planned.plan, 'is not execTransaction'],
    ['an execution without its plan', {}, null, 'plan: is not given'],
    ['an execution of another plan', {}, other.plan, 'executes another transaction'],
    [
      'another amount than was signed',
      { data: written({ value: 5n }) },
      planned.plan,
      'executes another transaction',
    ],
    ['signatures turned round', { data: written({ signatures: two + one }) }, planned.plan, 'GS026'],
    ['one owner twice', { data: written({ signatures: one + one }) }, planned.plan, 'GS026'],
    ['one signature', { data: written({ signatures: one }) }, planned.plan, 'must be 2 of 65 bytes'],
    [
      'three signatures',
      { data: written({ signatures: one + two + two }) },
      planned.plan,
      'must be 2 of 65 bytes',
    ],
    [
      'an approved hash',
      {
        data: written({
          signatures: `${'0'.repeat(24)}${relayer.slice(2).toLowerCase()}${'0'.repeat(64)}01${two}`,
        }),
      },
      planned.plan,
      'number 1 is not a signature of ours',
    ],
    ['bytes behind the arguments', { data: `${honest.data}00` }, planned.plan, 'not in its one form'],
    [
      'a sweep to another Safe',
      { to: sweepFactory, data: encodeSweep(thief, []) },
      null,
      'sweeps no deposits of this Safe',
    ],
    [
      'bytes behind a sweep',
      { to: sweepFactory, data: `${sweep}00` },
      null,
      'sweeps no deposits of this Safe',
    ],
    ['a sweep with a plan', { to: sweepFactory, data: sweep }, planned.plan, 'does not go to the Safe'],
    ['a gap with data', { to: relayer, data: '00' }, null, 'a gap is filled with none'],
  ] as const)('%s', (_, change, plan, why) => {
    expect(judge(change, plan)).toEqual({ kind: 'refused', why: expect.stringContaining(why) });
  });

  it('every flipped bit of an execution is refused, or is a number of its own', () => {
    const hex = encodeTransaction(honest);
    for (let bit = 0; bit < hex.length * 4; bit += 3) {
      const bytes = Uint8Array.fromHex(hex);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const transaction = bytes.toHex();
      const judged = judgeRelay(hot, { transaction, plan: planned.plan }, relayer, 'devnet', caps);
      if (judged.kind === 'refused') continue;
      const { nonce, maxFeePerGas, maxPriorityFeePerGas, gasLimit, ...rest } = judged.approved.transaction;
      expect(rest).toEqual({ chainId: honest.chainId, to: honest.to, value: 0n, data: honest.data });
      expect(maxFeePerGas <= caps.maxFeePerGas && gasLimit <= caps.gasLimit).toBe(true);
      expect([nonce, maxFeePerGas, maxPriorityFeePerGas, gasLimit]).not.toEqual([
        honest.nonce,
        honest.maxFeePerGas,
        honest.maxPriorityFeePerGas,
        honest.gasLimit,
      ]);
    }
  });

  it('what nobody judged, what was judged for another key, and what is signed already', () => {
    const judged = judge();
    if (judged.kind === 'refused') throw new Error(judged.why);
    const forged = { ...judged.approved } as RelayApproved;
    expect(() => signRelay(secret, forged)).toThrow('nobody approved');
    expect(() => signRelay(secretNamed('thief'), judged.approved)).toThrow('another key');
    const { raw } = signRelay(secret, judged.approved);
    expect(judgeRelay(hot, { transaction: raw, plan: planned.plan }, relayer, 'devnet', caps)).toMatchObject({
      why: 'transaction: is signed already',
    });
  });

  it('a plan that two owners would not have signed', () => {
    const bound = readPlan(planned.plan);
    if (bound.kind === 'refused') throw new Error(bound.why);
    expect(judge({ to: customer as Address })).toMatchObject({ kind: 'refused' });
    const stranger = { ...hot, cosigners: hot.cosigners.slice(1) };
    const transaction = encodeTransaction(honest);
    expect(judgeRelay(stranger, { transaction, plan: planned.plan }, relayer, 'devnet', caps)).toMatchObject({
      why: expect.stringContaining('who is no owner'),
    });
  });
});
