/**
 * `kuramori chaos`: the real processes under load, while a seeded hand kills them at named points, cuts and bends their
 * lines, forks the chain, fills disks and moves clocks apart; and at the end, when all is quiet, whether anything was lost or done twice.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { pause } from '../house/chain.ts';
import { openHouse, type Restartable } from '../house/house.ts';
import { servingHouse } from '../house/plan.ts';
import { lockFolder, takeLock } from '../lock.ts';
import { actsOf, actText } from './act.ts';
import { check, isUnfinished, type Counted } from './check.ts';
import { openClocks } from './clocks.ts';
import { unmountLeftovers } from './disk.ts';
import { openDisks } from './disks.ts';
import { openExchange, type Exchange } from './exchange.ts';
import { openHand } from './hand.ts';
import { verifyJournals } from './journals.ts';
import { grounds, type GroundName } from './on/index.ts';
import type { Field, Ground } from './on/ground.ts';
import { keepLogSmall } from './postgres.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { seeded, type Seeded } from './seed.ts';

export interface ChaosOptions {
  readonly folder: string;
  /** The chain that customers' coins are on. */
  readonly on: GroundName;
  readonly seed: number;
  readonly minutes: number;
  /** Ends earlier, after so many kills, or after so many acts of all kinds. */
  readonly kills: number;
  readonly acts?: number;
  readonly say: (line: string) => void;
}

export interface Chaos {
  readonly on: GroundName;
  readonly seed: number;
  readonly minutes: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly killed: number;
  readonly faults: Readonly<Record<string, number>>;
  /** What the hand did, in its order: the same for the same seed. */
  readonly acts: readonly string[];
  /** How disks were made full on this machine. */
  readonly disks: string;
  /** Questions that the exchange had to ask again. */
  readonly unanswered: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly counted: Counted;
  readonly findings: readonly string[];
  readonly passed: boolean;
}

const Status = z.object({ withdrawals: z.record(z.string(), z.number()) });
const custodies = ['custody', 'custody-2'] as const;

