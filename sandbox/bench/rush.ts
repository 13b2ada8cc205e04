/** A rush: an exchange with many customers who have coins here, all of whom want them out. */
import { randomBytes, randomUUID } from 'node:crypto';
import { XEM } from '@kuramori/core';
import { addressOf, type Address, type PublicKey } from '@kuramori/chains/nem/codec';
import type { Client } from 'pg';
import { vouchedDeposit } from '@kuramori/client';
import type { Asked, Deposited } from '../chaos/exchange.ts';
import { clientOf, depositPins, done, openCustomer, Unexpected, type Day } from '../day.ts';
import { announce, pause, transfer, until } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import { countCredited, countOpen } from './observe.ts';

export interface Rush {
  readonly asked: readonly Asked[];
  readonly deposited: readonly Deposited[];
  /** Asks without pause while fewer than so many are open, accepted and not announced; returns when it is over. */
  readonly ask: (open: number, over: AbortSignal) => Promise<void>;
}

const xem = 1_000_000n;
/** What each customer brings: more than they can take out in any run. */
const brought = 1_000_000n * xem;
/** Enough for the network's fees of a payment from a 2-of-3. */
const feeCap = 2n * xem;
/** How many of the exchange's servers ask at a time. */
const askers = 16;
/** How often what is open is counted. Milliseconds. */
const lookMs = 50;

/** Everybody's coins come over the chain, to the place that the watchtower vouches for. */
export async function openRush(house: House, database: Client, customers: number): Promise<Rush> {
  const day: Day = { house, now: Date.now, pass: () => Promise.resolve() };
  const deposited: Deposited[] = [];
  const asked: Asked[] = [];
  const client = clientOf(day);
  const names = Array.from({ length: customers }, (_, number) => `customer-${number}`);
  for (const customer of names) {
    const told = vouchedDeposit(depositPins(house), customer, await openCustomer(day, customer), Date.now());
    if (told.kind === 'refused') throw new Unexpected(`POST /v1/customers: ${told.why}`);
    const sent = transfer(house.people.treasury, told.address as Address, brought, told.message, Date.now());
    await announce(house.nodes[0], sent);
    deposited.push({ hash: sent.hash, customer, units: brought });
  }
  await until(`${customers} deposits to be credited`, async () =>
    (await countCredited(database)) >= customers ? true : undefined,
  );

  let count = 0;
  async function askOnce(): Promise<void> {
    count += 1;
    const [customer, memo] = [names[count % customers] ?? '', `rush-${count}`];
    const units = xem + BigInt(count);
    const body = {
      customer,
      asset: XEM,
      amount: units.toString(),
      destination: { address: someAddress() as string, memo },
      feeCap: feeCap.toString(),
    };
    const answer = await client.call('requestWithdrawal', { body, idempotencyKey: randomUUID() });
    asked.push({ id: done(answer).body.id, answer: 'accepted', customer, units, mark: memo });
  }

  return {
    asked,
    deposited,
    async ask(open, over) {
      let free = 0;
      const counting = (async () => {
        while (!over.aborted) {
          free = open - (await countOpen(database));
          await pause(lookMs);
        }
      })();
      const asking = Array.from({ length: askers }, async () => {
        while (!over.aborted) {
          if (free <= 0) await pause(lookMs / 4);
          else {
            free -= 1;
            await askOnce();
          }
        }
      });
      await Promise.all([counting, ...asking]);
    },
  };
}

/** Somebody's, elsewhere: each payment has a destination of its own. */
function someAddress(): Address {
  return addressOf(randomBytes(32).toHex() as PublicKey, 'testnet');
}
