// Several things are wrong at once: the order of NIS's validators decides which code is answered.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encode, sign, type Transaction } from '@kuramori/chains/nem/codec';
import {
  people,
  person,
  startUnderTest,
  type NodeUnderTest,
  type Person,
} from './node-under-test.testing.ts';
import { convert, cosignature, modification, transfer, wrapper } from './transactions.testing.ts';

const [account, a, b, c, shop, other, poor] = people('account', 'a', 'b', 'c', 'shop', 'other', 'poor');
const offset = { version: 4, network: 7, timeStamp: 8, fee: 48, deadline: 56 } as const;
/** Fields of the outermost transaction to write over, before it is signed. */
type Changes = Partial<Record<keyof typeof offset, number>>;

async function start(): Promise<NodeUnderTest> {
  const devnet = await startUnderTest({
    balances: [account, other].map(({ address }) => [address, 1_000] as const),
  });
  await convert(devnet, account, [a, b, c], 2);
  return devnet;
}

async function code(
  devnet: NodeUnderTest,
  transaction: Transaction,
  by: Person,
  changes: Changes = {},
  signature?: string,
): Promise<number> {
  const data = Uint8Array.from(encode(transaction));
  const view = new DataView(data.buffer);
  for (const [name, value] of Object.entries(changes)) {
    const at = offset[name as keyof typeof offset];
    if (name === 'version' || name === 'network') view.setUint8(at, value);
    else view.setInt32(at, value, true);
  }
  const { body } = await devnet.announceBytes(data, signature ?? sign(by.privateKey, data));
  return z.object({ code: z.int() }, JSON.stringify(body)).parse(body).code;
}

const long = { message: { kind: 'plain', payload: 'ab'.repeat(1_024) } } as const;

describe('one transaction', () => {
  it.each<readonly [number, string, (now: number) => Changes, boolean, boolean]>([
    [20, 'network before signature', () => ({ network: 0x98 }), true, false],
    [8, 'signature before deadline', (now) => ({ deadline: now }), true, false],
    [3, 'deadline before fee', (now) => ({ deadline: now, fee: 0 }), false, false],
    [4, 'a deadline too far before fee', (now) => ({ deadline: now + 86_401, fee: 0 }), false, false],
    [17, 'fee before version', () => ({ fee: 0, version: 3 }), false, false],
    [22, 'version before time stamp', (now) => ({ version: 3, timeStamp: now + 20 }), false, false],
    [10, 'time stamp before balance', (now) => ({ timeStamp: now + 20 }), false, true],
    [
      5,
      'balance before an expired deadline',
      (now) => ({ timeStamp: now - 9, deadline: now - 1 }),
      false,
      true,
    ],
    [3, 'an expired deadline last', (now) => ({ timeStamp: now - 9, deadline: now - 1 }), false, false],
  ])('%d: %s', async (expected, _, changes, isForged, isShort) => {
    await using devnet = await start();
    const now = devnet.now();
    const payment = transfer(other, shop.address, isShort ? 5_000 : 1, now);
    const signature = isForged ? '11'.repeat(32) + '01'.repeat(32) : undefined;
    expect(await code(devnet, payment, other, changes(now), signature)).toBe(expected);
  });

  it('5: balance before the message, 74: a multisig account before the message', async () => {
    await using devnet = await start();
    const tooLong = async (from: Person, xem: number) => {
      const payment = transfer(from, shop.address, xem, devnet.now(), { ...long, fee: 9_000_000n });
      const { body } = await devnet.announceChanged(payment, from, (bytes, view) => {
        view.setInt32(112, 8 + 1_025, true);
        view.setInt32(120, 1_025, true);
        return Uint8Array.of(...bytes.subarray(0, -4), 0xab, 0, 0, 0, 0);
      });
      return Object(body).code;
    };
    expect(await tooLong(other, 5_000)).toBe(5);
    expect(await tooLong(account, 1)).toBe(74);
    expect(await tooLong(other, 1)).toBe(6);
  });
});

describe('a wrapper and what it carries', () => {
  it('the wrapper is judged to the end before its inner one', async () => {
    await using devnet = await start();
    const now = devnet.now();
    const cheap = transfer(account, shop.address, 1, now, { fee: 1n });
    expect(await code(devnet, wrapper(other, cheap, now), other)).toBe(71);
    expect(await code(devnet, wrapper(a, cheap, now), a)).toBe(17);
    const dear = transfer(account, shop.address, 5_000, now, { fee: 1n });
    // The wrapper's own balance check covers the inner payment.
    expect(await code(devnet, wrapper(a, dear, now), a)).toBe(5);
    const late = transfer(account, shop.address, 1, now - 50, { deadline: now - 1, fee: 1n });
    // An expired inner one is the last rule on the wrapper, and still before the first on the inner one.
    expect(await code(devnet, wrapper(a, late, now), a)).toBe(3);
  });

  it('no money before not a cosigner', async () => {
    await using devnet = await start();
    const now = devnet.now();
    expect(await code(devnet, wrapper(a, transfer(poor, shop.address, 1, now), now), a)).toBe(5);
    expect(await code(devnet, wrapper(a, transfer(other, shop.address, 1, now), now), a)).toBe(71);
  });

  it('a wrapper in a wrapper: 71, for no cosigner has cosigners', async () => {
    await using devnet = await start();
    const now = devnet.now();
    const within = wrapper(account, transfer(other, shop.address, 1, now), now);
    expect(await code(devnet, wrapper(a, within as never, now), a)).toBe(71);
  });
});

