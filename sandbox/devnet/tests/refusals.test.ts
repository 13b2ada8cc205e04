// Code by code: what no honest wallet sends, and what the recordings do not have.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Transaction } from '@kuramori/chains/nem/codec';
import { people, startUnderTest, type NodeUnderTest, type Person } from './node-under-test.testing.ts';
import { convert, cosignature, modification, transfer, wrapper } from './transactions.testing.ts';

const [account, a, b, c, shop, other] = people('account', 'a', 'b', 'c', 'shop', 'other');
const rich = [
  [account.address, 1_000_000],
  [other.address, 1_000_000],
] as const;

async function multisig(): Promise<NodeUnderTest> {
  const devnet = await startUnderTest({ balances: rich });
  await convert(devnet, account, [a, b, c], 2);
  return devnet;
}

async function changed(
  devnet: NodeUnderTest,
  transaction: Transaction,
  by: Person,
  change: Parameters<NodeUnderTest['announceChanged']>[2],
): Promise<number> {
  const { body } = await devnet.announceChanged(transaction, by, change);
  return z.object({ code: z.int() }, JSON.stringify(body)).parse(body).code;
}

describe('fees', () => {
  it('17: below the least', async () => {
    await using devnet = await multisig();
    const now = devnet.now();
    const low = async (xem: number, fee: bigint, text = '') => {
      const message = text === '' ? ({ kind: 'none' } as const) : ({ kind: 'plain', payload: text } as const);
      return devnet.announce(transfer(other, shop.address, xem, now, { fee, message }), other);
    };
    expect(await low(1, 49_999n)).toBe(17);
    expect(await low(1, 50_000n)).toBe(1);
    expect(await low(20_000, 99_999n)).toBe(17);
    expect(await low(20_000, 100_000n)).toBe(1);
    expect(await low(300_000, 1_249_999n)).toBe(17);
    expect(await low(2, 99_999n, 'ff')).toBe(17);
    expect(await low(2, 100_000n, 'ff'.repeat(31))).toBe(1);
    expect(await low(2, 100_000n, 'ff'.repeat(32))).toBe(17);
    const payment = transfer(account, shop.address, 1, now);
    expect(await devnet.announce(wrapper(a, payment, now, { fee: 149_999n }), a)).toBe(17);
    expect(await devnet.announce({ ...modification(other, { add: [c] }, now), fee: 499_999n }, other)).toBe(
      17,
    );
  });

  it('17: a cosignature’s above 1,000 XEM', async () => {
    await using devnet = await multisig();
    const proposal = wrapper(a, transfer(account, shop.address, 1, devnet.now()), devnet.now());
    await devnet.announce(proposal, a);
    const code = (fee: bigint) =>
      devnet.announce(cosignature(b, proposal, account, devnet.now(), { fee }), b);
    expect(await code(149_999n)).toBe(17);
    expect(await code(1_000_000_001n)).toBe(17);
    expect(await code(1_000_000_000n)).toBe(1);
  });
});

describe('what the bytes say', () => {
  it('20: another network in the version, at once and not remembered', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const payment = transfer(other, shop.address, 1, devnet.now());
    const code = await changed(devnet, payment, other, (_, view) => {
      view.setUint8(7, 0x98);
      return undefined;
    });
    expect(code).toBe(20);
  });

  it('20: another network inside a wrapper', async () => {
    await using devnet = await multisig();
    const proposal = wrapper(a, transfer(account, shop.address, 1, devnet.now()), devnet.now());
    const code = await changed(devnet, proposal, a, (_, view) => {
      view.setUint8(71, 0x98);
      return undefined;
    });
    expect(code).toBe(20);
  });

  it('22: a version that there is not', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const payment = transfer(other, shop.address, 1, devnet.now());
    for (const version of [0, 3]) {
      const code = await changed(devnet, payment, other, (bytes, view) => {
        view.setUint8(4, version);
        // Below version 2 there is no list of mosaics.
        return version < 2 ? bytes.slice(0, -4) : undefined;
      });
      expect(code).toBe(22);
    }
  });

  it('6: a message of 1,025 bytes; 8 when it was cut at 2,048', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const message = { kind: 'plain', payload: 'ab'.repeat(1_024) } as const;
    const payment = transfer(other, shop.address, 1, devnet.now(), { message, fee: 5_000_000n });
    expect(await devnet.announce(payment, other)).toBe(1);
    const longer = { ...payment, fee: 6_000_000n };
    const code = await changed(devnet, longer, other, (bytes, view) => {
      view.setInt32(112, 8 + 1_025, true);
      view.setInt32(120, 1_025, true);
      return Uint8Array.of(...bytes.subarray(0, -4), 0xab, 0, 0, 0, 0);
    });
    expect(code).toBe(6);
  });

  it('8: an empty message, which is signed as none', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const code = await changed(devnet, transfer(other, shop.address, 1, devnet.now()), other, (bytes) =>
      Uint8Array.of(...bytes.subarray(0, 112), 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, ...bytes.subarray(116)),
    );
    expect(code).toBe(8);
  });

  it('8: trailing bytes, which are signed by nobody', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const code = await changed(devnet, transfer(other, shop.address, 1, devnet.now()), other, (bytes) =>
      Uint8Array.of(...bytes, 0),
    );
    expect(code).toBe(8);
  });
});

describe('mosaics', () => {
  const xem = { id: { namespaceId: 'nem', name: 'xem' }, quantity: 1_000_000n } as const;
  const unknown = { id: { namespaceId: 'abc', name: 'coin' }, quantity: 1n } as const;

  it('XEM as a mosaic moves amount times quantity', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const payment = transfer(other, shop.address, 3, devnet.now(), {
      mosaics: [{ ...xem, quantity: 5_000_000n }],
    });
    expect(await devnet.announce(payment, other)).toBe(1);
    await devnet.harvest();
    expect(await devnet.balance(shop.address)).toBe(15);
  });

  it('an unknown mosaic is HTTP 400, and then NEUTRAL, as NIS throws in its fee calculator', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const payment = transfer(other, shop.address, 1, devnet.now(), { mosaics: [unknown] });
    const once = await devnet.announceChanged(payment, other, () => undefined);
    expect(once).toMatchObject({
      status: 400,
      body: { message: "unable to find fee information for 'abc:coin'" },
    });
    const twice = await devnet.announceChanged(payment, other, () => undefined);
    expect(twice).toMatchObject({ status: 200, body: { code: 0 } });
  });
});