/** Throws where the house cannot be opened; what does not hold at the end is in `findings`. */
export async function chaos({
  folder,
  on,
  seed,
  minutes,
  kills,
  acts: mostActs = Infinity,
  say,
}: ChaosOptions): Promise<Chaos> {
  clearLeftovers(folder);
  const release = lockFolder(folder, true);
  const began = Date.now();
  const step = (text: string) => say(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${text}`);
  const ground = grounds[on];
  const { confirmations, reach } = ground;
  const everybody = everyoneOf(reach);
  /** Real nodes keep real time, and so do all who hold theirs against it. */
  const driven = reach.clocks.length > 0;
  const proxies = new Map<string, Proxy>();
  const over = new AbortController();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    const clocks = openClocks(join(folder, 'clocks'));
    const lineTo = (reader: string, url: string) => proxies.get(`${reader} ${url}`)?.url ?? url;
    const usual = servingHouse(folder);
    const plan = {
      ...usual,
      ...(driven ? { clockOf: clocks.fileOf } : {}),
      confirmations,
      ephemeral: true,
      lineTo,
      secondCustody: true,
      // Whoever it would page knows.
      pager: false,
      ...ground.plan(usual),
    };
    // Mounted before anything is written on them, and taken away when all have stopped.
    using disks = openDisks(folder, [...new Set([...reach.onDisk, 'custody-2'] as const)]);
    step(`disks are made full by ${disks.how}`);
    await using house = await openHouse(plan, { step });
    await keepLogSmall(house.databaseUrl ?? '');
    const day = { house, now: clocks.now, pass: () => Promise.resolve() };
    await using field = await ground.enter(day);
    // The house began on straight lines; its readers of the chain are started again on those that can be bent.
    const lines = ground.lines(house);
    for (const { reader, url } of lines) proxies.set(`${reader} ${url}`, await startProxy(url, ground.lies));
    const readers = new Set(lines.map(({ reader }) => reader));
    for (const name of [...readers, 'custody-2'] as const) await house.restart(name);
    await field.bringOwnFunds();
    const exchange = openExchange(house, ground, field, clocks.now, over.signal);
    const acts = actsOf(seeded(seed), reach);
    const hand = openHand({
      house,
      field,
      everybody,
      clocks,
      disks,
      proxies: [...proxies.values()],
      confirmations,
    });
    step(`seed ${seed}: the exchange asks, and the hand breaks things for ${minutes} minutes`);
    const load = keepAsking(exchange, ground.paceMs, seed, over.signal);
    const killed = () => [...hand.done.kills.values()].reduce((sum, count) => sum + count, 0);
    let told = 0;
    while (Date.now() - began < minutes * 60_000 && killed() < kills && hand.done.acts.length < mostActs) {
      const { value: act } = acts.next();
      step(actText(act));
      await hand.perform(act);
      if (Date.now() - told < 10_000) continue;
      told = Date.now();
      step(
        `${killed()} kills; ${exchange.asked.length} withdrawals asked for, ${exchange.deposited.length} deposits sent`,
      );
    }
    await hand.rest();
    // Acts may be over before customers have anything: a run in which nothing was asked for shows nothing.
    const accepted = () => exchange.asked.filter(({ answer }) => answer === 'accepted').length;
    while (accepted() < leastAccepted && Date.now() - began < minutes * 60_000) await pause(500);
    over.abort();
    await load;
    step('quiet: everything is let finish');
    for (let tries = 0; ; tries += 1) {
      await settle({ exchange, field, step, hour: driven ? () => clocks.pass(3_600_000) : null });
      // A deep fork makes a held deposit of them again: whose it is, an operator says once more.
      await field.bringOwnFunds();
      // The treasury may sweep at any moment, so nobody may begin anything while we look.
      await Promise.all(custodies.map((name) => house.kill(name)));
      if (tries === 4 || !(await isUnfinished(house.databaseUrl ?? ''))) break;
      step('custody has begun a sweep meanwhile: once more');
      for (const name of custodies) await house.restart(name);
    }
    const checked = await check(house.databaseUrl ?? '', ground.asset, await field.tell(), exchange);
    const signers = everybody.filter((name) => name.startsWith('signer'));
    const findings = [...checked.findings, ...(await verifyJournals(house.plan, signers))];
    return {
      on,
      seed,
      minutes: (Date.now() - began) / 60_000,
      kills: Object.fromEntries(hand.done.kills),
      killed: killed(),
      faults: Object.fromEntries(hand.done.faults),
      acts: hand.done.acts,
      disks: disks.how,
      unanswered: exchange.unanswered(),
      refused: Object.fromEntries(exchange.refused),
      counted: checked.counted,
      findings,
      passed: findings.length === 0 && checked.counted.paid > 0,
    };
  } finally {
    over.abort();
    await Promise.all([...proxies.values()].map((proxy) => proxy[Symbol.asyncDispose]()));
    release();
  }
}

/** What a killed run has left mounted here, unless it is still running. */
function clearLeftovers(folder: string): void {
  if (!existsSync(folder)) return;
  const letGo = takeLock(folder, 'stop it first');
  unmountLeftovers(folder);
  letGo();
}

/** How many withdrawals a run asks for at least, where its minutes let it. */
const leastAccepted = 3;

/** Two at a time, each by its own draws, so that one that waits for a dead custody does not stop the other. */
async function keepAsking(
  exchange: Exchange,
  paceMs: number,
  seed: number,
  over: AbortSignal,
): Promise<void> {
  const one = async (random: Seeded) => {
    while (!over.aborted) {
      await exchange.act(random).catch((cause: unknown) => {
        if (!over.aborted) throw cause;
      });
      await pause(paceMs);
    }
  };
  await Promise.all([one(seeded(seed + 1)), one(seeded(seed + 2))]);
}

interface Settling {
  readonly exchange: Exchange;
  readonly field: Field;
  readonly step: (text: string) => void;
  /** Lets an hour pass; null where nobody can. */
  readonly hour: (() => void) | null;
}

/** As long as nothing moves. Milliseconds. */
const patienceMs = 240_000;

/** Until nothing is open, or nothing has moved for long. What no node will take any more waits for its deadline, so time jumps where it can. */
async function settle({ exchange, field, step, hour }: Settling): Promise<void> {
  let [quiet, last, since] = [0, '', Date.now()];
  for (let round = 0; Date.now() - since < patienceMs; round += 1) {
    await pause(1_000);
    const status = Status.safeParse(await exchange.status());
    if (!status.success) continue;
    const open = Object.entries(status.data.withdrawals).filter(
      ([state]) => !['final', 'returned', 'refused', 'disputed'].includes(state),
    );
    const now = JSON.stringify(open);
    if (now !== last) [last, since] = [now, Date.now()];
    // A deposit in the newest block still needs its confirmations.
    quiet = open.length === 0 && (await field.isStill()) ? quiet + 1 : 0;
    if (quiet > 6) return;
    if (round % 20 !== 19 || open.length === 0) continue;
    step(
      `still open: ${open.map(([state, count]) => `${count} ${state}`).join(', ')}${hour ? '; an hour passes' : ''}`,
    );
    hour?.();
  }
}

/** Whoever is asked before those who ask: nodes and database, then whoever signs, whoever watches, and custody. */
function everyoneOf({ mortal }: Ground['reach']): readonly Restartable[] {
  const rank = (name: Restartable) =>
    [/^postgres/, /^(node|litecoin)/, /^signer/, /^relayer/, /^watchtower/].findIndex((one) =>
      one.test(name),
    );
  const last = (name: Restartable) => (rank(name) < 0 ? Infinity : rank(name));
  return [...new Set(mortal)].toSorted((one, other) => last(one) - last(other) || (one < other ? -1 : 1));
}
