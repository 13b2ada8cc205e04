/**
 * The relayer's journal: each transaction with its number, on the disk before any node hears of it, and what became of the
 * number. So after a crash anywhere the same bytes are sent again, and no number is ever given to something else.
 */
import { z } from 'zod';
import { Hash, Hex, Name, Units } from '@kuramori/core';
import {
  readPlan,
  readTransaction,
  safeHash,
  type Bound,
  type Transaction,
} from '@kuramori/chains/ethereum/codec';
import { Misconfigured, openLines } from '@kuramori/program';

const Time = z.int().nonnegative();
const Nonce = z.int().nonnegative();

const Sends = z.strictObject({
  kind: z.literal('sends'),
  at: Time,
  nonce: Nonce,
  /** The Safe's transaction that it carries, or, without a plan, customers' deposits, and whose Safe; null: a gap is filled. */
  carries: z.strictObject({ wallet: Name, plan: Hex.nullable() }).nullable(),
  /** Signed: hex. The first of a number, or one that takes the place of those before it by its fees alone. */
  raw: Hex,
});
type Sends = z.infer<typeof Sends>;

const Settled = z.strictObject({
  kind: z.literal('settled'),
  at: Time,
  nonce: Nonce,
  /** Which of the number's transactions is in a final block; null: none, and the number is used up. */
  transaction: Hash.nullable(),
  height: z.int().nonnegative(),
  block: Hash.nullable(),
  ok: z.boolean(),
  why: z.string().nullable(),
  /** Wei. */
  cost: Units,
});
export type Settled = z.infer<typeof Settled>;

const Line = z.discriminatedUnion('kind', [Sends, Settled]);
type Line = z.infer<typeof Line>;

export interface Attempt {
  readonly at: number;
  readonly raw: string;
  readonly hash: string;
  readonly transaction: Transaction;
}

export interface Carried {
  readonly wallet: string;
  /** Null: customers' deposits are sent on. */
  readonly execution: { readonly plan: string; readonly bound: Bound } | null;
  /** The Safe's hash; of deposits the calldata. */
  readonly id: string;
}

/** One of the account's numbers, and all that was ever made for it. */
export interface Numbered {
  readonly nonce: number;
  /** Null: a gap is filled. */
  readonly carries: Carried | null;
  /** The newest last. All alike but for their fees. */
  readonly attempts: readonly [Attempt, ...Attempt[]];
  readonly settled: Settled | null;
}

export interface Journal extends Disposable {
  readonly numbers: () => readonly Numbered[];
  readonly numbered: (nonce: number) => Numbered | undefined;
  /** The newest number that was given to an execution, or to a sweep. */
  readonly byId: (id: string) => Numbered | undefined;
  /** On the disk when it returns. Throws where the line does not follow from those before, and where the disk does not take it. */
  readonly append: (line: Line) => void;
}

/** Throws Misconfigured where a line is damaged: nobody knows then which numbers are given away. */
export function openJournal(file: string): Journal {
  const lines = openLines(file);
  const numbers = new Map<number, Numbered>();
  const ids = new Map<string, number>();

  const take = (line: Line): void => {
    const next = after(numbers.get(line.nonce), line);
    if (typeof next === 'string') throw new Error(next);
    numbers.set(line.nonce, next);
    if (next.carries) ids.set(next.carries.id, line.nonce);
  };

  for (const [index, text] of lines.lines.entries()) {
    try {
      take(Line.parse(JSON.parse(text)));
    } catch (cause) {
      throw new Misconfigured(
        `${file}: line ${index + 1} is damaged: restore the file from its backup; without it, start with the key of a new account`,
        { cause },
      );
    }
  }
  return {
    numbers: () => [...numbers.values()],
    numbered: (nonce) => numbers.get(nonce),
    byId(id) {
      const nonce = ids.get(id);
      return nonce === undefined ? undefined : numbers.get(nonce);
    },
    append(line) {
      // What does not follow is a fault of ours, and must not stand in the file.
      const next = after(numbers.get(line.nonce), line);
      if (typeof next === 'string') throw new Error(next);
      lines.append(line);
      take(line);
    },
    [Symbol.dispose]: () => lines[Symbol.dispose](),
  };
}

/** A number with one more line, or why the line cannot be. */
function after(before: Numbered | undefined, line: Line): Numbered | string {
  if (line.kind === 'settled') {
    if (!before) return `number ${line.nonce}: is settled and was never given`;
    if (before.settled) return `number ${line.nonce}: is settled already`;
    return { ...before, settled: line };
  }
  const read = readTransaction(line.raw);
  if (read.kind === 'refused' || read.hash === null)
    return `number ${line.nonce}: its bytes are none that was signed`;
  const { transaction, hash } = read;
  if (transaction.nonce !== BigInt(line.nonce)) return `number ${line.nonce}: its bytes have another`;
  const attempt = { at: line.at, raw: line.raw, hash, transaction };
  const carries = carriedBy(line, transaction);
  if (carries === undefined) return `number ${line.nonce}: its plan cannot be read`;
  if (!before) return { nonce: line.nonce, carries, attempts: [attempt], settled: null };
  if (before.settled) return `number ${line.nonce}: is settled already`;
  if (before.carries?.id !== carries?.id || !sameButFees(before.attempts[0].transaction, transaction))
    return `number ${line.nonce}: is given to something else`;
  return { ...before, attempts: [...before.attempts, attempt] };
}

function carriedBy({ carries }: Sends, { data }: Transaction): Carried | null | undefined {
  if (carries === null) return null;
  const { wallet, plan } = carries;
  if (plan === null) return { wallet, execution: null, id: data };
  const read = readPlan(plan);
  if (read.kind === 'refused') return undefined;
  return { wallet, execution: { plan, bound: read.bound }, id: safeHash(read.bound) };
}

/** Two payloads never have one number. */
function sameButFees(one: Transaction, other: Transaction): boolean {
  return (
    one.to === other.to &&
    one.data === other.data &&
    one.value === other.value &&
    one.gasLimit === other.gasLimit &&
    one.chainId === other.chainId
  );
}

/** Wei: the most that a transaction may cost. */
export function mostOf({ gasLimit, maxFeePerGas }: Transaction): bigint {
  return gasLimit * maxFeePerGas;
}

const day = 24 * 3_600_000;

/** Wei: what was paid in the last 24 hours, and the most that what is under way may cost. */
export function spentBy(numbers: readonly Numbered[], now: number): bigint {
  let spent = 0n;
  for (const { attempts, settled } of numbers) {
    if (settled === null) spent += attempts.map(({ transaction }) => mostOf(transaction)).reduce(greater);
    else if (settled.at > now - day) spent += settled.cost;
  }
  return spent;
}

export const greater = (one: bigint, other: bigint): bigint => (one > other ? one : other);
