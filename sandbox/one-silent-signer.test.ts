/** The production default, 3-of-5 with four online: one silent signer stops nothing, two stop every payment until one is back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bringOwnFunds, clientOf, deposit, withdraw, type Day } from './day.ts';
import { until } from './house/chain.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';

const xem = 1_000_000n;
let folder: string;
let house: House;
let day: Day;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-silent-'));
  house = await openHouse(
    { ...servingHouse(join(folder, 'house')), wallet: 'three-of-five', ephemeral: true },
    { step: () => {} },
  );
  day = { house, now: Date.now, pass: () => Promise.resolve() };
  await bringOwnFunds(day, 500_000n * xem);
  await deposit(day, 'alice', 1_000n * xem);
}, 120_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

it('pays by any three of four', async () => {
  await house.kill('signer-2');
  await withdraw(day, 'alice', 10n * xem, 2n * xem);
}, 90_000);

it('two are too few left out: what is asked for waits, says for whom, and is paid when one is back', async () => {
  await house.kill('signer-4');
  const paying = withdraw(day, 'alice', 20n * xem, 2n * xem);
  paying.catch(() => {}); // told where it is awaited
  await until('it to wait for the silent', async () => {
    for await (const { state, waiting } of clientOf(day).pages('listWithdrawals', {}))
      if (state !== 'final' && /signer-2.*signer-4/.test(waiting ?? '')) return true;
    return undefined;
  });
  await house.restart('signer-2');
  expect((await paying).withdrawal.state).toBe('final');
}, 120_000);
