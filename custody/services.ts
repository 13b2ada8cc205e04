/**
 * Services, top to bottom. Signers and watchtowers are asked all the time whether an asset is frozen. One word that it is
 * stops its deposits, trading and withdrawals, in the runbook's order: each a row, and with it an event for the exchange,
 * which is waited for a little and never longer (services/runbook.ts). Nobody answering at all stops everything. Once all
 * who said so have taken it back and enough others agree, people reopen stage by stage; the database counts them, and
 * custody could not open anything without them (0006-services.sql). Every custody does this; each step is done once.
 */
import { inTransaction } from '@kuramori/ledger';
import { log, reasonOf } from '@kuramori/program';
import type { House } from './house.ts';
import { pause } from './pause.ts';
import { creditStopped } from './services/held.ts';
import {
  isHeard,
  knowAssets,
  listServices,
  openService,
  openStops,
  seeFrozen,
  seeThawed,
  stopService,
  type Stop,
} from './services/row.ts';
import { orderFor } from './services/runbook.ts';
import { assetsOf, everybody, look, type Sight } from './services/sight.ts';

/** How often everybody is asked, and while the exchange is waited for between two steps. ms */
const [everyMs, steppingMs] = [300, 50];

export interface Tending extends AsyncDisposable {
  /** Whatever was frozen when custody started is stopped. */
  readonly begun: Promise<void>;
}

export function startServices(house: House): Tending {
  const over = new AbortController();
  const tend = serviceRounds(house);
  let begin = () => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  let said = '';
  const life = (async () => {
    while (!over.signal.aborted) {
      const stepping = await tend().catch((cause: unknown) => {
        // The database may be away; after a while nothing counts as open (services/board.ts).
        if (reasonOf(cause) !== said) log('services failed', { why: reasonOf(cause) });
        said = reasonOf(cause);
        return false;
      });
      if (!stepping) begin();
      await pause(stepping ? steppingMs : everyMs, over.signal);
    }
    begin();
  })();
  return {
    begun,
    async [Symbol.asyncDispose]() {
      over.abort();
      await life;
    },
  };
}

/**
 * One round at each call; true while a stop is between two of its steps. It remembers when somebody last answered, by a
 * clock that only runs.
 */
export function serviceRounds(
  house: House,
  now: () => number = () => performance.now(),
): () => Promise<boolean> {
  const assets = assetsOf(house);
  const silence = `no signer and no watchtower has answered for ${house.runbook.silenceSeconds} s`;
  let answeredAt = now();
  let known = false;
  return async () => {
    const sight = await look(house);
    if (sight.answered.length > 0) answeredAt = now();
    const silent = now() - answeredAt >= house.runbook.silenceSeconds * 1000;
    if (!known) await knowAssets(house.pool, assets);
    known = true;
    for (const asset of assets) {
      const told = sight.frozen.get(asset) ?? (silent ? { by: [], freezes: [], why: silence } : undefined);
      const order = orderFor(house.runbook, asset);
      if (told) await inTransaction(house.pool, (client) => seeFrozen(client, asset, told, order));
    }
    const stops = await openStops(house.pool);
    for (const stop of stops) await goOn(house, stop, sight);
    house.board.write(await listServices(house.pool), sight.enough);
    await creditStopped(house, assets);
    const stepping = ({ stopped_at: at }: Stop) => at === null;
    return stops.some(stepping) && (await openStops(house.pool)).some(stepping);
  };
}

/** One stop a little further: its steps that are due, or the next stage that its people have confirmed. */
async function goOn(house: House, stop: Stop, sight: Sight): Promise<void> {
  if (stop.stopped_at === null) return stopDue(house, stop);
  if (!isThawed(house, stop, sight)) return;
  if (stop.thawed_at === null) return seeThawed(house.pool, stop.id);
  const opened = await openService(house.pool, stop.id);
  if (opened !== null) log('service open', { asset: stop.asset, service: opened, stop: stop.id });
}

/** Where custody died between two steps, or another custody was quicker, those that are stopped are passed over. */
async function stopDue(house: House, { id, asset, steps, why }: Stop): Promise<void> {
  const webhooks = house.webhooks.map((webhook) => webhook.id);
  const services = await listServices(house.pool);
  for (const [index, { service }] of steps.entries()) {
    if (services.some((one) => one.asset === asset && one.service === service && one.state === 'stopped'))
      continue;
    const before = steps[index - 1];
    if (before && !(await isHeard(house.pool, asset, before, webhooks))) return;
    if (await stopService(house.pool, id, service)) log('service stopped', { asset, service, stop: id, why });
  }
}

/** Nobody says so, enough answer, and whoever said so has answered since; but who is asked no more is waited for no longer. */
function isThawed(house: House, stop: Stop, { frozen, answered, enough }: Sight): boolean {
  if (frozen.has(stop.asset) || !enough) return false;
  const asked = everybody(house);
  return stop.frozen_by.every((who) => answered.includes(who) || !asked.includes(who));
}