describe('cosignatures', () => {
  it('are judged by all rules before anybody looks for their wrapper', async () => {
    await using devnet = await start();
    const now = devnet.now();
    const proposal = wrapper(a, transfer(account, shop.address, 1, now), now);
    expect(await code(devnet, cosignature(b, proposal, poor, now), b)).toBe(5);
    expect(await code(devnet, cosignature(b, proposal, account, now), b, { fee: 0 })).toBe(17);
    expect(await code(devnet, cosignature(b, proposal, account, now - 50, { deadline: now - 1 }), b)).toBe(3);
    expect(await code(devnet, cosignature(account, proposal, account, now), account)).toBe(74);
    expect(await code(devnet, cosignature(b, proposal, account, now), b)).toBe(73);
  });

  it('of a stranger, of the initiator, of another account: 73; a second one of the same cosigner: 1', async () => {
    await using devnet = await start();
    const now = devnet.now();
    const proposal = wrapper(a, transfer(account, shop.address, 1, now), now);
    expect(await code(devnet, proposal, a)).toBe(1);
    expect(await code(devnet, cosignature(other, proposal, account, now), other)).toBe(73);
    expect(await code(devnet, cosignature(a, proposal, account, now), a)).toBe(73);
    expect(await code(devnet, cosignature(b, proposal, other, now), b)).toBe(73);
    expect(await code(devnet, cosignature(b, proposal, account, now), b)).toBe(1);
    expect(await code(devnet, cosignature(b, proposal, account, now + 1), b)).toBe(1);
    expect(await devnet.harvest()).toBe(1);
    // Only the first was kept: 1 XEM, and the fees of inner one, wrapper and one cosignature.
    const fees = 0.5 + 1.25 + 0.15 + 0.15;
    expect(await devnet.balance(account.address)).toBeCloseTo(1_000 - 1 - fees, 6);
  });
});

describe('changes of cosigners', () => {
  const [d, e] = people('d', 'e');
  const change = (devnet: NodeUnderTest, cosigners: Parameters<typeof modification>[1]) =>
    code(devnet, wrapper(a, modification(account, cosigners, devnet.now()), devnet.now()), a);

  it('additions are looked at before deletions, one by one, and the counts after', async () => {
    await using devnet = await start();
    expect(await change(devnet, { add: [a], remove: [d] })).toBe(75);
    expect(await change(devnet, { add: [account], remove: [d] })).toBe(81);
    expect(await change(devnet, { remove: [d, e] })).toBe(71);
    expect(await change(devnet, { remove: [b, c], minimum: 9 })).toBe(77);
    expect(await change(devnet, { add: [d], minimum: 9 })).toBe(82);
  });

  it('82 before 80, and 71 before 81 for a cosigner that would become multisig', async () => {
    await using devnet = await start();
    const crowd = Array.from({ length: 33 }, (_, at) => person(`cosigner ${at}`));
    expect(await code(devnet, modification(other, { add: crowd, minimum: 34 }, devnet.now()), other)).toBe(
      82,
    );
    expect(await code(devnet, modification(other, { add: crowd, minimum: 33 }, devnet.now()), other)).toBe(
      80,
    );
    await devnet.announce(transfer(other, a.address, 10, devnet.now()), other);
    await devnet.harvest();
    expect(await code(devnet, modification(a, { remove: [b] }, devnet.now()), a)).toBe(71);
    expect(await code(devnet, modification(a, { add: [d], minimum: 9 }, devnet.now()), a)).toBe(81);
  });

  it('version 1 has no minimum: all must sign', async () => {
    await using devnet = await startUnderTest({ balances: [[other.address, 1_000]] });
    const old = { ...modification(other, { add: [a, b] }, devnet.now()), version: 1 } as const;
    expect(await code(devnet, { ...old, minCosignatoriesChange: null }, other)).toBe(1);
    await devnet.harvest();
    expect((await devnet.get(`/account/get?address=${other.address}`)).body).toMatchObject({
      account: { multisigInfo: { cosignatoriesCount: 2, minCosignatories: 0 } },
    });
    await devnet.announce(wrapper(a, transfer(other, shop.address, 1, devnet.now()), devnet.now()), a);
    expect(await devnet.harvest()).toBe(0);
  });
});

describe('payments to oneself, and of nothing', () => {
  it('all that one has may go to oneself, if the fee is there too', async () => {
    await using devnet = await startUnderTest({ balances: [[other.address, 1_000]] });
    expect(await code(devnet, transfer(other, other.address, 1_001, devnet.now()), other)).toBe(5);
    expect(await code(devnet, transfer(other, other.address, 1_000, devnet.now()), other)).toBe(1);
    expect(await code(devnet, transfer(other, shop.address, 0, devnet.now()), other)).toBe(1);
    expect(await devnet.harvest()).toBe(2);
    expect(await devnet.balance(other.address)).toBe(1_000 - 2.5);
  });

  it('more than there will ever be is 5, not an error', async () => {
    await using devnet = await startUnderTest({ balances: [[other.address, 1_000]] });
    const payment = transfer(other, shop.address, 1, devnet.now());
    const { body } = await devnet.announceChanged(payment, other, (_, view) => {
      view.setBigInt64(104, 2n ** 63n - 1n, true);
      return undefined;
    });
    expect(body).toMatchObject({ code: 5 });
  });
});
