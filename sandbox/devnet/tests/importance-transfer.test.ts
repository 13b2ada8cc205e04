// Remote harvesting: what may be linked, and what a linked account may no longer do.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { networkByte, sign } from '@kuramori/chains/nem/codec';
import { seal } from '../wire/serialise.ts';
import type { Transaction } from '../wire/transaction.ts';
import { people, startUnderTest, type NodeUnderTest, type Person } from './node-under-test.testing.ts';
import { convert, transfer } from './transactions.testing.ts';

const [owner, other, remote, second, shop, a] = people('owner', 'other', 'remote', 'second', 'shop', 'a');
const rewriteLimit = 360;

const start = async () =>
  startUnderTest({ balances: [owner, other].map(({ address }) => [address, 10_000] as const) });

/** `mode` 1 activates, 2 deactivates. */
async function link(devnet: NodeUnderTest, by: Person, to: Person, mode: number, more = {}) {
  const { bytes } = seal<Transaction>({
    kind: 'importanceTransfer',
    version: 1,
    networkByte: networkByte.mainnet,
    timeStamp: devnet.now(),
    deadline: devnet.now() + 3_600,
    fee: 150_000n,
    signer: by.publicKey,
    signerAddress: by.address,
    signature: null,
    mode,
    remote: to.publicKey,
    remoteAddress: to.address,
    ...more,
  });
  const { body } = await devnet.announceBytes(bytes, sign(by.privateKey, bytes));
  return z.object({ code: z.int() }, JSON.stringify(body)).parse(body).code;
}

async function status(devnet: NodeUnderTest, { address }: Person): Promise<string> {
  const { body } = await devnet.get(`/account/status?address=${address}`);
  return z.object({ remoteStatus: z.string() }).parse(body).remoteStatus;
}

async function blocks(devnet: NodeUnderTest, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) devnet.node.core.harvestOne();
  devnet.setTime(Math.max(devnet.now(), devnet.node.core.chain.last().block.timeStamp));
}

/** So many that the clock may have to follow. */
async function pastRewriting(devnet: NodeUnderTest): Promise<void> {
  for (let at = 0; at < rewriteLimit; at += 1) {
    devnet.setTime(devnet.now() + 1);
    await blocks(devnet, 1);
  }
}

it('17, 65: the fee, and ending what never began', async () => {
  await using devnet = await start();
  expect(await link(devnet, owner, remote, 1, { fee: 149_999n })).toBe(17);
  expect(await link(devnet, owner, remote, 2)).toBe(65);
});

it('62: an account that has anything is no remote', async () => {
  await using devnet = await start();
  expect(await link(devnet, owner, other, 1)).toBe(62);
  await convert(devnet, other, [a], 1);
  expect(await link(devnet, owner, a, 1)).toBe(62);
});

it('a link: pending, activating, active after 360 blocks, ended, and then another', async () => {
  await using devnet = await start();
  expect(await status(devnet, owner)).toBe('INACTIVE');
  expect(await link(devnet, owner, remote, 1)).toBe(1);
  expect(await status(devnet, owner)).toBe('ACTIVATING');
  // The pool already counts it.
  expect(await link(devnet, other, remote, 1)).toBe(63);
  expect(await link(devnet, owner, second, 1)).toBe(63);
  expect(await devnet.announce(transfer(other, remote.address, 1, devnet.now()), other)).toBe(66);
  expect(await devnet.harvest()).toBe(1);
  expect([await status(devnet, owner), await status(devnet, remote)]).toEqual(['ACTIVATING', 'REMOTE']);
  expect(await link(devnet, owner, remote, 2, { fee: 150_001n })).toBe(63);
  expect(await devnet.announce(transfer(other, remote.address, 2, devnet.now()), other)).toBe(66);
  expect(await devnet.announce(transfer(owner, shop.address, 2, devnet.now()), owner)).toBe(1);
  const { body } = await devnet.get(`/account/get/forwarded?address=${remote.address}`);
  expect(body).toMatchObject({ account: { address: owner.address } });

  await pastRewriting(devnet);
  expect([await status(devnet, owner), await status(devnet, remote)]).toEqual(['ACTIVE', 'REMOTE']);
  expect(await link(devnet, other, remote, 1)).toBe(64);
  expect(await link(devnet, owner, second, 1)).toBe(64);
  expect(await link(devnet, owner, remote, 2)).toBe(1);
  expect(await status(devnet, owner)).toBe('DEACTIVATING');
  await devnet.harvest();
  expect(await status(devnet, owner)).toBe('DEACTIVATING');

  await pastRewriting(devnet);
  expect([await status(devnet, owner), await status(devnet, remote)]).toEqual(['INACTIVE', 'REMOTE']);
  expect(await link(devnet, owner, remote, 2)).toBe(65);
  expect(await devnet.announce(transfer(other, remote.address, 3, devnet.now()), other)).toBe(1);
  expect(await link(devnet, owner, second, 1)).toBe(1);
});

it('a link that was rewritten is gone', async () => {
  await using devnet = await start();
  await link(devnet, owner, remote, 1);
  await devnet.harvest();
  await devnet.post('/devnet/control/rewind', { blocks: 1, transactions: 'forgotten' });
  expect(await status(devnet, owner)).toBe('INACTIVE');
  expect(await devnet.announce(transfer(other, remote.address, 1, devnet.now()), other)).toBe(1);
});
