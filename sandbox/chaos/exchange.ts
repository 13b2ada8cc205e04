/** The exchange under chaos: it goes on asking, repeats what got no answer under the same key, and remembers all it was promised. */
import { randomUUID } from 'node:crypto';
import { Unanswered, vouchedDeposit, type Answer, type Client } from '@kuramori/client';
import { depositPins, done } from '../day.ts';
import { exchangeClient } from '../exchange.ts';
import { pause } from '../house/chain.ts';
import type { House } from '../house/house.ts';
import type { Field, Ground } from './on/ground.ts';
import type { Seeded } from './seed.ts';

export interface Asked {
  /** Custody's; null where it did not accept it, or nobody heard. */
  readonly id: string | null;
  readonly answer: 'accepted' | 'refused' | 'unheard';
  readonly customer: string;
  readonly units: bigint;
  /** Tells its payment on the chain from every other. */
  readonly mark: string;
}

export interface Deposited {
  readonly hash: string;
  readonly customer: string;
  readonly units: bigint;
}

export interface Exchange {
  /** Withdrawals in the order in which they were asked for. */
  readonly asked: readonly Asked[];
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
/** What a custody whose clock is wrong says of the times of a request. It has decided nothing: asked again later. */
const wrongTimes: ReadonlySet<string> = new Set(['bad-times', 'expired', 'key-not-yet']);
export const customers = ['ann', 'ben', 'cho', 'dai', 'eri'] as const;

export function openExchange(
  house: House,
  { asset, step, feeCap }: Pick<Ground, 'asset' | 'step' | 'feeCap'>,
  field: Pick<Field, 'deposit' | 'destination'>,
  now: () => number,
  over: AbortSignal,
): Exchange {
  const asked: Asked[] = [];
  const deposited: Deposited[] = [];
  const refused = new Map<string, number>();
  const places = new Map<string, Place>();
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
      await again(enough);
    }
  }

  async function again(enough: () => boolean): Promise<void> {
    unanswered += 1;
    if (enough()) throw new Error('custody does not answer, and nobody waits for it any more');
    await pause(200);
  }

  /** Where watchtowers vouch for it, and nowhere else. */
  async function placeOf(customer: string): Promise<Place> {
    const known = places.get(customer);
    if (known) return known;
    for (;;) {
      const given = { body: { customer, asset }, idempotencyKey: randomUUID() };
      const answer = done(await until((client) => client.call('openCustomer', given))).body;
      const told = vouchedDeposit(depositPins(house), customer, answer, now(), asset);
      if (told.kind === 'vouched') {
        places.set(customer, told);
        return told;
      }
      await again(() => over.aborted);
    }
  }

  async function deposit(customer: string, units: bigint): Promise<void> {
    const hash = await field.deposit(await placeOf(customer), units);
    if (hash !== null) deposited.push({ hash, customer, units });
  }

  async function withdraw(customer: string, units: bigint): Promise<void> {
    const at = asked.length;
    const { address, memo, mark } = field.destination(at + 1);
    const wanted = { customer, units, mark };
    asked.push({ ...wanted, id: null, answer: 'unheard' });
    const [amount, cap] = [units.toString(), feeCap.toString()];
    const body = { customer, asset, amount, destination: { address, memo }, feeCap: cap };
    const idempotencyKey = `chaos-${at + 1}`;
    const answer = await until((client) => client.call('requestWithdrawal', { body, idempotencyKey }));
    if (answer.kind === 'done') {
      asked[at] = { ...wanted, id: answer.body.id, answer: 'accepted' };
      return;
    }
    asked[at] = { ...wanted, id: null, answer: 'refused' };
    const { type } = answer.problem;
    refused.set(type, (refused.get(type) ?? 0) + 1);
  }

  return {
    asked,
    deposited,
    refused,
    unanswered: () => unanswered,
    async act(random) {
      const customer = random.oneOf(customers);
      const units = BigInt(1 + random.below(30)) * step + BigInt(random.below(1_000_000));
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
