/** `kuramori up`: the sandbox from nothing to serving, told step by step, and ended in order. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatAmount, watchtowerRoutes, XEM } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { announce, must, transfer } from './house/chain.ts';
import type { Address } from '@kuramori/chains/nem/codec';
import { balance, bringOwnFunds, deposit, sweptOnce, tellPrices, withdraw, type Day } from './day.ts';
import { openHouse, type House } from './house/house.ts';
import { mustBeEmpty } from './house/database.ts';
import { servingHouse } from './house/plan.ts';
import { messageKeyFile, whereOf } from './house/rooms.ts';
import { ethereumDay } from './ethereum/day.ts';
import { litecoinDay } from './litecoin/day.ts';
import { hasLitecoind } from './litecoin/nodes.ts';
import { lockFolder } from './lock.ts';

export interface UpOptions {
  readonly folder: string;
  readonly fresh: boolean;
  readonly databaseUrl: string | null;
  /** Progress, a line a step. */
  readonly say: (line: string) => void;
  /** What the sandbox did, for standard output. */
  readonly print: (text: string) => void;
  /** Settles when somebody wants it to end. */
  readonly enough: Promise<string>;
}

const xem = 1_000_000n;
const customer = 'customer-1';
const coldFunds = 19_000_000n * xem;

/** Returns when it was asked to end; throws with one clear line when something went wrong. Either way nothing is left running. */
export async function up({ folder, fresh, databaseUrl, say, print, enough }: UpOptions): Promise<void> {
  // Before anything is removed: a new house and old books would not fit.
  if (databaseUrl !== null && (fresh || !existsSync(join(folder, 'deed.json'))))
    await mustBeEmpty(databaseUrl);
  const release = lockFolder(folder, fresh);
  const began = Date.now();
  const step = (text: string) => say(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  try {
    const opening = openHouse(
      {
        ...servingHouse(folder),
        towers: 3,
        databaseUrl,
        litecoin: hasLitecoind(),
        ethereum: true,
        desk: true,
      },
      { step },
    );
    const house = await Promise.race([opening, enough.then(() => null)]);
    if (house === null) {
      step('stopping before it was open');
      await (await opening)[Symbol.asyncDispose]();
      return;
    }
    try {
      const end = await Promise.race([
        enough,
        house.broken.then((line) => new Error(line)),
        live(house, step, print),
      ]);
      if (end instanceof Error) throw end;
      step(`${end}: stopping`);
    } finally {
      await house[Symbol.asyncDispose]();
    }
    step('all stopped');
  } finally {
    release();
  }
}

/** Funds, a deposit, a withdrawal; then serves for ever. */
async function live(
  house: House,
  step: (text: string) => void,
  print: (text: string) => void,
): Promise<never> {
  const day: Day = { house, now: Date.now, pass: () => Promise.resolve() };
  const tower = await call(whereOf(house.plan, 'watchtower'), watchtowerRoutes.status, {});
  if (tower.kind === 'status' && tower.frozen !== null) {
    step(
      `this house is frozen: ${tower.frozen.freeze.why}. It pays nobody. What happened stands in ${join(house.plan.folder, 'watchtower', 'incident.jsonl')}; --fresh begins anew`,
    );
    step(consoleOf(house).join(', '));
    step('ready: serving until Ctrl-C');
    return new Promise<never>(() => {});
  }
  // By what is there, since an earlier start can have been killed in the middle.
  const cold = house.deed.cold.address as Address;
  if (must(await house.nodes[0].account(cold)).balance < coldFunds) {
    step("funding the cold account, and the hot one with the house's own funds");
    await announce(
      house.nodes[0],
      transfer(house.people.treasury, cold, coldFunds, 'opening balance', Date.now()),
    );
  }
  await tellPrices(day);
  const elsewhere = [litecoinDay(day, step), ethereumDay(day, step)];
  // Told where it is awaited.
  for (const one of elsewhere) one.catch(() => {});
  await bringOwnFunds(day, 1_000_000n * xem);
  // A house that was built before had no key that reads them.
  const message = existsSync(messageKeyFile(house.plan)) ? 'encrypted' : 'plain';
  step(
    `a customer deposits 1,000 XEM, their number in ${message === 'plain' ? 'a plain' : 'an encrypted'} message`,
  );
  const came = await deposit(day, customer, 1_000n * xem, message);
  const cameAt = new Date().toISOString();
  step('the customer withdraws 250 XEM: two co-signers judge, the watchtower countersigns');
  const { withdrawal } = await withdraw(day, customer, 250n * xem, 2n * xem);
  const paidAt = new Date().toISOString();
  const left = formatAmount(await balance(day, customer), XEM);
  step('the treasury sweeps what is too much for the hot wallet to the cold one');
  const { sweep, hot, share } = await sweptOnce(day);
  const others = await Promise.all(elsewhere);
  print(
    table([
      ['', 'id', 'transaction', 'block', 'coins', 'time'],
      [
        'deposit',
        came.id.slice(-2) === ':0' ? `${came.transaction.slice(0, 16)}…:0` : came.id,
        came.transaction,
        String(came.height),
        formatAmount(BigInt(came.units), XEM),
        cameAt,
      ],
      [
        'withdrawal',
        `${withdrawal.id.slice(0, 16)}…`,
        withdrawal.transaction ?? '',
        String(withdrawal.height ?? ''),
        '250',
        paidAt,
      ],
      [
        'sweep',
        `${sweep.id.slice(0, 16)}…`,
        sweep.transaction ?? '',
        String(sweep.height ?? ''),
        formatAmount(BigInt(sweep.amount), XEM),
        new Date(sweep.requestedAt).toISOString(),
      ],
      ...others.flatMap(({ rows }) => rows),
    ]),
  );
  print(
    [
      '',
      `balance     ${customer} has ${left} XEM`,
      `hot         ${formatAmount(hot, XEM)} XEM, ${share} % of what customers are owed; 5 % may be`,
      ...consoleOf(house),
      `custody     ${house.custodyUrl}   (requests signed with ${join(house.plan.folder, 'people', 'exchange.seed')})`,
      `NEM nodes   ${house.nodes.map(({ url }) => url).join('   ')}`,
      `hot 2-of-3  ${house.deed.hot.address}`,
      `cold 2-of-3 ${house.deed.cold.address}`,
      ...(house.deed.coldVaults.length > 0
        ? ['refill      from cold to hot, by two vaults: the commands stand in docs/refill.md']
        : []),
      ...others.flatMap(({ lines }) => lines),
    ].join('\n'),
  );
  await house.paging;
  step('ready: serving until Ctrl-C');
  return new Promise<never>(() => {});
}

/** Where people look, and how the first of them comes in. */
function consoleOf({ desk }: House): readonly string[] {
  if (desk === null) return [];
  return [
    `console     ${desk.url}`,
    ...(desk.code === null
      ? []
      : [`            the first administrator's code, for an hour and once: ${desk.code}`]),
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
