/** A key of a wallet on Litecoin gives its place to another: the keepers name the wallet that waited its successor, customers get new addresses, and the coins follow. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vouchedDeposit } from '@kuramori/client';
import { LTC, newestOf, parseAmount, readPolicy, type Policy } from '@kuramori/core';
import { jsonText, readJson } from '@kuramori/program';
import {
  bringOwnCoins,
  clientOf,
  depositPins,
  done,
  findDeposit,
  openCustomer,
  waitFor,
  withdraw,
  type Day,
} from './day.ts';
import { servingSigners } from './house/deed.ts';
import { openHouse, type House, type Restartable } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { publish } from './house/publish.ts';
import { hasLitecoind } from './litecoin/nodes.ts';
import { kuramori as give } from './testing/command.ts';

const ltc = (text: string) => parseAmount(text, LTC);

describe.skipIf(!hasLitecoind())('a house on litecoind', () => {
  let folder: string;
  let house: House;
  let day: Day;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kuramori-succession-'));
    house = await openHouse(
      { ...servingHouse(join(folder, 'house')), litecoin: true, ephemeral: true },
      { step: () => {} },
    );
    day = { house, now: Date.now, pass: () => Promise.resolve() };
    await bringOwnCoins(day, LTC, ltc('20'), () =>
      litecoin('sendtoaddress', house.deed.litecoin?.hot.address, '20'),
    );
  }, 180_000);

  afterAll(async () => {
    await house?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const litecoin = (method: string, ...params: readonly unknown[]) => {
    if (!house.litecoin) throw new Error('a house without Litecoin');
    return house.litecoin(method, ...params);
  };
  const at = (name: string) => join(folder, name);
  const kuramori = async (...args: readonly string[]) => {
    const { code, out, err } = await give(args);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${out} ${err}`);
    return out;
  };
  const address = async (): Promise<string> => {
    const told = await waitFor(day, 'an address to be vouched for', async () => {
      const answer = await openCustomer(day, 'alice', LTC).catch(() => undefined);
      return answer && vouchedDeposit(depositPins(house), 'alice', answer, Date.now(), LTC);
    });
    if (told.kind === 'refused') throw new Error(told.why);
    return told.address;
  };
  const deposit = async (to: string, amount: string) => {
    const transaction = String(await litecoin('sendtoaddress', to, amount));
    return waitFor(day, `deposit ${transaction}`, () =>
      findDeposit(day, (one) => one.transaction === transaction && one.state === 'credited'),
    );
  };
  const pay = async (amount: string) => {
    const to = String(await litecoin('getnewaddress'));
    return withdraw(day, 'alice', ltc(amount), ltc('0.01'), { asset: LTC, to, memo: '' });
  };
  /** What the chain has of a wallet, by its descriptor. */
  const held = async (which: 'hot' | 'next') => {
    const { descriptor } = house.deed.litecoin?.[which] ?? { descriptor: '' };
    const [body = ''] = descriptor.split('#');
    const found = (await litecoin(
      'scantxoutset',
      'start',
      [0, 1].map((branch) => ({ desc: body.replaceAll('<0;1>', String(branch)), range: 100 })),
    )) as { readonly total_amount: number };
    return found.total_amount;
  };
  /** The version in the house's file, changed, signed by the keeper and put behind it; then each room is started anew. */
  async function next(change: (policy: Policy) => Partial<Policy>): Promise<void> {
    const { policyFile, keepers } = house.plan;
    const read = readPolicy(readJson(policyFile), keepers);
    if (read.kind === 'refused') throw new Error(read.why);
    const { policy, digest } = newestOf(read.chain);
    const version = { ...policy, version: policy.version + 1, prev: digest, ...change(policy) };
    writeFileSync(at('version.json'), jsonText(version));
    const key = join(house.plan.folder, 'people', 'keeper.seed');
    await kuramori('policy', 'sign', at('version.json'), '--key', key, '--out', at('signed.json'));
    await kuramori('policy', 'add', at('signed.json'), '--house', join(house.plan.folder, 'house.json'));
    // What the command wrote is its caller's; each room has its own copy elsewhere.
    publish(policyFile, jsonText(readJson(policyFile)));
    const signers = [...servingSigners(house.deed).map(({ id }) => id), 'signer-ltc-3'];
    const rooms = [...signers, 'watchtower', 'custody'];
    for (const room of rooms) await house.restart(room as Restartable);
  }

  it('a key of such a wallet is never exchanged: who asks for it is told what happens instead', async () => {
    const args = ['rotate', 'draft', at('r'), '--wallet', 'hot-ltc', '--remove', 'anything'];
    const told = await give([...args, '--house', join(house.plan.folder, 'house.json')]);
    expect(told).toMatchObject({
      code: 2,
      err: expect.stringMatching(/another takes its place \(docs\/succession\.md\)/),
    });
    expect(existsSync(at('r'))).toBe(false);
  });

  let before: string;
  it('before: the spare’s wallet is pinned, and nothing comes or goes there', async () => {
    before = await address();
    await deposit(before, '10');
    await pay('1');
    expect(await held('next')).toBe(0);
  }, 120_000);

  it('named its successor: the customer gets another address at once, payments leave from there, and the coins follow', async () => {
    // Versions wait a day here; what this one uses has waited.
    await next(({ wallets }) => ({
      wallets: wallets.map((one) =>
        one.id === 'hot-ltc' && 'descriptor' in one ? { ...one, successor: 'hot-ltc-2' } : one,
      ),
    }));
    const after = await address();
    expect(after).not.toBe(before);
    const followed = await waitFor(day, 'the coins to follow', async () =>
      (await held('hot')) === 0 ? await held('next') : undefined,
    );
    // Most was swept before: a customer has 9 of them.
    expect(followed).toBeGreaterThan(1);
    await deposit(after, '2');
    const { withdrawal } = await pay('0.05');
    expect(withdrawal.signers.map(({ signer }) => signer).toSorted()).toEqual([
      'signer-ltc-2',
      'signer-ltc-3',
    ]);
  }, 120_000);

  it('what comes to the address of before is the customer’s, and follows as well', async () => {
    await deposit(before, '3');
    await waitFor(day, 'it to follow', async () => ((await held('hot')) === 0 ? true : undefined));
  }, 120_000);

  it('without the key that gave its place the house pays on, and nobody was alarmed', async () => {
    await house.kill('signer-ltc-1');
    await pay('0.05');
    const { assets } = done(await clientOf(day).call('showTreasury', {})).body;
    expect(assets.some(({ asset }) => asset === LTC)).toBe(true);
    const record = join(house.plan.folder, 'watchtower', 'incident.jsonl');
    const told = existsSync(record) ? readFileSync(record, 'utf8').trimEnd().split('\n') : [];
    // While custody is started anew NEM's blocks go on, one a second.
    expect(told.filter((line) => !line.includes('"books cannot be compared","chain":"nem"'))).toEqual([]);
  }, 120_000);
});
