import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPrivateKey } from '@kuramori/chains/nem/codec';
import { expect, it } from 'vitest';
import { startNode } from '../index.ts';
import { harvester, people, startUnderTest } from './node-under-test.testing.ts';
import { transfer } from './transactions.testing.ts';

const [account, shop] = people('account', 'shop');
const harvest = { privateKey: formatPrivateKey(harvester.privateKey), intervalSeconds: 60 };

it('eight hours are 480 blocks, made before the next answer', async () => {
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]], config: { harvest } });
  const height = devnet.node.core.chain.height();
  const { now } = devnet;
  await devnet.announce(transfer(account, shop.address, 10, now()), account);
  devnet.setTime(now() + 8 * 3_600);
  const { body } = await devnet.get('/chain/height');
  expect(body).toEqual({ height: height + 480 });
  // What was pending is in the first of them, as if the node had lived through the time.
  expect(devnet.node.core.chain.at(height + 1)?.block.transactions).toHaveLength(1);
  const last = devnet.node.core.chain.last().block;
  expect(now() - last.timeStamp).toBeLessThan(60);
});

it('a follower drops what has expired, too', async () => {
  await using devnet = await startUnderTest({
    balances: [[account.address, 1_000]],
    config: { harvest: undefined },
  });
  await devnet.announce(transfer(account, shop.address, 10, devnet.now()), account);
  devnet.setTime(devnet.now() + 3_601);
  expect((await devnet.get(`/account/unconfirmedTransactions?address=${shop.address}`)).body).toEqual({
    data: [],
  });
});

it('a clock file is read at each use', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-clock-'));
  const clockFile = join(folder, 'clock.json');
  const set = (offsetMs: number) => {
    writeFileSync(`${clockFile}.new`, JSON.stringify({ offsetMs }));
    renameSync(`${clockFile}.new`, clockFile);
  };
  set(0);
  await using devnet = await startUnderTest({ balances: [[account.address, 1_000]] });
  await using node = await startNode({
    ...devnet.config,
    dataFolder: join(folder, 'data'),
    clockFile,
    harvest: undefined,
  });
  const time = async () =>
    Object(await (await fetch(`${node.url}/time-sync/network-time`)).json()).sendTimeStamp;
  const before = await time();
  set(3_600_000);
  expect((await time()) - before).toBeGreaterThanOrEqual(3_600_000);
  rmSync(folder, { recursive: true });
});
