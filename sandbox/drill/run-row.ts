/** One row: a house with these defences is built, the thief comes, and what is left is read from the chain and the incident. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  addressOf,
  encode,
  privateKeyOf,
  publicKeyOf,
  transactionHash,
  type Transaction,
} from '@kuramori/chains/nem/codec';
import { must, pause, until } from '../house/chain.ts';
import { openHouse, type House } from '../house/house.ts';
import type { Account } from '../house/people.ts';
import { usualRule, type HousePlan } from '../house/plan.ts';
import { attacks } from './attacks.ts';
import { driveClock, type DrivenClock } from './clock.ts';
import { untilIdle } from './idle.ts';
import type { RowPlan } from './rows.ts';
import type { Theft } from './theft.ts';
import type { Attempt } from './thief.ts';

export type Verdict = 'stopped' | 'bounded' | 'missed';

export interface Row {
  readonly attack: string;
  readonly defences: readonly string[];
  /** Micro-XEM on the thief's accounts at the end. */
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
  readonly verdict: Verdict;
}

export interface RowOptions {
  readonly folder: string;
  readonly step: (text: string) => void;
  /** Changes to the house, for tests that show that the rows come out of it. */
  readonly change?: {
    readonly rule?: HousePlan['rule'];
    /** Runs when the house stands, before the thief comes. */
    readonly before?: (house: House) => Promise<void>;
  };
}

/** Half an hour before the first transfer: time for the wallets to be made. */
const before = 30 * 60_000;
/** What the limit of a hot wallet leaves out of the cold: 5 % (Cabinet Office Order 7/2017 art. 27). */
const hotShare = { of: 20n };
/** The fees of the eleven transfers: 0.05 + 10 × 1.25 XEM. */
const theftFees = 12_550_000n;
/** How long a row goes on after the last attempt, at most: no transaction's deadline is further away. */
const longestDeadline = 26 * 3_600_000;

export async function runRow({ attack, defences }: RowPlan, theft: Theft, options: RowOptions): Promise<Row> {
  const has = (defence: string) => (defences as readonly string[]).includes(defence);
  rmSync(options.folder, { recursive: true, force: true });
  mkdirSync(options.folder, { recursive: true, mode: 0o711 });
  const begins = (theft.transfers[0]?.at ?? 0) - before;
  const clock = driveClock(join(options.folder, 'clock.json'), begins);
  const whole = theft.total + theftFees;
  const hot = has('cold') ? whole / hotShare.of : whole;
  const blockSeconds = 60;
  await using house = await openHouse(
    {
      folder: options.folder,
      wallet: has('multisig') ? 'multisig' : 'single-key',
      hot,
      cold: whole - hot,
      rule: options.change?.rule ?? usualRule,
      watchtower: has('watchtower'),
      evacuates: true,
      custody: has('judging'),
      clockFile: clock.file,
      chainBegins: begins,
      blockSeconds,
      gossipMs: 1_000,
      confirmations: 3,
      ephemeral: true,
      databaseUrl: null,
    },
    { step: options.step, hurry: async () => clock.jumpTo(clock.now() + blockSeconds * 1000) },
  );
  await options.change?.before?.(house);
  const [node] = house.nodes;
  const coldBefore = must(await node.account(house.deed.cold.address)).balance;
  const taken: Attempt[] = [];
  const accounts: Account[] = [];
  const jumpTo = (at: number) => jump(house, clock, at);
  options.step(`the thief comes: ${attack} against ${defences.join(' + ') || 'nothing'}`);
  await attacks[attack]({
    house,
    theft,
    now: clock.now,
    jumpTo,
    accepted: (attempt) => taken.push(attempt),
    account: () => {
      const privateKey = privateKeyOf(randomBytes(32));
      const publicKey = publicKeyOf(privateKey);
      const account = { privateKey, publicKey, address: addressOf(publicKey, 'testnet') };
      accounts.push(account);
      return account;
    },
  });
  options.step('the aftermath: until nothing waits any more, or every deadline has passed');
  const last = clock.now();
  do await jumpTo(clock.now() + 120_000);
  while (clock.now() < last + 240_000);
  while ((await waiting(house)) && clock.now() < last + longestDeadline)
    await jumpTo(clock.now() + 1_800_000);
  // What the deadlines have freed may still be on its way home.
  for (let blocks = 0; blocks < 3; blocks += 1) await jumpTo(clock.now() + 120_000);

  const balances = await Promise.all(
    [theft.thief, ...accounts.map(({ address }) => address)].map(
      async (address) => must(await node.account(address)).balance,
    ),
  );
  const stolen = balances.reduce((sum, one) => sum + one, 0n);
  const thiefs = new Set([theft.thief, ...accounts.map(({ address }) => address)]);
  const { through, burnt } = await confirmed(house, taken, thiefs);
  const firstBad = taken[0]?.at ?? null;
  const { alarm, stopped } = readIncident(join(options.folder, 'watchtower', 'incident.jsonl'), house);
  const since = (at: number | null) => (at === null || firstBad === null ? null : Math.max(0, at - firstBad));
  return {
    attack,
    defences,
    stolen,
    burnt,
    transfersThrough: through,
    firstAlarmMs: since(alarm),
    signingStoppedMs: since(stopped),
    evacuated: must(await node.account(house.deed.cold.address)).balance - coldBefore,
    verdict: verdictOf(stolen + burnt, theft.total),
  };
}

/** Stopped: nothing was stolen or burnt. Bounded: at most what a hot wallet may hold, 5 % of everything. Missed: more. */
export function verdictOf(stolen: bigint, total: bigint): Verdict {
  if (stolen === 0n) return 'stopped';
  return stolen * hotShare.of <= total + theftFees ? 'bounded' : 'missed';
}

/** Chain time jumps only while nobody has anything to decide, sign, send or pass on; then all catch up. */
async function jump(house: House, clock: DrivenClock, at: number): Promise<void> {
  await untilIdle(house);
  if (at > clock.now()) clock.jumpTo(at);
  const [node] = house.nodes;
  await until('the chain to catch up', async () => {
    // A node that makes a day of blocks may be too busy to answer.
    const height = await node.height();
    await pause(20);
    const later = await node.height();
    return height.kind === 'read' && later.kind === 'read' && height.value === later.value ? true : undefined;
  });
  await untilIdle(house);
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

function readIncident(file: string, house: House): { alarm: number | null; stopped: number | null } {
  if (!existsSync(file)) return { alarm: null, stopped: null };
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Line.parse(JSON.parse(line)));
  const frozen = new Map(
    lines.filter(({ event }) => event === 'signer frozen').map(({ signer, at }) => [signer, at]),
  );
  return {
    alarm: lines.find(({ event }) => event === 'alarm: frozen')?.at ?? null,
    stopped: frozen.size === house.deed.signers.length ? Math.max(...frozen.values()) : null,
  };
}
