/** The runbook of a stolen key, one command a step: from the theft to another key in its place, in a house of real processes, custody dead. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { watchtowerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { nemTimeOf, type Address, type PublicKey } from '@kuramori/chains/nem/codec';
import { send, stealKey } from './drill/thief.ts';
import { announce, must, transfer, until } from './house/chain.ts';
import { openHouse, type House } from './house/house.ts';
import { layouts, servingHouse, type PlanInput } from './house/plan.ts';
import { whereOf, vault } from './house/rooms.ts';
import { kuramori as give } from './testing/command.ts';

let folder: string;
let house: House;

afterEach(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function open(wallet: PlanInput['wallet']): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-rotate-'));
  house = await openHouse(
    {
      ...servingHouse(join(folder, 'house')),
      wallet,
      custody: false,
      evacuates: false,
      ephemeral: true,
    },
    { step: () => {} },
  );
}

const at = (name: string) => join(folder, name);
const kuramori = (...args: readonly string[]) =>
  give([...args, '--house', join(house.plan.folder, 'house.json')]);

it.each([
  { wallet: 'multisig', of: '2-of-3', silent: null, signs: ['signer-2'] },
  { wallet: 'three-of-five', of: '3-of-5', silent: 'signer-2', signs: ['signer-3', 'signer-4'] },
] as const)(
  'a stolen key of a $of is replaced while everything is frozen, by a keeper, $signs and the vault, silent: $silent',
  async ({ wallet, silent, signs }) => {
    await open(wallet);
    const { deed } = house;
    if (silent !== null) await house.kill(silent);
    // The wallet itself pays for its modification.
    const [node] = house.nodes;
    const coins = transfer(
      house.people.treasury,
      deed.hot.address as Address,
      1_000_000_000n,
      'for the rotation',
      Date.now(),
    );
    await announce(node, coins);
    await until('coins', async () =>
      must(await node.account(deed.hot.address)).balance > 0n ? true : undefined,
    );
    const [stolenId, ...others] = deed.signers;
    const stolen = stealKey(house, 'signer-1');
    const timeStamp = nemTimeOf(Date.now());
    const times = { network: 'testnet', timeStamp, deadline: timeStamp + 600 } as const;
    const theft = {
      ...times,
      kind: 'multisig',
      version: 1,
      signer: stolen.publicKey,
      fee: 150_000n,
      inner: {
        ...times,
        kind: 'transfer',
        version: 1,
        signer: deed.hot.publicKey as PublicKey,
        fee: 50_000n,
        recipient: house.people.customer.address,
        amount: 1_000_000n,
        message: { kind: 'none' },
        mosaics: [],
      },
    } as const;
    const began = performance.now();
    expect(await send(house.nodes[1], stolen, theft)).toMatchObject({ code: 1 });
    await until('the alarm', async () => {
      const status = await call(whereOf(house.plan, 'watchtower'), watchtowerRoutes.status, {});
      return status.kind === 'status' && status.frozen !== null ? true : undefined;
    });
    const alarmed = performance.now();

    const wrong = await kuramori(
      'rotate',
      'draft',
      at('r'),
      '--wallet',
      'hot-xem',
      '--remove',
      'f'.repeat(64),
    );
    expect(wrong).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is no key of hot-xem. Its keys:\n.*signer-1/),
    });
    const { code, out } = await kuramori(
      'rotate',
      'draft',
      at('r'),
      '--wallet',
      'hot-xem',
      '--remove',
      stolenId?.chainKey ?? '',
    );
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/in the place of .* \(signer-1\)/),
    });
    expect(await kuramori('rotate', 'record', at('r'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/0 of 1 keepers have signed it/),
    });
    const keeper = join(house.plan.folder, 'people', 'keeper.seed');
    expect(await kuramori('rotate', 'sign', at('r'), '--key', keeper)).toMatchObject({ code: 0 });
    expect(await kuramori('rotate', 'record', at('r'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/carry it to the vault/),
      err: expect.stringMatching(
        new RegExp(
          signs
            .map((id) => `${id} has recorded it\\nwatchtower has countersigned it\\n${id} has signed it`)
            .join('\\n'),
        ),
      ),
    });
    expect(await kuramori('rotate', 'announce', at('r'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/has not signed/),
    });
    // Somebody carries it there; the vault has no network.
    const vaults = join(house.plan.folder, 'vault');
    copyFileSync(at('r.vault'), join(vaults, 'request.json'));
    const answer = await vault(
      house.plan,
      'vault',
      'rotate',
      join(vaults, 'request.json'),
      deed.spare?.chainKey,
    );
    expect(answer).toMatchObject({ signed: { remove: stolenId?.chainKey, add: deed.spare?.chainKey } });
    writeFileSync(at('answer'), JSON.stringify(answer));
    const announced = await kuramori('rotate', 'announce', at('r'), '--vault', at('answer'));
    expect(announced).toMatchObject({ code: 0, out: expect.stringMatching(/confirmed at every node/) });
    const confirmed = performance.now();
    const { cosigners, threshold } = must(await house.nodes[0].account(deed.hot.address));
    expect(new Set(cosigners)).toEqual(
      new Set([...others.map(({ chainKey }) => chainKey), deed.vaultKey, deed.spare?.chainKey]),
    );
    expect(threshold).toBe(layouts[wallet].threshold);
    const incident = readFileSync(join(house.plan.folder, 'watchtower', 'incident.jsonl'), 'utf8');
    expect(incident.match(/"event":"alarm(: frozen)?"/g)).toHaveLength(1);
    console.log(
      `${wallet}, silent: ${silent}: theft to alarm ${Math.round(alarmed - began)} ms, alarm to confirmed change ${((confirmed - alarmed) / 1000).toFixed(1)} s, commands and a block of 1 s included`,
    );
  },
  180_000,
);
