/** Three watchtowers, two needed, in a house of real processes: one may die, lie still or come back, and none alone lets anything be paid. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signerRoutes, watchtowerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import type { PublicKey } from '@kuramori/chains/nem/codec';
import { bringOwnFunds, clientOf, deposit, withdraw, type Day } from './day.ts';
import { send, stealKey, times } from './drill/thief.ts';
import { must, until } from './house/chain.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { whereOf } from './house/rooms.ts';

const xem = 1_000_000n;
let folder: string;
let house: House;
let day: Day;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-three-'));
  house = await openHouse(
    { ...servingHouse(join(folder, 'house')), towers: 3, ephemeral: true },
    { step: () => {} },
  );
  day = { house, now: Date.now, pass: () => Promise.resolve() };
  await bringOwnFunds(day, 500_000n * xem);
  await deposit(day, 'alice', 1_000n * xem);
}, 150_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

it('pays by two of three', async () => {
  await withdraw(day, 'alice', 10n * xem, 2n * xem);
  await house.kill('watchtower-2');
  await withdraw(day, 'alice', 20n * xem, 2n * xem);
}, 120_000);

const openness = async (name: string) => {
  const status = await call(whereOf(house.plan, name), watchtowerRoutes.status, {});
  return status.kind === 'status' && status.open;
};

it('pays nothing by one alone; one that comes back takes what it missed for no theft, and waits until it has heard both others', async () => {
  await house.kill('watchtower');
  const paying = withdraw(day, 'alice', 30n * xem, 2n * xem);
  paying.catch(() => {}); // told where it is awaited
  // What was paid while it was dead it never countersigned, and one of those who did is dead: the signers keep their words.
  await house.restart('watchtower-2');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(await openness('watchtower-2')).toBe(false);
  for await (const { state, amount } of clientOf(day).pages('listWithdrawals', {}))
    if (amount === String(30n * xem)) expect(state).not.toBe('final');
  await house.restart('watchtower');
  expect((await paying).withdrawal.state).toBe('final');
  for (const name of ['watchtower', 'watchtower-2', 'watchtower-3']) {
    const file = join(house.plan.folder, name, 'incident.jsonl');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    // That a machine is slow may be told, and nothing else.
    for (const line of lines)
      expect((JSON.parse(line) as { event: string }).event).toMatch(
        /^(monitoring degraded: |a sign is over$|books cannot be compared$|the books are in order again$)/,
      );
  }
}, 150_000);

it('a theft while one is dead: the other two freeze every signer, and everything goes home', async () => {
  await house.kill('watchtower-3');
  const { deed, people } = house;
  const [node] = house.nodes;
  const before = must(await node.account(deed.cold.address)).balance;
  const stolen = stealKey(house, 'signer-1');
  const common = { network: 'testnet', version: 1, ...times(Date.now(), 600) } as const;
  const theft = {
    ...common,
    kind: 'multisig',
    signer: stolen.publicKey,
    fee: 150_000n,
    inner: {
      ...common,
      kind: 'transfer',
      signer: deed.hot.publicKey as PublicKey,
      fee: 50_000n,
      recipient: people.customer.address,
      amount: 1_000n * xem,
      message: { kind: 'none' },
      mosaics: [],
    },
  } as const;
  expect(await send(house.nodes[1], stolen, theft)).toMatchObject({ code: 1 });
  for (const { id } of deed.signers)
    await until(`${id} to be frozen`, async () => {
      const status = await call(whereOf(house.plan, id), signerRoutes.status, {});
      return status.kind === 'status' && status.frozen !== null ? true : undefined;
    });
  await until('the coins to be at home', async () =>
    must(await node.account(deed.cold.address)).balance > before + 90_000n * xem ? true : undefined,
  );
}, 120_000);
