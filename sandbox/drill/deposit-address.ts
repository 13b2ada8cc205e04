/**
 * `kuramori drill deposit-address`: a thief stands between custody and the exchange and hands out what he likes. One house of
 * real processes; a row an attack, with and without the client's check. The customer pays to whatever the exchange shows.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateSigningKey, SignedVoucher, signStatement } from '@kuramori/core';
import { addressOf, privateKeyOf, publicKeyOf, type Address } from '@kuramori/chains/nem/codec';
import { vouchedDeposit } from '@kuramori/client';
import { jsonText } from '@kuramori/program';
import { z } from 'zod';
import { balance, clientOf, depositPins, done, openCustomer, type Day } from '../day.ts';
import { exchangeClient } from '../exchange.ts';
import { announce, must, transfer, until } from '../house/chain.ts';
import { openHouse, type House } from '../house/house.ts';
import { servingHouse } from '../house/plan.ts';
import { takeLock } from '../lock.ts';

/** Micro-XEM that each customer deposits. */
export const depositUnits = 1_000_000_000n;

export const addressAttacks = ['own-address', 'copied-vouchers', 'forged-vouchers', 'accomplice'] as const;
/**
 * own-address: the thief's address, and nothing to vouch for it. copied-vouchers: his address beside the genuine vouchers.
 * forged-vouchers: vouchers for his address, by a key of his in the watchtower's name. accomplice: another customer's
 * message with that customer's genuine vouchers, so that honest books credit the wrong one.
 */
export type AddressAttack = (typeof addressAttacks)[number];

export interface AddressRow {
  readonly attack: AddressAttack | 'none';
  readonly check: boolean;
  /** Whether the exchange showed the customer anything. */
  readonly shown: boolean;
  /** Micro-XEM that the thief or the accomplice has got. */
  readonly stolen: bigint;
  /** Micro-XEM that were credited to whoever paid them. */
  readonly credited: bigint;
  readonly verdict: 'stopped' | 'missed';
}

const Shown = z.object({ address: z.string(), message: z.string(), vouchers: z.array(SignedVoucher) });
type Shown = z.infer<typeof Shown>;

export interface AddressDrill {
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Only this attack. */
  readonly only: string | null;
}

/** Runs the drill, all rows in one house. Throws where an honest deposit does not arrive: then the rows would mean nothing. */
export async function drillDepositAddress({
  folder,
  say,
  only,
}: AddressDrill): Promise<readonly AddressRow[]> {
  const attacks = addressAttacks.filter((attack) => only === null || attack === only);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  // A second drill would pull this one's house down.
  const release = takeLock(folder, 'wait until it is done, or stop it first');
  try {
    const home = join(folder, 'deposit-address');
    rmSync(home, { recursive: true, force: true });
    await using house = await openHouse(
      { ...servingHouse(home), confirmations: 2, ephemeral: true },
      { step: say },
    );
    const day: Day = { house, now: Date.now, pass: () => Promise.resolve() };
    const rows = [await run(day, 'none', true)];
    if (rows[0]?.credited !== depositUnits) throw new Error('drill: an honest deposit does not arrive');
    for (const attack of attacks) {
      for (const check of [false, true]) {
        const row = await run(day, attack, check);
        say(`${attack} ${check ? 'with' : 'without'} the client's check: ${row.verdict}`);
        rows.push(row);
      }
    }
    return rows;
  } finally {
    release();
  }
}

async function run(day: Day, attack: AddressRow['attack'], check: boolean): Promise<AddressRow> {
  const { house } = day;
  const customer = `victim-${attack}-${check ? 'checked' : 'unchecked'}`;
  const accomplice = `accomplice-${check ? 'checked' : 'unchecked'}`;
  const thief = addressOf(publicKeyOf(privateKeyOf(randomBytes(32))), 'testnet');
  const theirs = Shown.parse(await openCustomer(day, accomplice));
  const before = await balance(day, accomplice);
  await using middle = await standBetween(house, (genuine) => lie(house, attack, genuine, thief, theirs));

  // The exchange's own code: it asks, checks or does not, and shows. The customer believes what is shown.
  const client = exchangeClient(middle.url, house.people.exchange, day.now);
  const asked = await client.call('openCustomer', { body: { customer }, idempotencyKey: randomUUID() });
  const { body } = done(asked);
  const told = check ? vouchedDeposit(depositPins(house), customer, body, day.now()) : Shown.parse(body);
  const shown = !('kind' in told) || told.kind === 'vouched' ? told : null;
  if (shown !== null && 'address' in shown) {
    const sent = transfer(
      house.people.customer,
      shown.address as Address,
      depositUnits,
      shown.message,
      day.now(),
    );
    await announce(house.nodes[0], sent);
    await until('the payment to be deep enough to be booked', () => booked(house, sent.hash));
  }
  const taken = must(await house.nodes[0].account(thief)).balance;
  const diverted = (await balance(day, accomplice)) - before;
  const stolen = taken + diverted;
  return {
    attack,
    check,
    shown: shown !== null,
    stolen,
    credited: await balance(day, customer),
    verdict: stolen === 0n ? 'stopped' : 'missed',
  };
}

/** Its block, and custody's cursor past it. */
async function booked(house: House, hash: string): Promise<true | undefined> {
  const [node] = house.nodes;
  for (let height = house.deed.watchFrom; ;) {
    const blocks = must(await node.blocksAfter(height));
    const found = blocks.find(({ transactions }) => transactions.some((one) => one.hash === hash));
    if (found) {
      const day: Day = { house, now: Date.now, pass: () => Promise.resolve() };
      const { nem } = done(await clientOf(day).call('showStatus', {})).body.chains;
      return nem !== undefined && nem.scan.height >= found.height ? true : undefined;
    }
    if (blocks.length === 0) return undefined;
    height = blocks.at(-1)?.height ?? height;
  }
}

/** What the thief answers instead of custody. */
function lie(
  house: House,
  attack: AddressRow['attack'],
  genuine: Shown,
  thief: string,
  accomplice: Shown,
): object {
  const own = { ...genuine, address: thief };
  switch (attack) {
    case 'none':
      return genuine;
    case 'own-address':
      return { ...own, vouchers: [] };
    case 'copied-vouchers':
      return own;
    case 'forged-vouchers': {
      const forger = generateSigningKey();
      const vouchers = genuine.vouchers.map(({ voucher }) => {
        const altered = { ...voucher, place: { ...voucher.place, address: thief } };
        const signature = signStatement(forger, 'voucher', altered);
        return { voucher: altered, watchtower: house.deed.watchtowerKeys[0] ?? '', signature };
      });
      return { ...own, vouchers };
    }
    case 'accomplice':
      return { ...genuine, message: accomplice.message, vouchers: accomplice.vouchers };
    default:
      return attack satisfies never;
  }
}

/** A server that passes requests on to custody, and answers what the thief makes of custody's answer. */
async function standBetween(
  house: House,
  change: (genuine: Shown) => object,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' && name !== 'host' && name !== 'connection'
          ? [[name, value] as [string, string]]
          : [],
      );
      const url = `${house.custodyUrl ?? ''}${request.url ?? ''}`;
      void fetch(url, { method: request.method ?? 'POST', headers, body: Buffer.concat(chunks) })
        .then(async (reply) => jsonText(change(Shown.parse(await reply.json()))))
        .then(
          (text) => response.writeHead(201, { 'content-type': 'application/json' }).end(text),
          () => response.writeHead(502).end(),
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('drill: the thief found no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
