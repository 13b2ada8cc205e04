/** A planned rotation: a key gives its place to the spare while the house pays, and nobody waits for a version of the policy. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bringOwnFunds, deposit, withdraw, type Day } from './day.ts';
import { must } from './house/chain.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { vault } from './house/rooms.ts';
import { kuramori as give } from './testing/command.ts';

const xem = 1_000_000n;
let folder: string;
let house: House;
let day: Day;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-planned-'));
  house = await openHouse({ ...servingHouse(join(folder, 'house')), ephemeral: true }, { step: () => {} });
  day = { house, now: Date.now, pass: () => Promise.resolve() };
  await bringOwnFunds(day, 500_000n * xem);
  await deposit(day, 'alice', 1_000n * xem);
}, 120_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);
const kuramori = async (...args: readonly string[]) => {
  const { code, out, err } = await give([...args, '--house', join(house.plan.folder, 'house.json')]);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${out} ${err}`);
  return out;
};

it('signer-1 gives its place to the spare, which is switched on, and is switched off itself, and the house pays as before', async () => {
  const { deed } = house;
  const [going] = deed.signers;
  await withdraw(day, 'alice', 10n * xem, 2n * xem);
  await kuramori('rotate', 'draft', at('r'), '--wallet', 'hot-xem', '--remove', going?.chainKey ?? '');
  await kuramori('rotate', 'sign', at('r'), '--key', join(house.plan.folder, 'people', 'keeper.seed'));
  await kuramori('rotate', 'record', at('r'));
  const vaults = join(house.plan.folder, 'vault');
  copyFileSync(at('r.vault'), join(vaults, 'request.json'));
  writeFileSync(
    at('answer'),
    JSON.stringify(
      await vault(house.plan, 'vault', 'rotate', join(vaults, 'request.json'), deed.spare?.chainKey),
    ),
  );
  expect(await kuramori('rotate', 'announce', at('r'), '--vault', at('answer'))).toMatch(
    /confirmed at every node: .*\nIt signs from now on/,
  );
  expect(must(await house.nodes[0].account(deed.hot.address)).cosigners).toContain(deed.spare?.chainKey);

  await house.restart('signer-3');
  await house.kill('signer-1');
  await withdraw(day, 'alice', 20n * xem, 2n * xem);
  // The first alarm makes it.
  expect(existsSync(join(house.plan.folder, 'watchtower', 'incident.jsonl'))).toBe(false);
}, 120_000);
