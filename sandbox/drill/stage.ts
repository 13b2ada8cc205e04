/** A stage: a house with some defences at a driven time, the thief's purse, and what is left when he has gone, read from the chain and the incidents. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { IncidentEvent } from '@kuramori/core';
import {
  addressOf,
  encode,
  privateKeyOf,
  publicKeyOf,
  transactionHash,
  type Address,
  type Transaction,
} from '@kuramori/chains/nem/codec';
import { must, pause, until } from '../house/chain.ts';
import { openHouse, type House } from '../house/house.ts';
import type { Account } from '../house/people.ts';
import { towerNames, usualRule, type PlanInput } from '../house/plan.ts';
import { driveClock, type DrivenClock } from './clock.ts';
import { untilIdle } from './idle.ts';
import type { Attempt } from './thief.ts';

export interface Setting {
  readonly folder: string;
  readonly step: (text: string) => void;
  /** Unix ms at which the chain begins. */
  readonly begins: number;
  /** Micro-XEM that hot and cold hold. */
  readonly hot: bigint;
  readonly cold: bigint;
  readonly wallet: PlanInput['wallet'];
  /** What else of the house is not as it usually is. */
  readonly plan: Partial<PlanInput>;
}

export interface Stage extends AsyncDisposable {
  readonly house: House;
  /** Chain time, Unix ms. */
  readonly now: () => number;
  /** Waits until all are idle, then lets chain time jump. */
  readonly jumpTo: (at: number) => Promise<void>;
  /** Chain time jumps while somebody may be busy: where a part is dead or blind, it never says that it is idle. */
  readonly jumpAnyhow: (at: number) => Promise<void>;
  /** An account of the thief's own, fresh. */
  readonly account: () => Account;
  /** An account whose coins count as stolen; nobody need have its key. */
  readonly purse: (address: Address) => void;
  /** Told of each transaction of the thief's that a node accepted. */
  readonly accepted: (attempt: Attempt) => void;
  readonly measure: () => Promise<Measured>;
}

export interface Measured {
  /** Micro-XEM on the thief's accounts. */
  readonly stolen: bigint;
  /** Micro-XEM that left by the thief's transactions and reached no account of his: fees, and what was paid again. */
  readonly burnt: bigint;
  /** Transactions of the thief's that confirmed. */
  readonly transfersThrough: number;
  /** Wall clock, ms from the node's acceptance of the first bad transaction; null where it did not happen. */
  readonly firstAlarmMs: number | null;
  readonly signingStoppedMs: number | null;
  /** Micro-XEM that reached the cold account during the attack. */
  readonly evacuated: bigint;
}

/** How long the aftermath goes on after the last attempt, at most: no transaction's deadline is further away. */
const longestDeadline = 26 * 3_600_000;

