/** Three days of trying, then it is parked and seen; the exchange has it sent again, in order, and loses nothing. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { done } from '../testing/exchange.ts';
import { testHouse, type TestHouse } from '../testing/house.ts';
import { change, openReceiver, webhookTo, type Receiver } from '../testing/receiver.ts';
import { replay as replayFor } from './delivery.ts';
import { number } from './feed.ts';
import { nextAttempt, patience } from './schedule.ts';
import { sendDue } from './sender.ts';
import type { Webhook } from './webhook.ts';

const day = 24 * 3_600_000;
const never = new AbortController().signal;

describe('the schedule', () => {
  test.each([0, 0.5, 1])('ends exactly after three days, with pauses that grow (chance %d)', (chance) => {
    const at = [0];
    for (;;) {
      const next = nextAttempt(at.length, 0, at.at(-1) ?? 0, chance);
      if (next === null) break;
      at.push(next);
    }
    expect(at.at(-1)).toBe(patience);
    expect(patience).toBe(3 * day);
    const pauses = at.slice(1).map((one, index) => one - (at[index] ?? 0));
    // The last one is cut off by the end.
    expect(pauses.slice(0, -1)).toEqual(pauses.slice(0, -1).toSorted((a, b) => a - b));
    expect(pauses[0]).toBeLessThanOrEqual(5_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(6 * 3_600_000);
    expect(at.length).toBeGreaterThan(20);
    expect(at.length).toBeLessThan(50);
  });

  test('a try that came late does not prolong it', () => {
    expect(nextAttempt(3, 0, patience, 1)).toBeNull();
    expect(nextAttempt(3, 0, patience - 1, 1)).toBe(patience);
    expect(nextAttempt(1000, 0, 1, 1)).toBe(1 + 6 * 3_600_000);
  });
});

describe('a receiver that is down', () => {
  let t: TestHouse;
  let receiver: Receiver;
  let webhook: Webhook;
  let answer = 500;
  beforeAll(async () => {
    t = await testHouse({
      house: (folder) => ({ webhooks: [webhookTo('http://127.0.0.1:9/', folder)] }),
    });
    receiver = await openReceiver(
      () => answer,
      () => t.clock.ms,
    );
    webhook = webhookTo(receiver.url, t.folder);
  });
  afterAll(async () => {
    await receiver[Symbol.asyncDispose]();
    await t[Symbol.asyncDispose]();
  });

  const give = () => number(t.house.pool, ['hook'], t.clock.ms);
  const replay = async (from: number, to?: number) => {
    const body = to === undefined ? { from } : { from, to };
    const params = { webhook: 'hook' };
    return done(await t.client.call('replayEvents', { params, body, idempotencyKey: randomUUID() })).body;
  };
  const backlog = async () => done(await t.client.call('showStatus', {})).body.webhooks;
  const parked = () =>
    Array.fromAsync(
      t.client.pages('listDeliveries', { params: { webhook: 'hook' }, query: { state: 'parked', limit: 2 } }),
    );
  const accepted = () => receiver.accepted().map((event) => event.number);

  test('is tried for three days; then its events are parked, with those behind them, and shown', async () => {
    const began = t.clock.ms;
    for (let height = 1; height <= 3; height += 1) await change(t.house, 'a', height);
    await change(t.house, 'b', 4);
    await give();
    const tried = () => receiver.came.filter(({ event }) => event.number === 1).length;
    while (t.clock.ms < began + 3 * day - 300_000) {
      await sendDue(t.house, webhook, never);
      t.clock.ms += 300_000;
    }
    expect(await parked()).toEqual([]);
    expect(tried()).toBeGreaterThan(15);
    t.clock.ms = began + 3 * day;
    await sendDue(t.house, webhook, never);
    expect((await parked()).map(({ event, answer: last }) => [event, last])).toEqual([
      [1, '500'],
      [2, null],
      [3, null],
      [4, '500'],
    ]);
    const before = receiver.came.length;
    t.clock.ms += 10 * day;
    await sendDue(t.house, webhook, never);
    expect(receiver.came).toHaveLength(before);
    // Never out of order, also not at the end.
    expect(receiver.came.filter(({ event }) => [2, 3].includes(event.number))).toEqual([]);
  }, 60_000);

  test('what happens later to a parked object waits behind it; another object is told', async () => {
    answer = 200;
    await change(t.house, 'a', 5);
    await change(t.house, 'c', 6);
    await give();
    await sendDue(t.house, webhook, never);
    expect(accepted()).toEqual([6]);
    expect(await backlog()).toMatchObject([{ webhook: 'hook', due: 0, parked: 5 }]);
  });

  test('a replay from the middle says what still holds it back, and sends nothing out of order', async () => {
    expect(await replay(2, 3)).toEqual({ count: 2, from: 2, to: 3, heldBack: 2 });
    await sendDue(t.house, webhook, never);
    expect(accepted()).toEqual([6]);
  });

  test('a replay from the first one brings all that was behind it, in order, with the ids that they had', async () => {
    const before = receiver.came.find(({ event }) => event.number === 1)?.id;
    expect(await replay(1, 1)).toEqual({ count: 1, from: 1, to: 1, heldBack: 0 });
    for (let turn = 0; turn < 5; turn += 1) await sendDue(t.house, webhook, never);
    expect(accepted()).toEqual([6, 1, 2, 3, 5]);
    expect(receiver.came.findLast(({ event }) => event.number === 1)?.id).toBe(before);
    expect((await parked()).map(({ event }) => event)).toEqual([4]);
  });

  test('all of it once more: accepted ones too', async () => {
    receiver.came.length = 0;
    expect(await replay(1)).toEqual({ count: 6, from: 1, to: 6, heldBack: 0 });
    for (let turn = 0; turn < 6; turn += 1) await sendDue(t.house, webhook, never);
    expect(accepted().toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(accepted().filter((one) => [1, 2, 3, 5].includes(one))).toEqual([1, 2, 3, 5]);
    expect(await backlog()).toMatchObject([{ due: 0, parked: 0, oldest: null }]);
  });

  test('beyond the end there is nothing, and an unknown webhook is none', async () => {
    expect(await replay(7)).toEqual({ count: 0, from: null, to: null, heldBack: 0 });
    const params = { webhook: 'other' };
    const asked = await t.client.call('replayEvents', { params, body: { from: 1 }, idempotencyKey: 'x' });
    expect(asked).toMatchObject({ kind: 'problem', problem: { status: 404, code: 'unknown-webhook' } });
    const backwards = await t.client.call('replayEvents', {
      params: { webhook: 'hook' },
      body: { from: 5, to: 4 },
      idempotencyKey: 'y',
    });
    expect(backwards).toMatchObject({ kind: 'problem', problem: { status: 400, field: 'to' } });
  });

  test('a webhook that is configured later has events before it replayed', async () => {
    await using second = await openReceiver(
      () => 200,
      () => t.clock.ms,
    );
    const late = webhookTo(second.url, t.folder, { id: 'late' });
    await number(t.house.pool, ['hook', 'late'], t.clock.ms);
    await sendDue(t.house, late, never);
    expect(second.came).toEqual([]);
    await replayFor(t.house.pool, 'late', 1, undefined, t.clock.ms);
    for (let turn = 0; turn < 6; turn += 1) await sendDue(t.house, late, never);
    expect(second.accepted()).toHaveLength(6);
  });
});
