/** The exchange hears of each stop in the runbook's order; one that does not answer holds up nothing for longer than the runbook says. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceRounds, startServices } from '../services.ts';
import { freezeAll, withFreezers, withServices } from '../testing/freezing.ts';
import { openNeighbourhood, until, type Neighbourhood } from '../testing/neighbourhood.ts';
import { openReceiver, webhookTo, type Receiver } from '../testing/receiver.ts';
import type { Webhook } from '../webhooks/webhook.ts';
import { startSender } from '../webhooks/sender.ts';
import { listServices } from './row.ts';
import { usualRunbook, type Runbook } from './runbook.ts';
import { changed } from '../testing/house.ts';

let n: Neighbourhood;
let receiver: Receiver;
let hook: Webhook;
let answer: number | null = 200;
beforeAll(async () => {
  n = await openNeighbourhood({ policy: withFreezers, house: withServices });
  receiver = await openReceiver(
    () => answer,
    () => n.t.clock.ms,
  );
  hook = webhookTo(receiver.url, `${n.t.folder}/hooks`, { answerWithinMs: 30_000 });
  await serviceRounds(n.t.house)();
  await freezeAll(n);
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await n[Symbol.asyncDispose]();
});

async function stopAll(waitSeconds: number, order: readonly string[]): Promise<number> {
  const stop = usualRunbook.usual.stop
    .map(({ service }) => ({ service, waitSeconds }))
    .toSorted((a, b) => order.indexOf(a.service) - order.indexOf(b.service));
  const runbook: Runbook = { ...usualRunbook, usual: { ...usualRunbook.usual, stop } };
  const house = changed(n.t.house, { runbook, webhooks: [hook] });
  const began = performance.now();
  await using stack = new AsyncDisposableStack();
  stack.use(startSender(house));
  await using services = startServices(house);
  await services.begun;
  const took = performance.now() - began;
  expect((await listServices(n.t.database.prover)).every(({ state }) => state === 'stopped')).toBe(true);
  if (answer !== null)
    await until('the signals', async () => receiver.accepted().filter(isStop).length === order.length);
  receiver.server.closeAllConnections();
  return took;
}
const isStop = ({ type }: { readonly type: string }) => type === 'service.stopped';
const begin = () =>
  n.t.database.admin.query(
    `set session_replication_role = 'replica'; delete from custody.delivery; delete from custody.event;
     update custody.service set state = 'open', stop = null; delete from custody.stop; set session_replication_role = 'origin'`,
  );

test.each([[['deposits', 'withdrawals', 'trading']], [['trading', 'withdrawals', 'deposits']]])(
  'that hears is told in the order %s, each once the one before is taken',
  async (order) => {
    await begin();
    receiver.came.length = 0;
    const took = await stopAll(20, order);
    const events = receiver.accepted().filter(isStop);
    expect(events.map(({ object }) => object)).toEqual(order.map((service) => `service:nem:xem:${service}`));
    expect(events.map((event) => event.number)).toEqual([1, 2, 3]);
    expect(events[0]?.data).toMatchObject({ asset: 'nem:xem', state: 'stopped', why: 'frozen: a test' });
    expect(took).toBeLessThan(10_000);
  },
);

test('that is deaf is waited for as long as the runbook says, twice, and no longer', async () => {
  answer = null;
  await begin();
  const took = await stopAll(1, ['deposits', 'withdrawals', 'trading']);
  expect(took).toBeGreaterThanOrEqual(1_900);
  expect(took).toBeLessThan(8_000);
});
