/** The exchange under chaos: it goes on asking, repeats what got no answer under the same key, and remembers all it was promised. */
import { Unanswered, type Answer, type Client } from '@kuramori/client';
import { XEM } from '@kuramori/core';
import type { Address } from '@kuramori/chains/nem/codec';
import { done } from '../day.ts';
import { exchangeClient } from '../exchange.ts';
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
  readonly act: (random: Seeded) => Promise<void>;
  /** The status, for the questions of the end: asks until there is an answer. */
  readonly status: () => Promise<unknown>;
}

interface Place {
  readonly address: string;
  readonly message: string;
}
const xem = 1_000_000n;
/** What a custody whose clock is wrong says of the times of a request. It has decided nothing: asked again later. */
const wrongTimes: ReadonlySet<string> = new Set(['bad-times', 'expired', 'key-not-yet']);
export const customers = ['ann', 'ben', 'cho', 'dai', 'eri'] as const;

export function openExchange(house: House, now: () => number, over: AbortSignal): Exchange {
  const accepted: Asked[] = [];
  const deposited: Deposited[] = [];
  const refused = new Map<string, number>();
  const places = new Map<string, Place>();
  let count = 0;
  let unanswered = 0;

  // One try a call, since what is not answered is counted here.
  const clients = [house.custodyUrl, house.secondUrl].flatMap((url) =>
    url === null ? [] : exchangeClient(url, house.people.exchange, now, 1),
  ) as [Client, ...Client[]];
  let turn = 0;

  /** Under one idempotency key until somebody answers: of the custodies another one each time. */
  async function until<N extends Parameters<Client['call']>[0]>(
    ask: (client: Client) => Promise<Answer<N>>,
    enough: () => boolean = () => over.aborted,
  ): Promise<Answer<N>> {
    for (;;) {
      turn += 1;
      const answer = await ask(clients[turn % clients.length] ?? clients[0]).catch((cause: unknown) => {
        if (cause instanceof Unanswered) return null;
        throw cause;
      });
      const later =
        answer?.kind === 'problem' &&
        (answer.problem.status >= 500 ||
          answer.problem.status === 429 ||
          wrongTimes.has(answer.problem.code));
      if (answer !== null && !later) return answer;
      unanswered += 1;
      if (enough()) throw new Error('custody does not answer, and nobody waits for it any more');
      await pause(200);
    }
  }

  async function placeOf(customer: string): Promise<Place> {
    const known = places.get(customer);
    if (known) return known;
    const given = { body: { customer }, idempotencyKey: `open-${customer}` };
    const told = done(await until((client) => client.call('openCustomer', given))).body;
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
    const [amount, feeCap] = [units.toString(), String(2n * xem)];
    const body = { customer, asset: XEM, amount, destination, feeCap };
    const answer = await until((client) => client.call('requestWithdrawal', { body, idempotencyKey: memo }));
    if (answer.kind === 'done') return void accepted.push({ id: answer.body.id, customer, units, memo });
    const { type } = answer.problem;
    refused.set(type, (refused.get(type) ?? 0) + 1);
  }

  return {
    accepted,
    deposited,
    refused,
    unanswered: () => unanswered,
    async act(random) {
      const customer = random.oneOf(customers);
      const units = BigInt(1 + random.below(30)) * xem + BigInt(random.below(1_000_000));
      if (random.below(3) === 0 || deposited.length < customers.length * 2)
        await deposit(customer, units * 5n);
      else await withdraw(customer, units);
    },
    async status() {
      // Asked when all is put right again: custody may still be starting.
      const late = Date.now() + 120_000;
      return done(
        await until(
          (client) => client.call('showStatus', {}),
          () => Date.now() > late,
        ),
      ).body;
    },
  };
}
