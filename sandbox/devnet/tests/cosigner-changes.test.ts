// Changes of cosigners, code by code.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Multisig, Transaction } from '@kuramori/chains/nem/codec';
import { blockBytes, blockTypes, signBlock } from '../chain/block.ts';
import {
  harvester,
  people,
  person,
  startUnderTest,
  type NodeUnderTest,
  type Person,
} from './node-under-test.testing.ts';
import { convert, modification, transfer, wrapper } from './transactions.testing.ts';

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

const wrapped = (devnet: NodeUnderTest, inner: Multisig['inner'], by: Person = a) =>
  devnet.announce(wrapper(by, inner, devnet.now()), by);

async function changed(
  devnet: NodeUnderTest,
  transaction: Transaction,
  by: Person,
  change: Parameters<NodeUnderTest['announceChanged']>[2],
): Promise<number> {
  const { body } = await devnet.announceChanged(transaction, by, change);
  return z.object({ code: z.int() }, JSON.stringify(body)).parse(body).code;
}

describe('changes of cosigners', () => {
  it('75: who is one already', async () => {
    await using devnet = await multisig();
    expect(await wrapped(devnet, modification(account, { add: [a] }, devnet.now()))).toBe(75);
  });

  it('71: deleting who is none', async () => {
    await using devnet = await multisig();
    expect(await wrapped(devnet, modification(account, { remove: [other] }, devnet.now()))).toBe(71);
  });

  it('77: two deletions', async () => {
    await using devnet = await multisig();
    expect(await wrapped(devnet, modification(account, { remove: [b, c], minimum: -1 }, devnet.now()))).toBe(
      77,
    );
  });

  it('78: the same one twice', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const twice = modification(account, { add: [a, b] }, devnet.now());
    const code = await changed(devnet, twice, account, (bytes) => {
      bytes.copyWithin(108, 64, 108);
      return undefined;
    });
    expect(code).toBe(78);
  });

  it('80: a 33rd cosigner', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const crowd = Array.from({ length: 33 }, (_, at) => person(`cosigner ${at}`));
    const code = (add: readonly Person[]) =>
      devnet.announce(modification(account, { add, minimum: 1 }, devnet.now()), account);
    expect(await code(crowd)).toBe(80);
    expect(await code(crowd.slice(1))).toBe(1);
  });

  it('81: itself, a multisig account, or a cosigner that would become one', async () => {
    await using devnet = await multisig();
    expect(await devnet.announce(modification(other, { add: [other] }, devnet.now()), other)).toBe(81);
    expect(await devnet.announce(modification(other, { add: [account] }, devnet.now()), other)).toBe(81);
    await devnet.announce(transfer(other, a.address, 10, devnet.now()), other);
    await devnet.harvest();
    expect(await devnet.announce(modification(a, { add: [other] }, devnet.now()), a)).toBe(81);
  });

  it('82: a minimum below none or above all', async () => {
    await using devnet = await multisig();
    const code = (minimum: number) => wrapped(devnet, modification(account, { minimum }, devnet.now()));
    expect(await code(-3)).toBe(82);
    expect(await code(2)).toBe(82);
    expect(await code(1)).toBe(1);
  });

  it('8: in another order than that of the addresses’ text', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    const code = await changed(
      devnet,
      modification(account, { add: [a, b] }, devnet.now()),
      account,
      (bytes) => {
        const [first, second] = [bytes.slice(64, 108), bytes.slice(108, 152)];
        bytes.set(second, 64);
        bytes.set(first, 108);
        return undefined;
      },
    );
    expect(code).toBe(8);
  });

  it('two of the same account never share a block: 79 there', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    await convert(devnet, account, [a, b, c], 1);
    const [first, second] = people('d', 'e');
    expect(await wrapped(devnet, modification(account, { add: [first] }, devnet.now()))).toBe(1);
    expect(await wrapped(devnet, modification(account, { add: [second] }, devnet.now()), b)).toBe(1);
    expect(await devnet.harvest()).toBe(1);
    expect(await devnet.harvest()).toBe(1);
  });

  it('79: a block that a harvester made with two of the same account', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    await convert(devnet, account, [a, b, c], 1);
    const { core } = devnet.node;
    const [first, second] = people('d', 'e');
    for (const [cosigner, by] of [
      [first, a],
      [second, b],
    ] as const)
      await wrapped(devnet, modification(account, { add: [cosigner] }, devnet.now()), by);
    const last = core.chain.last().block;
    const unsigned = {
      type: blockTypes.regular,
      version: 1,
      networkByte: last.networkByte,
      timeStamp: last.timeStamp + 1,
      signer: harvester.publicKey,
      prevHash: last.hash,
      height: last.height + 1,
      transactions: core.pool.list(),
    };
    const block = signBlock(unsigned, harvester.privateKey, 'mainnet');
    expect(block.transactions).toHaveLength(2);
    expect(core.pushBlock(blockBytes(block, block.signature))).toBe(79);
    const alone = { ...unsigned, transactions: unsigned.transactions.slice(0, 1) };
    const sound = signBlock(alone, harvester.privateKey, 'mainnet');
    expect(core.pushBlock(blockBytes(sound, sound.signature))).toBe(1);
  });

  it('a pending conversion counts at once: 74, though nothing is confirmed', async () => {
    await using devnet = await startUnderTest({ balances: rich });
    expect(
      await devnet.announce(modification(account, { add: [a], minimum: 1 }, devnet.now()), account),
    ).toBe(1);
    expect(await devnet.announce(transfer(account, shop.address, 1, devnet.now()), account)).toBe(74);
  });
});
