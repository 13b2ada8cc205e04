/** Little is hot: the treasury asks, people approve, watchtowers order, two vaults sign, and the coins come; on NEM, Ethereum and Litecoin. No alarm. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ETH, formatAmount, intentDigest, LTC, Order, parseAmount, XEM } from '@kuramori/core';
import { jsonText, readJson } from '@kuramori/program';
import { clientOf, deposit, done, sweptOnce, tellPrices, waitFor, withdraw, type Day } from './day.ts';
import { sendAs } from './ethereum/node.ts';
import { openHouse, type House } from './house/house.ts';
import { hasLitecoind } from './litecoin/nodes.ts';
import { servingHouse, usualRule } from './house/plan.ts';
import { vault } from './house/rooms.ts';
import { commandsOf, kuramori as give } from './testing/command.ts';

const xem = (text: string) => parseAmount(text, XEM);

let folder: string;
let house: House;
let day: Day;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-refill-'));
  const sweep = { to: ['cold-xem'], perDay: { count: 24, fees: xem('50') }, leave: xem('1000') };
  house = await openHouse(
    {
      ...servingHouse(join(folder, 'house')),
      rule: { ...usualRule, firstSeen: { hours: 24, shareBps: 10_000 }, sweep },
      treasury: { leastOutflow: [{ asset: XEM, perHour: xem('100').toString() }], everySeconds: 1 },
      cold: xem('100000'),
      ethereum: true,
      litecoin: hasLitecoind(),
      towers: 3,
      vaults: true,
      ephemeral: true,
    },
    { step: () => {} },
  );
  day = { house, now: Date.now, pass: () => Promise.resolve() };
  await tellPrices(day);
}, 240_000);

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);
const { tried, done: kuramori } = commandsOf(() => house.plan.folder);
const approver = (which: 1 | 2) => join(house.plan.folder, 'people', `approver-${which}.seed`);
/** What says that a machine with several houses on it is slow, or that spares do not run; nothing of coins, books that differ, or keys. */
const ofTheMachine =
  /^(?:monitoring degraded: .*|a sign is over|books are silent|books cannot be compared|the books are in order again|the pager is (?:silent|in order again))$/;

/** What any watchtower has told people of the house itself. */
const told = () =>
  ['watchtower', 'watchtower-2', 'watchtower-3'].flatMap((name) => {
    const file = join(house.plan.folder, name, 'incident.jsonl');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    return lines.filter((line) => !ofTheMachine.test((JSON.parse(line) as { event: string }).event));
  });

/** The same as frames of a moving code, of which a fifth is not seen. */
async function asCodes(file: string): Promise<string> {
  const frames = (await give(['codes', 'show', file])).out.trim().split('\n');
  writeFileSync(`${file}.frames`, frames.filter((_, index) => index % 5 !== 3).join('\n'));
  rmSync(`${file}.read`, { force: true });
  const read = await give(['codes', 'read', `${file}.frames`, '--out', `${file}.read`]);
  if (read.code !== 0) throw new Error(read.err);
  return `${file}.read`;
}

/** What approvers read to whoever watches at the vault. */
function digestIn(file: string): string {
  const { order } = readJson(file) as { readonly order: unknown };
  const [part] = Order.parse(order).ask.intents;
  if (!part) throw new Error(`${file}: no intent`);
  return intentDigest(part.intent);
}

/** Carried to the vault, as a file or as codes, shown there, typed, and its answer carried back. */
async function signedBy(name: string, file: string, typed: string): Promise<string> {
  const request = join(house.plan.folder, name, 'order.json');
  const brought = `${file}.for-${name}`;
  writeFileSync(request, readFileSync(name === 'cold-2' ? await asCodes(brought) : brought));
  const answer = at(`${name}.answer`);
  const digest = digestIn(request);
  writeFileSync(answer, jsonText(await vault(house.plan, name, 'sign', request, typed, digest)));
  return answer;
}

