/** Whatever the Safe would count is seen: other kinds of signatures, other layouts of the same call. */
import { ETH } from '@kuramori/core';
import { encodeFunctionData, parseAbi } from 'viem';
import { describe, expect, it } from 'vitest';
import { hot, owners, paymentOf, secretNamed } from './house.testing.ts';
import {
  agreementsOf,
  combine,
  encodeExecution,
  readAnnounced,
  readExecution,
  readPlan,
  safeHash,
} from './index.ts';
import { ethSignHash } from './signature.ts';
import { signHash } from './signing.ts';

const planned = paymentOf({ asset: ETH });
const { plan, shares } = planned;
const read = readPlan(plan);
if (read.kind === 'refused') throw new Error(read.why);
const { bound } = read;
const signatures = new Map(
  shares.map(({ key, share }) => [
    key,
    owners.find(({ publicKey }) => publicKey === key)?.sign(plan, share) ?? '',
  ]),
);
const made = combine(hot, plan, signatures);
if (made.kind === 'refused') throw new Error(made.why);
const { calldata } = made;

describe('combined signatures', () => {
  it('are in the contract’s ABI, as another program encodes it', () => {
    const abi = parseAbi([
      'function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures)',
    ]);
    const { tx } = bound;
    const seen = readExecution(calldata);
    if (seen.kind === 'refused') throw new Error(seen.why);
    const theirs = encodeFunctionData({
      abi,
      args: [
        tx.to as `0x${string}`,
        tx.value,
        `0x${tx.data}`,
        0,
        0n,
        0n,
        0n,
        tx.gasToken as `0x${string}`,
        tx.refundReceiver as `0x${string}`,
        `0x${seen.execution.signatures}`,
      ],
    });
    expect(`0x${calldata}`).toBe(theirs);
  });

  it('are none with one too few, one too many, a stranger’s, or over other bytes', () => {
    const [[first, by] = ['', ''], [second, other] = ['', '']] = [...signatures];
    const third = owners[2]?.publicKey ?? '';
    for (const [given, why] of [
      [[[first, by]], 'the Safe asks for 2'],
      [
        [
          [first, by],
          [second, by],
        ],
        'signed other bytes',
      ],
      [
        [
          [first, by],
          [second, other],
          ['0x00', other],
        ],
        'is no owner',
      ],
      [
        [
          [first, by],
          [third, other],
        ],
        'signed other bytes',
      ],
    ] as const)
      expect(combine(hot, plan, new Map(given as never))).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining(why),
      });
  });
});

describe('every kind of agreement is named with its owner', () => {
  const hash = safeHash(bound);
  const [first = '', second = ''] = owners.map(({ publicKey }) => publicKey);
  const padded = (address: string) => address.slice(2).toLowerCase().padStart(64, '0');
  const by = signHash(secretNamed('owner 2'), Uint8Array.fromHex(ethSignHash(hash)));

  it.each([
    ['hash', signatures.get(first) ?? '', first],
    ['eth-sign', by.rs + (31 + by.recovery).toString(16), second],
    ['approved-hash', `${padded(second)}${'0'.repeat(64)}01`, second],
    ['contract', `${padded(second)}${'82'.padStart(64, '0')}00`, second],
    ['hash', `${'00'.repeat(64)}1b`, null],
    ['hash', `${(signatures.get(first) ?? '').slice(0, 128)}02`, null],
  ])('%s', (kind, signature, owner) => {
    expect(agreementsOf(bound, signature, 1)).toMatchObject([{ kind, owner }]);
  });

  it('only the first as many as the threshold, whatever follows', () => {
    const both = [...signatures.values()].join('');
    expect(agreementsOf(bound, both, 1)).toHaveLength(1);
    expect(agreementsOf(bound, `${both}00`, 2)).toHaveLength(2);
    expect(agreementsOf(bound, both, 3)).toHaveLength(2);
  });
});

describe('another layout of the same call', () => {
  it('is read as the contract reads it, and said not to be ours', () => {
    const seen = readExecution(calldata);
    if (seen.kind === 'refused') throw new Error(seen.why);
    expect(seen.canonical).toBe(true);
    // Trailing bytes, and a gap of a word before the signatures.
    const body = calldata.slice(8);
    const gap = `${calldata.slice(0, 8)}${body.slice(0, 9 * 64)}${(0x180).toString(16).padStart(64, '0')}${body.slice(640, 704)}${'ab'.repeat(32)}${body.slice(704)}`;
    for (const other of [`${calldata}00`, gap])
      expect(readExecution(other)).toEqual({ ...seen, canonical: false });
  });

  it.each([
    ['cut', calldata.slice(0, 500)],
    ['another function', `00${calldata.slice(2)}`],
    [
      'an offset beyond the end',
      `${calldata.slice(0, 8 + 2 * 64)}${'f'.repeat(64)}${calldata.slice(8 + 3 * 64)}`,
    ],
    ['bytes before an address', `${calldata.slice(0, 8)}01${calldata.slice(10)}`],
  ])('%s is refused, and so an alarm', (_, other) => {
    expect(readExecution(other).kind).toBe('refused');
    expect(readAnnounced(other.slice(8))).toBeUndefined();
  });

  it('delegatecalls and refunds are read too: the watchtower must see what was done', () => {
    const { nonce: _, ...tx } = bound.tx;
    const hostile = { tx: { ...tx, operation: 1, gasPrice: 9n, data: 'c0ffee' }, signatures: 'ab' };
    expect(readExecution(encodeExecution(hostile))).toEqual({
      kind: 'execution',
      canonical: true,
      execution: hostile,
    });
  });
});
