/** The exchange under chaos: it goes on asking, repeats what got no answer under the same key, and remembers all it was promised. */
import { withdrawalPath, XEM, type SignedRequest } from '@kuramori/core';
import type { Address } from '@kuramori/chains/nem/codec';
import { log } from '@kuramori/program';
import { z } from 'zod';
import { exchangeRequest, sendRequest, type Answer } from '../exchange.ts';
import { pause, transfer } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import type { Seeded } from './seed.ts';

export interface Asked {
  readonly id: string;
  readonly customer: string;
  readonly units: bigint;
  /** Tells its payment on the chain from every other. */
  readonly memo: string;
}

export interface Deposited {
  readonly hash: string;
  readonly customer: string;
  readonly units: bigint;
}

export interface Exchange {
  /** Withdrawals that custody said it accepted. */
  readonly accepted: readonly Asked[];
  /** Deposits that a node took. */
  readonly deposited: readonly Deposited[];
  /** Answers other than yes, by their code: no test of ours, and not expected in numbers. */
  readonly refused: ReadonlyMap<string, number>;
  readonly unanswered: () => number;
  /** One withdrawal or deposit; returns once custody, or a node, has answered. */
  readonly act: () => Promise<void>;
  /** As `act`, but for the questions of the end: asks until there is an answer. */
  readonly ask: (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>;
}

const Accepted = z.object({ id: z.string() });
const Told = z.object({ address: z.string(), message: z.string() });
const Problem = z.object({ type: z.string() });
const xem = 1_000_000n;
export const customers = ['ann', 'ben', 'cho', 'dai', 'eri'] as const;

export function openExchange(house: House, now: () => number, random: Seeded, over: AbortSignal): Exchange {
  const accepted: Asked[] = [];
  const deposited: Deposited[] = [];
  const refused = new Map<string, number>();
  const places = new Map<string, z.infer<typeof Told>>();
  let count = 0;
  let unanswered = 0;

  /** Under one idempotency key until somebody answers; signed anew each time, since a signature lives for minutes. */
  async function until(method: 'GET' | 'POST', path: string, body: unknown, key: string): Promise<Answer> {
    for (;;) {
      const request: SignedRequest = exchangeRequest(house.people.exchange, method, path, body, now(), key);
      const answer = await sendRequest(house.custodyUrl ?? '', request).catch(() => null);
      if (answer !== null && answer.status < 500 && answer.status !== 429) return answer;
      unanswered += 1;
      if (over.aborted) throw new Error('the run is over and custody does not answer');
      await pause(200);
    }
  }

  async function placeOf(customer: string): Promise<z.infer<typeof Told>> {
    const known = places.get(customer);
    if (known) return known;
    const { status, body } = await until('POST', '/v1/customers', { customer }, `open-${customer}`);
    if (status >= 300) throw new Error(`POST /v1/customers: ${status} ${JSON.stringify(body)}`);
    const told = Told.parse(body);
    places.set(customer, told);
    return told;
  }

  async function deposit(customer: string, units: bigint): Promise<void> {
    const { address, message } = await placeOf(customer);
    const sent = transfer(house.people.customer, address as Address, units, message, now());
    for (const node of house.nodes) {
      const answer = await node.announce({ data: sent.data, signature: sent.signature });
      if (answer.kind !== 'read' || answer.value.code > 1) continue;
      deposited.push({ hash: sent.hash, customer, units });
      return;
    }
  }

  async function withdraw(customer: string, units: bigint): Promise<void> {
    count += 1;
    const memo = `chaos-${count}`;
    const destination = { address: house.people.customer.address as string, memo };
    const body = { customer, asset: XEM, amount: units, destination, feeCap: 2n * xem };
    const { status, body: answer } = await until('POST', withdrawalPath, body, memo);
    if (status < 300) return void accepted.push({ id: Accepted.parse(answer).id, customer, units, memo });
    const problem = Problem.safeParse(answer);
    const code = problem.success ? problem.data.type : String(status);
    refused.set(code, (refused.get(code) ?? 0) + 1);
  }

  return {
    accepted,
    deposited,
    refused,
    unanswered: () => unanswered,
    async act() {
      const customer = random.oneOf(customers);
      const units = BigInt(1 + random.below(30)) * xem + BigInt(random.below(1_000_000));
      if (random.below(3) === 0 || deposited.length < customers.length * 2)
        await deposit(customer, units * 5n);
      else await withdraw(customer, units);
    },
    async ask(method, path, body) {
      const answer = await until(method, path, body, `ask-${(count += 1)}`);
      if (answer.status >= 300) log('not answered as expected', { path, status: answer.status });
      return answer.body;
    },
  };
}
