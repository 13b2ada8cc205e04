import { expect, it } from 'vitest';
import { sign } from '@kuramori/chains/nem/codec';
import { people, startUnderTest, type NodeUnderTest } from './node-under-test.testing.ts';
import { bytesOf, transfer } from './transactions.testing.ts';

const [rich, other] = people('rich', 'other');

async function codeOf(devnet: NodeUnderTest, data: Uint8Array, signature: string): Promise<unknown> {
  const { body } = await devnet.announceBytes(data, signature);
  return Object(body).code;
}

it('whoever sends the bytes with a broken signature first, has the genuine one refused for 600 s', async () => {
  await using devnet = await startUnderTest({ balances: [[rich.address, 1_000]] });
  const data = bytesOf(transfer(rich, other.address, 1, devnet.now()));
  const genuine = sign(rich.privateKey, data);
  const broken = `${genuine.slice(0, 2) === '00' ? '01' : '00'}${genuine.slice(2)}`;
  const start = devnet.now();
  expect(await codeOf(devnet, data, broken)).toBe(8);
  expect(await codeOf(devnet, data, genuine)).toBe(8);
  devnet.setTime(start + 599);
  expect(await codeOf(devnet, data, genuine)).toBe(8);
  // The cache forgets at most once a minute, and has just looked: up to 660 s.
  devnet.setTime(start + 660);
  expect(await codeOf(devnet, data, genuine)).toBe(1);
});

it('the other way round, the broken one is answered 0', async () => {
  await using devnet = await startUnderTest({ balances: [[rich.address, 1_000]] });
  const data = bytesOf(transfer(rich, other.address, 1, devnet.now()));
  expect(await codeOf(devnet, data, sign(rich.privateKey, data))).toBe(1);
  expect(await codeOf(devnet, data, '11'.repeat(64))).toBe(0);
  expect(await devnet.harvest()).toBe(1);
});