it('on NEM: what custody asks for, once customers have withdrawn', async () => {
  await deposit(day, 'customer-1', xem('800000'));
  await sweptOnce(day);
  // Of 2,400 XEM that are hot, less than half is left.
  await withdraw(day, 'customer-1', xem('1500'), xem('2'));
  const asked = await waitFor(day, 'a refill to be asked', async () =>
    done(await clientOf(day).call('listRefills', {})).body.refills.find(({ cold }) => cold === 'cold-xem'),
  );
  writeFileSync(at('asked.json'), JSON.stringify(asked));

  const file = at('refill');
  expect(await kuramori('refill', 'draft', file, '--asked', at('asked.json'))).toMatch(
    /2 of 2 people must approve/,
  );
  const { address } = house.deed.hot;
  const typed = `${formatAmount(BigInt(asked.amount), XEM)} ${address.slice(-6)}`;
  const approve = ['refill', 'approve', file, '--confirm', typed, '--key'];
  const unseen = await tried(
    'refill',
    'approve',
    file,
    '--confirm',
    `1 ${address.slice(-6)}`,
    '--key',
    approver(1),
  );
  expect(unseen).toMatchObject({ code: 2, err: expect.stringMatching(/nothing is approved/) });
  await kuramori(...approve, approver(1));
  const early = await tried('refill', 'order', file);
  expect(early).toMatchObject({
    code: 2,
    err: expect.stringMatching(/1 of the 2 people that it takes approved it/),
  });
  await kuramori(...approve, approver(2));
  await kuramori('refill', 'order', file);
  // Who types another amount signs nothing, and nothing is written.
  await expect(signedBy('cold-1', file, `1 ${address.slice(-6)}`)).rejects.toThrow(/is not the amount/);
  expect(readFileSync(join(house.plan.folder, 'cold-1', 'journal.jsonl'), 'utf8')).toBe('');
  const answers = [await signedBy('cold-1', file, typed), await signedBy('cold-2', file, typed)];
  // Brought there again it answers the same, and asks nobody.
  expect(readJson(await signedBy('cold-2', file, ''))).toEqual(readJson(answers[1] ?? ''));

  // Ordered again, nothing is: what is under way stands.
  expect((await tried('refill', 'order', file)).err).toMatch(/cold-1: what was ordered before stands/);

  const announced = await kuramori(
    'refill',
    'announce',
    file,
    ...answers.flatMap((answer) => ['--answer', answer]),
  );
  expect(announced).toMatch(/confirmed, as a quorum of watchtowers sees it/);
  const arrived = await waitFor(day, 'the refill to have arrived', async () =>
    done(await clientOf(day).call('listRefills', {})).body.refills.find(({ state }) => state === 'arrived'),
  );
  expect(arrived.number).toBe(asked.number);
  // Where an answer was lost, the vault tells its journal by itself; and what is sent already is not sent again.
  const policy = join(house.plan.folder, 'cold-1', 'policy-brought.json');
  writeFileSync(policy, readFileSync(house.plan.policyFile));
  writeFileSync(at('told'), jsonText(await vault(house.plan, 'cold-1', 'journal', policy)));
  expect(await kuramori('refill', 'told', at('told'))).toMatch(/cold-1: 2 entries; 3 watchtowers hold/);
  const again = answers.flatMap((answer) => ['--answer', answer]);
  expect(await kuramori('refill', 'announce', file, ...again)).toMatch(/^confirmed/);
  // Who was there, and what was refused first.
  const transcript = readFileSync(join(house.plan.folder, 'cold-1', 'ceremony.jsonl'), 'utf8');
  const steps = transcript.matchAll(
    /"outcome":"(\w+)"[^\n]*"step":"sign"|"step":"sign"[^\n]*"outcome":"(\w+)"/g,
  );
  expect(Array.from(steps, ([, one, other]) => one ?? other)).toEqual(['refused', 'begun', 'done']);
  expect(told()).toEqual([]);
}, 240_000);

it('on Ethereum: asked by people, carried by the relayer', async () => {
  if (!house.ethereum || !house.deed.ethereum) throw new Error('a house without Ethereum');
  const { cold, hot } = house.deed.ethereum;
  await sendAs(house.ethereum, cold, '0x', parseAmount('20', ETH));
  const file = at('eth');
  const asked = ['--from', 'cold-eth', '--to', 'hot-eth', '--asset', ETH, '--amount', '1.5'];
  await kuramori('refill', 'draft', file, ...asked);
  const typed = `1.5 ${hot.slice(-6)}`;
  for (const which of [1, 2] as const)
    await kuramori('refill', 'approve', file, '--confirm', typed, '--key', approver(which));
  await kuramori('refill', 'order', file, '--vaults', 'eth-cold-1,eth-cold-3');
  const answers = [await signedBy('eth-cold-1', file, typed), await signedBy('eth-cold-3', file, typed)];
  await kuramori('refill', 'announce', file, ...answers.flatMap((answer) => ['--answer', answer]));
  expect(told()).toEqual([]);
}, 240_000);

it.skipIf(!hasLitecoind())(
  'on Litecoin: coins that a node knows of, what is left over comes back',
  async () => {
    const { litecoin } = house;
    if (!litecoin || !house.deed.litecoin) throw new Error('a house without Litecoin');
    const { cold, hot } = house.deed.litecoin;
    for (const coins of ['3', '4']) await litecoin('sendtoaddress', cold.address, coins);
    await waitFor(day, 'the coins in blocks', async () => {
      const { total_amount: total } = (await litecoin('scantxoutset', 'start', [
        `addr(${cold.address})`,
      ])) as { total_amount: number };
      return total === 7 ? true : undefined;
    });
    const file = at('ltc');
    const asked = ['--from', 'cold-ltc', '--to', 'hot-ltc', '--asset', LTC, '--amount', '5.5'];
    await kuramori('refill', 'draft', file, ...asked);
    const typed = `5.5 ${hot.address.slice(-6)}`;
    for (const which of [1, 2] as const)
      await kuramori('refill', 'approve', file, '--confirm', typed, '--key', approver(which));
    await kuramori('refill', 'order', file);
    const answers = [await signedBy('ltc-cold-1', file, typed), await signedBy('ltc-cold-2', file, typed)];
    await kuramori('refill', 'announce', file, ...answers.flatMap((answer) => ['--answer', answer]));
    expect(told()).toEqual([]);
  },
  240_000,
);
