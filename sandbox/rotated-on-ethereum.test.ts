/** An owner of the hot Safe gives its place to the spare, by command: what a payment has made void is recorded anew, and the house pays on without the old key. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checksummed } from '@kuramori/chains/ethereum/codec';
import { ETH, parseAmount } from '@kuramori/core';
import { readJson } from '@kuramori/program';
import { withdraw, type Day } from './day.ts';
import { ethereumDay } from './ethereum/day.ts';
import { outsider } from './ethereum/node.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { vault } from './house/rooms.ts';
import { commandsOf, kuramori as give } from './testing/command.ts';

let folder: string;
let house: House;
let day: Day;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-owner-'));
  house = await openHouse(
    { ...servingHouse(join(folder, 'house')), ethereum: true, ephemeral: true },
    { step: () => {} },
  );
  day = { house, now: Date.now, pass: () => Promise.resolve() };
  // After it nothing waits: what is too much for the hot Safe was swept.
  await ethereumDay(day, () => {});
}, 240_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);
const { tried, done: kuramori } = commandsOf(() => house.plan.folder);
const deed = () => {
  if (!house.deed.ethereum) throw new Error('a house without Ethereum');
  return house.deed.ethereum;
};
const pay = async () => {
  if (!house.ethereum) throw new Error('a house without Ethereum');
  const to = checksummed((await outsider(house.ethereum)).slice(2));
  const asked = { asset: ETH, to, memo: '' };
  return withdraw(day, 'customer-1', parseAmount('0.01', ETH), 0n, asked);
};
/** What the vault signs, carried there and back. */
async function cosigned(): Promise<void> {
  const request = join(house.plan.folder, 'eth-vault', 'request.json');
  rmSync(request, { force: true });
  copyFileSync(at('r.vault'), request);
  const [plan, typed] = [house.plan, deed().spare.chainKey];
  writeFileSync(at('answer'), JSON.stringify(await vault(plan, 'eth-vault', 'rotate', request, typed)));
}

it('signer-eth-1 gives its place to the spare, which signs from then on', async () => {
  const [going, staying] = deed().signers;
  const keeper = join(house.plan.folder, 'people', 'keeper.seed');
  await kuramori('rotate', 'draft', at('r'), '--wallet', 'hot-eth', '--remove', going?.chainKey ?? '');
  await kuramori('rotate', 'sign', at('r'), '--key', keeper);
  await kuramori('rotate', 'record', at('r'));
  await cosigned();

  // A payment takes the number that the rotation was recorded for.
  await pay();
  const late = await tried('rotate', 'announce', at('r'), '--vault', at('answer'));
  expect(late).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /number 2 was used by something else: freeze the wallet, .* `kuramori rotate record` again/,
    ),
  });

  await kuramori('rotate', 'record', at('r'));
  const stale = await tried('rotate', 'announce', at('r'), '--vault', at('answer'));
  expect(stale).toMatchObject({ code: 2, err: expect.stringMatching(/answer: share: is of other bytes/) });
  await cosigned();
  expect(readJson(at('answer'))).toMatchObject({
    signed: { account: deed().hot, remove: going?.chainKey, add: deed().spare.chainKey },
  });
  expect(await kuramori('rotate', 'announce', at('r'), '--vault', at('answer'))).toMatch(
    /confirmed at every node: .*\nIt signs from now on/,
  );

  await house.restart('signer-eth-3');
  await house.kill('signer-eth-1');
  const { withdrawal } = await pay();
  expect(withdrawal.signers.map(({ signer }) => signer).toSorted()).toEqual([staying?.id, deed().spare.id]);
  // The first alarm makes it.
  expect(existsSync(join(house.plan.folder, 'watchtower', 'incident.jsonl'))).toBe(false);
}, 240_000);

it('a house’s file that names no nodes of the chain is told so, and nothing is written', async () => {
  const blind = join(folder, 'blind.json');
  const { ethereum: _, ...rest } = readJson(join(house.plan.folder, 'house.json')) as Record<string, unknown>;
  writeFileSync(blind, JSON.stringify(rest));
  const key = deed().signers[1]?.chainKey ?? '';
  const asked = ['rotate', 'draft', at('none'), '--wallet', 'hot-eth', '--remove', key];
  const told = await give([...asked, '--house', blind]);
  expect(told).toMatchObject({
    code: 2,
    err: expect.stringMatching(/ethereum: is not there: say which nodes/),
  });
  expect(existsSync(at('none'))).toBe(false);
});
