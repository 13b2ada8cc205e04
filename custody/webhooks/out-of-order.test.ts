/** Events of one object come in their order, whatever a receiver refuses; what waits is in no other object's way. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHouse, type TestHouse } from '../testing/house.ts';
import { change, heightOf, openReceiver, webhookTo } from '../testing/receiver.ts';
import { number } from './feed.ts';
import { sendDue } from './sender.ts';

let t: TestHouse;
beforeAll(async () => {
  t = await testHouse();
});
afterAll(() => t[Symbol.asyncDispose]());

const never = new AbortController().signal;
const now = () => t.clock.ms;

test('a receiver that refuses at random: each object in order, each event accepted once, ids stay', async () => {
  let seed = 7;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  await using receiver = await openReceiver(() => (random() < 0.4 ? 200 : random() < 0.5 ? 500 : 302), now);
  const webhook = webhookTo(receiver.url, t.folder, { id: 'random' });
  for (let round = 0; round < 6; round += 1)
    for (let object = 0; object < 5; object += 1) await change(t.house, `o${object}`, round);
  await number(t.house.pool, ['random'], now());
  // Several senders at once, as if there were two custodies.
  for (let turn = 0; turn < 400 && receiver.accepted().length < 30; turn += 1) {
    await Promise.all([sendDue(t.house, webhook, never), sendDue(t.house, webhook, never)]);
    t.clock.ms += 10 * 60_000;
  }
  const accepted = receiver.accepted();
  expect(accepted).toHaveLength(30);
  for (let object = 0; object < 5; object += 1) {
    const mine = accepted.filter((event) => event.object === `deposit:o${object}`);
    expect(mine.map(heightOf)).toEqual([0, 1, 2, 3, 4, 5]);
  }
  const ids = new Map<number, Set<string>>();
  const bodies = new Map<string, Set<string>>();
  for (const { id, event, body } of receiver.came) {
    ids.set(event.number, (ids.get(event.number) ?? new Set()).add(id));
    bodies.set(id, (bodies.get(id) ?? new Set()).add(body));
  }
  expect(receiver.came.length).toBeGreaterThan(40);
  expect([...ids.values()].every((all) => all.size === 1)).toBe(true);
  expect([...bodies.values()].every((all) => all.size === 1)).toBe(true);
  expect(new Set([...ids.values()].flatMap((all) => [...all])).size).toBe(30);
});

test('one object is refused for ever: its later events wait, all others pass at once', async () => {
  await using receiver = await openReceiver(({ event }) => (event.object === 'deposit:bad' ? 500 : 204), now);
  const webhook = webhookTo(receiver.url, t.folder, { id: 'poisoned' });
  for (let round = 0; round < 4; round += 1) {
    await change(t.house, 'bad', round);
    await change(t.house, `good-${round}`, round);
  }
  await number(t.house.pool, ['poisoned'], now());
  for (let turn = 0; turn < 10; turn += 1) await sendDue(t.house, webhook, never);
  expect(receiver.accepted()).toHaveLength(4);
  const refused = receiver.came.filter(({ status }) => status === 500);
  expect(refused.map(({ event }) => heightOf(event))).toEqual([0]);
});

test('it goes on where it stopped, without waiting out the pauses of what is before it', async () => {
  let up = false;
  await using receiver = await openReceiver(() => (up ? 200 : 503), now);
  const webhook = webhookTo(receiver.url, t.folder, { id: 'down' });
  for (let round = 0; round < 5; round += 1) await change(t.house, 'one', round);
  await number(t.house.pool, ['down'], now());
  for (let turn = 0; turn < 8; turn += 1) {
    await sendDue(t.house, webhook, never);
    t.clock.ms += 3_600_000;
  }
  up = true;
  t.clock.ms += 6 * 3_600_000;
  for (let turn = 0; turn < 5; turn += 1) await sendDue(t.house, webhook, never);
  expect(receiver.accepted().map(heightOf)).toEqual([0, 1, 2, 3, 4]);
});
