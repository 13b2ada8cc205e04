/** Calldata that a screen could show as a payment, and that is something else: refused, and the refusal names it. */
import * as fc from 'fast-check';
import { encodeFunctionData, parseAbi } from 'viem';
import { describe, expect, it } from 'vitest';
import { customer, hot, owners, spare, usdt } from './house.testing.ts';
import { callOf, sentinel, type Address, type Call } from './index.ts';
import { readCall } from './calldata.ts';

const safe = hot.address as Address;
const rounds = Number(process.env['KURAMORI_ROUNDS'] ?? 200);
const [first, second] = owners.map(({ publicKey }) => publicKey as Address);
if (!first || !second) throw new Error('no owners');

const payment = {
  kind: 'token',
  token: usdt as Address,
  to: customer as Address,
  units: 1_500_000n,
} as const;
const swap = { kind: 'swap', previous: sentinel, remove: first, add: spare.publicKey as Address } as const;

const abi = parseAbi([
  'function approve(address a, uint256 b)',
  'function increaseAllowance(address a, uint256 b)',
  'function transferFrom(address a, address b, uint256 c)',
  'function permit(address a, address b, uint256 c, uint256 d, uint8 e, bytes32 f, bytes32 g)',
  'function multiSend(bytes a)',
  'function upgradeTo(address a)',
  'function addOwnerWithThreshold(address a, uint256 b)',
  'function removeOwner(address a, address b, uint256 c)',
  'function changeThreshold(uint256 a)',
  'function enableModule(address a)',
  'function disableModule(address a, address b)',
  'function setGuard(address a)',
  'function setModuleGuard(address a)',
  'function setFallbackHandler(address a)',
  'function approveHash(bytes32 a)',
]);
const some: Readonly<Record<string, unknown>> = {
  address: customer,
  uint256: 1n,
  uint8: 27,
  bytes: '0x',
  bytes32: `0x${'11'.repeat(32)}`,
};

describe('what the house does is read, and written the same again', () => {
  const calls: readonly Call[] = [
    { kind: 'coins', to: customer as Address, units: 1n },
    { kind: 'cancellation' },
    payment,
    { ...payment, units: 2n ** 256n - 1n },
    swap,
    { ...swap, previous: second },
  ];
  it.each(calls)('$kind', (call) => {
    expect(readCall(safe, callOf(safe, call))).toEqual(call);
  });

  it('as another program encodes it', () => {
    const theirs = encodeFunctionData({
      abi: parseAbi(['function transfer(address to, uint256 units)']),
      args: [customer, 1_500_000n],
    });
    expect(`0x${callOf(safe, payment).data}`).toBe(theirs);
  });
});

describe('other calls are refused by name, of a token and of the Safe itself', () => {
  it.each(abi.map((item) => [item.name, item] as const))('%s', (name, item) => {
    const args = item.inputs.map(({ type }) => some[type]);
    const data = encodeFunctionData({ abi: [item], args } as never).slice(2);
    for (const to of [usdt as Address, safe]) {
      const read = readCall(safe, { to, value: 0n, data });
      const where = to === safe ? 'the Safe itself' : usdt;
      expect(read).toEqual({ kind: 'refused', why: `data: calls ${name} of ${where}` });
    }
  });

  it('any selector at all but the two', () => {
    const selectors = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => bytes.toHex());
    fc.assert(
      fc.property(selectors, (selector) => {
        fc.pre(selector !== 'a9059cbb' && selector !== 'e318b52b');
        const rest = callOf(safe, payment).data.slice(8);
        expect(readCall(safe, { to: usdt as Address, value: 0n, data: selector + rest }).kind).toBe(
          'refused',
        );
        expect(readCall(safe, { to: safe, value: 0n, data: selector + rest }).kind).toBe('refused');
      }),
      { numRuns: rounds },
    );
  });

  it('a token’s transfer called on the Safe, an owner’s swap on a token', () => {
    expect(readCall(safe, { ...callOf(safe, payment), to: safe })).toMatchObject({
      why: 'data: calls transfer of the Safe itself',
    });
    expect(readCall(safe, { ...callOf(safe, swap), to: usdt as Address })).toMatchObject({
      why: `data: calls swapOwner of ${usdt}`,
    });
  });
});