export async function setStage(setting: Setting): Promise<Stage> {
  const { folder, step, begins, hot, cold } = setting;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const clock = driveClock(join(folder, 'clock.json'), begins);
  const blockSeconds = setting.plan.blockSeconds ?? 60;
  const house = await openHouse(
    {
      folder,
      wallet: setting.wallet,
      hot,
      cold,
      rule: usualRule,
      watchtower: true,
      evacuates: true,
      custody: true,
      clockFile: clock.file,
      chainBegins: begins,
      blockSeconds,
      gossipMs: 1_000,
      confirmations: 3,
      ephemeral: true,
      databaseUrl: null,
      ...setting.plan,
    },
    { step, hurry: async () => clock.jumpTo(clock.now() + blockSeconds * 1000) },
  );
  // The house is open before its pager; a thief who came in between would page nobody.
  await house.paging;
  const [node] = house.nodes;
  const coldBefore = must(await node.account(house.deed.cold.address)).balance;
  const taken: Attempt[] = [];
  const purses = new Set<Address>();
  const jumpTo = (at: number) => jump(house, clock, at);
  const jumpAnyhow = async (at: number) => {
    if (at > clock.now()) clock.jumpTo(at);
    await chainStill(house);
    await pause(500);
  };

  /** Until nothing waits any more, or every deadline has passed. */
  async function aftermath(): Promise<void> {
    step('the aftermath: until nothing waits any more, or every deadline has passed');
    const last = clock.now();
    do await jumpTo(clock.now() + 2 * blockSeconds * 1000);
    while (clock.now() < last + 4 * blockSeconds * 1000);
    while ((await waiting(house)) && clock.now() < last + longestDeadline)
      await jumpTo(clock.now() + 1_800_000);
    // What the deadlines have freed may still be on its way home.
    for (let blocks = 0; blocks < 3; blocks += 1) await jumpTo(clock.now() + 2 * blockSeconds * 1000);
  }

  return {
    house,
    now: clock.now,
    jumpTo,
    jumpAnyhow,
    account() {
      const privateKey = privateKeyOf(randomBytes(32));
      const publicKey = publicKeyOf(privateKey);
      const account = { privateKey, publicKey, address: addressOf(publicKey, 'testnet') };
      purses.add(account.address);
      return account;
    },
    purse: (address) => void purses.add(address),
    accepted: (attempt) => void taken.push(attempt),
    async measure() {
      await aftermath();
      const balances = await Promise.all(
        [...purses].map(async (address) => must(await node.account(address)).balance),
      );
      const { through, burnt } = await confirmed(house, taken, purses);
      const firstBad = taken[0]?.at ?? null;
      const signers = house.deed.signers.map(({ id }) => id);
      const { alarm, stopped } = readIncidents(house, signers, firstBad ?? 0);
      const since = (at: number | null) =>
        at === null || firstBad === null ? null : Math.max(0, at - firstBad);
      return {
        stolen: balances.reduce((sum, one) => sum + one, 0n),
        burnt,
        transfersThrough: through,
        firstAlarmMs: since(alarm),
        signingStoppedMs: since(stopped),
        evacuated: must(await node.account(house.deed.cold.address)).balance - coldBefore,
      };
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

/** Chain time jumps only while nobody has anything to decide, sign, send or pass on; then all catch up. */
async function jump(house: House, clock: DrivenClock, at: number): Promise<void> {
  await untilIdle(house);
  if (at > clock.now()) clock.jumpTo(at);
  await chainStill(house);
  await untilIdle(house);
}

function chainStill({ nodes: [node] }: House): Promise<true> {
  return until(
    'the chain to catch up',
    async () => {
      // A node that makes a day of blocks may be too busy to answer.
      const height = await node.height();
      await pause(20);
      const later = await node.height();
      return height.kind === 'read' && later.kind === 'read' && height.value === later.value
        ? true
        : undefined;
    },
    120_000,
  );
}

/** Whether a transaction that takes from the hot wallet still waits at any node. */
async function waiting({ nodes, deed }: House): Promise<boolean> {
  const answers = await Promise.all(nodes.map((node) => node.unconfirmed(deed.hot.address)));
  return answers.some((answer) => must(answer).seen.length > 0);
}

/** Of the thief's transactions and cosignatures, how many are in blocks, and what they burnt. */
async function confirmed(
  house: House,
  taken: readonly Attempt[],
  thiefs: ReadonlySet<string>,
): Promise<{ readonly through: number; readonly burnt: bigint }> {
  const his = new Set(taken.map(({ hash }) => hash));
  let [through, burnt] = [0, 0n];
  for (let height = house.deed.watchFrom; ;) {
    const blocks = must(await house.nodes[0].blocksAfter(height));
    if (blocks.length === 0) return { through, burnt };
    for (const seen of blocks.flatMap(({ transactions }) => transactions)) {
      const cosignatures = seen.cosignatures.map(({ transaction }) => transaction);
      const whole = his.has(seen.hash);
      const own = cosignatures.filter((one) => his.has(transactionHash(encode(one))));
      through += (whole ? 1 : 0) + own.length;
      for (const { fee } of whole ? cosignatures : own) burnt += fee;
      if (whole) burnt += burntBy(seen.transaction, thiefs);
    }
    height = blocks.at(-1)?.height ?? height;
  }
}

function burntBy(transaction: Transaction, thiefs: ReadonlySet<string>): bigint {
  if (transaction.kind === 'multisig') return transaction.fee + burntBy(transaction.inner, thiefs);
  const paid =
    transaction.kind === 'transfer' && !thiefs.has(transaction.recipient) ? transaction.amount : 0n;
  return transaction.fee + paid;
}

const Line = z.object({ at: z.number(), event: z.string(), signer: z.string().optional() });

/** What every watchtower of the house wrote down, the earliest first. */
export function incidentLines({ plan, deed }: Pick<House, 'plan' | 'deed'>): readonly z.infer<typeof Line>[] {
  return towerNames(deed.watchtowerKeys.length)
    .map((name) => join(plan.folder, name, 'incident.jsonl'))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n'))
    .filter((line) => line !== '')
    .map((line) => Line.parse(JSON.parse(line)))
    .toSorted((a, b) => a.at - b.at);
}

/** What wakes somebody: a freeze, or a sign of what the thief does; not what driven time does to clocks and rounds. */
function isAlarm(event: string): boolean {
  return event === 'alarm: frozen' || signsOfThefts.has(event);
}

const signsOfThefts: ReadonlySet<string> = new Set<IncidentEvent>([
  'probe, then burst',
  'share of a wallet drained',
  'a limit is nearly used up',
  'nearly all destinations new',
  'payments to addresses nobody can spend from',
  'a balance falls without a spend',
  'a signer refuses again and again',
  'signed, and not on the chain',
  'books and chain apart',
  'claims above holdings',
  'monitoring degraded: blind',
  'monitoring degraded: a node is silent',
  'monitoring degraded: a node lags',
]);

/** When the first alarm was after `since`, and when the last of these signers had frozen. */
export function readIncidents(
  house: House,
  signers: readonly string[],
  since: number,
): { alarm: number | null; stopped: number | null } {
  const lines = incidentLines(house);
  const frozen = new Map<string, number>();
  for (const { event, signer, at } of lines)
    if (event === 'signer frozen' && signer !== undefined && !frozen.has(signer)) frozen.set(signer, at);
  return {
    alarm: lines.find(({ event, at }) => at >= since && isAlarm(event))?.at ?? null,
    stopped: signers.every((id) => frozen.has(id))
      ? Math.max(...signers.map((id) => frozen.get(id) ?? 0))
      : null,
  };
}
