/**
 * `kuramori bench cosigner`: one real co-signer process, and in this process everybody whom it believes. 64 payments are in
 * flight: a nonce, the ask with two watchtowers' facts, two countersignatures, the signature. Beside it the same signatures,
 * verifications and self-checks and nothing else, on one core, in turns. This process has a core of its own to play everybody else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  countersignatureAsk,
  factsFor,
  openStandIns,
  prepare,
  type Prepared,
  type StandIns,
} from './stand-ins.ts';
import { signerRoutes, type PaymentAsk, type SignedEntry } from '@kuramori/core';
import { callSeveral, type Where } from '@kuramori/chains/http';
import { verifyShare } from '@kuramori/chains/nem/codec';
import { basketOf, between, countOf } from './counted.ts';
import { onOneCore } from './ceiling.ts';
import { alone, beside, machine, type Bench } from './figures.ts';
import { Basket } from './bare.ts';

export interface CosignerBenchOptions {
  /** How many are measured, after a fifth of them to warm up. */
  readonly payments: number;
  readonly say: (line: string) => void;
}

/** Two lanes of 32: while one waits for its answers, the other's are judged. */
const [lanes, perLane] = [2, 32];

/** Payments a turn: both sides take turns, so that what else the machine does meets both. */
const perTurn = 400;

export async function benchCosigner({ payments, say }: CosignerBenchOptions): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-bench-'));
  try {
    await using house = await openStandIns(folder);
    say(`${payments} payments are asked for, planned and kept ready`);
    const warm = prepare(house, Math.ceil(payments / 5));
    const ready = prepare(house, payments);
    await signAll(house, warm);
    const turns: Turn[] = [];
    for (let from = 0; from < payments; from += perTurn) {
      const some = ready.slice(from, from + perTurn);
      say(`${from} of ${payments}: the co-signer judges and signs, ${lanes * perLane} in flight`);
      const judged = await judgedTurn(house, some);
      say('the same signatures, verifications and self-checks, and nothing else');
      turns.push({ ...judged, bare: await onOneCore(judged.basket, 2) });
    }
    const sum = (of: (turn: Turn) => number) => turns.reduce((total, turn) => total + of(turn), 0);
    const bareOf = (of: (bare: Turn['bare']) => number) =>
      (sum(({ bare }) => bare.withdrawals) * 1000) / sum(({ bare }) => of(bare));
    const baseline = 'bare signatures, verifications and self-checks, one core';
    return {
      bench: 'cosigner',
      machine: machine(),
      figures: [
        beside(
          'payments judged and signed, 64 in flight',
          (payments * 1000) / sum(({ ms }) => ms),
          '/s',
          baseline,
          bareOf(({ ms }) => ms),
          0.6,
        ),
        beside(
          'payments a second of the co-signer’s own processor time',
          (payments * 1000) / sum(({ cpuMs }) => cpuMs),
          '/s',
          `${baseline}, of its processor time`,
          bareOf(({ cpuMs }) => cpuMs),
          0.6,
        ),
        ...Basket.keyof().options.map((name) =>
          alone(`${name}, a payment`, sum(({ basket, signed }) => basket[name] * signed) / payments, ''),
        ),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One turn of the co-signer, with what it took; and one of the bare cryptography after it. */
interface Turn {
  readonly signed: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly basket: Basket;
  readonly bare: Awaited<ReturnType<typeof onOneCore>>;
}

async function judgedTurn(house: StandIns, some: readonly Prepared[]): Promise<Omit<Turn, 'bare'>> {
  const before = new Map([['signer', await countOf(house.running)]]);
  const began = performance.now();
  const signed = await signAll(house, some);
  const ms = performance.now() - began;
  const counts = between(before, new Map([['signer', await countOf(house.running)]]));
  if (!signed.every(({ share, signature }) => verifyShare(house.chainKey, share, signature)))
    throw new Error('a signature does not verify');
  const basket = basketOf(counts, some.length, 0);
  return { signed: some.length, ms, cpuMs: counts.get('signer')?.cpuMs ?? 0, basket };
}

interface Share {
  readonly share: string;
  readonly signature: string;
}

/** Each lane takes the next ones as soon as its own are signed. */
async function signAll(house: StandIns, all: readonly Prepared[]): Promise<readonly Share[]> {
  const signed: Share[] = [];
  let next = 0;
  const lane = async () => {
    while (next < all.length) {
      const mine = all.slice(next, next + perLane);
      next += perLane;
      signed.push(...(await signSome(house, mine)));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return signed;
}

/** The way of a payment, of several in one exchange each time, as custody does it. */
async function signSome(house: StandIns, some: readonly Prepared[]): Promise<readonly Share[]> {
  const { at } = house;
  const nonces = await ask<{ nonce: string }>(
    at,
    some.map(() => ({ route: signerRoutes.nonce, asked: {} })),
  );
  const asks: readonly PaymentAsk[] = some.map((one, index) => ({
    ...one,
    facts: [...factsFor(house, nonces[index]?.nonce ?? '')],
  }));
  const records = await ask<{ record: SignedEntry }>(
    at,
    asks.map((asked) => ({ route: signerRoutes.propose, asked })),
  );
  return ask<Share>(
    at,
    records.map(({ record }) => ({ route: signerRoutes.release, asked: countersignatureAsk(house, record) })),
  );
}

async function ask<T>(at: Where, questions: Parameters<typeof callSeveral>[1]): Promise<readonly T[]> {
  const answers = await callSeveral(at, questions);
  const refused = answers.find((one) => ['refused', 'unreachable'].includes((one as { kind: string }).kind));
  if (refused !== undefined) throw new Error(`the co-signer did not answer: ${JSON.stringify(refused)}`);
  return answers as readonly T[];
}