describe('strictly one form', () => {
  const { to, value, data } = callOf(safe, payment);
  const word = (index: number, text: string) =>
    data.slice(0, 8 + 64 * index) + text + data.slice(72 + 64 * index);
  const dirty = (index: number) => word(index, `01${data.slice(10 + 64 * index, 72 + 64 * index)}`);

  it.each([
    ['trailing bytes', `${data}00`, '64 bytes behind its selector, not 65'],
    ['a word more', data + '0'.repeat(64), '64 bytes behind its selector, not 96'],
    ['cut by a byte', data.slice(0, -2), 'not 63'],
    ['its selector alone', data.slice(0, 8), 'not 0'],
    ['less than a selector', data.slice(0, 6), 'no function’s selector'],
    ['bytes before the recipient', dirty(0), 'the bytes before the recipient are not zero'],
    ['nobody as recipient', word(0, '0'.repeat(64)), 'recipient: zero-address'],
    ['a precompile as recipient', word(0, '4'.padStart(64, '0')), 'recipient: reserved-address'],
    [
      'the token as recipient',
      word(0, usdt.slice(2).toLowerCase().padStart(64, '0')),
      'the token’s own contract',
    ],
    ['the Safe as recipient', word(0, safe.slice(2).toLowerCase().padStart(64, '0')), 'the Safe itself'],
    ['no units', word(1, '0'.repeat(64)), 'moves no units'],
  ])('%s', (_, altered, why) => {
    expect(readCall(safe, { to, value, data: altered })).toEqual({
      kind: 'refused',
      why: expect.stringContaining(why),
    });
  });

  it('coins beside a call; a token where none can be', () => {
    expect(readCall(safe, { to, value: 1n, data })).toMatchObject({
      why: 'value: 1 wei with a call of transfer',
    });
    expect(readCall(safe, { to: sentinel, value, data })).toMatchObject({
      why: expect.stringContaining('no token'),
    });
  });

  it.each([
    ['an owner twice', { ...swap, add: first }],
    ['before itself', { ...swap, previous: first }],
    ['the new one before', { ...swap, previous: swap.add }],
    ['the sentinel removed', { ...swap, remove: sentinel, previous: second }],
    ['the Safe as owner', { ...swap, add: safe }],
  ])('a swap with %s', (_, altered) => {
    expect(readCall(safe, callOf(safe, altered as Call)).kind).toBe('refused');
  });

  it('coins to nobody, of nothing, or to the Safe itself', () => {
    const coins = (recipient: Address, units: bigint) =>
      readCall(safe, { to: recipient, value: units, data: '' });
    expect(coins(`0x${'0'.repeat(40)}` as Address, 1n)).toMatchObject({ why: 'to: zero-address' });
    expect(coins(customer as Address, 0n)).toMatchObject({ why: 'value: moves nothing' });
    expect(coins(safe, 1n)).toMatchObject({ why: 'to: pays the Safe itself' });
    expect(coins(safe, 0n)).toEqual({ kind: 'cancellation' });
  });
});

describe('every flipped bit of a call', () => {
  it.each([payment, swap, { kind: 'coins', to: customer as Address, units: 5n } as const])(
    '$kind: refused, or plainly another',
    (call) => {
      const { to, value, data } = callOf(safe, call);
      const same: number[] = [];
      for (let bit = 0; bit < data.length * 4; bit += 1) {
        const bytes = Uint8Array.fromHex(data);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const read = readCall(safe, { to, value, data: bytes.toHex() });
        if (read.kind === 'refused') continue;
        // What is explained leads to exactly these bytes again, so it says all of them.
        expect(callOf(safe, read).data).toBe(bytes.toHex());
        expect(read.kind).toBe(call.kind);
        if (callOf(safe, read).data === data) same.push(bit);
      }
      expect(same).toEqual([]);
    },
  );
});
